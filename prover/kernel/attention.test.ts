import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allocate, attention, attentionBackward, type Kernel, read, scoped, slice, tensorOf, zeros } from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawn, drawnTensor } from './testing/drawn.ts'
import {
  type AttentionCase,
  gradientOf,
  matrix,
  attention as oracle,
  relativeError,
  weighted,
} from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

type Case = {
  queries: number
  keys: number
  heads: number
  groups: number
  dims: number
  window?: number
  starts?: number[]
}

const CASES: Record<string, Case> = {
  'one head': { queries: 5, keys: 5, heads: 1, groups: 1, dims: 4 },
  'grouped queries': { queries: 6, keys: 6, heads: 4, groups: 2, dims: 6 },
  'a past': { queries: 3, keys: 9, heads: 2, groups: 1, dims: 5 },
  'a sliding window': { queries: 7, keys: 9, heads: 2, groups: 2, dims: 4, window: 3 },
  'documents packed': { queries: 7, keys: 7, heads: 2, groups: 1, dims: 4, starts: [0, 0, 0, 3, 3, 5, 5] },
  'documents and a window': {
    queries: 7,
    keys: 7,
    heads: 1,
    groups: 1,
    dims: 3,
    starts: [0, 0, 0, 3, 3, 3, 3],
    window: 2,
  },
}

const seesOf = ({ queries, keys, window = keys, starts }: Case): AttentionCase['sees'] => {
  const past = keys - queries
  return (t, key) => key <= past + t && key > past + t - window && key >= (starts?.[t] ?? 0)
}

/** Tensors of a case, with what attention leaves. */
function setUp({ queries, keys, heads, groups, dims, window, starts }: Case) {
  const [q, k, v] = [
    drawnTensor(kernel, [queries, heads * dims], 1),
    drawnTensor(kernel, [keys, groups * dims], 2),
    drawnTensor(kernel, [keys, groups * dims], 3),
  ]
  const [out, kept] = [allocate(kernel, [queries, heads * dims]), allocate(kernel, [heads, queries, 2])]
  return { q, k, v, out, kept, heads, groups, window, starts }
}

describe('attention', () => {
  for (const [name, one] of Object.entries(CASES)) {
    it(`agrees with doubles, gradients at q, k and v too: ${name}`, () => {
      scoped(kernel, () => {
        const { queries, keys, heads, groups, dims } = one
        const options = setUp(one)
        const [q, k, v] = [
          drawn(queries * heads * dims, 1),
          drawn(keys * groups * dims, 2),
          drawn(keys * groups * dims, 3),
        ]
        const forward = (q: ArrayLike<number>, k: ArrayLike<number>, v: ArrayLike<number>) =>
          oracle(matrix(q, heads * dims), matrix(k, groups * dims), matrix(v, groups * dims), {
            heads,
            groups,
            dims,
            sees: seesOf(one),
          })
        attention(kernel, options)
        expect(relativeError(read(kernel, options.out), forward(q, k, v))).toBeLessThan(1e-6)

        const dOut = drawnTensor(kernel, [queries, heads * dims], 4)
        const d = drawn(queries * heads * dims, 4)
        const [dQ, dK, dV] = [
          drawnTensor(kernel, options.q.shape, 5),
          drawnTensor(kernel, options.k.shape, 6),
          drawnTensor(kernel, options.k.shape, 7),
        ]
        attentionBackward(kernel, { ...options, dOut, dQ, dK, dV })
        expect(
          relativeError(
            read(kernel, dQ),
            gradientOf((x) => weighted(forward(x, k, v), d), q),
          ),
        ).toBeLessThan(3e-6)
        expect(
          relativeError(
            read(kernel, dK),
            gradientOf((x) => weighted(forward(q, x, v), d), k),
          ),
        ).toBeLessThan(3e-6)
        expect(
          relativeError(
            read(kernel, dV),
            gradientOf((x) => weighted(forward(q, k, x), d), v),
          ),
        ).toBeLessThan(3e-6)
      })
    })
  }

  it('gives a token with its past in a cache the bits it has in the whole sequence', () => {
    const whole = { queries: 150, keys: 150, heads: 4, groups: 2, dims: 20, window: 70 }
    scoped(kernel, () => {
      const options = setUp(whole)
      attention(kernel, options)
      for (const [first, last] of [
        [0, 1],
        [63, 64],
        [149, 150],
        [60, 130],
      ] as const) {
        const q = slice(options.q, first, last)
        const out = allocate(kernel, q.shape)
        attention(kernel, {
          ...options,
          q,
          k: slice(options.k, 0, last),
          v: slice(options.v, 0, last),
          out,
          kept: undefined,
        })
        expect(read(kernel, out)).toEqual(read(kernel, slice(options.out, first, last)))
      }
    })
  })

  it('gives a document the bits it has alone, where it begins at a multiple of four', () => {
    const packed = { queries: 140, keys: 140, heads: 2, groups: 1, dims: 12 }
    scoped(kernel, () => {
      const options = setUp(packed)
      attention(kernel, { ...options, starts: Array.from({ length: 140 }, (_, t) => (t < 68 ? 0 : 68)) })
      const [q, k, v] = [options.q, options.k, options.v].map((tensor) => slice(tensor, 68, 140)) as [Part, Part, Part]
      const out = allocate(kernel, q.shape)
      attention(kernel, { ...options, q, k, v, out, kept: undefined })
      expect(read(kernel, out)).toEqual(read(kernel, slice(options.out, 68, 140)))
    })
  })

  it('copies the value of the only key, and leaves zeros where no query looks', () => {
    scoped(kernel, () => {
      const q = tensorOf(kernel, [1, 2], [3, 4])
      const k = tensorOf(kernel, [3, 2], [1, 2, 3, 4, 5, 6])
      const v = tensorOf(kernel, [3, 2], [10, 20, 30, 40, 50, 60])
      const [out, kept, dQ, dK, dV] = [
        zeros(kernel, [1, 2]),
        zeros(kernel, [1, 1, 2]),
        zeros(kernel, [1, 2]),
        zeros(kernel, [3, 2]),
        zeros(kernel, [3, 2]),
      ]
      const options = { q, k, v, out, kept, heads: 1, groups: 1, window: 1 }
      attention(kernel, options)
      expect([...read(kernel, out)]).toEqual([50, 60])
      attentionBackward(kernel, { ...options, dOut: tensorOf(kernel, [1, 2], [7, 8]), dQ, dK, dV })
      expect([...read(kernel, dV)]).toEqual([0, 0, 0, 0, 7, 8])
      expect([...read(kernel, dQ), ...read(kernel, dK)].every((value) => Math.abs(value) === 0)).toBe(true)
    })
  })

  it('names what does not fit', () => {
    scoped(kernel, () => {
      const options = setUp(CASES['grouped queries']!)
      expect(() => attention(kernel, { ...options, groups: 3 })).toThrow('for 4 heads, k 12 for 3')
      expect(() => attention(kernel, { ...options, window: 0 })).toThrow('window is 0')
      expect(() => attention(kernel, { ...options, starts: [0, 0, 3, 0, 0, 0] })).toThrow(
        'starts[2] is 3, must be 0 to 2',
      )
      expect(() => attention(kernel, { ...options, k: slice(options.k, 0, 3), v: slice(options.v, 0, 3) })).toThrow(
        '6 queries but only 3 keys',
      )
      expect(() => attention(kernel, { ...options, out: options.q })).toThrow('out overlaps q')
    })
  })
})

type Part = ReturnType<typeof slice>
