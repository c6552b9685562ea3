/** Who gets how much of a fee: exact division of wei (docs/protocol.md, "Attribution"). */
import { Wei } from '../genesis/units.ts'

/** Basis points of a fee by receiver; the six add up to 10,000. */
export type FeeSplit = {
  contributors: bigint
  modelOwner: bigint
  compute: bigint
  stakers: bigint
  curators: bigint
  treasury: bigint
}

export const BPS = 10_000n

/**
 * Splits `pool` in proportion to `weights` (≥ 0): ⌊pool·weight/Σweight⌋ each; what is left goes one wei
 * at a time by largest fraction, then lowest index. The parts add up to `pool`; where all weights
 * are 0 nothing is given and every part is 0.
 */
export function splitByWeights(pool: bigint, weights: readonly bigint[]): bigint[] {
  if (pool < 0n) throw new RangeError(`pool ${pool} is negative`)
  let total = 0n
  for (const weight of weights) {
    if (weight < 0n) throw new RangeError(`weight ${weight} is negative`)
    total += weight
  }
  if (total === 0n) return weights.map(() => 0n)
  const parts = weights.map((weight) => (pool * weight) / total)
  const fractions = weights.map((weight, index) => ({ index, fraction: (pool * weight) % total }))
  fractions.sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1))
  const left = Number(pool - parts.reduce((sum, part) => sum + part, 0n))
  for (const { index } of fractions.slice(0, left)) parts[index] = parts[index]! + 1n
  return parts
}

/** Weight of each entry in the contributors' pool: (raw − theta)·scale, above 0 for well-formed entries. */
export function entryWeights(entries: readonly { raw: number; scale: number }[], theta: bigint): bigint[] {
  return entries.map(({ raw, scale }) => (BigInt(raw) - theta) * BigInt(scale))
}

/** Splits a fee by basis points, each part rounded down; the dust goes to the treasury. */
export function splitFee(fee: Wei, bps: FeeSplit): Record<keyof FeeSplit, Wei> {
  const part = (points: bigint): Wei => Wei((fee * points) / BPS)
  const parts = {
    contributors: part(bps.contributors),
    modelOwner: part(bps.modelOwner),
    compute: part(bps.compute),
    stakers: part(bps.stakers),
    curators: part(bps.curators),
  }
  const given = parts.contributors + parts.modelOwner + parts.compute + parts.stakers + parts.curators
  if (given > fee) throw new RangeError('the fee split adds up to more than 10,000 basis points')
  return { ...parts, treasury: Wei(fee - given) }
}
