import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from './byte-cursor.ts'
import { toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'
import { merkleLeaf, merkleProof, merkleRoot, verifyMerkleProof } from './merkle.ts'

const leafOf = (byte: number) => merkleLeaf(Uint8Array.of(byte))
const node = (left: Uint8Array, right: Uint8Array) => keccak256(concatBytes([Uint8Array.of(1), left, right]))
const trees = fc.integer({ min: 1, max: 40 }).chain((count) => fc.tuple(fc.constant(count), fc.nat({ max: count - 1 })))

describe('merkleRoot', () => {
  it('is 32 zero bytes over nothing and the leaf over one leaf', () => {
    expect(merkleRoot([])).toBe(`0x${'00'.repeat(32)}`)
    expect(merkleRoot([leafOf(7)])).toBe(toHex(leafOf(7)))
  })

  it('moves the odd one out up as it is', () => {
    const [a, b, c] = [leafOf(0), leafOf(1), leafOf(2)] as const
    expect(merkleRoot([a, b, c])).toBe(toHex(node(node(a, b), c)))
  })
})

describe('verifyMerkleProof', () => {
  it('accepts every leaf with its own path', () => {
    fc.assert(
      fc.property(trees, ([count, index]) => {
        const leaves = Array.from({ length: count }, (_, i) => leafOf(i))
        const claim = {
          root: merkleRoot(leaves),
          leaf: leaves[index]!,
          index,
          count,
          proof: merkleProof(leaves, index),
        }
        expect(verifyMerkleProof(claim)).toBe(true)
      }),
    )
  })

  it('refuses another index, leaf, root, and a path that is too short or too long', () => {
    fc.assert(
      fc.property(trees, ([count, index]) => {
        const leaves = Array.from({ length: count }, (_, i) => leafOf(i))
        const claim = {
          root: merkleRoot(leaves),
          leaf: leaves[index]!,
          index,
          count,
          proof: merkleProof(leaves, index),
        }
        expect(verifyMerkleProof({ ...claim, leaf: leafOf(99) })).toBe(false)
        expect(verifyMerkleProof({ ...claim, root: toHex(leafOf(98)) })).toBe(false)
        expect(verifyMerkleProof({ ...claim, proof: [...claim.proof, toHex(leafOf(97))] })).toBe(false)
        expect(verifyMerkleProof({ ...claim, index: count })).toBe(false)
        if (count > 1) {
          expect(verifyMerkleProof({ ...claim, proof: claim.proof.slice(1) })).toBe(false)
          expect(verifyMerkleProof({ ...claim, index: (index + 1) % count })).toBe(false)
        }
      }),
    )
  })

  it('refuses a node shown as a leaf', () => {
    const leaves = [0, 1, 2, 3].map(leafOf)
    const inner = node(leaves[0]!, leaves[1]!)
    const right = node(leaves[2]!, leaves[3]!)
    const claim = { root: merkleRoot(leaves), leaf: inner, index: 0, count: 2, proof: [toHex(right)] }
    // The count is part of what a version commits to; under the true count the path is too short.
    expect(verifyMerkleProof({ ...claim, count: 4 })).toBe(false)
  })

  it('refuses text that is no hash', () => {
    const leaves = [leafOf(0), leafOf(1)]
    const claim = { root: merkleRoot(leaves), leaf: leaves[0]!, index: 0, count: 2 }
    expect(verifyMerkleProof({ ...claim, proof: ['0x12'] })).toBe(false)
    expect(verifyMerkleProof({ ...claim, index: 0.5, proof: [toHex(leaves[1]!)] })).toBe(false)
  })
})
