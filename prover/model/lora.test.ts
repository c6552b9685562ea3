import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copy, type Kernel, read, scoped, sizeOf, type Tensor, write } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { drawn } from '../kernel/testing/drawn.ts'
import { matrix, product, relativeError, transposed } from '../kernel/testing/float64.ts'
import { adapterCopy, createAdapter, type LoraAdapter, observeGradients, placeAdapter, withAdapter } from './lora.ts'
import { drawnAdapter, drawnTransformer, oracleOf } from './testing/drawn-model.ts'
import { countedTargets, drawnSequence, gradientHash } from './testing/drawn-sequence.ts'
import { type OracleModel, oracleLoss } from './testing/float64-model.ts'
import { tinyConfig } from './testing/tiny-checkpoint.ts'
import { randomTransformer, type Transformer } from './transformer.ts'
import { wholeModel } from './whole-model.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

function adaptedOracle(transformer: Transformer, adapter: LoraAdapter): OracleModel {
  const factors = adapterCopy(transformer, adapter).layers.map((layer) => [layer.module, layer] as const)
  return { ...oracleOf(transformer), factors: new Map(factors) }
}

/** d loss(factor + h·direction)/dh at 0. */
function slope(model: OracleModel, [module, name]: [string, 'a' | 'b'], direction: Float32Array, loss: Loss) {
  const factor = model.factors!.get(module)!
  const at = (h: number) => {
    const moved = { ...factor, [name]: Array.from(factor[name], (value, i) => value + h * direction[i]!) }
    return loss({ ...model, factors: new Map([...model.factors!, [module, moved]]) })
  }
  return (at(1e-5) - at(-1e-5)) / 2e-5
}

type Loss = (model: OracleModel) => number

const dotOf = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0)

