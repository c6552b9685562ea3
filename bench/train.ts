/**
 * `bench train`: steps of the base model's pretraining against the kernel's own matrix rate: how much of what the machine can multiply
 * reaches the model. Both sides count multiply-adds of matrix products only (norms, softmax, RoPE and AdamW count for nothing, but take time).
 * The peer does the three products of the widest layer (forth, gradient of the input, gradient of the weight) and nothing else.
 */
import {
  allocate,
  fillNormal,
  type Kernel,
  matmul,
  matmulTransposedA,
  matmulTransposedB,
} from '../prover/kernel/f32.ts'
import { loadKernelFromFile } from '../prover/kernel/f32-file.ts'
import type { ModelConfig } from '../prover/model/config.ts'
import { randomTransformer, wholeModel } from '../prover/model/transformer.ts'
import { linearLayers } from '../prover/model/weight-names.ts'
import { BASE_SHAPE, baseConfig } from '../prover/train/pretrain.ts'
import { USUAL_ADAMW } from '../prover/train/recipe.ts'
import { train } from '../prover/train/trainer.ts'
import { sequenceData } from '../prover/train/training-data.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'

const ROUNDS = 7
const THREADS = [1, 2]
const SEQUENCES = 2
/** Turns of the peer's three products: about a third of a second. */
const TURNS = 30

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const config = baseConfig(BASE_SHAPE, { tokenizer: { vocabSize: BASE_SHAPE.vocabSize } })
  const work = multiplyAddsPerToken(config)
  printNote(`a token takes ${(work / 1e6).toFixed(1)} M multiply-adds in matrix products, forth and back`, options)
  const results: BenchResult[] = []
  for (const threads of THREADS) {
    const kernel = await loadKernelFromFile({ threads })
    try {
      const result = await compareWays(kernel, config, work)
      results.push(result)
      printResult(result, options)
      printNote(`${((result.value * 1e9) / work).toFixed(0)} tokens per second`, options)
    } finally {
      await kernel.close()
    }
  }
  return results
}

async function compareWays(kernel: Kernel, config: ModelConfig, work: number): Promise<BenchResult> {
  const products = matrixProducts(kernel, config)
  const step = trainingSteps(kernel, config)
  return await compare({
    bench: 'train',
    metric: `base model, ${kernel.threads} thread${kernel.threads > 1 ? 's' : ''}`,
    unit: 'G multiply-adds/s',
    rounds: ROUNDS,
    subject: { name: 'training step', run: async () => ((await step()) * work) / 1e9 },
    peer: { name: "the kernel's matrix products alone", run: async () => (await products()) / 1e9 },
  })
}

/** Takes a step; resolves with its tokens per second. */
function trainingSteps(kernel: Kernel, config: ModelConfig): () => Promise<number> {
  const model = wholeModel(randomTransformer(kernel, config, 1n))
  const length = config.maxPositions
  const ids = Uint32Array.from({ length: length + 1 }, (_, index) => (index * 7919) % config.vocabSize)
  const sequence = { ids: ids.subarray(0, length), targets: ids.subarray(1) }
  const schedule = { steps: 1_000_000, warmupSteps: 0, peakRate: 1e-3, floorRate: 0 }
  const recipe = { schedule, sequencesPerStep: SEQUENCES, ...USUAL_ADAMW }
  const events = train(model, sequenceData([sequence], 1n), { recipe })
  return async () => (SEQUENCES * length) / (await seconds(() => events.next()))
}

/** Does the products of the widest layer some times; resolves with multiply-adds per second. */
function matrixProducts(kernel: Kernel, config: ModelConfig): () => Promise<number> {
  const { hiddenSize, intermediateSize, maxPositions } = config
  const tensors = [
    [maxPositions, hiddenSize],
    [intermediateSize, hiddenSize],
    [maxPositions, intermediateSize],
  ].map((shape, index) => {
    const tensor = allocate(kernel, shape)
    fillNormal(kernel, tensor, { seed: BigInt(index), deviation: 1 })
    return tensor
  })
  const [x, weight, out] = [tensors[0]!, tensors[1]!, tensors[2]!]
  const [dX, dWeight, y] = [x, weight, out].map(({ shape }) => allocate(kernel, shape))
  return async () => {
    const elapsed = await seconds(() => {
      for (let turn = 0; turn < TURNS; turn++) {
        matmulTransposedB(kernel, { a: x, b: weight, out: y! })
        matmul(kernel, { a: out, b: weight, out: dX! })
        matmulTransposedA(kernel, { a: out, b: x, out: dWeight! })
      }
    })
    return (TURNS * 3 * hiddenSize * intermediateSize * maxPositions) / elapsed
  }
}

/**
 * Every weight of a matrix is used once forth and twice back; attention multiplies queries with keys and weights with values (half of the
 * square, as no token sees a later one), once forth and twice back.
 */
function multiplyAddsPerToken(config: ModelConfig): number {
  const { vocabSize, hiddenSize, layerCount, headCount, headDim, maxPositions } = config
  const weights = linearLayers(config).reduce((total, layer) => total + layer.in * layer.out, vocabSize * hiddenSize)
  const attention = layerCount * headCount * headDim * maxPositions
  return 3 * (weights + attention)
}
