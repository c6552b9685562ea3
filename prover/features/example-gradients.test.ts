import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allocate, type Kernel, read, scoped } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { drawn } from '../kernel/testing/drawn.ts'
import { gradientOf, relativeError } from '../kernel/testing/float64.ts'
import { withAdapter } from '../model/lora.ts'
import { oracleOf } from '../model/testing/drawn-model.ts'
import { oracleLoss } from '../model/testing/float64-model.ts'
import type { TrainingSequence } from '../model/trainable.ts'
import { blockOf, exampleGradients } from './example-gradients.ts'
import { type ObservedModel, observedModel } from './observed-model.ts'
import { drawnText, tunedModel } from './testing/tuned-model.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

function gradientsOf(model: ObservedModel, examples: TrainingSequence[][], maxTokens?: number): Float32Array[] {
  return scoped(kernel, () => {
    const gradients = examples.map(() => allocate(kernel, [model.layout.size]))
    exampleGradients(model, examples, gradients, { ...(maxTokens && { maxTokens }) })
    return gradients.map((gradient) => read(kernel, gradient))
  })
}

const texts = [drawnText(9, 1), drawnText(13, 2), drawnText(5, 3)]

describe('the gradient of every text', () => {
  it.each(['llama', 'qwen3'] as const)('is that of the equations (%s)', (family) => {
    scoped(kernel, () => {
      const { transformer, adapter } = tunedModel(kernel, family, ['q_proj', 'down_proj'])
      const model = observedModel(transformer, adapter)
      const examples = texts.slice(0, 2)
      const found = gradientsOf(
        model,
        examples.map((text) => [text]),
      )
      const layers = [...adapter.layers.values()]
      const factors = new Map(
        layers.map((layer) => [layer.module, { ...layer, a: read(kernel, layer.a), b: read(kernel, layer.b) }]),
      )
      const oracle = { ...oracleOf(transformer), factors }
      for (const [example, { ids, targets, weights }] of examples.entries()) {
        const counted = [...targets].map((target, t) => (weights![t] === 1 ? target : -1))
        for (const [index, { module }] of layers.entries()) {
          for (const name of ['a', 'b'] as const) {
            const values = factors.get(module)![name]
            const direction = drawn(values.length, 70 + index)
            const lossAt = ([h]: readonly number[]) => {
              const moved = Array.from(values, (value, i) => value + h! * direction[i]!)
              const changed = new Map([...factors, [module, { ...factors.get(module)!, [name]: moved }]])
              return oracleLoss({ ...oracle, factors: changed }, ids, counted)
            }
            const [expected] = gradientOf(lossAt, [0])
            const { start } = model.layout.pairs.get(module)![name]
            const actual = found[example]!.subarray(start, start + values.length)
            const slope = actual.reduce((sum, value, i) => sum + value * direction[i]!, 0)
            const length = Math.sqrt(actual.reduce((sum, value) => sum + value * value, 0))
            expect(Math.abs(slope - expected!) / length, `${module} ${name}`).toBeLessThan(2e-5)
          }
        }
      }
    })
  })

  it('adds up to the gradient that training takes', () => {
    scoped(kernel, () => {
      const { transformer, adapter } = tunedModel(kernel, 'llama')
      const model = observedModel(transformer, adapter)
      const each = gradientsOf(
        model,
        texts.map((text) => [text]),
      )
      const trainable = withAdapter(transformer, adapter)
      for (const text of texts) trainable.accumulate(text, 1)
      for (const { b, a } of model.layout.pairs.values()) {
        for (const block of [b, a]) {
          const name = `${block.name.replace('.lora_', ' ')}`
          const summed = each.map((values) => values.subarray(block.start, block.start + block.rows * block.columns))
          const total = summed[0]!.map((_, i) => summed.reduce((sum, values) => sum + values[i]!, 0))
          const parameter = trainable.parameters.find((one) => one.name.includes(block.name))
          expect(relativeError(total, read(kernel, parameter!.gradient)), name).toBeLessThan(1e-5)
        }
      }
    })
  })

  it.each(['llama', 'mistral'] as const)('has the bits that it has when the text stands alone (%s)', (family) => {
    scoped(kernel, () => {
      const { transformer, adapter } = tunedModel(kernel, family)
      const model = observedModel(transformer, adapter)
      const together = gradientsOf(
        model,
        texts.map((text) => [text]),
      )
      const alone = texts.map((text) => gradientsOf(model, [[text]])[0])
      expect(together).toEqual(alone)
      expect(
        gradientsOf(
          model,
          texts.map((text) => [text]),
          14,
        ),
      ).toEqual(alone)
    })
  })

  it('is the sum over the pieces of a text', () => {
    scoped(kernel, () => {
      const { transformer, adapter } = tunedModel(kernel, 'llama')
      const model = observedModel(transformer, adapter)
      const [whole] = gradientsOf(model, [texts])
      const parts = texts.map((text) => gradientsOf(model, [[text]])[0]!)
      const total = whole!.map((_, i) => parts.reduce((sum, part) => sum + part[i]!, 0))
      expect(relativeError(whole!, total)).toBeLessThan(1e-5)
    })
  })

  it('is refused for a piece that the model cannot take', () => {
    scoped(kernel, () => {
      const { transformer, adapter } = tunedModel(kernel, 'llama')
      const model = observedModel(transformer, adapter)
      expect(() => gradientsOf(model, [[drawnText(20, 1)]], 14)).toThrow('has 20 tokens, must have 1 to 14')
      expect(() => gradientsOf(model, [[drawnText(0, 1)]])).toThrow('has 0 tokens')
    })
  })

  it('finds its blocks by layer and factor', () => {
    scoped(kernel, () => {
      const { transformer, adapter } = tunedModel(kernel, 'llama', ['v_proj'])
      const { layout } = observedModel(transformer, adapter)
      const [layer] = [...adapter.layers.values()]
      expect(layout.blocks[0]).toEqual({ name: `${layer!.module}.lora_B`, rows: layer!.out, columns: 2, start: 0 })
      expect(layout.blocks[1]).toMatchObject({ name: `${layer!.module}.lora_A`, start: 2 * layer!.out })
      const gradient = allocate(kernel, [layout.size])
      expect(blockOf(gradient, layout.blocks[1]!)).toEqual({
        offset: gradient.offset + 8 * layer!.out,
        shape: [2, layer!.in],
      })
    })
  })
})
