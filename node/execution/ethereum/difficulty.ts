/** How hard a block of the years before the merge had to be (yellow paper, EIP-2, EIP-100, EIP-649 and its successors). */
import { greater } from '../bytes.ts'
import type { DifficultyRule } from '../rules.ts'

const MINIMUM = 131_072n
const BOUND_DIVISOR = 2_048n
/** The ice age thickens every so many blocks. */
const BOMB_PERIOD = 100_000n
/** Seconds between blocks below which difficulty rises: Frontier's. */
const FRONTIER_DURATION = 13n
const LOWEST_ADJUSTMENT = -99n

export type DifficultyParent = {
  number: bigint
  timestamp: bigint
  difficulty: bigint
  hasOmmers: boolean
}

/** Difficulty of the child of `parent` at this time. */
export function difficultyAfter(
  { adjustment, bombDelay }: DifficultyRule,
  parent: DifficultyParent,
  timestamp: bigint,
): bigint {
  const step = parent.difficulty / BOUND_DIVISOR
  const elapsed = timestamp - parent.timestamp
  const adjusted = greater(parent.difficulty + step * ADJUSTMENTS[adjustment](elapsed, parent), MINIMUM)
  return greater(adjusted + bomb(parent.number + 1n, bombDelay), MINIMUM)
}

const ADJUSTMENTS: Record<DifficultyRule['adjustment'], (elapsed: bigint, parent: DifficultyParent) => bigint> = {
  frontier: (elapsed) => (elapsed < FRONTIER_DURATION ? 1n : -1n),
  homestead: (elapsed) => greater(1n - elapsed / 10n, LOWEST_ADJUSTMENT),
  byzantium: (elapsed, { hasOmmers }) => greater((hasOmmers ? 2n : 1n) - elapsed / 9n, LOWEST_ADJUSTMENT),
}

/** 2^(period − 2) from the second period on. */
function bomb(number: bigint, delay: bigint): bigint {
  const period = greater(number - delay, 0n) / BOMB_PERIOD
  return period < 2n ? 0n : 1n << (period - 2n)
}
