/**
 * Staking (native contract 05): provers', validators' and curators' stake (docs/protocol.md, "Staking").
 * Stake leaves in two steps with a delay longer than any dispute; locked stake stays. The stakers'
 * share of fees accrues per wei of stake, in whatever role.
 */
import { stakingAbi } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { nativeContract, nativeFace, plainAddress } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { incomeOf, takeIncome } from '../payouts/streaming-pool.ts'
import {
  changeStakeTotals,
  leastStake,
  type StakeRole,
  stakeLayout,
  stakePlace,
  stakeRole,
  stakerPlace,
  stakersPool,
  totalPlace,
} from './staking-records.ts'

const face = nativeFace(NATIVE.staking, stakingAbi)

function knownRole(role: number): StakeRole {
  const known = stakeRole(role)
  if (known === undefined) throw face.error('UnknownRole', [role])
  return known
}

export const staking = nativeContract(face, {
  stake(context, [roleNumber]) {
    const role = knownRole(roleNumber)
    const { caller, value } = context.call
    const place = stakePlace(context, caller, role)
    const { amount } = readRecord(context, place, stakeLayout, ['amount'])
    const total = amount + value
    const required = leastStake(context, role)
    if (value === 0n || total < required)
      throw face.error('StakeTooSmall', [required > amount ? required - amount : 1n, value])
    writeRecord(context, place, stakeLayout, { amount: total })
    changeStakeTotals(context, caller, role, value)
    face.emit(context, 'Staked', { account: caller, role, amount: value, total })
  },

  unstake(context, [roleNumber, amount]) {
    const role = knownRole(roleNumber)
    const { caller } = context.call
    if (amount === 0n) throw face.error('InvalidField', ['amount', 'must be above 0'])
    const place = stakePlace(context, caller, role)
    const stake = readRecord(context, place, stakeLayout)
    const free = stake.amount - stake.locked
    if (amount > free) throw face.error('NotEnoughFreeStake', [free, amount])
    const withdrawableAt = context.now + parameter(context, 'unstakeDelay')
    writeRecord(context, place, stakeLayout, {
      amount: stake.amount - amount,
      unstaking: stake.unstaking + amount,
      withdrawableAt,
    })
    changeStakeTotals(context, caller, role, -amount)
    face.emit(context, 'Unstaking', { account: caller, role, amount, withdrawableAt })
  },

  withdraw(context, [roleNumber]) {
    const role = knownRole(roleNumber)
    const { caller } = context.call
    const place = stakePlace(context, caller, role)
    const { unstaking, withdrawableAt } = readRecord(context, place, stakeLayout, ['unstaking', 'withdrawableAt'])
    if (unstaking === 0n) throw face.error('NothingToWithdraw', [caller, role])
    if (context.now < withdrawableAt) throw face.error('TooEarly', [withdrawableAt])
    writeRecord(context, place, stakeLayout, { unstaking: 0n, withdrawableAt: 0n })
    context.transfer(NATIVE.staking, caller, unstaking)
    face.emit(context, 'StakeWithdrawn', { account: caller, role, amount: unstaking })
    return unstaking
  },

  collectRewards(context, [roleNumber]) {
    const role = knownRole(roleNumber)
    const { caller } = context.call
    const amount = takeIncome(context, stakersPool, stakerPlace(context, caller, role))
    if (amount === 0n) throw face.error('NothingToWithdraw', [caller, role])
    context.transfer(NATIVE.staking, caller, amount)
    face.emit(context, 'RewardsCollected', { account: caller, role, amount })
    return amount
  },

  stakeOf(context, [account, roleNumber]) {
    const role = knownRole(roleNumber)
    const owner = plainAddress(account)
    const stake = readRecord(context, stakePlace(context, owner, role), stakeLayout)
    return { ...stake, rewards: incomeOf(context, stakersPool, stakerPlace(context, owner, role)) }
  },

  totalStake(context, [roleNumber]) {
    return context.read(totalPlace(context, knownRole(roleNumber)))
  },
})
