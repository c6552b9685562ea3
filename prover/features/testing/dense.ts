/** Dense linear algebra of small symmetric positive matrices in doubles, by other ways than the code under test takes. */

/** M^−1/2 by the Denman–Beavers iteration (1976): Y → M^1/2, Z → M^−1/2. */
export function inverseRoot(matrix: readonly number[], n: number): number[] {
  let y = [...matrix]
  let z: number[] = matrix.map((_, at) => (at % (n + 1) === 0 ? 1 : 0))
  for (let step = 0; step < 40; step++) {
    const [yInverse, zInverse] = [inverse(y, n), inverse(z, n)]
    y = y.map((value, at) => (value + zInverse[at]!) / 2)
    z = z.map((value, at) => (value + yInverse[at]!) / 2)
  }
  return z
}

function inverse(matrix: readonly number[], n: number): number[] {
  const columns = Array.from({ length: n }, (_, i) =>
    choleskySolve(
      matrix,
      n,
      Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
    ),
  )
  return Array.from({ length: n * n }, (_, at) => columns[at % n]![Math.floor(at / n)]!)
}

/** M⁻¹·v by Cholesky's factors. */
export function choleskySolve(matrix: readonly number[], n: number, v: readonly number[]): number[] {
  const factor = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!
      factor[i * n + j] = i === j ? Math.sqrt(sum) : sum / factor[j * n + j]!
    }
  }
  const x = [...v]
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - factor[i * n + k]! * x[k]!
    x[i] = x[i]! / factor[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = x[i]! - factor[k * n + i]! * x[k]!
    x[i] = x[i]! / factor[i * n + i]!
  }
  return x
}
