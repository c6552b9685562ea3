/**
 * Rotary position embedding (Su et al. 2021). Its variants are data: a frequency (radians a position) for every pair of
 * coordinates, and a factor on both tables. Tables are rounded once from doubles of our own sin and cos.
 */
import { placeIndices } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { power } from './scalar.ts'
import { allocate, checkMatrix, checkShape, scoped, type Tensor } from './tensor.ts'

/** cos and sin, [positions × pairs]. */
export type RotaryTables = { cosines: Tensor; sines: Tensor }

/** theta^(−2i/dims) for i < dims/2: the frequencies of a model without scaling. */
export function rotaryFrequencies(kernel: Kernel, { theta, dims }: { theta: number; dims: number }): number[] {
  if (!Number.isInteger(dims / 2) || dims <= 0) throw new RangeError(`dims is ${dims}, must be even and positive`)
  return Array.from({ length: dims / 2 }, (_, i) => power(kernel, theta, (-2 * i) / dims))
}

/** Largest angle that sin and cos take (assembly/trigonometry.ts). */
const FARTHEST = 2 ** 22

/** New tables of positions 0 … positions − 1: factor·cos and factor·sin of position·frequencies[i]. */
export function rotaryTables(
  kernel: Kernel,
  { frequencies, positions, factor = 1 }: { frequencies: readonly number[]; positions: number; factor?: number },
): RotaryTables {
  const n = frequencies.length
  const far = frequencies.find((frequency) => !(Math.abs(frequency) * positions <= FARTHEST))
  if (far !== undefined) throw new RangeError(`frequency ${far} at position ${positions} passes 2²² radians`)
  const cosines = allocate(kernel, [positions, n])
  const sines = allocate(kernel, [positions, n])
  scoped(kernel, () => {
    const at = kernel.arena.allocate(n * 8)
    new Float64Array(kernel.memory.buffer, at, n).set(frequencies)
    kernel.run('rotaryTables', [at, n, factor, cosines.offset, sines.offset], positions, 100 * positions * n)
  })
  return { cosines, sines }
}

export type RotaryOptions = {
  /** [tokens × heads·dims], turned in place. */
  x: Tensor
  heads: number
  tables: RotaryTables
  /** Position of every token: its row of the tables. */
  positions: ArrayLike<number>
  /** Turns back: what it does to a gradient. */
  backward?: boolean
}

/**
 * Turns coordinates i and i + n of every head by the angle of its token's position, n = pairs of the tables; coordinates from
 * 2n on stay as they are.
 */
export function rotary(kernel: Kernel, { x, heads, tables, positions, backward = false }: RotaryOptions): void {
  const [tokens, width] = checkMatrix(kernel, 'x', x)
  const [count, n] = checkMatrix(kernel, 'cosines', tables.cosines)
  checkShape(kernel, 'sines', tables.sines, [count, n])
  if (positions.length !== tokens) throw new RangeError(`${positions.length} positions for ${tokens} tokens`)
  const dims = width / heads
  if (!Number.isInteger(dims) || dims < 2 * n)
    throw new RangeError(`${heads} heads of ${width} coordinates have no room for ${n} pairs each`)
  scoped(kernel, () => {
    const at = placeIndices(kernel, 'positions', positions, count)
    const { cosines, sines } = tables
    const args = [x.offset, at, cosines.offset, sines.offset, heads, dims, n, backward ? -1 : 1] as const
    kernel.run('rotate', [...args], tokens, 3 * tokens * width)
  })
}
