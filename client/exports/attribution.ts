/** The actions of Attribution (native contract 04), with their types: part of client/index.ts. */
export {
  type ChallengeOmissionErrorType,
  type ChallengeOmissionParameters,
  type ChallengeOmissionReturnType,
  challengeOmission,
} from '../actions/challenge-omission.ts'
export {
  type ChallengeReceiptErrorType,
  type ChallengeReceiptParameters,
  type ChallengeReceiptReturnType,
  challengeReceipt,
} from '../actions/challenge-receipt.ts'
export {
  type ChallengeSameErrorType,
  type ChallengeSameParameters,
  type ChallengeSameReturnType,
  challengeSame,
} from '../actions/challenge-same.ts'
export {
  type ChallengeScoreErrorType,
  type ChallengeScoreParameters,
  type ChallengeScoreReturnType,
  challengeScore,
} from '../actions/challenge-score.ts'
export {
  type CommitChallengeErrorType,
  type CommitChallengeParameters,
  type CommitChallengeReturnType,
  commitChallenge,
} from '../actions/commit-challenge.ts'
export {
  type CuratorIncomeOfErrorType,
  type CuratorIncomeOfParameters,
  type CuratorIncomeOfReturnType,
  curatorIncomeOf,
} from '../actions/curator-income-of.ts'
export {
  type DemandOpeningErrorType,
  type DemandOpeningParameters,
  type DemandOpeningReturnType,
  demandOpening,
} from '../actions/demand-opening.ts'
export {
  type EarnedOfErrorType,
  type EarnedOfParameters,
  type EarnedOfReturnType,
  earnedOf,
} from '../actions/earned-of.ts'
export {
  type GetChallengeErrorType,
  type GetChallengeParameters,
  type GetChallengeReturnType,
  getChallenge,
} from '../actions/get-challenge.ts'
export {
  type GetClaimErrorType,
  type GetClaimParameters,
  type GetClaimReturnType,
  getClaim,
} from '../actions/get-claim.ts'
export {
  type GetDemandErrorType,
  type GetDemandParameters,
  type GetDemandReturnType,
  getDemand,
} from '../actions/get-demand.ts'
export {
  type GetSettledRequestErrorType,
  type GetSettledRequestParameters,
  type GetSettledRequestReturnType,
  getSettledRequest,
} from '../actions/get-settled-request.ts'
export {
  type GetSettlementErrorType,
  type GetSettlementParameters,
  type GetSettlementReturnType,
  getSettlement,
} from '../actions/get-settlement.ts'
export {
  type GetSettlementCountErrorType,
  type GetSettlementCountParameters,
  type GetSettlementCountReturnType,
  getSettlementCount,
} from '../actions/get-settlement-count.ts'
export {
  type GetTreasuryErrorType,
  type GetTreasuryParameters,
  type GetTreasuryReturnType,
  getTreasury,
} from '../actions/get-treasury.ts'
export {
  type IncomeOfErrorType,
  type IncomeOfParameters,
  type IncomeOfReturnType,
  incomeOf,
} from '../actions/income-of.ts'
export {
  type PendingOfErrorType,
  type PendingOfParameters,
  type PendingOfReturnType,
  pendingOf,
} from '../actions/pending-of.ts'
export {
  type PunishHiddenErrorType,
  type PunishHiddenParameters,
  type PunishHiddenReturnType,
  punishHidden,
} from '../actions/punish-hidden.ts'
export {
  type ReclaimChallengeBondErrorType,
  type ReclaimChallengeBondParameters,
  type ReclaimChallengeBondReturnType,
  reclaimChallengeBond,
} from '../actions/reclaim-challenge-bond.ts'
export {
  type RequestOpening,
  type RevealErrorType,
  type RevealParameters,
  type RevealReturnType,
  reveal,
} from '../actions/reveal.ts'
export {
  type SettleErrorType,
  type SettleOutcome,
  type SettleParameters,
  type SettleReturnType,
  type SettleVoucher,
  settle,
  settleOutcome,
} from '../actions/settle.ts'
export {
  type WithdrawCuratorIncomeErrorType,
  type WithdrawCuratorIncomeParameters,
  type WithdrawCuratorIncomeReturnType,
  withdrawCuratorIncome,
} from '../actions/withdraw-curator-income.ts'
export {
  type WithdrawIncomeErrorType,
  type WithdrawIncomeParameters,
  type WithdrawIncomeReturnType,
  withdrawIncome,
} from '../actions/withdraw-income.ts'
