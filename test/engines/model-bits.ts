/**
 * What models make on the f32 kernel, as hashes: for every family losses, gradients of all weights and of an adapter, and tokens;
 * for one of them rows and queries as well. For any engine: nothing here is Node's alone.
 */
import { lexicalVector } from '../../protocol/lexical.ts'
import { buildRarity } from '../../protocol/ngrams.ts'
import type { Curvature } from '../../prover/features/curvature.ts'
import { createFeaturizer, featuresOf, queryFeatureOf } from '../../prover/features/features.ts'
import type { GradientBlock } from '../../prover/features/gradient-blocks.ts'
import { observedModel } from '../../prover/features/observed-model.ts'
import { symmetricEigen } from '../../prover/features/symmetric-eigen.ts'
import { KERNEL_VERSION, type Kernel, read } from '../../prover/kernel/f32.ts'
import { drawer, drawn } from '../../prover/kernel/testing/drawn.ts'
import { generate } from '../../prover/model/generate.ts'
import { createKeyValueCache } from '../../prover/model/kv-cache.ts'
import { type LoraAdapter, withAdapter } from '../../prover/model/lora.ts'
import { drawnAdapter, drawnTransformer } from '../../prover/model/testing/drawn-model.ts'
import { TINY_FAMILIES, type TinyFamily, tinyConfig } from '../../prover/model/testing/tiny-config.ts'
import type { TrainableModel, TrainingSequence } from '../../prover/model/trainable.ts'
import { type Transformer, wholeModel } from '../../prover/model/transformer.ts'
import { type Bits, sha256 } from './bits.ts'

const FEATURED: TinyFamily = 'qwen2'
const TOKENS = 45

export async function modelBits(kernel: Kernel): Promise<Bits> {
  const bits: Bits = {}
  for (const family of TINY_FAMILIES) {
    const mark = kernel.arena.mark()
    const transformer = drawnTransformer(kernel, tinyConfig(family))
    const adapter = drawnAdapter(transformer)
    bits[`${family}: loss and gradients`] = await trainingHash(wholeModel(transformer))
    bits[`${family}: loss and gradients of an adapter`] = await trainingHash(withAdapter(transformer, adapter))
    bits[`${family}: tokens`] = await tokensHash(transformer, adapter)
    if (family === FEATURED) bits[`${family}: features`] = await featuresHash(transformer, adapter)
    kernel.arena.release(mark)
  }
  return bits
}

/** Drawn tokens, what follows them, and two targets that do not count. */
function drawnText(seed: number, tokens: number): TrainingSequence {
  const draw = drawer(seed)
  const all = Uint32Array.from({ length: tokens + 1 }, () => (draw() >>> 4) % 40)
  const weights = Float32Array.from({ length: tokens }, (_, t) => (t < 2 ? 0 : 1))
  return { ids: all.subarray(0, tokens), targets: all.subarray(1), weights }
}

async function trainingHash(model: TrainableModel): Promise<string> {
  const { loss } = model.accumulate(drawnText(1, TOKENS), 1)
  return await sha256([Float64Array.of(loss), ...model.parameters.map(({ gradient }) => read(model.kernel, gradient))])
}

async function tokensHash(transformer: Transformer, adapter: LoraAdapter): Promise<string> {
  const cache = createKeyValueCache(transformer, TOKENS)
  const options = { maxTokens: 20, stop: [], temperature: 2, topP: 0.9, seed: 4n, cache }
  return await sha256([
    Uint32Array.from(await Array.fromAsync(generate(transformer, adapter, drawnText(2, 9).ids, options))),
  ])
}

async function featuresHash(transformer: Transformer, adapter: LoraAdapter): Promise<string> {
  const model = observedModel(transformer, adapter)
  const pieces = Array.from({ length: 4 }, (_, i) => drawnText(60 + i, 9 + 7 * i))
  const rarity = buildRarity(pieces.map(({ ids }) => ids))
  const texts = pieces.map((piece) => ({ pieces: [piece], lexical: lexicalVector(piece.ids, rarity) }))
  const featurizer = createFeaturizer(model, drawnCurvature(transformer.kernel, model.layout.blocks), { seed: 7n })
  const rows = featuresOf(featurizer, texts).flatMap((row) => [row!.signs, Uint32Array.of(row!.scale)])
  return await sha256([...rows, queryFeatureOf(featurizer, texts[1]!)!])
}

/** Eigenvectors of drawn matrices, and drawn moments: not the model's own, but of its shape. */
function drawnCurvature(kernel: Kernel, blocks: readonly GradientBlock[]): Curvature {
  const eigenvectors = (n: number, seed: number) => {
    const half = drawn(n * n, seed)
    const matrix = Float64Array.from(half, (value, at) => value + half[(at % n) * n + Math.floor(at / n)]!)
    return Float32Array.from(symmetricEigen(kernel, matrix, n).vectors)
  }
  return {
    kernelVersion: KERNEL_VERSION,
    passTokens: 64,
    labelSeed: 1n,
    examples: 4,
    blocks: blocks.map(({ name, rows, columns }, index) => ({
      name,
      rows,
      columns,
      left: eigenvectors(rows, 3 * index),
      right: eigenvectors(columns, 3 * index + 1),
      moments: drawn(rows * columns, 3 * index + 2).map((value) => value * value),
    })),
  }
}
