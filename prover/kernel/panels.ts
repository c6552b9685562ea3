/**
 * A weight laid down once more for products with one row or few: in panels, which such a product reads from end to end
 * (assembly/panels.ts). Several times as fast as matmulTransposedB with one row, in the same bits.
 */
import type { Kernel } from './kernel.ts'
import { allocate, checkApart, checkMatrix, checkShape, checkTensor, shapeText, type Tensor } from './tensor.ts'

/** Columns of a panel. */
const WIDTH = 32

/** Of a weight [n × k]. */
export type Panels = { readonly n: number; readonly k: number; readonly floats: Tensor }

/** A copy of b [n × k], in the arena. Throws MemoryBudgetError. */
export function panelsOf(kernel: Kernel, b: Tensor): Panels {
  const [n, k] = checkMatrix(kernel, 'b', b)
  const count = Math.ceil(n / WIDTH)
  const floats = allocate(kernel, [count, k, WIDTH])
  kernel.run('layPanels', [b.offset, floats.offset, n, k], count, count * WIDTH * k)
  return { n, k, floats }
}

/** out [m × n] = A [m × k] · Bᵀ, B [n × k] in panels. `out` overlaps neither. */
export function matmulPanels(kernel: Kernel, { a, b, out }: { a: Tensor; b: Panels; out: Tensor }): void {
  const [m, k] = checkMatrix(kernel, 'a', a)
  if (k !== b.k) throw new RangeError(`a is ${shapeText(a.shape)}: each element has ${b.k} terms in b`)
  checkTensor(kernel, 'b', b.floats)
  checkShape(kernel, 'out', out, [m, b.n])
  checkApart('out', out, { a, b: b.floats })
  const args = [a.offset, b.floats.offset, out.offset, m, b.n, k, kernel.rooms] as const
  kernel.run('multiplyPanels', [...args], b.floats.shape[0]!, m * b.n * k)
}
