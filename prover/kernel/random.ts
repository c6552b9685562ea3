/** Seeded numbers: each depends on the seed (64 bits) and its own index only (SplitMix64, assembly/random.ts). */
import { bytesAt } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { checkTensor, scoped, sizeOf, type Tensor } from './tensor.ts'

const WORD = 0xffff_ffffn

function halves(seed: bigint): [low: number, high: number] {
  if (seed < 0n || seed >> 64n !== 0n) throw new RangeError(`seed is ${seed}, must have 64 bits`)
  return [Number(seed & WORD), Number(seed >> 32n)]
}

/** target = normal numbers of mean 0 */
export function fillNormal(
  kernel: Kernel,
  target: Tensor,
  { seed, deviation }: { seed: bigint; deviation: number },
): void {
  checkTensor(kernel, 'target', target)
  const size = sizeOf(target.shape)
  kernel.run('normal', [target.offset, ...halves(seed), deviation], size, 200 * size)
}

/** target = numbers of low … high */
export function fillUniform(
  kernel: Kernel,
  target: Tensor,
  { seed, low, high }: { seed: bigint; low: number; high: number },
): void {
  checkTensor(kernel, 'target', target)
  const size = sizeOf(target.shape)
  kernel.run('uniform', [target.offset, ...halves(seed), low, high], size, 10 * size)
}

/** `count` random bits (a multiple of 8), least significant first: signs for hadamard. */
export function randomBits(kernel: Kernel, seed: bigint, count: number): Uint8Array {
  if (!Number.isInteger(count / 8) || count < 0) throw new RangeError(`count is ${count}, must be a multiple of 8`)
  return scoped(kernel, () => {
    const at = kernel.arena.allocate(count / 8)
    kernel.exports.randomBytes(at, ...halves(seed), count / 8)
    return bytesAt(kernel, at, count / 8)
  })
}
