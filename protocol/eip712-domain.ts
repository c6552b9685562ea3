/**
 * The EIP-712 domain of everything that is signed off chain about payment: vouchers and receipts.
 * digest = keccak(0x1901 ‖ domainSeparator ‖ hashStruct(message)).
 */
import { NATIVE } from '../genesis/addresses.ts'
import { type AbiWord, abiWord } from './abi-words.ts'
import { concatBytes } from './byte-cursor.ts'
import { keccak256 } from './keccak.ts'

const NAME = 'OpenLedger Channels'
const VERSION = '1'
const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'

const utf8 = new TextEncoder()

/** keccak256 of a text's UTF-8 bytes. */
export function hashText(text: string): Uint8Array {
  return keccak256(utf8.encode(text))
}

/** The domain as viem's typed-data functions take it. */
export function channelsDomain(chainId: number) {
  return { name: NAME, version: VERSION, chainId, verifyingContract: NATIVE.channels } as const
}

/** Digest to sign for a struct of static members: `type` is its EIP-712 encodeType. */
export function typedDataDigest(chainId: number, type: string, members: readonly AbiWord[]): Uint8Array {
  const domain = keccak256(
    concatBytes([
      ...[DOMAIN_TYPE, NAME, VERSION].map(hashText),
      abiWord({ uint: chainId, bits: 256 }),
      abiWord({ address: NATIVE.channels }),
    ]),
  )
  const struct = keccak256(concatBytes([hashText(type), ...members.map(abiWord)]))
  return keccak256(concatBytes([Uint8Array.of(0x19, 0x01), domain, struct]))
}
