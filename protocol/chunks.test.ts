import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHUNK_BYTES, chunkContent, chunkCount, chunkLeaf, chunksOf, joinChunks } from './chunks.ts'
import { verifyMerkleProof } from './merkle.ts'
import { minhash } from './minhash.ts'

const text = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 2_654_435_761) >>> 24)

describe('a content in chunks', () => {
  it.each([
    [1, 1],
    [CHUNK_BYTES, 1],
    [CHUNK_BYTES + 1, 2],
    [2 * CHUNK_BYTES - 7, 2],
    [2 * CHUNK_BYTES - 6, 3],
  ])('of %d bytes has %d chunks', (size, expected) => {
    expect(chunkCount(size)).toBe(expected)
    expect(chunksOf(text(size))).toHaveLength(expected)
  })

  it('is covered by its chunks, neighbours sharing seven bytes', () => {
    const content = text(130_000)
    const chunks = chunksOf(content)
    expect(joinChunks(chunks)).toEqual(content)
    for (const [i, chunk] of chunks.entries()) {
      if (i + 1 < chunks.length) expect(chunk.subarray(-7)).toEqual(chunks[i + 1]!.subarray(0, 7))
      expect(chunk).toEqual(content.subarray(i * 57_337, i * 57_337 + chunk.length))
    }
    expect(chunks.reduce((total, { length }) => total + length, 0)).toBe(130_000 + 7 * (chunks.length - 1))
  })

  it('has the MinHash of the whole, and a path for every chunk', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 * CHUNK_BYTES }), (size) => {
        const content = text(size)
        const { root, minhash: values, chunks } = chunkContent(content)
        expect(values).toEqual(minhash(content))
        for (const [index, { hash, minhash: own, proof }] of chunks.entries())
          expect(verifyMerkleProof({ root, leaf: chunkLeaf(hash, own), index, count: chunks.length, proof })).toBe(true)
      }),
      { numRuns: 6 },
    )
  })
})
