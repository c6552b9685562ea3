import fc from 'fast-check'
import { type AbiParameter, encodeAbiParameters, type Hex } from 'viem'
import { expect, it } from 'vitest'
import { bytesOf } from './face.ts'
import { wordEncoder } from './word-encoder.ts'

const hex = (bytes: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((array) => `0x${Buffer.from(array).toString('hex')}` as const)
const typed: fc.Arbitrary<{ type: string; value: unknown }> = fc.oneof(
  fc
    .integer({ min: 1, max: 32 })
    .chain((bytes) =>
      fc.bigInt({ min: 0n, max: (1n << BigInt(8 * bytes)) - 1n }).map((value) => ({ type: `uint${8 * bytes}`, value })),
    ),
  fc.integer({ min: 7, max: 32 }).chain((bytes) => {
    const half = 1n << BigInt(8 * bytes - 1)
    return fc.bigInt({ min: -half, max: half - 1n }).map((value) => ({ type: `int${8 * bytes}`, value }))
  }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((value) => ({ type: 'int32', value })),
  fc.integer({ min: 0, max: 255 }).map((value) => ({ type: 'uint8', value })),
  hex(20).map((value) => ({ type: 'address', value })),
  fc.boolean().map((value) => ({ type: 'bool', value })),
  fc.integer({ min: 0, max: 100 }).chain((bytes) => hex(bytes).map((value) => ({ type: 'bytes', value }))),
  fc.integer({ min: 1, max: 32 }).chain((bytes) => hex(bytes).map((value) => ({ type: `bytes${bytes}`, value }))),
)

it('encodes words and bytes as the general encoder does', () => {
  fc.assert(
    fc.property(fc.array(typed, { maxLength: 8 }), (list) => {
      const inputs: AbiParameter[] = list.map(({ type }) => ({ type }))
      const values = list.map(({ value }) => value)
      expect(wordEncoder(inputs)!(values)).toEqual(bytesOf(encodeAbiParameters(inputs, values)))
    }),
  )
})

it('is none for types that take more', () => {
  for (const type of ['string', 'uint8[]', 'tuple', 'bytes32[2]'])
    expect(wordEncoder([{ type: 'uint8' }, { type }])).toBeUndefined()
})
