/** Embeddings: rows of a table by token id, and back. */
import { placeIndices } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { checkApart, checkMatrix, checkShape, scoped, type Tensor } from './tensor.ts'

/** out[t] = table[ids[t]] */
export function embeddings(
  kernel: Kernel,
  { table, ids, out }: { table: Tensor; ids: ArrayLike<number>; out: Tensor },
): void {
  const [count, n] = checkMatrix(kernel, 'table', table)
  checkShape(kernel, 'out', out, [ids.length, n])
  checkApart('out', out, { table })
  scoped(kernel, () => {
    const at = placeIndices(kernel, 'ids', ids, count)
    kernel.run('gatherRows', [table.offset, at, out.offset, n], ids.length, ids.length * n)
  })
}

/** dTable[ids[t]] += dOut[t], t ascending. */
export function addToEmbeddings(
  kernel: Kernel,
  { dTable, ids, dOut }: { dTable: Tensor; ids: ArrayLike<number>; dOut: Tensor },
): void {
  const [count, n] = checkMatrix(kernel, 'dTable', dTable)
  checkShape(kernel, 'dOut', dOut, [ids.length, n])
  checkApart('dTable', dTable, { dOut })
  scoped(kernel, () => {
    const at = placeIndices(kernel, 'ids', ids, count)
    kernel.run('scatterRows', [dTable.offset, at, dOut.offset, ids.length, n], n, ids.length * n)
  })
}
