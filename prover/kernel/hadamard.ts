/** The randomised Hadamard transform: seeded signs, then the fast Walsh–Hadamard transform. */
import { placeBytes } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { checkTensor, rowCount, rowLength, scoped, type Tensor } from './tensor.ts'

/**
 * Transforms each row of x in place; n, its length, is a power of two. First x[i] changes sign where bit i of `signs` (n/8 bytes,
 * least significant bit first, 1 is plus) is 0. Not normalised: a row's length grows by √n. The bits are those of
 * stage after stage, half = 1, 2, 4, …, as in protocol/lexical.ts.
 */
export function hadamard(kernel: Kernel, { x, signs }: { x: Tensor; signs?: Uint8Array }): void {
  checkTensor(kernel, 'x', x)
  const n = rowLength(x)
  const rows = rowCount(x)
  if (n < 1 || (n & (n - 1)) !== 0) throw new RangeError(`rows of ${n} floats: must be a power of two`)
  if (signs && signs.length !== Math.ceil(n / 8))
    throw new RangeError(`signs has ${signs.length} bytes, expected ${Math.ceil(n / 8)}`)
  scoped(kernel, () => {
    if (signs) kernel.run('applySigns', [x.offset, placeBytes(kernel, signs), n], rows, rows * n)
    const stages = 32 - Math.clz32(n)
    kernel.run('hadamard', [x.offset, n], rows, rows * n * stages)
  })
}
