/**
 * The split of a fee as docs/protocol.md, "Attribution", says it, in exact fractions and from what people asked for, not from
 * the ledger's records: slow, and independent of the code that pays. Rounding is all that the two may differ by.
 */
import type { ParameterName } from '../../../genesis/parameters.ts'

/** n/d, d > 0. */
export type Fraction = { n: bigint; d: bigint }

const fraction = (n: bigint, d = 1n): Fraction => ({ n, d })
const times = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.n, a.d * b.d)
const plus = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d + b.n * a.d, a.d * b.d)
const minus = (a: Fraction, b: Fraction): Fraction => plus(a, fraction(-b.n, b.d))
const total = (all: readonly Fraction[]): Fraction => all.reduce(plus, fraction(0n))
const bps = (points: bigint | number): Fraction => fraction(BigInt(points), 10_000n)

export type ExactPlan = {
  fee: bigint
  openable: boolean
  parameters: Readonly<Record<ParameterName, bigint>>
  datanets: readonly { runBps: number; governedBps: number; curated: boolean; revenueShareBps: number }[]
  /** Of each entry: raw above theta, and scale. */
  entries: readonly { above: bigint; scale: number }[]
  /** Models in the version's line, its own the first. */
  line: number
}

export type ExactShares = {
  /** By entry, Datanet, or place in the line. */
  entries: Fraction[]
  datanets: Fraction[]
  owners: Fraction[]
  curators: Fraction[]
  subsidies: Fraction[]
  compute: Fraction
  stakers: Fraction
  /** Of the curators' part: what Datanets without curators leave. */
  uncurated: Fraction
  treasury: Fraction
}

export function exactShares(plan: ExactPlan): ExactShares {
  const { datanets, entries, openable, parameters } = plan
  const fee = fraction(plan.fee)
  const part = (name: ParameterName) => times(fee, bps(parameters[name]))
  const quality = openable && entries.length > 0 ? bps(parameters.unmeasuredQualityBps) : fraction(0n)
  const byEntries = times(part('contributorsBps'), quality)
  const byDatanets = minus(part('contributorsBps'), byEntries)
  const weights = entries.map(({ above, scale }) => above * BigInt(scale))
  const whole = weights.reduce((sum, weight) => sum + weight, 0n)
  const revenue = datanets.map(({ runBps, revenueShareBps }) =>
    times(part('modelOwnerBps'), times(bps(runBps), bps(revenueShareBps))),
  )
  const ofCurators = datanets.map(({ runBps, curated }) =>
    curated ? times(part('curatorsBps'), bps(runBps)) : fraction(0n),
  )
  const subsidies = datanets.map(({ runBps, governedBps }) =>
    times(part('subsidyBps'), times(bps(runBps), bps(governedBps))),
  )
  return {
    entries: weights.map((weight) => times(byEntries, fraction(weight, whole))),
    datanets: datanets.map(({ runBps }, i) => plus(times(byDatanets, bps(runBps)), revenue[i]!)),
    owners: upTheLine(minus(part('modelOwnerBps'), total(revenue)), plan.line, bps(parameters.lineageShareBps)),
    curators: ofCurators,
    subsidies,
    compute: part('computeBps'),
    stakers: part('stakersBps'),
    uncurated: minus(part('curatorsBps'), total(ofCurators)),
    treasury: minus(part('treasuryBps'), total(subsidies)),
  }
}

/** Each passes the same part of what it gets on to the next; the last has none to pass it to. */
function upTheLine(amount: Fraction, line: number, passed: Fraction): Fraction[] {
  const shares: Fraction[] = []
  let left = amount
  for (let at = 0; at < line; at++) {
    const on = at === line - 1 ? fraction(0n) : times(left, passed)
    shares.push(minus(left, on))
    left = on
  }
  return shares
}

/** Whether an amount lies less than `wei` from its exact share. */
export function isWithin(amount: bigint, { n, d }: Fraction, wei: bigint): boolean {
  const difference = amount * d - n
  return (difference < 0n ? -difference : difference) < wei * d
}
