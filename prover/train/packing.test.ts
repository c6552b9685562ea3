import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packDocuments, targetCount } from './packing.ts'
import { mix64, partSeed, shuffled } from './shuffle.ts'
import { DataReader, documentData } from './training-data.ts'
import { splitForValidation } from './validation-split.ts'

const END = 0
const documents = [Uint32Array.of(1, 2, 3), Uint32Array.of(4), Uint32Array.of(5, 6, 7, 8, 9)]

describe('packing', () => {
  it('anywhere makes one stream of all documents, and knows where each begins', () => {
    const packed = packDocuments(documents, { length: 5, endId: END, cut: 'anywhere' })
    expect(packed).toEqual([
      {
        ids: Uint32Array.of(0, 1, 2, 3, 0),
        targets: Uint32Array.of(1, 2, 3, 0, 4),
        starts: Uint32Array.of(0, 0, 0, 0, 4),
      },
      {
        ids: Uint32Array.of(4, 0, 5, 6, 7),
        targets: Uint32Array.of(0, 5, 6, 7, 8),
        starts: Uint32Array.of(0, 1, 1, 1, 1),
      },
      { ids: Uint32Array.of(8, 9), targets: Uint32Array.of(9, 0), starts: Uint32Array.of(0, 0) },
    ])
  })

  it('by windows cuts each document from its own start, and lets short ones share', () => {
    const packed = packDocuments(documents, { length: 4, endId: END, cut: 'windows' })
    expect(packed).toEqual([
      { ids: Uint32Array.of(0, 1, 2, 3), targets: Uint32Array.of(1, 2, 3, 0), starts: Uint32Array.of(0, 0, 0, 0) },
      { ids: Uint32Array.of(0, 4), targets: Uint32Array.of(4, 0), starts: Uint32Array.of(0, 0) },
      { ids: Uint32Array.of(0, 5, 6, 7), targets: Uint32Array.of(5, 6, 7, 8), starts: Uint32Array.of(0, 0, 0, 0) },
      { ids: Uint32Array.of(8, 9), targets: Uint32Array.of(9, 0), starts: Uint32Array.of(0, 0) },
    ])
    expect(packDocuments(documents.slice(0, 2), { length: 6, endId: END, cut: 'windows' })).toEqual([
      {
        ids: Uint32Array.of(0, 1, 2, 3, 0, 4),
        targets: Uint32Array.of(1, 2, 3, 0, 4, 0),
        starts: Uint32Array.of(0, 0, 0, 0, 4, 4),
      },
    ])
  })

  it('makes every token a target exactly once, and every end', () => {
    const texts = fc.array(fc.uint32Array({ min: 1, max: 50, maxLength: 20 }), { minLength: 1, maxLength: 8 })
    const cuts = fc.constantFrom('anywhere', 'windows')
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 9 }), cuts, (given, length, cut) => {
        const packed = packDocuments(given, { length, endId: END, cut })
        expect(packed.flatMap(({ targets }) => [...targets])).toEqual(given.flatMap((ids) => [...ids, END]))
        for (const sequence of packed) {
          expect(sequence.ids.length).toBeLessThanOrEqual(length)
          expect(targetCount(sequence)).toBe(sequence.ids.length)
        }
      }),
    )
  })

  it('refuses a length or an end that cannot be', () => {
    expect(() => packDocuments(documents, { length: 0, endId: 0, cut: 'windows' })).toThrow('length is 0')
    expect(() => packDocuments(documents, { length: 4, endId: -1, cut: 'windows' })).toThrow('endId is -1')
  })
})

describe('the order of training', () => {
  it('is another in every epoch, and the same from the same seed', () => {
    const data = () => documentData(documents, { length: 2, endId: END, cut: 'windows' }, 7n)
    expect(data().epoch(0)).toEqual(data().epoch(0))
    expect(data().epoch(1)).not.toEqual(data().epoch(0))
    expect(data().hash).toBe(data().hash)
    expect(documentData(documents, { length: 2, endId: END, cut: 'windows' }, 8n).hash).not.toBe(data().hash)
  })

  it('is a permutation', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (items, seed) => {
        expect(shuffled(items, seed).sort()).toEqual(items.toSorted())
      }),
    )
  })

  it('has SplitMix64 behind it', () => {
    // The first numbers of seed 1234567 by Vigna's C code (prng.di.unimi.it/splitmix64.c).
    const golden = 0x9e37_79b9_7f4a_7c15n
    expect(mix64(1234567n + golden)).toBe(6457827717110365317n)
    expect(mix64(1234567n + 2n * golden)).toBe(3203168211198807973n)
    expect(partSeed(1n, 0)).not.toBe(partSeed(1n, 1))
  })

  it('can be read from any place on, across epochs', () => {
    const data = documentData(documents, { length: 2, endId: END, cut: 'windows' }, 7n)
    const inOneGo = new DataReader({ data }).read({ epoch: 0, sequence: 0 }, 20)
    const first = new DataReader({ data }).read({ epoch: 0, sequence: 0 }, 9)
    const second = new DataReader({ data }).read(first.next, 11)
    expect([...first.sequences, ...second.sequences]).toEqual(inOneGo.sequences)
    expect(second.next).toEqual(inOneGo.next)
    expect(inOneGo.next.epoch).toBeGreaterThan(1)
  })
})

describe('the validation split', () => {
  it('holds documents out by a seed, and has one of each where there are two', () => {
    const items = Array.from({ length: 100 }, (_, index) => index)
    const { training, validation } = splitForValidation(items, { share: 0.1, seed: 3n })
    expect(validation).toHaveLength(10)
    expect([...training, ...validation].sort((a, b) => a - b)).toEqual(items)
    expect(splitForValidation(items, { share: 0.1, seed: 4n }).validation).not.toEqual(validation)
    expect(splitForValidation([1, 2], { share: 0.01, seed: 3n }).validation).toHaveLength(1)
    expect(splitForValidation([1], { share: 0.5, seed: 3n })).toEqual({ training: [1], validation: [] })
    expect(splitForValidation(items, { share: 0, seed: 3n }).validation).toEqual([])
  })
})
