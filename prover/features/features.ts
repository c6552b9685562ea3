/**
 * The feature of a text under a version of a model (docs/protocol.md, "Models"): what its gradient and its words say, once, as the integers of
 * protocol/row.ts and protocol/query.ts.
 *
 *     pieces → gradient by factor (example-gradients.ts) → H^−1/2·g (whitening.ts) ┐
 *     lexical token ids × rarity → signed n-grams (protocol/lexical.ts) → unit length · weight ┴→ sketch.ts → signs, scale
 *                                                                                                         → int8
 *
 * The joined vector is  g ‖ √w·ℓ·(lexical vector / its length), w = 0.1: where words agree fully they add w to a product in which gradients of
 * length ℓ that agree fully add 1. ℓ is the version's expected length for rows, so that words count alike in all of them, and the
 * gradient's own for queries, whose length is fixed later anyway.
 *
 * A row's scale is its joined length over the expected one in 1/4096, rounded half to even, 1 … 65,535: it follows from the row
 * and the curvature alone. A text is void (undefined) where anything is NaN or infinite, or everything 0.
 */
import type { RowFeature } from '../../protocol/lexical.ts'
import { QUERY_MEAN_SQUARE } from '../../protocol/query.ts'
import { DIMS } from '../../protocol/row.ts'
import {
  allFinite,
  allocate,
  fill,
  type Kernel,
  norm,
  quantiseQuery,
  quantiseRow,
  scoped,
  slice,
  squareRoot,
  type Tensor,
  view,
} from '../kernel/f32.ts'
import type { TrainingSequence } from '../model/trainable.ts'
import type { Curvature } from './curvature.ts'
import { exampleGradients } from './example-gradients.ts'
import { type ExampleSource, exampleGroups } from './example-pass.ts'
import type { ObservedModel } from './observed-model.ts'
import { project, type Sketch, sketchOf } from './sketch.ts'
import { placeWhitening, type Whitening, whiten } from './whitening.ts'

/** Part of a product that words may add. */
export const LEXICAL_WEIGHT = 0.1
/** The scale of a row of the expected length. */
export const EXPECTED_SCALE = 4096

/** A row's window, or a question with its answer (of which the answer's targets count). */
export type FeatureText = {
  /** As the model reads it, in pieces that it takes at once. */
  readonly pieces: readonly TrainingSequence[]
  /** protocol/lexical.ts, lexicalVector; absent: no word counts. */
  readonly lexical?: Int32Array | undefined
}

export type Featurizer = {
  readonly model: ObservedModel
  readonly whitening: Whitening
  readonly sketch: Sketch
  /** w */
  readonly lexicalWeight: number
}

/**
 * Lies in the kernel's arena until the caller releases it. `seed`: the version's, 64 bits. Throws CurvatureError for another model's
 * curvature, RangeError where the gradient is too long.
 */
export function createFeaturizer(
  model: ObservedModel,
  curvature: Curvature,
  { seed, lexicalWeight = LEXICAL_WEIGHT }: { seed: bigint; lexicalWeight?: number },
): Featurizer {
  const { kernel, layout } = model
  const sketch = sketchOf(kernel, layout.size + DIMS, seed)
  return { model, sketch, lexicalWeight, whitening: placeWhitening(kernel, layout, curvature) }
}

/** The rows of a source from `from` on, in their order; undefined where a row is void. A row's bits do not depend on where the walk began. */
export async function* rowFeatures(
  featurizer: Featurizer,
  source: ExampleSource<FeatureText>,
  from = 0,
): AsyncGenerator<{ index: number; feature: RowFeature | undefined }, void, void> {
  const { model, sketch } = featurizer
  const most = Math.max(1, Math.floor(MOST_FLOATS_AT_ONCE / sketch.size))
  for await (const { first, examples } of exampleGroups(source, from, Math.min(model.maxTokens, TOKENS_AT_ONCE))) {
    for (let start = 0; start < examples.length; start += most) {
      const features = featuresOf(featurizer, examples.slice(start, start + most))
      for (const [i, feature] of features.entries()) yield { index: first + start + i, feature }
    }
  }
}

