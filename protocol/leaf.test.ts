import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLeaf, encodeLeaf, type Leaf, leafHash } from './leaf.ts'

const uint = (bits: bigint) => fc.bigInt(0n, (1n << bits) - 1n)
const uint32 = fc.nat({ max: 0xffffffff })
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as const)
const leaves: fc.Arbitrary<Leaf> = fc.record({
  channel: hash,
  n: uint(64n),
  version: uint(64n),
  fee: uint(128n),
  promptTokens: uint32,
  outputTokens: uint32,
  promptHash: hash,
  outputHash: hash,
  openable: fc.boolean(),
  asOf: uint(64n),
  queryHash: hash,
  entries: fc.array(
    fc.record({
      row: uint32,
      cluster: uint(64n),
      raw: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      scale: fc.nat({ max: 0xffff }),
    }),
    { maxLength: 40 },
  ),
})

describe('a leaf', () => {
  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(leaves, (leaf) => {
        expect(decodeLeaf(encodeLeaf(leaf))).toEqual(leaf)
        expect(encodeLeaf(leaf).length).toBe(179 + 18 * leaf.entries.length)
      }),
    )
  })

  it('is refused with bytes missing, bytes left over, or a boolean that is neither 0 nor 1', () => {
    fc.assert(
      fc.property(leaves, (leaf) => {
        const bytes = encodeLeaf(leaf)
        expect(() => decodeLeaf(bytes.slice(0, -1))).toThrow(RangeError)
        expect(() => decodeLeaf(Uint8Array.of(...bytes, 0))).toThrow(RangeError)
        const wrong = bytes.slice()
        wrong[136] = 2
        expect(() => decodeLeaf(wrong)).toThrow('a boolean is 0 or 1, got 2')
      }),
      { numRuns: 20 },
    )
  })

  it('decodes arbitrary bytes to a leaf that encodes to them, or throws a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        let leaf: Leaf
        try {
          leaf = decodeLeaf(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return
        }
        expect(encodeLeaf(leaf)).toEqual(bytes)
      }),
    )
  })

  it('has a hash of its own', () => {
    fc.assert(
      fc.property(leaves, (leaf) => {
        expect(leafHash({ ...leaf, openable: !leaf.openable })).not.toBe(leafHash(leaf))
      }),
      { numRuns: 10 },
    )
  })
})
