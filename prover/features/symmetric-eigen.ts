/**
 * Eigenvalues and eigenvectors of a symmetric matrix in doubles: Householder reflections to three diagonals, then QL rotations
 * with Wilkinson's shift (Golub and Van Loan, Matrix Computations, 8.3; Bowdler, Martin, Reinsch, Wilkinson 1968).
 *
 * Only +, −, ·, / of doubles, in an order that the size and the values fix, and the kernel's square root: the same bits on
 * every engine. Eigenvectors lie in rows, so that the inner loops walk along memory.
 */
import { type Kernel, squareRoot } from '../kernel/f32.ts'

export type Eigen = {
  /** Descending. */
  values: Float64Array
  /** [n × n], row i the unit eigenvector of values[i]. */
  vectors: Float64Array
}

/** Rotations that one eigenvalue may need; some two do in practice. */
const MOST_SWEEPS = 60
const EPSILON = 2 ** -52

/** Of `matrix` [n × n], row-major and symmetric. Throws RangeError where it is not finite or not of that size. */
export function symmetricEigen(kernel: Kernel, matrix: Float64Array, n: number): Eigen {
  if (matrix.length !== n * n) throw new RangeError(`a matrix of ${matrix.length} numbers, must be ${n} × ${n}`)
  const largest = largestOf(matrix)
  if (!(largest < Number.POSITIVE_INFINITY)) throw new RangeError('the matrix holds a NaN or an infinity')
  const scaled = largest === 0 ? matrix.slice() : matrix.map((value) => value / largest)
  const root = (x: number) => squareRoot(kernel, x)
  const { diagonal, beside, vectors } = tridiagonal(scaled, n, root)
  rotateAway({ diagonal, beside, vectors }, n, root)
  return descending(diagonal, vectors, n, largest)
}

/** |x|, without a call. */
const size = (x: number) => (x < 0 ? -x : x)

/** NaN where there is one. */
function largestOf(values: Float64Array): number {
  let largest = 0
  for (const value of values) {
    if (Number.isNaN(value)) return value
    if (size(value) > largest) largest = size(value)
  }
  return largest
}

type Tridiagonal = {
  diagonal: Float64Array
  /** beside[i] stands beside diagonal[i] and diagonal[i + 1]; the last is 0. */
  beside: Float64Array
  /** Qᵀ where matrix = Q·T·Qᵀ. */
  vectors: Float64Array
}

/** T = Qᵀ·a·Q with Q the product of reflections I − β·v·vᵀ; `a` is used up. */
function tridiagonal(a: Float64Array, n: number, root: (x: number) => number): Tridiagonal {
  const betas = new Float64Array(n)
  const beside = new Float64Array(n)
  const v = new Float64Array(n)
  const w = new Float64Array(n)
  for (let k = 0; k + 1 < n; k++) {
    const column = k * n
    let below = 0
    for (let i = k + 2; i < n; i++) below += a[column + i]! * a[column + i]!
    const head = a[column + k + 1]!
    if (below === 0) {
      beside[k] = head
      continue
    }
    const length = root(head * head + below)
    const image = head > 0 ? -length : length
    // v = x − image·e₁, kept in row k, which no later step needs; β = 2/vᵀv.
    const first = head - image
    a[column + k + 1] = first
    const beta = 2 / (first * first + below)
    betas[k] = beta
    beside[k] = image
    for (let i = k + 1; i < n; i++) v[i] = a[column + i]!
    reflectBothSides(a, n, k + 1, beta, v, w)
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!)
  return { diagonal, beside, vectors: reflections(a, betas, n) }
}

/** a ← (I − β·v·vᵀ)·a·(I − β·v·vᵀ) over rows and columns from `from`. */
function reflectBothSides(
  a: Float64Array,
  n: number,
  from: number,
  beta: number,
  v: Float64Array,
  w: Float64Array,
): void {
  let product = 0
  for (let i = from; i < n; i++) {
    const row = i * n
    let sum = 0
    for (let j = from; j < n; j++) sum += a[row + j]! * v[j]!
    w[i] = beta * sum
    product += w[i]! * v[i]!
  }
  const half = (beta * product) / 2
  for (let i = from; i < n; i++) w[i] = w[i]! - half * v[i]!
  for (let i = from; i < n; i++) {
    const row = i * n
    const vi = v[i]!
    const wi = w[i]!
    for (let j = from; j < n; j++) a[row + j] = a[row + j]! - (vi * w[j]! + wi * v[j]!)
  }
}

