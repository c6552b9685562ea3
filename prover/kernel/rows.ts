/** Operations on the rows of a tensor, all sizes but the last taken together. */
import { placeIndices } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { checkApart, checkMatrix, checkShape, checkTensor, rowCount, rowLength, scoped, type Tensor } from './tensor.ts'

/** target = x + bias, bias of one row to every row. target may be x. */
export function addToRows(kernel: Kernel, { x, bias, target }: { x: Tensor; bias: Tensor; target: Tensor }): void {
  const n = rowLength(x)
  checkTensor(kernel, 'x', x)
  checkShape(kernel, 'bias', bias, [n])
  checkShape(kernel, 'target', target, x.shape)
  checkApart('target', target, { bias })
  const rows = rowCount(x)
  kernel.run('addToRows', [x.offset, bias.offset, target.offset, n], rows, rows * n)
}

/** target += the sum of x's rows, rows ascending: the gradient of a bias. */
export function addRowsUp(kernel: Kernel, { x, target }: { x: Tensor; target: Tensor }): void {
  const n = rowLength(x)
  checkTensor(kernel, 'x', x)
  checkShape(kernel, 'target', target, [n])
  checkApart('target', target, { x })
  const rows = rowCount(x)
  kernel.run('addRowsUp', [x.offset, target.offset, rows, n], n, rows * n)
}

/** target [n × rows] = xᵀ */
export function transpose(kernel: Kernel, { x, target }: { x: Tensor; target: Tensor }): void {
  const [rows, n] = checkMatrix(kernel, 'x', x)
  checkShape(kernel, 'target', target, [n, rows])
  checkApart('target', target, { x })
  kernel.run('transpose', [x.offset, target.offset, rows, n], rows, 2 * rows * n)
}

/** target[row][i] = x[row][columns[i]]: a seeded subsample of coordinates. */
export function takeColumns(
  kernel: Kernel,
  { x, columns, target }: { x: Tensor; columns: Uint32Array; target: Tensor },
): void {
  const [rows, n] = checkMatrix(kernel, 'x', x)
  checkShape(kernel, 'target', target, [rows, columns.length])
  checkApart('target', target, { x })
  scoped(kernel, () => {
    const at = placeIndices(kernel, 'columns', columns, n)
    const { length } = columns
    kernel.run('takeColumns', [x.offset, at, target.offset, n, length], rows, 2 * rows * length)
  })
}