const MOST_FLOATS_AT_ONCE = 2 ** 25
const TOKENS_AT_ONCE = 512

/** The rows of some texts, all of whose joined vectors lie in memory at once. */
export function featuresOf(featurizer: Featurizer, texts: readonly FeatureText[]): (RowFeature | undefined)[] {
  const { model, whitening, sketch } = featurizer
  const { kernel } = model
  const { expectedLength } = whitening
  return joinedVectors(
    featurizer,
    texts,
    () => expectedLength,
    (joined) => {
      const length = norm(kernel, [joined])
      const row = quantiseRow(kernel, projected(featurizer, joined), sketch.ties)
      return row && { scale: scaleOf(length / expectedLength), signs: row.signs }
    },
  )
}

/** Int8 of DIMS coordinates that protocol/query.ts accepts. Undefined where the text is void. */
export function queryFeatureOf(featurizer: Featurizer, text: FeatureText): Int8Array | undefined {
  const { kernel } = featurizer.model
  const lengthOf = (gradient: Tensor) => norm(kernel, [gradient]) || 1
  const [query] = joinedVectors(featurizer, [text], lengthOf, (joined) =>
    quantiseQuery(kernel, projected(featurizer, joined), QUERY_MEAN_SQUARE),
  )
  return query
}

/** What `use` makes of each text's joined vector [sketch.size]; undefined where that is not finite. */
function joinedVectors<Result>(
  { model, whitening, sketch, lexicalWeight }: Featurizer,
  texts: readonly FeatureText[],
  lengthOf: (gradient: Tensor) => number,
  use: (joined: Tensor) => Result,
): (Result | undefined)[] {
  const { kernel, layout } = model
  return scoped(kernel, () => {
    const vectors = texts.map(() => allocate(kernel, [sketch.size]))
    const gradients = vectors.map((vector) => slice(vector, 0, layout.size))
    const pieces = texts.map((text) => text.pieces)
    exampleGradients(model, pieces, gradients, { maxTokens: runTokens(model, pieces) })
    return vectors.map((vector, i) => {
      const gradient = gradients[i]!
      fill(kernel, slice(vector, layout.size, sketch.size), 0)
      whiten(whitening, gradient)
      if (!allFinite(kernel, gradient)) return undefined
      const words = texts[i]!.lexical
      if (words) {
        const place = slice(vector, layout.size, layout.size + DIMS)
        writeWords(kernel, place, words, squareRoot(kernel, lexicalWeight) * lengthOf(gradient))
      }
      return scoped(kernel, () => use(vector))
    })
  })
}

/** No run is longer than it must be: its activations lie in memory. What the model cannot take it refuses itself. */
function runTokens({ maxTokens }: ObservedModel, texts: readonly (readonly TrainingSequence[])[]): number {
  const usual = Math.min(maxTokens, TOKENS_AT_ONCE)
  return texts.flat().reduce((most, { ids }) => (ids.length > most ? ids.length : most), usual)
}

/** Uses up the joined vector. */
function projected({ model: { kernel }, sketch }: Featurizer, joined: Tensor): Tensor {
  const out = allocate(kernel, [DIMS])
  project(kernel, sketch, joined, out)
  return out
}

/** `words` brought to a length; nothing where they are all 0. */
function writeWords(kernel: Kernel, target: Tensor, words: Int32Array, length: number): void {
  if (words.length !== DIMS) throw new RangeError(`a lexical vector of ${words.length} coordinates, must have ${DIMS}`)
  let squares = 0
  for (const value of words) squares += value * value
  if (squares === 0) return
  const factor = length / squareRoot(kernel, squares)
  const out = view(kernel, target)
  for (let k = 0; k < DIMS; k++) out[k] = words[k]! * factor
}

/** Of a length in expected ones. */
function scaleOf(length: number): number {
  const scale = roundHalfEven(length * EXPECTED_SCALE)
  return scale < 1 ? 1 : scale > 0xffff ? 0xffff : scale
}

/** Of a number from 0 on. */
function roundHalfEven(value: number): number {
  const fraction = value % 1
  const floor = value - fraction
  return fraction > 0.5 || (fraction === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
