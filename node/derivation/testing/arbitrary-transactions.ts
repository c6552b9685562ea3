/** Envelopes of every type that a span batch carries, well formed, with signatures that nobody made. */
import fc from 'fast-check'
import { concatBytes, uintToBytes } from '../../execution/bytes.ts'
import { encodeRlp, type RlpItem } from '../../execution/rlp.ts'

const uint = (bits: bigint) => fc.bigInt({ min: 0n, max: (1n << bits) - 1n }).map(uintToBytes)
const fixed = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const recipient = fc.oneof(fixed(20), fc.constant(new Uint8Array(0)))
const accessList: fc.Arbitrary<RlpItem> = fc.array(
  fc.tuple(fixed(20), fc.array(fixed(32), { maxLength: 3 })).map(([address, keys]): RlpItem => [address, keys]),
  { maxLength: 2 },
)
const authorization: fc.Arbitrary<RlpItem> = fc
  .tuple(uint(256n), fixed(20), uint(64n), uint(8n), uint(256n), uint(256n))
  .map((fields): RlpItem => fields)
const data = fc.uint8Array({ maxLength: 120 })

const envelope = (type: number, fields: RlpItem[]) =>
  type === 0 ? encodeRlp(fields) : concatBytes(Uint8Array.of(type), encodeRlp(fields))

/** Of chain `chainId`; legacy ones with and without EIP-155. */
export function arbitraryTransaction(chainId: bigint): fc.Arbitrary<Uint8Array> {
  const chain = uintToBytes(chainId)
  const parity = fc.boolean().map((bit) => uintToBytes(bit ? 1n : 0n))
  const signature = [uint(256n), uint(256n)] as const
  const v = fc.constantFrom(27n, 28n, chainId * 2n + 35n, chainId * 2n + 36n).map(uintToBytes)
  return fc.oneof(
    fc
      .tuple(uint(64n), uint(256n), uint(64n), recipient, uint(256n), data, v, ...signature)
      .map((fields) => envelope(0, fields)),
    fc
      .tuple(uint(64n), uint(256n), uint(64n), recipient, uint(256n), data, accessList, parity, ...signature)
      .map((fields) => envelope(1, [chain, ...fields])),
    fc
      .tuple(
        uint(64n),
        uint(128n),
        uint(256n),
        uint(64n),
        recipient,
        uint(256n),
        data,
        accessList,
        parity,
        ...signature,
      )
      .map((fields) => envelope(2, [chain, ...fields])),
    fc
      .tuple(
        ...([uint(64n), uint(128n), uint(256n), uint(64n), fixed(20), uint(256n), data, accessList] as const),
        fc.array(authorization, { minLength: 1, maxLength: 2 }),
        ...([parity, ...signature] as const),
      )
      .map((fields) => envelope(4, [chain, ...fields])),
  )
}
