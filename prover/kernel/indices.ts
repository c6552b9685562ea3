/** Indices (token ids, targets, positions) on their way into the kernel: checked, and copied beside the tensors. */
import type { Kernel } from './kernel.ts'

/** Copies indices of 0 … limit − 1 (or from `least`) as 32-bit integers; returns their address. Call it inside scoped(). */
export function placeIndices(
  kernel: Kernel,
  name: string,
  indices: ArrayLike<number>,
  limit: number,
  least = 0,
): number {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!
    if (!(Number.isInteger(index) && index >= least && index < limit))
      throw new RangeError(`${name}[${i}] is ${index}, must be ${least} to ${limit - 1}`)
  }
  const address = kernel.arena.allocate(indices.length * 4)
  new Int32Array(kernel.memory.buffer, address, indices.length).set(indices)
  return address
}

export function placeBytes(kernel: Kernel, bytes: Uint8Array): number {
  const address = kernel.arena.allocate(bytes.length)
  new Uint8Array(kernel.memory.buffer, address, bytes.length).set(bytes)
  return address
}

/** A copy of bytes that the kernel wrote. */
export function bytesAt(kernel: Kernel, address: number, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new Uint8Array(kernel.memory.buffer, address, length))
}
