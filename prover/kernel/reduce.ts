/** Sums over whole tensors, in doubles: chunks of 4,096 floats, each in a fixed order, then the chunks in ascending order. */
import type { Kernel } from './kernel.ts'
import { checkTensor, scoped, sizeOf, type Tensor } from './tensor.ts'

const CHUNK = 4096

function sumOfChunks(kernel: Kernel, size: number, run: (partials: number, chunks: number) => void): number {
  return scoped(kernel, () => {
    const chunks = Math.ceil(size / CHUNK)
    const at = kernel.arena.allocate(chunks * 8)
    run(at, chunks)
    return new Float64Array(kernel.memory.buffer, at, chunks).reduce((total, partial) => total + partial, 0)
  })
}

/** Σ a·b; the two have as many floats. */
export function dot(kernel: Kernel, a: Tensor, b: Tensor): number {
  checkTensor(kernel, 'a', a)
  checkTensor(kernel, 'b', b)
  const size = sizeOf(a.shape)
  if (sizeOf(b.shape) !== size) throw new RangeError(`a has ${size} floats, b ${sizeOf(b.shape)}`)
  return sumOfChunks(kernel, size, (partials, chunks) => {
    kernel.run('dotChunks', [a.offset, b.offset, partials, size], chunks, 2 * size)
  })
}

/** Σ x */
export function sum(kernel: Kernel, x: Tensor): number {
  checkTensor(kernel, 'x', x)
  const size = sizeOf(x.shape)
  return sumOfChunks(kernel, size, (partials, chunks) => {
    kernel.run('sumChunks', [x.offset, partials, size], chunks, 4 * size)
  })
}

/** √Σ x² over all tensors together, in the order given: what gradients are clipped by. */
export function norm(kernel: Kernel, tensors: readonly Tensor[]): number {
  const squares = tensors.reduce((total, tensor) => total + dot(kernel, tensor, tensor), 0)
  return kernel.exports.squareRoot(squares)
}

/** Index of the first float that is NaN or infinite; undefined where all are finite. */
export function firstNonFinite(kernel: Kernel, x: Tensor): number | undefined {
  checkTensor(kernel, 'x', x)
  const size = sizeOf(x.shape)
  const index = kernel.exports.firstNonFinite(x.offset, size)
  return index === size ? undefined : index
}

/** Whether a result may be kept: any NaN or infinity voids a row or a step. */
export function allFinite(kernel: Kernel, x: Tensor): boolean {
  return firstNonFinite(kernel, x) === undefined
}
