/** Cross entropy of next-token logits, and its gradient. */
import { placeIndices } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { rowRoom } from './softmax.ts'
import { checkApart, checkMatrix, checkShape, scoped, type Tensor } from './tensor.ts'

/** Rough cost of one element, in multiply-adds. */
const COST = 40

export type CrossEntropyOptions = {
  /** [tokens × vocabulary] */
  logits: Tensor
  /** The token that came, for every row; −1: the row counts for nothing (loss 0, gradient 0). */
  targets: ArrayLike<number>
  /** [tokens]: takes −ln softmax(logits)[target], in nats. */
  losses: Tensor
  /** Takes gradientScale·(softmax − [target]); may be logits. Absent: no gradient. */
  dLogits?: Tensor
  /** 1/number of tokens that count, for a mean; 1 if absent. */
  gradientScale?: number
}

export function crossEntropy(kernel: Kernel, options: CrossEntropyOptions): void {
  const { logits, targets, losses, dLogits, gradientScale = 1 } = options
  const [rows, n] = checkMatrix(kernel, 'logits', logits)
  if (targets.length !== rows) throw new RangeError(`${targets.length} targets for ${rows} rows of logits`)
  checkShape(kernel, 'losses', losses, [rows])
  if (dLogits) checkShape(kernel, 'dLogits', dLogits, logits.shape)
  checkApart('losses', losses, { logits, dLogits })
  if (n === 0 && rows > 0) throw new RangeError('logits have no columns')
  scoped(kernel, () => {
    const at = placeIndices(kernel, 'targets', targets, n, -1)
    const room = rowRoom(kernel, n)
    const args = [logits.offset, at, losses.offset, dLogits?.offset ?? 0, n, gradientScale, room] as const
    kernel.run('crossEntropy', [...args], rows, COST * rows * n)
  })
}