describe('an adapter', () => {
  it('changes nothing while B is 0', () => {
    scoped(kernel, () => {
      const config = tinyConfig('qwen3')
      const transformer = randomTransformer(kernel, config, 3n)
      const sequence = drawnSequence(config)
      const plain = wholeModel(transformer).evaluate(sequence)
      const adapter = createAdapter(transformer, { rank: 4, alpha: 8, seed: 1n })
      expect(withAdapter(transformer, adapter).evaluate(sequence)).toEqual(plain)
    })
  })

  it.each(['qwen2', 'qwen3'] as const)('has the loss and the gradients of the equations, on %s', (family) => {
    scoped(kernel, () => {
      const config = tinyConfig(family)
      const transformer = drawnTransformer(kernel, config)
      const adapter = drawnAdapter(transformer)
      const model = withAdapter(transformer, adapter)
      const sequence = drawnSequence(config)
      const oracle = adaptedOracle(transformer, adapter)
      const lossOf = (changed: OracleModel) => oracleLoss(changed, sequence.ids, countedTargets(sequence))
      const { loss } = model.accumulate(sequence, 2)
      expect(Math.abs(loss - lossOf(oracle)) / loss).toBeLessThan(2e-6)
      expect(model.parameters).toHaveLength(2 * 7 * 2)
      for (const [index, { name, gradient }] of model.parameters.entries()) {
        const values = read(kernel, gradient)
        const direction = drawn(values.length, 500 + index)
        const [, module, factor] = /^base_model\.model\.(.*)\.lora_([AB])\.weight$/.exec(name)!
        const expected = 2 * slope(oracle, [module!, factor === 'A' ? 'a' : 'b'], direction, lossOf)
        const length = Math.sqrt(dotOf(values, values))
        expect(length, name).toBeGreaterThan(1e-4)
        expect(Math.abs(dotOf(values, direction) - expected) / length, name).toBeLessThan(3e-5)
      }
    })
  })

  it('has gradients that are Σ δxᵀ, projected: dB = s·G·Aᵀ and dA = s·Bᵀ·G', () => {
    scoped(kernel, () => {
      const config = tinyConfig('llama')
      const transformer = drawnTransformer(kernel, config)
      const adapter = drawnAdapter(transformer, { targets: ['q_proj', 'down_proj'] })
      const model = withAdapter(transformer, adapter)
      const gradientOf = (module: string, factor: 'A' | 'B') =>
        read(kernel, model.parameters.find(({ name }) => name.endsWith(`${module}.lora_${factor}.weight`))!.gradient)
      const values = (tensor: Tensor) => matrix(read(kernel, tensor), tensor.shape[1]!)
      const seen: string[] = []
      const checks: (() => void)[] = []
      model.accumulate(drawnSequence(config), 1, (module, x, delta, inner) => {
        seen.push(module)
        const { scale, rank, a, b } = adapter.layers.get(module)!
        const whole = matrix(product(transposed(values(delta)), values(x)), x.shape[1]!)
        const dB = product(whole, transposed(values(a))).map((value) => scale * value)
        const dA = product(transposed(values(b)), whole).map((value) => scale * value)
        expect(relativeError(product(transposed(values(delta)), values(inner!.x)), dB)).toBeLessThan(3e-6)
        expect(relativeError(product(transposed(values(inner!.delta)), values(x)), dA)).toBeLessThan(3e-6)
        expect(inner!.x.shape).toEqual([13, rank])
        checks.push(() => {
          expect(relativeError(gradientOf(module, 'A'), dA)).toBeLessThan(3e-6)
          expect(relativeError(gradientOf(module, 'B'), dB)).toBeLessThan(3e-6)
        })
      })
      for (const check of checks) check()
      expect(seen).toEqual([
        'model.layers.1.mlp.down_proj',
        'model.layers.1.self_attn.q_proj',
        'model.layers.0.mlp.down_proj',
        'model.layers.0.self_attn.q_proj',
      ])
    })
  })

  it('scales by α/r, by α/√r when rank-stabilised, by each layer’s own rank where a pattern says so', () => {
    scoped(kernel, () => {
      const transformer = randomTransformer(kernel, tinyConfig('llama'), 3n)
      const shapes = (options: Partial<Parameters<typeof createAdapter>[1]>) => {
        const { layers } = createAdapter(transformer, { rank: 4, alpha: 8, seed: 1n, ...options })
        const { a, b, scale } = layers.get('model.layers.1.mlp.up_proj')!
        return { count: layers.size, a: a.shape, b: b.shape, scale }
      }
      expect(shapes({})).toEqual({ count: 14, a: [4, 16], b: [24, 4], scale: 2 })
      expect(shapes({ rsLora: true })).toMatchObject({ scale: 4 })
      const rankPattern = [['layers.1.mlp.up_proj', 2]] as const
      expect(shapes({ rankPattern })).toEqual({ count: 14, a: [2, 16], b: [24, 2], scale: 4 })
      expect(shapes({ targets: ['up_proj'] })).toMatchObject({ count: 2 })
      expect(() => shapes({ targets: ['lm_head'] })).toThrow('target_modules.0')
    })
  })

  it('in the upper block only has the gradients that it has beside one that changes nothing below', () => {
    scoped(kernel, () => {
      const config = tinyConfig('llama')
      const transformer = drawnTransformer(kernel, config)
      const upperGradients = (targets: string[]) => {
        const adapter = createAdapter(transformer, { rank: 3, alpha: 6, seed: 5n, targets })
        const { a, b } = adapter.layers.get('model.layers.1.mlp.up_proj')!
        for (const factor of [a, b]) write(kernel, factor, drawn(sizeOf(factor.shape), 1))
        const model = withAdapter(transformer, adapter)
        const { loss } = model.accumulate(drawnSequence(config), 1)
        const upper = model.parameters.filter(({ name }) => name.includes('layers.1.mlp.up_proj'))
        return { loss, gradients: upper.map(({ gradient }) => read(kernel, gradient)) }
      }
      const alone = upperGradients(['layers.1.mlp.up_proj'])
      expect(alone.gradients).toHaveLength(2)
      expect(upperGradients(['layers.1.mlp.up_proj', 'layers.0.self_attn.q_proj'])).toEqual(alone)
    })
  })

  const FROZEN = {
    loss: 397.92892932891846,
    hash: '85c8b8f63e3cffdd1f1c24c1171fe766ee0af769f4eb606c71ca7874de27e301',
  }

  it('has frozen bits with 1 and 2 threads', async () => {
    const bits = []
    for (const threads of [1, 2]) {
      const own = await loadKernelFromFile({ threads, shareFrom: 0 })
      const config = tinyConfig('qwen3')
      const transformer = randomTransformer(own, config, 7n)
      const adapter = createAdapter(transformer, { rank: 3, alpha: 6, rsLora: true, seed: 9n })
      for (const { a, b } of adapter.layers.values()) {
        copy(own, { x: { ...a, shape: [3] }, target: { ...b, shape: [3] } })
      }
      const model = withAdapter(transformer, adapter)
      const { loss } = model.accumulate(drawnSequence(config, 70), 1)
      bits.push({ loss, hash: gradientHash(model) })
      await own.close()
    }
    expect(bits).toEqual([FROZEN, FROZEN])
  })
  it('comes back from its file’s form the same, and refuses a NaN', () => {
    scoped(kernel, () => {
      const config = tinyConfig('llama')
      const transformer = randomTransformer(kernel, config, 3n)
      const adapter = drawnAdapter(transformer)
      const file = adapterCopy(transformer, adapter)
      const again = placeAdapter(transformer, file)
      expect(adapterCopy(transformer, again)).toEqual(file)
      file.layers[3]!.b[2] = Number.NaN
      expect(() => placeAdapter(transformer, file)).toThrow(/o_proj\.lora_B\.weight: element 2 is not a finite number/)
      file.layers.pop()
      file.layers[3]!.b[2] = 0
      expect(() => placeAdapter(transformer, file)).toThrow('model.layers.1.mlp.down_proj: is absent')
    })
  })
})

describe('observing gradients', () => {
  it('shows what training would have seen, and makes no gradient', () => {
    scoped(kernel, () => {
      const config = tinyConfig('mistral')
      const transformer = drawnTransformer(kernel, config)
      const adapter = drawnAdapter(transformer)
      const sequence = drawnSequence(config)
      const model = withAdapter(transformer, adapter)
      const watch = (run: (see: (module: string, x: Tensor, delta: Tensor) => void) => { loss: number }) => {
        const seen: [string, Float32Array, Float32Array][] = []
        const { loss } = run((module, x, delta) => seen.push([module, read(kernel, x), read(kernel, delta)]))
        return { loss, seen }
      }
      const trained = watch((see) => model.accumulate(sequence, 1, see))
      const hash = gradientHash(model)
      expect(watch((see) => observeGradients(transformer, adapter, sequence, see))).toEqual(trained)
      expect(gradientHash(model)).toBe(hash)
      expect(trained.seen).toHaveLength(14)
      expect(watch((see) => observeGradients(transformer, undefined, sequence, see)).seen).toHaveLength(14)
    })
  })
})
