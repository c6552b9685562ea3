/**
 * Loss and gradients of the f32 kernel's model against the same equations on jax-js in doubles (llama-in-jax.ts).
 *
 * The bounds. How far f32 is from the truth depends on the model: a sum of n rounded products is off by about √n·2⁻²⁴ of its
 * terms' sizes (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), and what follows it, saturated attention above
 * all, enlarges that. So the same equations run on jax-js in f32 too, and measure it: of each model, a gradient of ours may be
 * off by four times what the worst of theirs is (measured: 0.8 to 2.9 times), lengths of the difference over lengths of
 * the gradient. The loss is a sum of positive terms, of which each is off by a few 2⁻²⁴: 10⁻⁶ (measured: 4·10⁻⁷).
 * A slip in an equation is hundreds of times that.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, read } from '../../prover/kernel/f32.ts'
import { loadKernelFromFile } from '../../prover/kernel/f32-file.ts'
import { withAdapter } from '../../prover/model/lora.ts'
import { drawnAdapter, drawnTransformer } from '../../prover/model/testing/drawn-model.ts'
import { drawnSequence } from '../../prover/model/testing/drawn-sequence.ts'
import { TINY_CONFIGS, TINY_FAMILIES, type TinyFamily, tinyConfig } from '../../prover/model/testing/tiny-checkpoint.ts'
import type { TrainableModel } from '../../prover/model/trainable.ts'
import { type Transformer, wholeModel } from '../../prover/model/transformer.ts'
import { factorName, type LlamaModel, lossAndGradients, type Values } from './llama-in-jax.ts'

const LOSS_BOUND = 1e-6
/** Times the worst gradient of jax-js in f32. */
const GRADIENT_BOUND = 4
/** f32 in well-behaved models is off by 10⁻⁶; a model that enlarges it beyond this compares nothing. */
const WORST_CONDITION = 2e-5
const TOKENS = 21

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

const valuesOf = (tensors: Iterable<readonly [string, Parameters<typeof read>[1]]>): Map<string, Values> =>
  new Map([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, values: read(kernel, tensor) }]))

const plainModel = (family: TinyFamily, { weights }: Transformer): LlamaModel => ({
  config: TINY_CONFIGS[family],
  weights: valuesOf(weights),
  scales: new Map(),
})

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.hypot(...Array.from(a, (value, i) => value - b[i]!))

/** How far our loss and gradients are from the oracle's, whose names `nameOf` knows; and how far f32 is on jax-js. */
async function compared(model: TrainableModel, oracle: LlamaModel, nameOf: (parameter: string) => string) {
  const { ids, targets, weights } = drawnSequence(tinyConfig('llama'), TOKENS)
  const { loss } = model.accumulate({ ids, targets, weights }, 1)
  const text = { ids: [...ids], targets: [...targets], counted: [...weights] }
  const truth = await lossAndGradients(oracle, text, 'float64')
  const rounded = await lossAndGradients(oracle, text, 'float32')
  const gradients = model.parameters.map(({ name, gradient }) => {
    const expected = truth.gradients.get(nameOf(name))!
    const own = read(kernel, gradient)
    expect(own.length, name).toBe(expected.length)
    const length = Math.hypot(...expected)
    const theirs = rounded.gradients.get(nameOf(name))!
    return { name, length, off: distance(own, expected) / length, theirs: distance(theirs, expected) / length }
  })
  const condition = Math.max(...gradients.map(({ theirs }) => theirs))
  return { lossOff: Math.abs(loss - truth.loss) / truth.loss, gradients, condition }
}

function expectFloat32Accuracy({ lossOff, gradients, condition }: Awaited<ReturnType<typeof compared>>): void {
  expect(lossOff).toBeLessThan(LOSS_BOUND)
  expect(condition).toBeLessThan(WORST_CONDITION)
  for (const { name, length, off } of gradients) {
    expect(length, name).toBeGreaterThan(1e-4)
    expect(off / condition, name).toBeLessThan(GRADIENT_BOUND)
  }
}

describe.each(TINY_FAMILIES)('%s against jax-js', (family) => {
  it('has the loss and the gradients of all weights', async () => {
    const mark = kernel.arena.mark()
    const transformer = drawnTransformer(kernel, tinyConfig(family))
    const result = await compared(wholeModel(transformer), plainModel(family, transformer), (name) => name)
    kernel.arena.release(mark)
    expectFloat32Accuracy(result)
  })

  it('has the loss and the gradients of low-rank factors', async () => {
    const mark = kernel.arena.mark()
    const transformer = drawnTransformer(kernel, tinyConfig(family))
    const adapter = drawnAdapter(transformer)
    const plain = plainModel(family, transformer)
    const factors = [...adapter.layers].flatMap(
      ([module, { a, b }]) => [[factorName('A', module), a] as const, [factorName('B', module), b] as const] as const,
    )
    const scales = new Map([...adapter.layers.keys()].map((module) => [module, 6 / 3]))
    const oracle = { ...plain, weights: new Map([...plain.weights, ...valuesOf(factors)]), scales }
    const result = await compared(withAdapter(transformer, adapter), oracle, (name) => {
      const [, module, factor] = /^base_model\.model\.(.*)\.lora_([AB])\.weight$/.exec(name)!
      return factorName(factor === 'A' ? 'A' : 'B', module!)
    })
    kernel.arena.release(mark)
    expect(result.gradients).toHaveLength(2 * 7 * 2)
    expectFloat32Accuracy(result)
  })
})

describe('the comparison', () => {
  it('notices a slip in an equation', async () => {
    const mark = kernel.arena.mark()
    const transformer = drawnTransformer(kernel, tinyConfig('llama'))
    const oracle = plainModel('llama', transformer)
    const slips: Partial<LlamaModel['config']>[] = [
      { rope_scaling: null },
      { sliding_window: 20 },
      { rms_norm_eps: 1e-3 },
    ]
    for (const slip of slips) {
      const wrong = { ...oracle, config: { ...oracle.config, ...slip } }
      const { gradients, condition } = await compared(wholeModel(transformer), wrong, (name) => name)
      expect(Math.max(...gradients.map(({ off }) => off / condition))).toBeGreaterThan(50 * GRADIENT_BOUND)
    }
    kernel.arena.release(mark)
  })
})