/** Qᵀ for Q = H₀·H₁·…, from the last reflection to the first; reflection k moves rows and columns beyond k. */
function reflections(a: Float64Array, betas: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n)
  for (let i = 0; i < n; i++) q[i * n + i] = 1
  for (let k = n - 3; k >= 0; k--) {
    const beta = betas[k]!
    if (beta === 0) continue
    const v = k * n
    for (let i = k + 1; i < n; i++) {
      const row = i * n
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += q[row + j]! * a[v + j]!
      const factor = beta * sum
      if (factor === 0) continue
      for (let j = k + 1; j < n; j++) q[row + j] = q[row + j]! - factor * a[v + j]!
    }
  }
  return q
}

/** Drives what stands beside the diagonal to 0; the diagonal then holds the eigenvalues. */
function rotateAway(t: Tridiagonal, n: number, root: (x: number) => number): void {
  const { diagonal: d, beside: e } = t
  let largest = 0
  for (let i = 0; i < n; i++) {
    const here = size(d[i]!) + size(e[i]!)
    if (here > largest) largest = here
  }
  const negligible = EPSILON * largest
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first
      while (last + 1 < n && size(e[last]!) > negligible) last++
      if (last === first) break
      if (sweep === MOST_SWEEPS) throw new Error(`eigenvalue ${first} of ${n} was not found in ${MOST_SWEEPS} sweeps`)
      sweepUp(t, n, first, last, root)
    }
  }
}

/** One implicit QL sweep over the part first … last, shifted by the eigenvalue of its first 2 × 2 block that is nearer. */
function sweepUp(t: Tridiagonal, n: number, first: number, last: number, root: (x: number) => number): void {
  const { diagonal: d, beside: e, vectors } = t
  const ratio = (d[first + 1]! - d[first]!) / (2 * e[first]!)
  const bound = root(ratio * ratio + 1)
  let g = d[last]! - d[first]! + e[first]! / (ratio < 0 ? ratio - bound : ratio + bound)
  let [sine, cosine, moved] = [1, 1, 0]
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]!
    const b = cosine * e[i]!
    const r = root(f * f + g * g)
    e[i + 1] = r
    if (r === 0) {
      // The chain breaks here; what lies below goes on in the next sweep.
      d[i + 1] = d[i + 1]! - moved
      e[last] = 0
      return
    }
    sine = f / r
    cosine = g / r
    g = d[i + 1]! - moved
    const turn = (d[i]! - g) * sine + 2 * cosine * b
    moved = sine * turn
    d[i + 1] = g + moved
    g = cosine * turn - b
    rotateRows(vectors, n, i, cosine, sine)
  }
  d[first] = d[first]! - moved
  e[first] = g
  e[last] = 0
}

/** Rows i and i + 1 turn into cosine·rowᵢ − sine·rowᵢ₊₁ and sine·rowᵢ + cosine·rowᵢ₊₁. */
function rotateRows(vectors: Float64Array, n: number, i: number, cosine: number, sine: number): void {
  const low = i * n
  const high = low + n
  for (let k = 0; k < n; k++) {
    const a = vectors[low + k]!
    const b = vectors[high + k]!
    vectors[low + k] = cosine * a - sine * b
    vectors[high + k] = sine * a + cosine * b
  }
}

/** Equal eigenvalues stay in the order they were found. */
function descending(diagonal: Float64Array, vectors: Float64Array, n: number, scale: number): Eigen {
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]! || i - j)
  const sorted = new Float64Array(n * n)
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n)
  })
  return { values: Float64Array.from(order, (i) => diagonal[i]! * scale), vectors: sorted }
}
