/** A transaction as a chain's traffic mostly is: a transfer of tokens to somebody new. */
import { randomBytes } from 'node:crypto'
import { concatBytes, uintToBytes } from '../../node/execution/bytes.ts'
import { encodeRlp } from '../../node/execution/rlp.ts'

/** Bytes of each that nothing can compress: signature with parity, recipient, amount. */
export const RANDOM_BYTES = 64 + 1 / 8 + 20 + 8

/** Signed by random bytes: derivation does not look at signatures. The other bytes do compress. */
export function tokenTransfer(chainId: bigint, nonce: bigint): Uint8Array {
  const random = randomBytes(64 + 20 + 8)
  const data = concatBytes(
    Buffer.from('a9059cbb', 'hex'),
    new Uint8Array(12),
    random.subarray(64, 84),
    new Uint8Array(24),
    random.subarray(84),
  )
  const fees = [uintToBytes(1_000_000n), uintToBytes(2_000_000n + (nonce % 7n))]
  const fields = [uintToBytes(chainId), uintToBytes(nonce), ...fees, uintToBytes(65_000n), new Uint8Array(20).fill(7)]
  const parity = uintToBytes(BigInt(random[91]! & 1))
  const words = [random.subarray(0, 32), random.subarray(32, 64)].map(withoutZeros)
  return concatBytes(Uint8Array.of(2), encodeRlp([...fields, new Uint8Array(0), data, [], parity, ...words]))
}

function withoutZeros(word: Uint8Array): Uint8Array {
  const first = word.findIndex((byte) => byte !== 0)
  return first === -1 ? word.subarray(word.length) : word.subarray(first)
}
