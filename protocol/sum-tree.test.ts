import fc from 'fast-check'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { toHex } from './hex.ts'
import { merkleLeaf } from './merkle.ts'
import { drawnPosition, leafAt, provenStart, type SumNode, sumProof, sumRoot } from './sum-tree.ts'

const leafOf = (number: number, sum: bigint): SumNode => ({ hash: toHex(merkleLeaf(Uint8Array.of(number))), sum })
const sums = fc.array(fc.bigInt(0n, 1n << 100n), { minLength: 1, maxLength: 33 })

describe('a tree of sums', () => {
  it('shows of every leaf which wei are its', () => {
    fc.assert(
      fc.property(sums, (list) => {
        const leaves = list.map((sum, i) => leafOf(i, sum))
        const root = sumRoot(leaves)
        let before = 0n
        for (const [index, leaf] of leaves.entries()) {
          const proof = sumProof(leaves, index)
          expect(provenStart({ root, leaf, index, count: leaves.length, proof })).toBe(before)
          if (leaf.sum > 0n) expect(leafAt(leaves, before + leaf.sum - 1n)).toBe(index)
          before += leaf.sum
        }
        expect(root.sum).toBe(before)
        expect(() => leafAt(leaves, before)).toThrow(RangeError)
      }),
      { numRuns: 40 },
    )
  })

  it('believes no other leaf, sum, index, count or path', () => {
    fc.assert(
      fc.property(sums, fc.nat(), fc.nat(6), (list, pick, kind) => {
        const leaves = list.map((sum, i) => leafOf(i, sum + 1n))
        const index = pick % leaves.length
        const honest = {
          ...{ root: sumRoot(leaves), leaf: leaves[index]!, index },
          ...{ count: leaves.length, proof: sumProof(leaves, index) },
        }
        const { leaf, proof, root } = honest
        const first = proof[0] ?? leafOf(77, 1n)
        const lies = [
          { leaf: { ...leaf, sum: leaf.sum - 1n } },
          { leaf: { ...leaf, hash: `0x${'11'.repeat(32)}` as Hex } },
          { index: index + 1 },
          { proof: [...proof, first] },
          { proof: [{ ...first, sum: first.sum + 1n }, ...proof.slice(1)] },
          { root: { ...root, sum: root.sum + 1n } },
          { leaf: { ...leaf, sum: leaf.sum - 1n }, proof: [{ ...first, sum: first.sum + 1n }, ...proof.slice(1)] },
        ]
        expect(provenStart({ ...honest, ...lies[kind]! })).toBeUndefined()
      }),
      { numRuns: 80 },
    )
  })

  it('refuses what does not fit into 128 bits', () => {
    const half = 1n << 127n
    expect(() => sumRoot([leafOf(0, half), leafOf(1, half)])).toThrow('128 bits')
  })
})

describe('a draw', () => {
  it('hits a leaf as often as its part of the wei', () => {
    const leaves = [1n, 2n, 5n].map((sum, i) => leafOf(i, sum))
    const hits = [0, 0, 0]
    for (let batch = 0n; batch < 100n; batch++)
      for (let draw = 0; draw < 40; draw++)
        hits[leafAt(leaves, drawnPosition({ randomness: 7n, batch, draw, total: 8n }))]! += 1
    // 4,000 draws: six standard deviations are 180 and less.
    for (const [i, share] of [500, 1_000, 2_500].entries()) expect(Math.abs(hits[i]! - share)).toBeLessThan(180)
  })
})
