/**
 * Every operation of the f32 kernel on seeded inputs, and the SHA-256 of what it writes: vectors/f32.json holds them. A hash
 * that changes is a new kernel version (KERNEL_VERSION). `npx node prover/kernel/vectors/freeze.ts` writes the file anew.
 *
 * Shapes are odd on purpose: on both sides of every block, with rests of all lengths.
 */
import {
  adamwStep,
  add,
  addRowsUp,
  addScaled,
  addToEmbeddings,
  addToRows,
  allocate,
  attention,
  attentionBackward,
  cosine,
  crossEntropy,
  dot,
  embeddings,
  exponential,
  exponentials,
  fillNormal,
  fillUniform,
  hadamard,
  inverseRoots,
  type Kernel,
  logarithm,
  matmul,
  matmulPanels,
  matmulTransposedA,
  matmulTransposedB,
  multiplyEach,
  norm,
  normBackward,
  panelsOf,
  power,
  quantiseQuery,
  quantiseRow,
  randomBits,
  read,
  rmsNorm,
  rotary,
  rotaryFrequencies,
  rotaryTables,
  type Shape,
  scale,
  scoped,
  silu,
  siluBackward,
  sine,
  softmax,
  softmaxBackward,
  sum,
  swiglu,
  swigluBackward,
  type Tensor,
  takeColumns,
  tensorOf,
  transpose,
} from '../f32.ts'
import { drawn, drawnTensor } from '../testing/drawn.ts'

/** What a case leaves: tensors, and what else it computed. */
type Outcome = (Tensor | ArrayLike<number>)[]
type VectorCase = (kernel: Kernel, draw: (shape: Shape) => Tensor, make: (shape: Shape) => Tensor) => Outcome

const PRODUCTS: readonly [m: number, n: number, k: number][] = [
  [131, 270, 300],
  [5, 9, 513],
  [1, 77, 130],
  [3, 40, 33],
]

function products(
  operation: typeof matmul,
  shapeA: (m: number, k: number) => Shape,
  shapeB: (k: number, n: number) => Shape,
): VectorCase {
  return (kernel, draw) =>
    PRODUCTS.flatMap(([m, n, k]) => {
      const [a, b, out, added] = [draw(shapeA(m, k)), draw(shapeB(k, n)), draw([m, n]), draw([m, n])]
      operation(kernel, { a, b, out })
      operation(kernel, { a, b, out: added, accumulate: true })
      return [out, added]
    })
}

/** Queries after a past, four heads on two groups, a window, documents. */
const ATTENTION = { queries: 150, keys: 173, heads: 4, groups: 2, dims: 20, window: 90 }

