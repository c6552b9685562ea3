/**
 * `bench features`: the features of every text of a batch (gradient by text, whitened, words joined, transformed, as signs and a scale) against one
 * LoRA training step of the same batch: base model, rank 16 on all linear layers, 2,048 tokens as full windows and as
 * short texts. What is compared is time: less is better. Eigenvectors and moments are not the texts' own, as no time
 * depends on them.
 */
import { DIMS } from '../protocol/row.ts'
import type { Curvature } from '../prover/features/curvature.ts'
import { createFeaturizer, type FeatureText, rowFeatures } from '../prover/features/features.ts'
import type { GradientLayout } from '../prover/features/gradient-blocks.ts'
import { observedModel } from '../prover/features/observed-model.ts'
import { fillNormal, KERNEL_VERSION, type Kernel } from '../prover/kernel/f32.ts'
import { loadKernelFromFile } from '../prover/kernel/f32-file.ts'
import type { ModelConfig } from '../prover/model/config.ts'
import { createAdapter, type LoraAdapter, withAdapter } from '../prover/model/lora.ts'
import type { TrainingSequence } from '../prover/model/trainable.ts'
import { randomTransformer, type Transformer } from '../prover/model/transformer.ts'
import { BASE_SHAPE, baseConfig } from '../prover/train/pretrain.ts'
import { USUAL_ADAMW } from '../prover/train/recipe.ts'
import { train } from '../prover/train/trainer.ts'
import { sequenceData } from '../prover/train/training-data.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'

const ROUNDS = 7
const THREADS = [1, 2]
const TOKENS = 2048
const RANK = 16
/** Tokens of a text; those of a run of the model are as many as it takes. */
const LENGTHS = [512, 128]

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const config = baseConfig(BASE_SHAPE, { tokenizer: { vocabSize: BASE_SHAPE.vocabSize } })
  const results: BenchResult[] = []
  for (const threads of THREADS) {
    const kernel = await loadKernelFromFile({ threads })
    try {
      for (const length of LENGTHS) {
        const result = await compareWays(kernel, config, length, options)
        results.push(result)
        printResult(result, options)
        const perSecond = TOKENS / length / result.value
        printNote(`${perSecond.toFixed(1)} texts of ${length} tokens per second`, options)
      }
    } finally {
      await kernel.close()
    }
  }
  return results
}

async function compareWays(
  kernel: Kernel,
  config: ModelConfig,
  length: number,
  options: BenchOptions,
): Promise<BenchResult> {
  const mark = kernel.arena.mark()
  const transformer = randomTransformer(kernel, config, 1n)
  const adapter = createAdapter(transformer, { rank: RANK, alpha: RANK, seed: 2n })
  for (const { b } of adapter.layers.values()) fillNormal(kernel, b, { seed: 3n, deviation: 0.01 })
  const texts = drawnTexts(config, length)
  const features = featureRun(transformer, adapter, texts, options)
  const step = trainingStep(transformer, adapter, texts, length)
  try {
    return await compare({
      bench: 'features',
      metric: `time for ${TOKENS} tokens in texts of ${length}, ${kernel.threads} thread${kernel.threads > 1 ? 's' : ''}`,
      unit: 's',
      rounds: ROUNDS,
      subject: { name: 'features', run: async () => await seconds(features) },
      peer: { name: 'a LoRA training step of the same batch', run: async () => await seconds(step) },
    })
  } finally {
    kernel.arena.release(mark)
  }
}

function drawnTexts({ vocabSize }: ModelConfig, length: number): TrainingSequence[] {
  return Array.from({ length: TOKENS / length }, (_, text) => {
    const ids = Uint32Array.from({ length: length + 1 }, (_, t) => ((text * length + t) * 7919) % vocabSize)
    return { ids: ids.subarray(0, length), targets: ids.subarray(1) }
  })
}

/** Computes the rows of all texts, as a version's walk over its rows does. */
function featureRun(
  transformer: Transformer,
  adapter: LoraAdapter,
  texts: readonly TrainingSequence[],
  options: BenchOptions,
): () => Promise<void> {
  const model = observedModel(transformer, adapter)
  const featurizer = createFeaturizer(model, plainCurvature(model.layout), { seed: 4n })
  const lexical = new Int32Array(DIMS).fill(1)
  const rows: FeatureText[] = texts.map((text) => ({ pieces: [text], lexical }))
  printNote(`a gradient has ${model.layout.size} coordinates, transformed as ${featurizer.sketch.size}`, options)
  return async () => {
    const source = { count: rows.length, read: async (index: number) => rows[index]! }
    for await (const { index, feature } of rowFeatures(featurizer, source)) {
      if (!feature) throw new Error(`row ${index} is void`)
    }
  }
}

/** Eigenvectors along the axes, moments of 1. */
function plainCurvature({ blocks }: GradientLayout): Curvature {
  const axes = (n: number) => Float32Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0))
  return {
    kernelVersion: KERNEL_VERSION,
    passTokens: 512,
    labelSeed: 0n,
    examples: 1,
    blocks: blocks.map(({ name, rows, columns }) => {
      const moments = new Float32Array(rows * columns).fill(1)
      return { name, rows, columns, left: axes(rows), right: axes(columns), moments }
    }),
  }
}

/** One optimizer step over all texts, short ones packed into sequences of the model's length. */
function trainingStep(
  transformer: Transformer,
  adapter: LoraAdapter,
  texts: readonly TrainingSequence[],
  length: number,
): () => Promise<unknown> {
  const together = transformer.config.maxPositions / length
  const sequences = Array.from({ length: texts.length / together }, (_, i) =>
    packed(texts.slice(i * together, (i + 1) * together)),
  )
  const schedule = { steps: 1_000_000, warmupSteps: 0, peakRate: 1e-6, floorRate: 0 }
  const recipe = { schedule, sequencesPerStep: sequences.length, ...USUAL_ADAMW }
  const events = train(withAdapter(transformer, adapter), sequenceData(sequences, 1n), { recipe })
  return async () => await events.next()
}

function packed(texts: readonly TrainingSequence[]): TrainingSequence {
  const join = (name: 'ids' | 'targets') => Uint32Array.from(texts.flatMap((text) => [...text[name]]))
  const starts = texts.flatMap(({ ids }, i) => Array<number>(ids.length).fill(i * ids.length))
  return { ids: join('ids'), targets: join('targets'), starts: Uint32Array.from(starts) }
}
