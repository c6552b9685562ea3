import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, read, scoped, tensorOf, view } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { drawn } from '../kernel/testing/drawn.ts'
import { matrix, product, relativeError, transposed } from '../kernel/testing/float64.ts'
import type { GradientObserver } from '../model/trainable.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { type Curvature, CurvatureError, curvatureHash, decodeCurvature, encodeCurvature } from './curvature.ts'
import { curvaturePath, loadCurvature } from './curvature-file.ts'
import { buildCurvature, type CurvatureOptions } from './curvature-run.ts'
import { type ObservedModel, observedModel } from './observed-model.ts'
import { labelParts, targetDraw } from './sampled-targets.ts'
import { choleskySolve, inverseRoot } from './testing/dense.ts'
import { drain } from './testing/drain.ts'
import { drawnText, tunedModel } from './testing/tuned-model.ts'
import { placeWhitening, whiten } from './whitening.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

const LABEL_SEED = 9n
const SUBJECT = `0x${'11'.repeat(32)}` as const
const texts = Array.from({ length: 9 }, (_, i) => drawnText(4 + ((i * 5) % 11), 40 + i))
const source = { count: texts.length, read: async (index: number) => ({ pieces: [texts[index]!] }) }
const options = (directory: string, more: Partial<CurvatureOptions> = {}): CurvatureOptions => ({
  directory,
  subject: SUBJECT,
  passTokens: 24,
  labelSeed: LABEL_SEED,
  saveEvery: 1,
  ...more,
})

/** Runs `work` with a tuned model that is gone afterwards. */
async function withModel<Result>(own: Kernel, work: (model: ObservedModel) => Promise<Result>): Promise<Result> {
  const mark = own.arena.mark()
  const { transformer, adapter } = tunedModel(own, 'llama', ['k_proj', 'down_proj'])
  try {
    return await work(observedModel(transformer, adapter))
  } finally {
    own.arena.release(mark)
  }
}

async function built(own: Kernel, more: Partial<CurvatureOptions> = {}) {
  const directory = await temporaryDirectory()
  return await withModel(
    own,
    async (model) => (await drain(buildCurvature(model, source, options(directory, more)))).result,
  )
}

/** Left and right vectors of every text's tokens, by block, as the way back has them: doubles from here on. */
function vectorsOf(model: ObservedModel, index: number): Map<string, { left: Float32Array; right: Float32Array }> {
  const found = new Map<string, { left: Float32Array; right: Float32Array }>()
  const text = texts[index]!
  const observer: GradientObserver = (module, x, delta, inner) => {
    found.set(`${module}.lora_B`, { left: read(kernel, delta), right: read(kernel, inner!.x) })
    found.set(`${module}.lora_A`, { left: read(kernel, inner!.delta), right: read(kernel, x) })
  }
  const whole = { example: 0, start: 0, end: text.ids.length, offset: 0 }
  const draw = targetDraw(kernel, [whole], text.ids.length, labelParts(kernel, LABEL_SEED, index))
  model.observe(text, observer, draw)
  return found
}

/** xᵀ·y of row-major matrices of so many columns. */
const crossed = (x: Float32Array, columns: number, y: Float32Array, others: number) =>
  product(transposed(matrix(x, columns)), matrix(y, others))

const summed = (parts: readonly number[][]) => parts[0]!.map((_, i) => parts.reduce((sum, part) => sum + part[i]!, 0))

/** A·M·Bᵀ */
const between = (a: ArrayLike<number>, m: ArrayLike<number>, b: ArrayLike<number>, rows: number, columns: number) =>
  product(matrix(product(matrix(a, rows), matrix(m, columns)), columns), transposed(matrix(b, columns)))

