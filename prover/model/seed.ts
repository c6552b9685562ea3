/** Seeds from one seed: the words of its own stream, so that streams of neighbouring seeds share nothing. */
import { type Kernel, randomBits } from '../kernel/f32.ts'

/** `count` seeds of 64 bits. Those of a smaller count are the first of them. */
export function drawSeeds(kernel: Kernel, seed: bigint, count: number): bigint[] {
  const bytes = randomBits(kernel, seed, 64 * count)
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: count }, (_, i) => words.getBigUint64(8 * i, true))
}
