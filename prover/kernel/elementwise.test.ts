import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  add,
  addRowsUp,
  addScaled,
  addToEmbeddings,
  addToRows,
  allocate,
  copy,
  embeddings,
  fill,
  type Kernel,
  multiplyEach,
  read,
  scale,
  scoped,
  silu,
  siluBackward,
  swiglu,
  swigluBackward,
  takeColumns,
  tensorOf,
  transpose,
  zeros,
} from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawn, drawnTensor } from './testing/drawn.ts'
import { gradientOf, relativeError, sigmoid, weighted } from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

const f32 = Math.fround
/** Lengths around the four floats that go at once. */
const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 63, 1001]

describe('operations on floats one by one', () => {
  it('round once for each operation, and touch nothing beyond the end', () => {
    for (const n of LENGTHS) {
      scoped(kernel, () => {
        const [a, b] = [drawnTensor(kernel, [n], 1), drawnTensor(kernel, [n], 2)]
        // One longer: the float after the end must stay.
        const room = tensorOf(kernel, [n + 1], new Float32Array(n + 1).fill(7))
        const target = { offset: room.offset, shape: [n] }
        const [x, y] = [read(kernel, a), read(kernel, b)]
        const expectTarget = (expected: Float32Array) =>
          expect(read(kernel, room)).toEqual(Float32Array.of(...expected, 7))
        add(kernel, { a, b, target })
        expectTarget(x.map((value, i) => value + y[i]!))
        multiplyEach(kernel, { a, b, target })
        expectTarget(x.map((value, i) => value * y[i]!))
        scale(kernel, { x: a, factor: 0.1, target })
        expectTarget(x.map((value) => value * f32(0.1)))
        copy(kernel, { x: a, target })
        addScaled(kernel, { x: b, factor: -3.3, target })
        expectTarget(x.map((value, i) => value + f32(f32(-3.3) * y[i]!)))
        fill(kernel, target, 0.7)
        expectTarget(new Float32Array(n).fill(0.7))
      })
    }
  })

  it('may write over their own source', () => {
    scoped(kernel, () => {
      const a = drawnTensor(kernel, [50], 3)
      const before = read(kernel, a)
      add(kernel, { a, b: a, target: a })
      expect(read(kernel, a)).toEqual(before.map((value) => 2 * value))
    })
  })

  it('refuse tensors of different shapes', () => {
    scoped(kernel, () => {
      const [a, b] = [allocate(kernel, [2, 3]), allocate(kernel, [3, 2])]
      expect(() => add(kernel, { a, b, target: a })).toThrow('b is [3 × 2], must be [2 × 3]')
      expect(() => copy(kernel, { x: a, target: allocate(kernel, [5]) })).toThrow('x has 6 floats, target 5')
    })
  })
})

describe('SiLU and SwiGLU', () => {
  const siluOf = (x: number) => x * sigmoid(x)

  it('agree with doubles, gradients too', () => {
    for (const n of LENGTHS) {
      scoped(kernel, () => {
        const [gate, up, dOut] = [1, 2, 3].map((seed) => drawnTensor(kernel, [n], seed)) as [Float, Float, Float]
        const [out, dGate, dUp] = [allocate(kernel, [n]), allocate(kernel, [n]), allocate(kernel, [n])]
        const [g, u, d] = [drawn(n, 1), drawn(n, 2), drawn(n, 3)]
        const forward = (gs: ArrayLike<number>, us: ArrayLike<number>) => Array.from(gs, (x, i) => siluOf(x) * us[i]!)
        swiglu(kernel, { gate, up, target: out })
        expect(relativeError(read(kernel, out), forward(g, u))).toBeLessThan(3e-7)
        swigluBackward(kernel, { gate, up, dOut, dGate, dUp })
        expect(
          relativeError(
            read(kernel, dGate),
            gradientOf((x) => weighted(forward(x, u), d), g),
          ),
        ).toBeLessThan(1e-6)
        expect(
          relativeError(
            read(kernel, dUp),
            gradientOf((x) => weighted(forward(g, x), d), u),
          ),
        ).toBeLessThan(1e-6)
        silu(kernel, { x: gate, target: out })
        expect(relativeError(read(kernel, out), Array.from(g, siluOf))).toBeLessThan(3e-7)
        siluBackward(kernel, { x: gate, dOut, dX: out })
        const gradient = gradientOf((x) => weighted(x.map(siluOf), d), g)
        expect(relativeError(read(kernel, out), gradient)).toBeLessThan(1e-6)
      })
    }
  })

  it('end at 0 far to the left, at x far to the right, and keep NaN', () => {
    scoped(kernel, () => {
      const x = tensorOf(kernel, [5], [-200, 200, -88, Number.NaN, 0])
      silu(kernel, { x, target: x })
      expect([...read(kernel, x)]).toEqual([-0, 200, expect.closeTo(0, 30), Number.NaN, 0])
    })
  })
})

