/** The actions of Staking (native contract 05), with their types: part of client/index.ts. */
export {
  type CollectRewardsErrorType,
  type CollectRewardsParameters,
  type CollectRewardsReturnType,
  collectRewards,
} from '../actions/collect-rewards.ts'
export {
  type GetStakeErrorType,
  type GetStakeParameters,
  type GetStakeReturnType,
  getStake,
} from '../actions/get-stake.ts'
export {
  type GetTotalStakeErrorType,
  type GetTotalStakeParameters,
  type GetTotalStakeReturnType,
  getTotalStake,
} from '../actions/get-total-stake.ts'
export {
  type StakeErrorType,
  type StakeParameters,
  type StakeReturnType,
  type StakeRole,
  stake,
} from '../actions/stake.ts'
export { type UnstakeErrorType, type UnstakeParameters, type UnstakeReturnType, unstake } from '../actions/unstake.ts'
export {
  type WithdrawStakeErrorType,
  type WithdrawStakeParameters,
  type WithdrawStakeReturnType,
  withdrawStake,
} from '../actions/withdraw-stake.ts'
