/** Seeded numbers for tests, drawn without the kernel: floats that are exact in f32. */
import { allocate, type Kernel, type Shape, sizeOf, type Tensor, write } from '../f32.ts'

/** xorshift32: 32 bits a call. */
export function drawer(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  }
}

/** Floats of −2 … 2, the sum of two uniform ones. */
export function drawn(size: number, seed: number): Float32Array {
  const draw = drawer(seed)
  return Float32Array.from({ length: size }, () => (draw() >> 8) / 2 ** 23 + (draw() >> 8) / 2 ** 23)
}

/** A new tensor of drawn floats. */
export function drawnTensor(kernel: Kernel, shape: Shape, seed: number): Tensor {
  const tensor = allocate(kernel, shape)
  write(kernel, tensor, drawn(sizeOf(shape), seed))
  return tensor
}
