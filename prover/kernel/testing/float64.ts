/**
 * The kernel's oracle: the same operations in plain doubles, written from the papers' equations without a look at the
 * kernel, forward only. Gradients come from differences of these (gradientOf), so nobody derived them twice the same way.
 */
export type Matrix = { rows: number; columns: number; at: (row: number, column: number) => number }

/** A row-major matrix over values. */
export function matrix(values: ArrayLike<number>, columns: number): Matrix {
  return { rows: values.length / columns, columns, at: (row, column) => values[row * columns + column]! }
}

export function transposed({ rows, columns, at }: Matrix): Matrix {
  return { rows: columns, columns: rows, at: (row, column) => at(column, row) }
}

function rowOf({ columns, at }: Matrix, row: number): number[] {
  return Array.from({ length: columns }, (_, column) => at(row, column))
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** c_ij = Σ_k a_ik·b_kj */
export function product(a: Matrix, b: Matrix): number[] {
  return Array.from({ length: a.rows * b.columns }, (_, index) => {
    const [i, j] = [Math.floor(index / b.columns), index % b.columns]
    return sumOf(Array.from({ length: a.columns }, (_, k) => a.at(i, k) * b.at(k, j)))
  })
}

/** x_i / √(mean x² + ε) · w_i (Zhang and Sennrich 2019, equation 4, with ε as in LLaMA) */
export function rmsNorm(x: Matrix, weight: ArrayLike<number>, epsilon: number): number[] {
  return Array.from({ length: x.rows }, (_, row) => {
    const values = rowOf(x, row)
    const root = Math.sqrt(sumOf(values.map((v) => v * v)) / values.length + epsilon)
    return values.map((v, i) => (v / root) * weight[i]!)
  }).flat()
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** softmax_i = e^{x_i} / Σ e^{x_j} */
export function softmax(values: readonly number[]): number[] {
  const largest = Math.max(...values)
  const powers = values.map((value) => Math.exp(value - largest))
  const total = sumOf(powers)
  return powers.map((power) => power / total)
}

/** −ln softmax(x)_target */
export function crossEntropy(values: readonly number[], target: number): number {
  return -Math.log(softmax(values)[target]!)
}

/** (x_i + i·x_{i+n})·e^{i·angle}, for one head (Su et al. 2021, equation 34, halves apart) */
export function rotated(head: readonly number[], angles: readonly number[]): number[] {
  const n = angles.length
  const result = [...head]
  angles.forEach((angle, i) => {
    const [re, im] = [head[i]!, head[i + n]!]
    result[i] = re * Math.cos(angle) - im * Math.sin(angle)
    result[i + n] = re * Math.sin(angle) + im * Math.cos(angle)
  })
  return result
}

export type AttentionCase = {
  heads: number
  groups: number
  dims: number
  /** The keys that a query may see. */
  sees: (query: number, key: number) => boolean
}

/** softmax(q·kᵀ/√d)·v for every head (Vaswani et al. 2017, equation 1), groups of heads sharing k and v */
export function attention(q: Matrix, k: Matrix, v: Matrix, { heads, groups, dims, sees }: AttentionCase): number[] {
  return Array.from({ length: q.rows }, (_, t) =>
    Array.from({ length: heads }, (_, head) => {
      const group = Math.floor(head / (heads / groups))
      const keys = Array.from({ length: k.rows }, (_, key) => key).filter((key) => sees(t, key))
      const each = Array.from({ length: dims }, (_, i) => i)
      const scores = keys.map(
        (key) => sumOf(each.map((i) => q.at(t, head * dims + i) * k.at(key, group * dims + i))) / Math.sqrt(dims),
      )
      const weights = softmax(scores)
      return each.map((i) => sumOf(keys.map((key, n) => weights[n]! * v.at(key, group * dims + i))))
    }).flat(),
  ).flat()
}

/** y_k = Σ_i (−1)^{popcount(i ∧ k)}·x_i */
export function walshHadamard(x: readonly number[]): number[] {
  const parity = (bits: number): number => (bits === 0 ? 0 : (bits & 1) ^ parity(bits >>> 1))
  return x.map((_, k) => sumOf(x.map((value, i) => (parity(i & k) ? -value : value))))
}

/** Σ out·weights: a scalar whose gradient at the inputs is what a backward operation makes of dOut = weights. */
export function weighted(out: readonly number[], weights: ArrayLike<number>): number {
  return sumOf(out.map((value, i) => value * weights[i]!))
}

/** The gradient of f at x by central differences: off by some 1e-9 of the values' size. */
export function gradientOf(f: (x: readonly number[]) => number, x: ArrayLike<number>): number[] {
  const step = 1e-4
  const values = Array.from(x)
  return values.map((value, i) => {
    const moved = (by: number) => f(values.map((other, j) => (j === i ? value + by : other)))
    // Fourth order: what remains is of the order of step⁴.
    return (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step)
  })
}

/** The largest |actual − expected|, as a part of the largest |expected|. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} values against ${expected.length}`)
  let off = 0
  let size = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!)
    off = difference > off || Number.isNaN(difference) ? difference : off
    size = Math.max(size, Math.abs(expected[i]!))
  }
  return off === 0 ? 0 : off / size
}
