/**
 * Where a Datanet's share token lies: an ERC-1167 clone with the Datanet's id behind it, as OpenZeppelin's Clones
 * writes it, deployed by CREATE2 (EIP-1014) from the factory.
 *
 *     creation code   61 ‖ size of the runtime code u16 ‖ 3d81600a3d39f3
 *     runtime code    363d3d373d3d3d363d73 ‖ implementation 20 ‖ 5af43d82803e903d91602b57fd5bf3 ‖ id u256
 *     address         last 20 bytes of keccak(ff ‖ factory 20 ‖ id u256 ‖ keccak(creation code ‖ runtime code))
 */
import { type Address, ASSET_FACES } from '../genesis/addresses.ts'
import { fromHex, toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'

/** Bytes of the runtime code, and of what is hashed: creation code with runtime code, then the address's preimage. */
const RUNTIME_BYTES = 0x2d + 32
export const SHARE_TOKEN_PREIMAGES = [10 + RUNTIME_BYTES, 85] as const

/** The address of a Datanet's share token, whether or not it has been deployed. */
export function shareTokenOf(datanet: bigint): Address {
  const id = datanet.toString(16).padStart(64, '0')
  const size = RUNTIME_BYTES.toString(16).padStart(4, '0')
  const implementation = ASSET_FACES.shareImplementation.slice(2)
  const code =
    `0x61${size}3d81600a3d39f3363d3d373d3d3d363d73${implementation}5af43d82803e903d91602b57fd5bf3${id}` as const
  const codeHash = toHex(keccak256(fromHex(code))).slice(2)
  const preimage = fromHex(`0xff${ASSET_FACES.shareFactory.slice(2)}${id}${codeHash}`)
  return toHex(keccak256(preimage).subarray(12))
}
