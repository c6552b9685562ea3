import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { lexicalVector, quantiseQuery as protocolQuery } from '../../protocol/lexical.ts'
import { buildRarity } from '../../protocol/ngrams.ts'
import { checkQuery, QUERY_MEAN_SQUARE } from '../../protocol/query.ts'
import { DIMS, SIGN_BYTES } from '../../protocol/row.ts'
import { rawScore, threshold } from '../../protocol/score.ts'
import { allocate, type Kernel, quantiseQuery, read, scoped, tensorOf, view } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { drawn } from '../kernel/testing/drawn.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import type { Curvature } from './curvature.ts'
import { buildCurvature } from './curvature-run.ts'
import { exampleGradients } from './example-gradients.ts'
import {
  createFeaturizer,
  type FeatureText,
  type Featurizer,
  featuresOf,
  queryFeatureOf,
  rowFeatures,
} from './features.ts'
import { type ObservedModel, observedModel } from './observed-model.ts'
import { drain } from './testing/drain.ts'
import { drawnText, tunedModel } from './testing/tuned-model.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

/** Twelve texts of 8 to 30 tokens, whose words are their tokens. */
const pieces = Array.from({ length: 12 }, (_, i) => drawnText(8 + ((i * 7) % 23), 60 + i))
const rarity = buildRarity(pieces.map(({ ids }) => ids))
const texts: FeatureText[] = pieces.map((piece) => ({ pieces: [piece], lexical: lexicalVector(piece.ids, rarity) }))
const source = <Text>(of: readonly Text[]) => ({ count: of.length, read: async (index: number) => of[index]! })

/** A tuned model with its curvature; gone from the kernel after the test. */
async function prepared(own: Kernel): Promise<{ model: ObservedModel; curvature: Curvature }> {
  const mark = own.arena.mark()
  onTestFinished(() => own.arena.release(mark))
  const { transformer, adapter } = tunedModel(own, 'qwen2')
  const model = observedModel(transformer, adapter)
  const directory = await temporaryDirectory()
  const run = buildCurvature(model, source(texts), { directory, labelSeed: 9n, subject: `0x${'33'.repeat(32)}` })
  return { model, curvature: (await drain(run)).result.curvature }
}

async function rowsOf(featurizer: Featurizer, of: readonly FeatureText[], from = 0) {
  return (await drain(rowFeatures(featurizer, source(of), from))).events
}

/** The joined vector in doubles, by the rule that features.ts states, from the kernel's gradient. */
function joinedVector(
  { model, sketch }: Featurizer,
  curvature: Curvature,
  text: FeatureText,
  unit: (length: number) => number,
) {
  const gradient = scoped(kernel, () => {
    const out = allocate(kernel, [model.layout.size])
    exampleGradients(model, [text.pieces], [out])
    return read(kernel, out)
  })
  const joined = new Float64Array(sketch.size)
  let squares = 0
  for (const [index, { rows, columns, start }] of model.layout.blocks.entries()) {
    const { left, right, moments } = curvature.blocks[index]!
    const mean = moments.reduce((sum, value) => sum + value, 0) / moments.length
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0
        for (let a = 0; a < rows; a++) {
          for (let b = 0; b < columns; b++)
            sum += left[i * rows + a]! * gradient[start + a * columns + b]! * right[j * columns + b]!
        }
        const value = sum / Math.sqrt(moments[i * columns + j]! + 0.1 * mean)
        joined[start + i * columns + j] = value
        squares += value ** 2
      }
    }
  }
  const words = text.lexical ?? new Int32Array(DIMS)
  const wordLength = Math.sqrt(words.reduce((sum, value) => sum + value ** 2, 0)) || 1
  const factor = (Math.sqrt(0.1) * unit(Math.sqrt(squares))) / wordLength
  words.forEach((value, k) => {
    joined[model.layout.size + k] = value * factor
  })
  return joined
}

