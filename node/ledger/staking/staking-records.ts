/**
 * What Staking holds of one account in one role, and the two things that other contracts do with it:
 * ask whether it is staked, and lock part of it behind a settlement until that matures. A stake backs
 * one role: roles have separate records.
 */
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, readRecord, recordLayout, variable, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { changeShares } from '../payouts/streaming-pool.ts'
import { setDrawable } from './validator-tree.ts'

export type StakeRole = (typeof STAKE_ROLE)[keyof typeof STAKE_ROLE]

export const stakeLayout = recordLayout({
  /** Wei that backs the role. */
  amount: 'uint128',
  /** Part of `amount` behind settlements that have not matured. */
  locked: 'uint128',
  /** Wei on its way out. */
  unstaking: 'uint128',
  /** Seconds. */
  withdrawableAt: 'uint64',
})

/** stakes[role][account]. */
const stakes = variable(NATIVE.staking, 0)
/** Wei staked by role. */
const totals = variable(NATIVE.staking, 1)
/** The stakers' income: one pool over all roles. */
export const stakersPool = variable(NATIVE.staking, 8)
/** stakers[role][account]: holders of that pool. */
const stakerHolders = variable(NATIVE.staking, 2)

const LEAST_STAKE = {
  [STAKE_ROLE.prover]: 'minProverStake',
  [STAKE_ROLE.validator]: 'minValidatorStake',
  [STAKE_ROLE.curator]: 'minCuratorStake',
} as const

export function stakeRole(role: number): StakeRole | undefined {
  return role === STAKE_ROLE.prover || role === STAKE_ROLE.validator || role === STAKE_ROLE.curator ? role : undefined
}

export function stakePlace(context: CallContext, account: Address, role: StakeRole): Place {
  return at(context, at(context, stakes, BigInt(role)), account)
}

export function stakerPlace(context: CallContext, account: Address, role: StakeRole): Place {
  return at(context, at(context, stakerHolders, BigInt(role)), account)
}

export function totalPlace(context: CallContext, role: StakeRole): Place {
  return at(context, totals, BigInt(role))
}

export function leastStake(context: CallContext, role: StakeRole): bigint {
  return parameter(context, LEAST_STAKE[role])
}

/** The account's stake in the role: 0n where it is below the role's least. */
export function activeStake(context: CallContext, account: Address, role: StakeRole): bigint {
  const { amount } = readRecord(context, stakePlace(context, account, role), stakeLayout, ['amount'])
  return amount >= leastStake(context, role) ? amount : 0n
}

/** Locks a prover's stake behind a settlement. False, and nothing done, where less is free. */
export function lockStake(context: CallContext, prover: Address, amount: bigint): boolean {
  const place = stakePlace(context, prover, STAKE_ROLE.prover)
  const stake = readRecord(context, place, stakeLayout, ['amount', 'locked'])
  if (stake.amount - stake.locked < amount) return false
  writeRecord(context, place, stakeLayout, { locked: stake.locked + amount })
  return true
}

/** Locks a validator's stake for a duty: as much of `amount` as is free. Returns how much. */
export function lockForDuty(context: CallContext, validator: Address, amount: bigint): bigint {
  const place = stakePlace(context, validator, STAKE_ROLE.validator)
  const stake = readRecord(context, place, stakeLayout, ['amount', 'locked'])
  const free = stake.amount - stake.locked
  const locked = free < amount ? free : amount
  writeRecord(context, place, stakeLayout, { locked: stake.locked + locked })
  followStake(context, validator, STAKE_ROLE.validator)
  return locked
}

export function unlockStake(
  context: CallContext,
  account: Address,
  amount: bigint,
  role: StakeRole = STAKE_ROLE.prover,
): void {
  const place = stakePlace(context, account, role)
  const { locked } = readRecord(context, place, stakeLayout, ['locked'])
  writeRecord(context, place, stakeLayout, { locked: locked - amount })
  followStake(context, account, role)
}

/**
 * Tells the draws of a validator's stake, after every change: what is free of it counts, where all of it reaches the
 * role's least. Below that it has no place: places are few, and a wei in each would keep everybody else out.
 */
function followStake(context: CallContext, account: Address, role: StakeRole): void {
  if (role !== STAKE_ROLE.validator) return
  const stake = readRecord(context, stakePlace(context, account, role), stakeLayout, ['amount', 'locked'])
  const reaches = stake.amount >= leastStake(context, role)
  setDrawable(context, account, reaches ? stake.amount - stake.locked : 0n, reaches)
}

/** Takes locked stake away for good: out of the stake, its lock, the role's total and the income pool. */
export function slashLocked(context: CallContext, account: Address, role: StakeRole, amount: bigint): void {
  const place = stakePlace(context, account, role)
  const stake = readRecord(context, place, stakeLayout, ['amount', 'locked'])
  writeRecord(context, place, stakeLayout, { amount: stake.amount - amount, locked: stake.locked - amount })
  changeStakeTotals(context, account, role, -amount)
}

/** Moves the role's total, the account's part of the income pool and its weight in draws, once its stake has moved by `change` wei. */
export function changeStakeTotals(context: CallContext, account: Address, role: StakeRole, change: bigint): void {
  const total = totalPlace(context, role)
  context.write(total, context.read(total) + change)
  changeShares(context, stakersPool, stakerPlace(context, account, role), change)
  followStake(context, account, role)
}
