/** Softmax over rows, whole or a part of each. */
import { placeIndices } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { checkMatrix, checkShape, scoped, type Tensor } from './tensor.ts'

/** Rough cost of one element, in multiply-adds. */
const COST = 40

/** Floats of every thread's room for one row: rounded up to four, and four more (assembly/softmax.ts). */
export function rowRoom(kernel: Kernel, n: number): number {
  return kernel.arena.allocate(kernel.threads * (Math.ceil(n / 4) * 4 + 4) * 4)
}

export type SoftmaxOptions = {
  x: Tensor
  /** May be x. */
  out: Tensor
  scale?: number
  /** First column of each row that counts; 0 if absent. */
  from?: ArrayLike<number>
  /** Column after the last that counts; all if absent. */
  to?: ArrayLike<number>
}

/** out = softmax of scale·x over columns from … to − 1 of each row (at least one), 0 elsewhere. */
export function softmax(kernel: Kernel, { x, out, scale = 1, from, to }: SoftmaxOptions): void {
  const [rows, n] = checkMatrix(kernel, 'x', x)
  checkShape(kernel, 'out', out, x.shape)
  const first = from ?? new Int32Array(rows)
  const end = to ?? new Int32Array(rows).fill(n)
  if (first.length !== rows || end.length !== rows) throw new RangeError(`from and to must have ${rows} entries`)
  for (let row = 0; row < rows; row++) {
    if (!(first[row]! < end[row]!)) throw new RangeError(`row ${row} counts no column: ${first[row]} to ${end[row]}`)
  }
  scoped(kernel, () => {
    const firstAt = placeIndices(kernel, 'from', first, n)
    const endAt = placeIndices(kernel, 'to', end, n + 1)
    const args = [x.offset, out.offset, firstAt, endAt, n, scale, rowRoom(kernel, n)] as const
    kernel.run('softmax', [...args], rows, COST * rows * n)
  })
}

/** dX = scale·out·(dOut − Σ out·dOut) by rows; dX may be dOut. */
export function softmaxBackward(
  kernel: Kernel,
  { out, dOut, dX, scale = 1 }: { out: Tensor; dOut: Tensor; dX: Tensor; scale?: number },
): void {
  const [rows, n] = checkMatrix(kernel, 'out', out)
  checkShape(kernel, 'dOut', dOut, out.shape)
  checkShape(kernel, 'dX', dX, out.shape)
  kernel.run('softmaxBackward', [out.offset, dOut.offset, dX.offset, n, scale], rows, 4 * rows * n)
}
