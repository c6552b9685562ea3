/**
 * The loss of one sequence, and all gradients on the way back from it. Activations are kept in the arena from the way
 * forth until the way back has passed; then everything is released.
 */
import {
  addToEmbeddings,
  allocate,
  crossEntropy,
  embeddings,
  MemoryBudgetError,
  matmul,
  matmulTransposedA,
  matmulTransposedB,
  normBackward,
  rmsNorm,
  rotaryTables,
  scoped,
  slice,
  sum,
  type Tensor,
} from '../kernel/f32.ts'
import { type AttentionActivations, attentionForward, attentionLayerBackward } from './attention-layer.ts'
import type { LowRank } from './linear-layer.ts'
import { type MlpActivations, mlpBackward, mlpForward } from './mlp-layer.ts'
import type { Pass, WayBack } from './pass.ts'
import type { SequenceLoss, TrainingSequence } from './trainable.ts'
import type { Transformer } from './transformer.ts'

/**
 * Puts other targets in the place of some: of tokens first, first + 1, … with their logits [tokens × vocabulary], which it leaves as they are, and
 * their targets, −1 where they do not count.
 */
export type TargetDraw = (first: number, logits: Tensor, targets: Int32Array) => Int32Array

export type SequenceLossOptions = {
  /** By module; the lowest block that has any is where the way back may end. */
  factors?: ReadonlyMap<string, LowRank>
  /** Absent: no way back. */
  back?: WayBack & {
    /** Of all gradients. */
    scale: number
    /** Absent: the sequence's own targets. */
    draw?: TargetDraw | undefined
  }
}

/** Throws as accumulate of trainable.ts does. */
export function sequenceLoss(
  transformer: Transformer,
  sequence: TrainingSequence,
  { factors, back }: SequenceLossOptions = {},
): SequenceLoss {
  const { kernel } = transformer
  const targets = countedTargets(transformer, sequence)
  const tokens = targets.reduce((count, target) => (target < 0 ? count : count + 1), 0)
  try {
    return scoped(kernel, () => {
      const pass = trainingPass(transformer, sequence, factors)
      const { out, saved } = blocksForward(transformer, pass, sequence.ids)
      const d = back && allocate(kernel, out.shape)
      const loss = headLoss(transformer, pass, { x: out, targets, d, back })
      if (back && d) blocksBackward(transformer, pass, back, { saved, ids: sequence.ids, d })
      return { loss, tokens }
    })
  } catch (error) {
    if (!(error instanceof MemoryBudgetError)) throw error
    const length = sequence.ids.length
    throw new MemoryBudgetError(`a sequence of ${length} tokens does not fit: ${error.message}`, { cause: error })
  }
}

/** Targets, −1 where they do not count. */
function countedTargets({ config }: Transformer, sequence: TrainingSequence): Int32Array {
  const { ids, targets, weights, starts } = sequence
  const { length } = ids
  if (length === 0) throw new RangeError('the sequence has no tokens')
  if (length > config.maxPositions)
    throw new RangeError(`the sequence has ${length} tokens, the model takes at most ${config.maxPositions}`)
  for (const [name, array] of Object.entries({ targets, weights, starts })) {
    if (array && array.length !== length) throw new RangeError(`${array.length} ${name} for ${length} ids`)
  }
  const early = starts?.findIndex((start, t) => start > t) ?? -1
  if (early >= 0) throw new RangeError(`starts[${early}] is ${starts?.[early]}, must not be beyond its token`)
  return Int32Array.from(targets, (target, i) => {
    const weight = weights?.[i] ?? 1
    if (weight !== 0 && weight !== 1) throw new RangeError(`weights[${i}] is ${weight}, must be 0 or 1`)
    if (target >= config.vocabSize)
      throw new RangeError(`targets[${i}] is ${target}, must be 0 to ${config.vocabSize - 1}`)
    return weight === 1 ? target : -1
  })
}

function trainingPass(
  { kernel, config, rotary }: Transformer,
  sequence: TrainingSequence,
  factors: Pass['factors'],
): Pass {
  const { ids, starts } = sequence
  const tokens = ids.length
  return {
    kernel,
    config,
    factors,
    tokens,
    positions: Int32Array.from({ length: tokens }, (_, t) => t - (starts?.[t] ?? 0)),
    starts,
    tables: rotaryTables(kernel, { ...rotary, positions: tokens }),
  }
}