export const CASES: Record<string, VectorCase> = {
  matmul: products(
    matmul,
    (m, k) => [m, k],
    (k, n) => [k, n],
  ),
  matmulTransposedA: products(
    matmulTransposedA,
    (m, k) => [k, m],
    (k, n) => [k, n],
  ),
  matmulTransposedB: products(
    matmulTransposedB,
    (m, k) => [m, k],
    (k, n) => [n, k],
  ),
  matmulPanels: (kernel, draw, make) =>
    PRODUCTS.map(([m, n, k]) => {
      const [a, b, out] = [draw([m, k]), draw([n, k]), make([m, n])]
      matmulPanels(kernel, { a, b: panelsOf(kernel, b), out })
      return out
    }),
  arithmetic: (kernel, draw, make) => {
    const [a, b] = [draw([1003]), draw([1003])]
    const [added, multiplied, scaled] = [make([1003]), make([1003]), make([1003])]
    add(kernel, { a, b, target: added })
    multiplyEach(kernel, { a, b, target: multiplied })
    scale(kernel, { x: a, factor: 0.3, target: scaled })
    addScaled(kernel, { x: b, factor: -1.7, target: a })
    return [added, multiplied, scaled, a]
  },
  exponentials: (kernel, _, make) => {
    const x = tensorOf(
      kernel,
      [20_003],
      Float32Array.from({ length: 20_003 }, (_, i) => (i - 10_000) / 110),
    )
    const [e, root] = [make([20_003]), make([20_003])]
    exponentials(kernel, { x, target: e })
    inverseRoots(kernel, { x: e, target: root })
    return [e, root]
  },
  silu: (kernel, draw, make) => {
    const [x, up, dOut] = [draw([999]), draw([999]), draw([999])]
    const [out, dX, gated, dGate, dUp] = [make([999]), make([999]), make([999]), make([999]), make([999])]
    silu(kernel, { x, target: out })
    siluBackward(kernel, { x, dOut, dX })
    swiglu(kernel, { gate: x, up, target: gated })
    swigluBackward(kernel, { gate: x, up, dOut, dGate, dUp })
    return [out, dX, gated, dGate, dUp]
  },
  rows: (kernel, draw, make) => {
    const [x, bias, dBias] = [draw([37, 45]), draw([45]), draw([45])]
    const [out, turned, sample] = [make([37, 45]), make([45, 37]), make([37, 5])]
    addToRows(kernel, { x, bias, target: out })
    addRowsUp(kernel, { x, target: dBias })
    transpose(kernel, { x, target: turned })
    takeColumns(kernel, { x, columns: Uint32Array.of(44, 0, 7, 7, 13), target: sample })
    return [out, dBias, turned, sample]
  },
  embeddings: (kernel, draw, make) => {
    const ids = Array.from({ length: 60 }, (_, t) => (t * t) % 17)
    const [table, out] = [draw([17, 22]), make([60, 22])]
    embeddings(kernel, { table, ids, out })
    addToEmbeddings(kernel, { dTable: table, ids, dOut: out })
    return [out, table]
  },
  rmsNorm: (kernel, draw, make) => {
    const [x, weight, dOut, dX, dWeight] = [draw([29, 70]), draw([70]), draw([29, 70]), draw([29, 70]), draw([70])]
    const [out, inverses] = [make([29, 70]), make([29])]
    rmsNorm(kernel, { x, weight, out, inverses, epsilon: 1e-5 })
    normBackward(kernel, { x, weight, inverses, dOut, dX, accumulate: true, dWeight })
    return [out, inverses, dX, dWeight]
  },
  rotary: (kernel, draw) => {
    const frequencies = rotaryFrequencies(kernel, { theta: 10_000, dims: 20 })
    const tables = rotaryTables(kernel, { frequencies, positions: 3000, factor: 1.1 })
    const [x, d] = [draw([30, 66]), draw([30, 66])]
    const positions = Array.from({ length: 30 }, (_, t) => t * 97)
    rotary(kernel, { x, heads: 3, tables, positions })
    rotary(kernel, { x: d, heads: 3, tables, positions, backward: true })
    return [tables.cosines, tables.sines, x, d]
  },
  softmax: (kernel, draw, make) => {
    const [x, dOut, out, dX] = [draw([31, 50]), draw([31, 50]), make([31, 50]), make([31, 50])]
    const from = Array.from({ length: 31 }, (_, row) => row >> 1)
    softmax(kernel, { x, out, scale: 2.5, from, to: from.map((first, row) => first + 1 + (row % 20)) })
    softmaxBackward(kernel, { out, dOut, dX, scale: 2.5 })
    return [out, dX]
  },
  crossEntropy: (kernel, draw, make) => {
    const [logits, losses, dLogits] = [draw([23, 301]), make([23]), make([23, 301])]
    const targets = Array.from({ length: 23 }, (_, row) => (row % 5 === 3 ? -1 : row * 13))
    crossEntropy(kernel, { logits, targets, losses, dLogits, gradientScale: 1 / 18 })
    return [losses, dLogits]
  },
  attention: (kernel, draw, make) => {
    const { queries, keys, heads, groups, dims, window } = ATTENTION
    const [q, k, v, dOut] = [
      draw([queries, heads * dims]),
      draw([keys, groups * dims]),
      draw([keys, groups * dims]),
      draw([queries, heads * dims]),
    ]
    const [out, kept, dQ, dK, dV] = [
      make(q.shape),
      make([heads, queries, 2]),
      make(q.shape),
      make(k.shape),
      make(v.shape),
    ]
    const starts = Array.from({ length: queries }, (_, t) => (t < 101 ? 0 : 117))
    const options = { q, k, v, out, kept, heads, groups, window, starts }
    attention(kernel, options)
    attentionBackward(kernel, { ...options, dOut, dQ, dK, dV })
    return [out, kept, dQ, dK, dV]
  },
  sums: (kernel, draw) => {
    const [a, b] = [draw([9001]), draw([9001])]
    return [[sum(kernel, a), dot(kernel, a, b), norm(kernel, [a, b])]]
  },
  adamw: (kernel, draw) => {
    const [value, gradient, mean] = [draw([1001]), draw([1001]), draw([1001])]
    const square = tensorOf(
      kernel,
      [1001],
      drawn(1001, 99).map((each) => each * each),
    )
    const options = { rate: 3e-4, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.1, step: 7, gradientScale: 0.4 }
    adamwStep(kernel, { value, gradient, mean, square }, options)
    return [value, mean, square]
  },
  hadamard: (kernel, draw) =>
    [2, 64, 32_768].map((n) => {
      const x = draw([2, n])
      hadamard(kernel, { x, signs: randomBits(kernel, 3n, Math.ceil(n / 8) * 8) })
      return x
    }),
  quantise: (kernel, draw) => {
    const x = draw([4096])
    const row = quantiseRow(kernel, x, randomBits(kernel, 5n, 4096))
    const query = quantiseQuery(kernel, x, 1024)
    if (!row || !query) throw new Error('the drawn row is void')
    return [row.signs, [row.length], query]
  },
  random: (kernel, _, make) => {
    const [normal, uniform] = [make([10_001]), make([10_001])]
    fillNormal(kernel, normal, { seed: 0x0123_4567_89ab_cdefn, deviation: 0.02 })
    fillUniform(kernel, uniform, { seed: 0x0123_4567_89ab_cdefn, low: -1, high: 1 })
    return [normal, uniform, randomBits(kernel, 77n, 800)]
  },
  doubles: (kernel) => {
    const x = Array.from({ length: 2001 }, (_, i) => (i - 1000) * 0.7321)
    return [
      x.map((each) => exponential(kernel, each)),
      x.map((each) => logarithm(kernel, each * each)),
      x.map((each) => sine(kernel, each * 1000)),
      x.map((each) => cosine(kernel, each * 1000)),
      x.map((each) => power(kernel, 10_000, each / 200)),
    ]
  },
}

/** SHA-256 over what a case leaves: floats as f32, other numbers as f64, both little endian, one after the other. */
export async function hashOf(kernel: Kernel, name: string): Promise<string> {
  const bytes = scoped(kernel, () => {
    let seed = 0
    const draw = (shape: Shape) => {
      seed++
      return drawnTensor(kernel, shape, seed)
    }
    const outcome = CASES[name]!(kernel, draw, (shape) => allocate(kernel, shape))
    return outcome.flatMap((part) => [...littleEndian(kernel, part)])
  })
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function littleEndian(kernel: Kernel, part: Tensor | ArrayLike<number>): Uint8Array {
  const floats = 'shape' in part
  const values = floats ? read(kernel, part) : part
  const bytes = new DataView(new ArrayBuffer(values.length * (floats ? 4 : 8)))
  for (let i = 0; i < values.length; i++) {
    if (floats) bytes.setFloat32(4 * i, values[i]!, true)
    else bytes.setFloat64(8 * i, values[i]!, true)
  }
  return new Uint8Array(bytes.buffer)
}
