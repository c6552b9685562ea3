import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, MemoryBudgetError, read, scoped } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { drawn } from '../kernel/testing/drawn.ts'
import { relativeError } from '../kernel/testing/float64.ts'
import { drawnTransformer, oracleOf } from './testing/drawn-model.ts'
import { countedTargets, drawnSequence, gradientHash } from './testing/drawn-sequence.ts'
import { type OracleModel, oracleLoss } from './testing/float64-model.ts'
import { TINY_FAMILIES, tinyConfig } from './testing/tiny-checkpoint.ts'
import { randomTransformer } from './transformer.ts'
import { wholeModel } from './whole-model.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

/** d loss(weight + h·direction)/dh at 0. */
function slope(model: OracleModel, name: string, direction: ArrayLike<number>, loss: (model: OracleModel) => number) {
  const values = model.weights.get(name)!
  const at = (h: number) =>
    loss({
      ...model,
      weights: new Map([...model.weights, [name, Array.from(values, (v, i) => v + h * direction[i]!)]]),
    })
  const step = 1e-5
  return (at(step) - at(-step)) / (2 * step)
}

describe.each(TINY_FAMILIES)('the whole model, %s', (family) => {
  const config = tinyConfig(family)
  const sequence = drawnSequence(config)

  it('has the loss and the gradients of the equations', { timeout: 60_000 }, () => {
    scoped(kernel, () => {
      const transformer = drawnTransformer(kernel, config)
      const model = wholeModel(transformer)
      const oracle = oracleOf(transformer)
      const lossOf = (changed: OracleModel) => oracleLoss(changed, sequence.ids, countedTargets(sequence))
      const { loss, tokens } = model.accumulate(sequence, 0.5)
      expect(tokens).toBe(11)
      expect(Math.abs(loss - lossOf(oracle)) / loss).toBeLessThan(2e-6)
      expect(model.evaluate(sequence)).toEqual({ loss, tokens })
      for (const [index, { name, gradient }] of model.parameters.entries()) {
        const values = read(kernel, gradient)
        const direction = drawn(values.length, 1000 + index)
        const expected = 0.5 * slope(oracle, name, direction, lossOf)
        const actual = values.reduce((sum, value, i) => sum + value * direction[i]!, 0)
        const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
        expect(length, name).toBeGreaterThan(1e-4)
        expect(Math.abs(actual - expected) / length, name).toBeLessThan(2e-5)
      }
    })
  })
})