type BlockActivations = { attention: AttentionActivations; mlp: MlpActivations }

function blocksForward({ kernel, blocks, embedding, config }: Transformer, pass: Pass, ids: Uint32Array) {
  let x = allocate(kernel, [pass.tokens, config.hiddenSize])
  embeddings(kernel, { table: embedding, ids, out: x })
  const saved = blocks.map((block): BlockActivations => {
    const attention = attentionForward(pass, block.attention, x)
    const mlp = mlpForward(pass, block.mlp, attention.out)
    x = mlp.out
    return { attention: attention.saved, mlp: mlp.saved }
  })
  return { out: x, saved }
}

/** d is the gradient at the last block's output. */
function blocksBackward(
  transformer: Transformer,
  pass: Pass,
  back: WayBack,
  { saved, ids, d }: { saved: readonly BlockActivations[]; ids: Uint32Array; d: Tensor },
): void {
  const { kernel, blocks, embedding } = transformer
  const dEmbedding = back.gradients.get(embedding)
  const lowest = lowestBlock(transformer, pass)
  for (let index = blocks.length - 1; index >= lowest; index--) {
    const [block, activations] = [blocks[index]!, saved[index]!]
    mlpBackward(pass, back, block.mlp, activations.mlp, d)
    const inputWanted = index > lowest || dEmbedding !== undefined
    attentionLayerBackward(pass, back, block.attention, activations.attention, d, inputWanted)
  }
  if (dEmbedding) addToEmbeddings(kernel, { dTable: dEmbedding, ids, dOut: d })
}

/** Floats of logits that lie in memory at once; where rows are cut does not show in the bits. */
const LOGITS_AT_ONCE = 2 ** 22

type HeadOptions = {
  /** The last block's output. */
  x: Tensor
  targets: Int32Array
  /** Takes the gradient at x. */
  d: Tensor | undefined
  back: SequenceLossOptions['back']
}

/** Final norm, logits and cross entropy, with their way back, some rows of logits at a time. */
function headLoss(transformer: Transformer, pass: Pass, { x, targets, d, back }: HeadOptions): number {
  const { kernel, config, norm, output } = transformer
  const { tokens } = pass
  return scoped(kernel, () => {
    const normed = allocate(kernel, x.shape)
    const inverses = allocate(kernel, [tokens])
    rmsNorm(kernel, { x, weight: norm, out: normed, inverses, epsilon: config.rmsNormEpsilon })
    const losses = allocate(kernel, [tokens])
    const dNormed = d && allocate(kernel, d.shape)
    const dOutput = back?.gradients.get(output)
    const rows = Math.min(tokens, Math.max(1, Math.floor(LOGITS_AT_ONCE / config.vocabSize)))
    const room = allocate(kernel, [rows, config.vocabSize])
    for (let first = 0; first < tokens; first += rows) {
      const last = Math.min(first + rows, tokens)
      const some = slice(normed, first, last)
      const logits = slice(room, 0, last - first)
      matmulTransposedB(kernel, { a: some, b: output, out: logits })
      const own = targets.subarray(first, last)
      crossEntropy(kernel, {
        logits,
        targets: back?.draw?.(first, logits, own) ?? own,
        losses: slice(losses, first, last),
        ...(back && { dLogits: logits, gradientScale: back.scale }),
      })
      if (dNormed) matmul(kernel, { a: logits, b: output, out: slice(dNormed, first, last) })
      if (dOutput) matmulTransposedA(kernel, { a: logits, b: some, out: dOutput, accumulate: true })
    }
    const dWeight = back?.gradients.get(norm)
    if (d && dNormed)
      normBackward(kernel, { x, weight: norm, inverses, dOut: dNormed, dX: d, ...(dWeight && { dWeight }) })
    return sum(kernel, losses)
  })
}

/** The lowest block that has low-rank factors, if any may have; the first where all weights stand alone. */
function lowestBlock({ blocks }: Transformer, { factors }: Pass): number {
  if (!factors) return 0
  const lowest = blocks.findIndex(({ attention, mlp }) =>
    [attention.query, attention.key, attention.value, attention.output, mlp.gate, mlp.up, mlp.down].some(({ module }) =>
      factors.has(module),
    ),
  )
  return lowest < 0 ? blocks.length : lowest
}