describe('the curvature of a model over its rows', () => {
  it('has the eigenvectors of both second moments, and the mean squares of the gradients in them', async () => {
    const { curvature } = await built(kernel)
    expect(curvature.examples).toBe(texts.length)
    await withModel(kernel, async (model) => {
      const vectors = texts.map((_, index) => vectorsOf(model, index))
      for (const { name, rows, columns, left, right, moments } of curvature.blocks) {
        const of = vectors.map((each) => each.get(name)!)
        const leftMoments = summed(of.map((each) => crossed(each.left, rows, each.left, rows)))
        const rightMoments = summed(of.map((each) => crossed(each.right, columns, each.right, columns)))
        for (const [axes, second, n] of [
          [left, leftMoments, rows],
          [right, rightMoments, columns],
        ] as const) {
          const turned = between(axes, second, axes, n, n)
          const diagonal = turned.map((value, at) => (at % (n + 1) === 0 ? value : 0))
          expect(relativeError(turned, diagonal), `${name}: diagonal`).toBeLessThan(1e-6)
          const identity = turned.map((_, at) => (at % (n + 1) === 0 ? 1 : 0))
          const inner = product(matrix(axes, n), transposed(matrix(axes, n)))
          expect(relativeError(inner, identity), `${name}: orthonormal`).toBeLessThan(1e-6)
        }
        const squares = of.map((each) => {
          const gradient = crossed(each.left, rows, each.right, columns)
          return between(left, gradient, right, rows, columns).map((value) => value ** 2 / texts.length)
        })
        expect(relativeError(moments, summed(squares)), `${name}: moments`).toBeLessThan(1e-5)
      }
    })
  })

  it('whitens as the dense (H + λ)^−1/2 does, so that products of two are g·(H + λ)⁻¹·g', async () => {
    const { curvature } = await built(kernel)
    await withModel(kernel, async (model) => {
      const { layout } = model
      scoped(kernel, () => {
        const whitening = placeWhitening(kernel, layout, curvature)
        const [one, other] = [drawn(layout.size, 1), drawn(layout.size, 2)]
        const [whiteOne, whiteOther] = [one, other].map((values) => {
          const gradient = tensorOf(kernel, [layout.size], values)
          whiten(whitening, gradient)
          return read(kernel, gradient)
        })
        for (const [index, { name, rows, columns, start }] of layout.blocks.entries()) {
          const { left, right, moments } = curvature.blocks[index]!
          const n = rows * columns
          const part = (values: Float32Array) => Array.from(values.subarray(start, start + n))
          // Axis (i, j) is leftᵢ ⊗ rightⱼ; H = Σ moment·axis·axisᵀ.
          const axes = Array.from({ length: n * n }, (_, at) => {
            const [axis, place] = [Math.floor(at / n), at % n]
            const [i, j] = [Math.floor(axis / columns), axis % columns]
            return left[i * rows + Math.floor(place / columns)]! * right[j * columns + (place % columns)]!
          })
          const damping = 0.1 * (moments.reduce((sum, value) => sum + value, 0) / n)
          const scaled = axes.map((value, at) => value * moments[Math.floor(at / n)]!)
          const dense = product(transposed(matrix(axes, n)), matrix(scaled, n)).map(
            (value, at) => value + (at % (n + 1) === 0 ? damping : 0),
          )
          const root = matrix(inverseRoot(dense, n), n)
          const expected = product(matrix(axes, n), matrix(product(root, matrix(part(one), 1)), 1))
          expect(relativeError(part(whiteOne!), expected), name).toBeLessThan(2e-5)
          const inverse = choleskySolve(dense, n, part(other))
          const found = part(whiteOne!).reduce((sum, value, i) => sum + value * part(whiteOther!)[i]!, 0)
          const wanted = part(one).reduce((sum, value, i) => sum + value * inverse[i]!, 0)
          expect(found / wanted, name).toBeCloseTo(1, 3)
        }
        expect(whitening.expectedLength).toBeCloseTo(Math.sqrt(meanSquare(curvature)), 4)
      })
    })
  })

  it.each([1, 2])('has frozen bits with %i threads', async (threads) => {
    const own = await loadKernelFromFile({ threads, shareFrom: 0 })
    const { hash, curvature } = await built(own)
    await own.close()
    expect(hash).toMatchInlineSnapshot(`"0x5cc179a42cf2c2cb7c8a7bc89191b399fa27cc7faa937d1c57896d7d3d3c853a"`)
    expect(curvatureHash(curvature)).toBe(hash)
  })

  it('goes on where it was cut, with the same bits', async () => {
    const whole = await built(kernel)
    const directory = await temporaryDirectory()
    await withModel(kernel, async (model) => {
      let cuts = 0
      for (let wait = 1; ; wait++) {
        const run = buildCurvature(model, source, options(directory))
        let [steps, last] = [0, await run.next()]
        while (!last.done && steps++ < wait) last = await run.next()
        if (last.done) {
          expect(last.value.hash).toBe(whole.hash)
          break
        }
        cuts += 1
        await run.return(whole)
      }
      expect(cuts).toBeGreaterThan(2)
    })
    expect(await readdir(directory)).toEqual([`${whole.hash.slice(2)}.curvature`])
  })

  it('begins anew where the state is of other rows, or damaged', async () => {
    const directory = await temporaryDirectory()
    const whole = await built(kernel)
    await withModel(kernel, async (model) => {
      const cutRun = async (more: Partial<CurvatureOptions>) => {
        const run = buildCurvature(model, source, options(directory, more))
        for (let i = 0; i < 3; i++) await run.next()
        await run.return(whole)
      }
      await cutRun({ subject: `0x${'22'.repeat(32)}` })
      const first = await drain(buildCurvature(model, source, options(directory)))
      expect(first.events[0]).toMatchObject({ stage: 'factors', total: texts.length })
      expect(first.result.hash).toBe(whole.hash)
      await cutRun({})
      const path = join(directory, 'curvature.state')
      const bytes = await readFile(path)
      bytes[bytes.length >> 1]! ^= 1
      await writeFile(path, bytes)
      const second = await drain(buildCurvature(model, source, options(directory)))
      expect(second.events).toEqual(first.events)
      expect(second.result.hash).toBe(whole.hash)
    })
  })

  it('leaves out rows whose gradients are not finite, and is void where none is', async () => {
    const directory = await temporaryDirectory()
    await withModel(kernel, async (model) => {
      const poisonedBy = (bad: (ids: Uint32Array) => number): ObservedModel => ({
        ...model,
        observe: (sequence, observer, draw) =>
          model.observe(
            sequence,
            (module, x, delta, inner) => {
              const at = bad(sequence.ids)
              if (at >= 0) view(kernel, delta)[at * delta.shape[1]!] = Number.POSITIVE_INFINITY
              observer(module, x, delta, inner)
            },
            draw,
          ),
      })
      const [first, second] = texts[4]!.ids
      const one = poisonedBy((ids) => ids.findIndex((id, t) => id === first && ids[t + 1] === second))
      const { curvature } = (await drain(buildCurvature(one, source, options(directory)))).result
      expect(curvature.examples).toBe(texts.length - 1)
      const all = poisonedBy(() => 0)
      await expect(drain(buildCurvature(all, source, options(directory)))).rejects.toThrow('there is no curvature')
    })
  })

  it('comes back from its file as it was, and is believed only by its hash', async () => {
    const directory = await temporaryDirectory()
    await withModel(kernel, async (model) => {
      const { result } = await drain(buildCurvature(model, source, options(directory)))
      expect(await loadCurvature(directory, result.hash)).toEqual(result.curvature)
      const path = curvaturePath(directory, result.hash)
      const bytes = await readFile(path)
      bytes[bytes.length - 4]! ^= 1
      await writeFile(path, bytes)
      await expect(loadCurvature(directory, result.hash)).rejects.toThrow('it is damaged')
    })
  })
})