describe('the whole model', () => {
  /** Of a seeded model of Qwen2's shape (biases, a window, yarn). */
  const FROZEN = {
    loss: 399.71097803115845,
    hash: 'ca3f675be9056d4c257712e967c6e84965702ddba28e1a9060bc663576e1d50a',
  }

  it.each([1, 2])('has frozen bits with %i threads', async (threads) => {
    const own = await loadKernelFromFile({ threads, shareFrom: 0 })
    const config = tinyConfig('qwen2')
    const model = wholeModel(randomTransformer(own, config, 7n))
    const { loss } = model.accumulate(drawnSequence(config, 70), 1)
    expect({ loss, hash: gradientHash(model) }).toEqual(FROZEN)
    await own.close()
  })

  it('decays matrices, neither norms nor biases', () => {
    scoped(kernel, () => {
      const model = wholeModel(randomTransformer(kernel, tinyConfig('qwen2'), 7n))
      const decayed = (pattern: RegExp) => model.parameters.filter(({ name }) => pattern.test(name)).map((p) => p.decay)
      expect(new Set(decayed(/proj\.weight|embed|lm_head/))).toEqual(new Set([true]))
      expect(new Set(decayed(/norm|bias/))).toEqual(new Set([false]))
    })
  })

  it('adds gradients up, and those of an observer are the weights’ own', () => {
    scoped(kernel, () => {
      const config = tinyConfig('mistral')
      const model = wholeModel(drawnTransformer(kernel, config))
      const seen = new Map<string, number[]>()
      model.accumulate(drawnSequence(config), 1, (module, x, delta) => {
        const [rows, deltas] = [read(kernel, x), read(kernel, delta)]
        const [width, out] = [x.shape[1]!, delta.shape[1]!]
        // The first row of deltaᵀ·x.
        const row = Array.from({ length: width }, (_, i) =>
          rows.reduce(
            (sum, value, at) => sum + (at % width === i ? value * deltas[Math.floor(at / width) * out]! : 0),
            0,
          ),
        )
        seen.set(`${module}.weight`, row)
      })
      const gradients = model.parameters.filter(({ name }) => seen.has(name))
      expect(gradients).toHaveLength(2 * 7)
      for (const { name, gradient } of gradients) {
        const row = read(kernel, gradient).subarray(0, gradient.shape[1])
        expect(relativeError(row, seen.get(name)!), name).toBeLessThan(2e-6)
      }
      const once = read(kernel, model.parameters[3]!.gradient)
      model.accumulate(drawnSequence(config), 1)
      const twice = read(kernel, model.parameters[3]!.gradient)
      expect(
        relativeError(
          twice,
          once.map((value) => 2 * value),
        ),
      ).toBeLessThan(2e-6)
    })
  })

  it('gives packed texts that start at multiples of 4, or are one token, the losses that they have alone, in every bit', () => {
    scoped(kernel, () => {
      const config = tinyConfig('mistral')
      const model = wholeModel(drawnTransformer(kernel, config))
      const { ids, targets } = drawnSequence(config, 30)
      const texts = [
        [0, 11],
        [11, 12],
        [12, 30],
      ] as const
      const starts = Uint32Array.from(texts.flatMap(([start, end]) => Array(end - start).fill(start)))
      for (const [start, end] of texts) {
        const weights = Float32Array.from({ length: 30 }, (_, t) => (t >= start && t < end ? 1 : 0))
        const alone = model.evaluate({ ids: ids.subarray(start, end), targets: targets.subarray(start, end) })
        expect(model.evaluate({ ids, targets, weights, starts })).toEqual(alone)
      }
    })
  })

  it('refuses what is no sequence of it', () => {
    scoped(kernel, () => {
      const config = { ...tinyConfig('mistral'), maxPositions: 12 }
      const model = wholeModel(drawnTransformer(kernel, config))
      const { ids, targets } = drawnSequence(config, 12)
      const wrong = (sequence: Parameters<typeof model.evaluate>[0]) => () => model.evaluate(sequence)
      expect(wrong(drawnSequence(config, 13))).toThrow('the sequence has 13 tokens, the model takes at most 12')
      expect(wrong({ ids: new Uint32Array(), targets })).toThrow('the sequence has no tokens')
      expect(wrong({ ids, targets: targets.subarray(1) })).toThrow('11 targets for 12 ids')
      expect(wrong({ ids, targets, weights: new Float32Array(12).fill(0.5) })).toThrow('weights[0] is 0.5')
      expect(wrong({ ids, targets, starts: new Uint32Array(12).fill(1) })).toThrow('starts[0] is 1')
      expect(wrong({ ids: ids.with(3, 300), targets })).toThrow('ids[3] is 300, must be 0 to 299')
      expect(wrong({ ids, targets: targets.with(4, 300) })).toThrow('targets[4] is 300')
      expect(model.evaluate({ ids, targets }).tokens).toBe(12)
    })
  })

  it('says how long a sequence was too long for the memory, and leaves nothing behind', async () => {
    const own = await loadKernelFromFile({ memoryBytes: 1.5 * 1024 ** 2 })
    const config = tinyConfig('mistral')
    const model = wholeModel(randomTransformer(own, config, 7n))
    const { top } = own.arena
    expect(() => model.accumulate(drawnSequence(config, 500), 1)).toThrow(MemoryBudgetError)
    expect(() => model.accumulate(drawnSequence(config, 500), 1)).toThrow('a sequence of 500 tokens does not fit: ')
    expect(own.arena.top).toBe(top)
    expect(model.accumulate(drawnSequence(config, 20), 1).tokens).toBe(18)
    await own.close()
  })
})
