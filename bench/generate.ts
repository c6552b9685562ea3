/**
 * `bench generate`: text of the base model with an adapter of rank 16, greedy, token by token, against what memory allows: every token
 * needs every weight once, so no machine writes faster than it reads them. Once with weights as they lie, once with them in panels. The peer reads as many bytes as the matrices have, on one thread, and does nothing with them.
 */
import { readFile } from 'node:fs/promises'
import { fillNormal, type Kernel, sizeOf } from '../prover/kernel/f32.ts'
import { loadKernelFromFile } from '../prover/kernel/f32-file.ts'
import type { ScoresExports } from '../prover/kernel/scores.ts'
import type { ModelConfig } from '../prover/model/config.ts'
import { generate } from '../prover/model/generate.ts'
import { createKeyValueCache } from '../prover/model/kv-cache.ts'
import { createAdapter, type LoraAdapter } from '../prover/model/lora.ts'
import { randomTransformer, type Transformer, withAnsweringWeights } from '../prover/model/transformer.ts'
import { BASE_SHAPE, baseConfig } from '../prover/train/pretrain.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'

const ROUNDS = 7
const THREADS = [1, 2]
const RANK = 16
const PROMPT_TOKENS = 32
const TOKENS = 100
/** Times that the peer reads everything: some tens of milliseconds. */
const READINGS = 20

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const config = baseConfig(BASE_SHAPE, { tokenizer: { vocabSize: BASE_SHAPE.vocabSize } })
  const results: BenchResult[] = []
  for (const threads of THREADS) {
    const kernel = await loadKernelFromFile({ threads })
    try {
      const transformer = randomTransformer(kernel, config, 1n)
      const adapter = createAdapter(transformer, { rank: RANK, alpha: RANK, seed: 2n })
      for (const { b } of adapter.layers.values()) fillNormal(kernel, b, { seed: 3n, deviation: 0.01 })
      const bytes = matrixBytes(transformer, adapter)
      printNote(`a token needs ${(bytes / 1e6).toFixed(1)} MB of weights`, options)
      const read = await weightReader(bytes)
      const ways = { 'as they lie': transformer, 'in panels': withAnsweringWeights(transformer) }
      for (const [way, model] of Object.entries(ways)) {
        const result = await compareWays(kernel, `weights ${way}`, await textWriter(model, adapter, config), read)
        results.push(result)
        printResult(result, options)
      }
    } finally {
      await kernel.close()
    }
  }
  return results
}

async function compareWays(
  kernel: Kernel,
  way: string,
  write: () => Promise<void>,
  read: () => void,
): Promise<BenchResult> {
  return await compare({
    bench: 'generate',
    metric: `base model with an adapter, ${way}, ${kernel.threads} thread${kernel.threads > 1 ? 's' : ''}`,
    unit: 'tokens/s',
    rounds: ROUNDS,
    subject: { name: 'generation', run: async () => TOKENS / (await seconds(write)) },
    peer: {
      name: 'reading the weights once a token, one thread',
      run: async () => {
        const elapsed = await seconds(() => {
          for (let i = 0; i < READINGS; i++) read()
        })
        return READINGS / elapsed
      },
    },
  })
}

/** Writes TOKENS tokens after a prompt, whose time counts too; the same ones every time. */
async function textWriter(model: Transformer, adapter: LoraAdapter, config: ModelConfig): Promise<() => Promise<void>> {
  const cache = createKeyValueCache(model, PROMPT_TOKENS + TOKENS)
  const prompt = Uint32Array.from({ length: PROMPT_TOKENS }, (_, t) => (t * 7919) % config.vocabSize)
  return async () => {
    const text = generate(model, adapter, prompt, { maxTokens: TOKENS, stop: [], cache })
    const written = (await Array.fromAsync(text)).length
    if (written !== TOKENS) throw new Error(`${written} tokens were written, not ${TOKENS}`)
  }
}

/** Of all matrices that a token is multiplied with; tied embeddings count once. */
function matrixBytes({ weights }: Transformer, { layers }: LoraAdapter): number {
  const matrices = [...weights.values(), ...[...layers.values()].flatMap(({ a, b }) => [a, b])]
  return matrices.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0)
}

/** Reads so many bytes of WASM memory from end to end. */
async function weightReader(bytes: number): Promise<() => void> {
  const wasm = await readFile(new URL('../prover/kernel/build/scores.wasm', import.meta.url))
  const { memory, readThrough } = (await WebAssembly.instantiate(wasm)).instance.exports as ScoresExports
  const start = memory.buffer.byteLength
  memory.grow(Math.ceil(bytes / 65_536))
  new Uint8Array(memory.buffer, start).fill(1)
  return () => {
    readThrough(start, Math.ceil(bytes / 64) * 64)
  }
}
