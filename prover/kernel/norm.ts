/** RMSNorm (Zhang and Sennrich 2019) over the last size; heads of queries and keys too, once reshaped to rows of a head. */
import type { Kernel } from './kernel.ts'
import { checkApart, checkShape, checkTensor, rowCount, rowLength, type Tensor } from './tensor.ts'

export type RmsNormOptions = {
  x: Tensor
  /** One row. */
  weight: Tensor
  /** Of x's shape; may be x, where no gradient is wanted. */
  out: Tensor
  /** [rows of x]: takes r of every row, which normBackward wants. */
  inverses: Tensor
  epsilon: number
}

/** out = (x·r)·weight with r = 1/√(mean of the row's x² + epsilon) */
export function rmsNorm(kernel: Kernel, { x, weight, out, inverses, epsilon }: RmsNormOptions): void {
  const n = rowLength(x)
  const rows = rowCount(x)
  checkTensor(kernel, 'x', x)
  checkShape(kernel, 'weight', weight, [n])
  checkShape(kernel, 'out', out, x.shape)
  checkShape(kernel, 'inverses', inverses, [rows])
  checkApart('out', out, { weight, inverses })
  checkApart('inverses', inverses, { x, weight })
  if (!(epsilon >= 0)) throw new RangeError(`epsilon is ${epsilon}, must not be negative`)
  const args = [x.offset, weight.offset, out.offset, inverses.offset, n, epsilon] as const
  kernel.run('normalise', [...args], rows, 4 * rows * n)
}

export type NormBackwardOptions = {
  x: Tensor
  weight: Tensor
  inverses: Tensor
  dOut: Tensor
  /** Written, or added to where `accumulate` (a residual's gradient stands there already). */
  dX?: Tensor
  accumulate?: boolean
  /** [n], added to, rows ascending. */
  dWeight?: Tensor
}

/** dX (+)= r·(dOut·weight) − x·r³·mean(dOut·weight·x) and dWeight += Σ dOut·(x·r) */
export function normBackward(kernel: Kernel, options: NormBackwardOptions): void {
  const { x, weight, inverses, dOut, dX, accumulate = false, dWeight } = options
  const n = rowLength(x)
  const rows = rowCount(x)
  checkTensor(kernel, 'x', x)
  checkShape(kernel, 'weight', weight, [n])
  checkShape(kernel, 'inverses', inverses, [rows])
  checkShape(kernel, 'dOut', dOut, x.shape)
  if (dWeight) {
    checkShape(kernel, 'dWeight', dWeight, [n])
    checkApart('dWeight', dWeight, { x, weight, inverses, dOut, dX })
    const args = [x.offset, inverses.offset, dOut.offset, dWeight.offset, rows, n] as const
    kernel.run('normaliseWeightBackward', [...args], n, 2 * rows * n)
  }
  if (dX) {
    checkShape(kernel, 'dX', dX, x.shape)
    checkApart('dX', dX, { x, weight, inverses, ...(accumulate ? { dOut } : {}) })
    const args = [x.offset, weight.offset, inverses.offset, dOut.offset, dX.offset, n, accumulate ? 1 : 0] as const
    kernel.run('normaliseBackward', [...args], rows, 6 * rows * n)
  }
}
