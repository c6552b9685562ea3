/**
 * The subsampled randomised Hadamard transform (Ailon and Chazelle 2006; Tropp 2011): a long vector as DIMS coordinates whose inner
 * products are, on average, those of the whole, each coordinate carrying a little of everything.
 *
 * The vector is padded with zeros to n, the next power of two (at least DIMS); signs from the seed; Hadamard of length n; from each run of n/DIMS coordinates
 * one is kept, drawn from the seed. Drawing one of each run keeps what drawing from all has: a pair of inputs that differ in the low bits
 * of their places meets independent signs, and one that differs only above meets as many equal as unequal ones.
 *
 * The seed's words (kernel's stream): signs ‖ columns ‖ ties. A vector beyond {@link MOST_FLOATS} is refused: project first (LoGra) or
 * adapt fewer layers.
 */
import { DIMS } from '../../protocol/row.ts'
import { hadamard, type Kernel, randomBits, reshape, rowLength, type Tensor, takeColumns } from '../kernel/f32.ts'
import { drawSeeds } from '../model/seed.ts'

/** 256 MiB. */
export const MOST_FLOATS = 2 ** 26

export type Sketch = {
  /** Floats of the padded vector. */
  readonly size: number
  /** size/8 bytes. */
  readonly signs: Uint8Array
  /** DIMS places, ascending. */
  readonly columns: Uint32Array
  /** DIMS/8 bytes: the signs of coordinates that are exactly 0. */
  readonly ties: Uint8Array
}

/** For vectors of `length` floats. `seed`: 64 bits. Throws RangeError where they are too long. */
export function sketchOf(kernel: Kernel, length: number, seed: bigint): Sketch {
  let size = DIMS
  while (size < length) size *= 2
  if (size > MOST_FLOATS)
    throw new RangeError(
      `a gradient of ${length} floats is longer than ${MOST_FLOATS}: adapt fewer layers or take a lower rank`,
    )
  const [signs, columns, ties] = drawSeeds(kernel, seed, 3)
  return {
    size,
    signs: randomBits(kernel, signs!, size),
    columns: columnsOf(randomBits(kernel, columns!, 32 * DIMS), size / DIMS),
    ties: randomBits(kernel, ties!, DIMS),
  }
}

/** One place of each run of `run` (a power of two), by the low bits of the words. */
function columnsOf(bytes: Uint8Array, run: number): Uint32Array {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: DIMS }, (_, k) => k * run + (words.getUint32(4 * k, true) & (run - 1)))
}

/** Transforms x [size] in place; writes the kept coordinates to out [DIMS]. Not normalised: out's length is about √DIMS times x's. */
export function project(kernel: Kernel, { size, signs, columns }: Sketch, x: Tensor, out: Tensor): void {
  if (rowLength(x) !== size) throw new RangeError(`a vector of ${rowLength(x)} floats, must be ${size}`)
  hadamard(kernel, { x, signs })
  takeColumns(kernel, { x: reshape(x, [1, size]), columns, target: reshape(out, [1, DIMS]) })
}
