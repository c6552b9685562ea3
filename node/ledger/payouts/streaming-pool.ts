/**
 * Income shared by holders without a loop (the accumulator of Synthetix's StakingRewards): a pool knows
 * what one share has earned since block 0; a holder remembers what that was at the last touch. Income
 * streams linearly, so that nobody buys in for a day: new income and what is left of the old are
 * spread over one window from now. Where a pool has no shares its stream stands still.
 *
 * Fixed point: rate and perShare are in wei·2⁻⁹⁶. What rounding loses stays with the contract.
 */
import type { CallContext, Place } from '../calls/context.ts'
import { type RecordOf, readRecord, recordLayout, writeRecord } from '../calls/storage-layout.ts'

const SCALE_BITS = 96n

export const poolLayout = recordLayout({
  /** Wei·2⁻⁹⁶ a second. */
  rate: 'uint192',
  /** Seconds: when the stream ends. */
  finish: 'uint64',
  /** What one share has earned since block 0. */
  perShare: 'uint256',
  updatedAt: 'uint64',
  /** Shares of all holders. */
  total: 'uint128',
})

export const holderLayout = recordLayout({
  shares: 'uint128',
  /** Wei earned until the holder's last touch and not yet collected. */
  accrued: 'uint128',
  /** The pool's perShare at that touch. */
  paidPerShare: 'uint256',
})

type Pool = RecordOf<typeof poolLayout>
type Holder = RecordOf<typeof holderLayout>

/** The pool at time `now`. */
function advance(pool: Pool, now: bigint): Pool {
  const until = now < pool.finish ? now : pool.finish
  const elapsed = until > pool.updatedAt ? until - pool.updatedAt : 0n
  if (pool.total === 0n) {
    const left = pool.finish > pool.updatedAt ? pool.finish - pool.updatedAt : 0n
    return { ...pool, finish: now + left, updatedAt: now }
  }
  return { ...pool, perShare: pool.perShare + (pool.rate * elapsed) / pool.total, updatedAt: now }
}

function accrued(pool: Pool, holder: Holder): bigint {
  return holder.accrued + ((holder.shares * (pool.perShare - holder.paidPerShare)) >> SCALE_BITS)
}

/** Adds wei to the stream, over `duration` seconds from now. False, and nothing done, where nobody holds a share. */
export function addIncome(context: CallContext, place: Place, amount: bigint, duration: bigint): boolean {
  const pool = advance(readRecord(context, place, poolLayout), context.now)
  if (pool.total === 0n) return false
  const left = pool.finish > context.now ? (pool.finish - context.now) * pool.rate : 0n
  pool.rate = (left + (amount << SCALE_BITS)) / duration
  pool.finish = context.now + duration
  writeRecord(context, place, poolLayout, pool)
  return true
}

/** Adds shares to a holder, or takes them away; what was earned stays the holder's. */
export function changeShares(context: CallContext, place: Place, holderPlace: Place, change: bigint): void {
  const pool = advance(readRecord(context, place, poolLayout), context.now)
  const holder = readRecord(context, holderPlace, holderLayout)
  writeRecord(context, holderPlace, holderLayout, {
    shares: holder.shares + change,
    accrued: accrued(pool, holder),
    paidPerShare: pool.perShare,
  })
  writeRecord(context, place, poolLayout, { ...pool, total: pool.total + change })
}

/** Moves shares between two holders: what either has earned stays its own. `from` holds at least so many. */
export function moveShares(context: CallContext, place: Place, from: Place, to: Place, amount: bigint): void {
  const pool = advance(readRecord(context, place, poolLayout), context.now)
  writeRecord(context, place, poolLayout, pool)
  for (const [holderPlace, change] of [
    [from, -amount],
    [to, amount],
  ] as const) {
    const holder = readRecord(context, holderPlace, holderLayout)
    writeRecord(context, holderPlace, holderLayout, {
      shares: holder.shares + change,
      accrued: accrued(pool, holder),
      paidPerShare: pool.perShare,
    })
  }
}

/** Takes what a holder has earned: the wei to pay out. */
export function takeIncome(context: CallContext, place: Place, holderPlace: Place): bigint {
  const pool = advance(readRecord(context, place, poolLayout), context.now)
  const holder = readRecord(context, holderPlace, holderLayout)
  const amount = accrued(pool, holder)
  writeRecord(context, place, poolLayout, pool)
  writeRecord(context, holderPlace, holderLayout, { accrued: 0n, paidPerShare: pool.perShare })
  return amount
}

/** What a holder could take now. */
export function incomeOf(context: CallContext, place: Place, holderPlace: Place): bigint {
  const pool = advance(readRecord(context, place, poolLayout), context.now)
  return accrued(pool, readRecord(context, holderPlace, holderLayout))
}

export function sharesOf(context: CallContext, place: Place, holderPlace: Place): { shares: bigint; total: bigint } {
  const { total } = readRecord(context, place, poolLayout, ['total'])
  const { shares } = readRecord(context, holderPlace, holderLayout, ['shares'])
  return { shares, total }
}

/**
 * A pool's shares, its holders' shares, and what it owes: what they have earned and not collected, and what is left of
 * the stream, in wei. For audits: it goes through all holders.
 */
export function poolState(
  context: CallContext,
  place: Place,
  holderPlaces: readonly Place[],
): { total: bigint; held: bigint; owed: bigint } {
  const pool = advance(readRecord(context, place, poolLayout), context.now)
  const left = pool.finish > context.now ? ((pool.finish - context.now) * pool.rate) >> SCALE_BITS : 0n
  let held = 0n
  let owed = left
  for (const holderPlace of holderPlaces) {
    const holder = readRecord(context, holderPlace, holderLayout)
    held += holder.shares
    owed += accrued(pool, holder)
  }
  return { total: pool.total, held, owed }
}
