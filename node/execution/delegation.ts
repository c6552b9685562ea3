/** EIP-7702: accounts that name another account's code as theirs. */
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { concatBytes, EMPTY_BYTES, hexToBytes, uintToBytes } from './bytes.ts'
import { AUTHORIZATION } from './intrinsic-gas.ts'
import { encodeRlp } from './rlp.ts'
import { U64_MAX } from './rlp-fields.ts'
import { isLowS, recoverAddress } from './signature.ts'
import type { StateOverlay } from './state-overlay.ts'
import type { Authorization } from './transaction.ts'

/** Code of a delegated account: this and the 20 bytes of the address. */
const PREFIX = new Uint8Array([0xef, 0x01, 0x00])
const DELEGATION_BYTES = 23
/** What the tuples are signed under. */
const MAGIC = new Uint8Array([0x05])
const ZERO_ADDRESS: Address = '0x0000000000000000000000000000000000000000'
/** An authority that exists already gets back all but PER_AUTH_BASE_COST. */
const EXISTING_ACCOUNT_REFUND = AUTHORIZATION - 12_500n

export function isDelegation(code: Uint8Array): boolean {
  return code.length === DELEGATION_BYTES && PREFIX.every((byte, index) => code[index] === byte)
}

/** Who signed the tuple keccak(0x05 ‖ rlp[chainId, address, nonce]), or undefined where nobody did. */
export function authorityOf({ chainId, address, nonce, ...signature }: Authorization): Address | undefined {
  if (!isLowS(signature.s)) return undefined
  const signed = encodeRlp([uintToBytes(chainId), hexToBytes(address), uintToBytes(nonce)])
  return recoverAddress(keccak256(concatBytes(MAGIC, signed)), signature)
}

/** Applies a transaction's tuples in order; those that do not hold are passed over. Gives what execution must know of them. */
export function applyAuthorizations(
  overlay: StateOverlay,
  authorizations: Authorization[],
  chainId: bigint,
): { refund: bigint; authorities: Address[] } {
  const authorities: Address[] = []
  let refund = 0n
  for (const authorization of authorizations) {
    if (authorization.chainId !== 0n && authorization.chainId !== chainId) continue
    if (authorization.nonce === U64_MAX) continue
    const authority = authorityOf(authorization)
    if (authority === undefined) continue
    // Warm from here on, even where the tuple turns out not to hold.
    authorities.push(authority)
    const code = overlay.codeOf(authority)
    if (code.length > 0 && !isDelegation(code)) continue
    if (overlay.nonce(authority) !== authorization.nonce) continue
    if (overlay.account(authority) !== undefined) refund += EXISTING_ACCOUNT_REFUND
    const isReset = authorization.address === ZERO_ADDRESS
    overlay.setCode(authority, isReset ? EMPTY_BYTES : concatBytes(PREFIX, hexToBytes(authorization.address)))
    overlay.setNonce(authority, authorization.nonce + 1n)
  }
  return { refund, authorities }
}