describe('rows', () => {
  it('a bias goes to every row, and its gradient is the sum of rows in ascending order', () => {
    for (const n of LENGTHS) {
      scoped(kernel, () => {
        const [x, bias, target, dBias] = [
          drawnTensor(kernel, [6, n], 1),
          drawnTensor(kernel, [n], 2),
          allocate(kernel, [6, n]),
          zeros(kernel, [n]),
        ]
        const [values, b] = [read(kernel, x), read(kernel, bias)]
        addToRows(kernel, { x, bias, target })
        expect(read(kernel, target)).toEqual(values.map((value, i) => value + b[i % n]!))
        addRowsUp(kernel, { x, target: dBias })
        const expected = new Float32Array(n)
        values.forEach((value, i) => {
          expected[i % n] = f32(expected[i % n]! + value)
        })
        expect(read(kernel, dBias)).toEqual(expected)
      })
    }
  })

  it('are transposed and sampled', () => {
    scoped(kernel, () => {
      const x = tensorOf(kernel, [2, 3], [1, 2, 3, 4, 5, 6])
      const target = allocate(kernel, [3, 2])
      transpose(kernel, { x, target })
      expect([...read(kernel, target)]).toEqual([1, 4, 2, 5, 3, 6])
      const sample = allocate(kernel, [2, 4])
      takeColumns(kernel, { x, columns: Uint32Array.of(2, 0, 0, 1), target: sample })
      expect([...read(kernel, sample)]).toEqual([3, 1, 1, 2, 6, 4, 4, 5])
      expect(() => takeColumns(kernel, { x, columns: Uint32Array.of(0, 0, 0, 3), target: sample })).toThrow(
        'columns[3] is 3, must be 0 to 2',
      )
    })
  })

  it('are looked up by token, and gradients go back in the order of the tokens', () => {
    for (const n of LENGTHS) {
      scoped(kernel, () => {
        const ids = [3, 0, 3, 4, 3]
        const [table, out] = [drawnTensor(kernel, [5, n], 1), allocate(kernel, [5, n])]
        embeddings(kernel, { table, ids, out })
        const values = read(kernel, table)
        expect([...read(kernel, out)]).toEqual(ids.flatMap((id) => [...values.subarray(id * n, (id + 1) * n)]))
        const [dTable, dOut] = [drawnTensor(kernel, [5, n], 2), drawnTensor(kernel, [5, n], 3)]
        const [expected, d] = [read(kernel, dTable), read(kernel, dOut)]
        ids.forEach((id, t) => {
          for (let i = 0; i < n; i++) expected[id * n + i] = f32(expected[id * n + i]! + d[t * n + i]!)
        })
        addToEmbeddings(kernel, { dTable, ids, dOut })
        expect(read(kernel, dTable)).toEqual(expected)
        expect(() => embeddings(kernel, { table, ids: [0, 1, 2, 3, 5], out })).toThrow('ids[4] is 5, must be 0 to 4')
      })
    }
  })
})

type Float = ReturnType<typeof drawnTensor>