describe('bytes of a curvature', () => {
  it('are refused where they are cut, longer, or hold what no curvature holds', async () => {
    const { curvature } = await built(kernel)
    const bytes = Buffer.concat([...encodeCurvature(curvature)])
    expect(decodeCurvature(bytes)).toEqual(curvature)
    for (const length of [0, 3, 20, 31, 40, 200, bytes.length - 1])
      expect(() => decodeCurvature(bytes.subarray(0, length))).toThrow(CurvatureError)
    expect(() => decodeCurvature(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('1 bytes are left over')
    const nan = Buffer.from(bytes)
    nan.writeFloatLE(Number.NaN, bytes.length - 4)
    expect(() => decodeCurvature(nan)).toThrow(/moments: element \d+ is NaN/)
    const negative = Buffer.from(bytes)
    negative.writeFloatLE(-1, bytes.length - 4)
    expect(() => decodeCurvature(negative)).toThrow('below 0')
    expect(() => decodeCurvature(Buffer.concat([Buffer.from('OLAF'), bytes.subarray(4)]))).toThrow('OLCV')
  })

  it('are refused for another model', async () => {
    const { curvature } = await built(kernel)
    await withModel(kernel, async ({ layout }) => {
      const fewer = { ...curvature, blocks: curvature.blocks.slice(1) }
      expect(() => placeWhitening(kernel, layout, fewer)).toThrow('the curvature is of another model: block 0')
      const zero = {
        ...curvature,
        blocks: curvature.blocks.map((block) => ({ ...block, moments: block.moments.map(() => 0) })),
      }
      expect(() => placeWhitening(kernel, layout, zero)).toThrow('0 everywhere')
    })
  })
})

/** Σ moment/(moment + damping) */
function meanSquare({ blocks }: Curvature): number {
  return blocks.reduce((total, { moments }) => {
    const damping = 0.1 * (moments.reduce((sum, value) => sum + value, 0) / moments.length)
    return total + moments.reduce((sum, value) => sum + value / (value + damping), 0)
  }, 0)
}