/** Coordinate k of the sketch, by the definition. */
function sketched({ sketch }: Featurizer, joined: Float64Array, k: number): number {
  const column = sketch.columns[k]!
  let sum = 0
  for (let i = 0; i < joined.length; i++) {
    if (joined[i] === 0) continue
    let odd = i & column
    for (const shift of [16, 8, 4, 2, 1]) odd ^= odd >>> shift
    const plus = (sketch.signs[i >> 3]! >> (i & 7)) & 1
    sum += (odd & 1) === 1 - plus ? joined[i]! : -joined[i]!
  }
  return sum
}

const bitOf = (signs: Uint8Array, k: number) => (signs[k >> 3]! >> (k & 7)) & 1

const lengthOf = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0))

describe('the feature of a row', () => {
  it('is whitened gradient and words, transformed, as signs and a scale', async () => {
    const { model, curvature } = await prepared(kernel)
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const { expectedLength } = featurizer.whitening
    const [row] = featuresOf(featurizer, [texts[3]!])
    const joined = joinedVector(featurizer, curvature, texts[3]!, () => expectedLength)
    expect(row!.scale).toBeCloseTo((lengthOf(joined) / expectedLength) * 4096, -1)
    expect(row!.signs).toHaveLength(SIGN_BYTES)
    let checked = 0
    for (let k = 0; k < DIMS; k += 173) {
      const value = sketched(featurizer, joined, k)
      if (Math.abs(value) < 1e-3 * lengthOf(joined)) continue
      expect(bitOf(row!.signs, k), `coordinate ${k}`).toBe(value > 0 ? 1 : 0)
      checked += 1
    }
    expect(checked).toBeGreaterThan(150)
  })

  it('is the same wherever the walk began and whatever stands beside it', async () => {
    const { model, curvature } = await prepared(kernel)
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const all = await rowsOf(featurizer, texts)
    expect(all.map(({ index }) => index)).toEqual(texts.map((_, index) => index))
    expect(await rowsOf(featurizer, texts, 5)).toEqual(all.slice(5))
    expect(featuresOf(featurizer, [texts[8]!])[0]).toEqual(all[8]!.feature)
    const lengths: number[] = []
    const short: ObservedModel = {
      ...model,
      maxTokens: 32,
      observe: (sequence, ...more) => {
        lengths.push(sequence.ids.length)
        return model.observe(sequence, ...more)
      },
    }
    expect(await rowsOf(createFeaturizer(short, curvature, { seed: 7n }), texts)).toEqual(all)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(32)
  })

  it.each([1, 2])('has frozen bits with %i threads', async (threads) => {
    const own = await loadKernelFromFile({ threads, shareFrom: 0 })
    onTestFinished(() => own.close())
    const { model, curvature } = await prepared(own)
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const hash = createHash('sha256')
    for (const { feature } of await rowsOf(featurizer, texts)) {
      hash.update(feature!.signs).update(String(feature!.scale))
      hash.update(queryFeatureOf(featurizer, texts[1]!)!)
    }
    expect(hash.digest('hex')).toMatchInlineSnapshot(
      `"2d67c352d61852c797db23dea6fbd47aa904f4e8cade59d733d3b529c5b8aaf2"`,
    )
  })

  it('is void where a number is not finite, and where there is nothing; the rows beside it are not', async () => {
    const { model, curvature } = await prepared(kernel)
    const poisoned: ObservedModel = {
      ...model,
      observe: (sequence, observer, draw) =>
        model.observe(
          sequence,
          (module, x, delta, inner) => {
            const at = sequence.ids.findIndex(
              (id, t) => id === pieces[2]!.ids[0] && sequence.ids[t + 1] === pieces[2]!.ids[1],
            )
            if (at >= 0) view(kernel, delta)[at * delta.shape[1]!] = Number.NaN
            observer(module, x, delta, inner)
          },
          draw,
        ),
    }
    const silent: FeatureText = { pieces: [{ ...pieces[4]!, weights: new Float32Array(pieces[4]!.ids.length) }] }
    const some = [texts[1]!, texts[2]!, silent, texts[5]!]
    const clean = featuresOf(createFeaturizer(model, curvature, { seed: 7n }), some)
    const found = featuresOf(createFeaturizer(poisoned, curvature, { seed: 7n }), some)
    expect(clean.map((row) => row !== undefined)).toEqual([true, true, false, true])
    expect(found).toEqual([clean[0], undefined, undefined, clean[3]])
  })
})

describe('the feature of a query', () => {
  it('is int8 of the length that the protocol asks for, in the proportions of the definition', async () => {
    const { model, curvature } = await prepared(kernel)
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const query = queryFeatureOf(featurizer, texts[6]!)!
    expect(checkQuery(query)).toBeUndefined()
    const joined = joinedVector(featurizer, curvature, texts[6]!, (length) => length)
    const gain = (32 * Math.sqrt(DIMS)) / (lengthOf(joined) * Math.sqrt(DIMS))
    for (let k = 0; k < DIMS; k += 331) {
      const expected = Math.max(-127, Math.min(127, sketched(featurizer, joined, k) * gain))
      expect(Math.abs(query[k]! - expected), `coordinate ${k}`).toBeLessThan(1 + 0.02 * Math.abs(expected))
    }
  })

  it('finds the row of its own text, far above chance', async () => {
    const { model, curvature } = await prepared(kernel)
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const rows = featuresOf(featurizer, texts)
    for (const [own, text] of texts.entries()) {
      const query = queryFeatureOf(featurizer, text)!
      const raws = rows.map((row) => rawScore(row!.signs, query))
      expect(raws.indexOf(Math.max(...raws))).toBe(own)
      expect(BigInt(raws[own]!)).toBeGreaterThan(threshold(5n, DIMS))
    }
  })

  it('scores as the exact product does, where words and gradients speak', async () => {
    const { model, curvature } = await prepared(kernel)
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const { expectedLength } = featurizer.whitening
    const query = queryFeatureOf(featurizer, texts[0]!)!
    const vectors = [1, 4].map((index) => joinedVector(featurizer, curvature, texts[index]!, () => expectedLength))
    const asked = joinedVector(featurizer, curvature, texts[0]!, (length) => length)
    const rows = featuresOf(featurizer, [texts[1]!, texts[4]!])
    for (const [i, vector] of vectors.entries()) {
      const cosine = vector.reduce((sum, value, k) => sum + value * asked[k]!, 0) / lengthOf(vector) / lengthOf(asked)
      // E[sign(a)·b] of normal a, b of correlation ρ is ρ·σ·√(2/π).
      const estimate = rawScore(rows[i]!.signs, query) / (32 * DIMS * Math.sqrt(2 / Math.PI))
      expect(Math.abs(estimate - cosine)).toBeLessThan(10 / Math.sqrt(DIMS))
    }
  })

  it('is quantised as the protocol quantises integers', () => {
    scoped(kernel, () => {
      const values = Int32Array.from(drawn(DIMS, 3), (value) => Math.round(value * 4096))
      const integers = protocolQuery(values)!
      const floats = quantiseQuery(kernel, tensorOf(kernel, [DIMS], values), QUERY_MEAN_SQUARE)!
      const differing = integers.reduce((count, value, k) => count + (value === floats[k] ? 0 : 1), 0)
      expect(differing).toBeLessThan(DIMS / 1000)
      expect(integers.every((value, k) => Math.abs(value - floats[k]!) <= 1)).toBe(true)
    })
  })

  it('is void where there is nothing', async () => {
    const { model, curvature } = await prepared(kernel)
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const silent = { ...pieces[4]!, weights: new Float32Array(pieces[4]!.ids.length) }
    expect(queryFeatureOf(featurizer, { pieces: [silent] })).toBeUndefined()
    expect(checkQuery(queryFeatureOf(featurizer, { pieces: [silent], lexical: texts[4]!.lexical })!)).toBeUndefined()
  })
})
