/** The actions of Attribution (native contract 04), with their types: part of client/index.ts. */

export {
  type AppealRoundErrorType,
  type AppealRoundParameters,
  type AppealRoundReturnType,
  appealRound,
} from '../actions/appeal-round.ts'
export {
  type ChallengeCurvatureErrorType,
  type ChallengeCurvatureParameters,
  type ChallengeCurvatureReturnType,
  challengeCurvature,
} from '../actions/challenge-curvature.ts'
export {
  type ChallengeOmissionErrorType,
  type ChallengeOmissionParameters,
  type ChallengeOmissionReturnType,
  challengeOmission,
} from '../actions/challenge-omission.ts'
export {
  type ChallengeQueryErrorType,
  type ChallengeQueryParameters,
  type ChallengeQueryReturnType,
  challengeQuery,
} from '../actions/challenge-query.ts'
export {
  type ChallengeReceiptErrorType,
  type ChallengeReceiptParameters,
  type ChallengeReceiptReturnType,
  challengeReceipt,
} from '../actions/challenge-receipt.ts'
export {
  type ChallengeRowErrorType,
  type ChallengeRowParameters,
  type ChallengeRowReturnType,
  challengeRow,
} from '../actions/challenge-row.ts'
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
  type CommitSeatErrorType,
  type CommitSeatParameters,
  type CommitSeatReturnType,
  commitSeat,
} from '../actions/commit-seat.ts'
export {
  type CuratorIncomeOfErrorType,
  type CuratorIncomeOfParameters,
  type CuratorIncomeOfReturnType,
  curatorIncomeOf,
} from '../actions/curator-income-of.ts'
export {
  type DecideCurvatureErrorType,
  type DecideCurvatureParameters,
  type DecideCurvatureReturnType,
  decideCurvature,
} from '../actions/decide-curvature.ts'
export {
  type DecideQueryErrorType,
  type DecideQueryParameters,
  type DecideQueryReturnType,
  decideQuery,
} from '../actions/decide-query.ts'
export {
  type DecideRowErrorType,
  type DecideRowParameters,
  type DecideRowReturnType,
  decideRow,
} from '../actions/decide-row.ts'
export {
  type DemandOpeningErrorType,
  type DemandOpeningParameters,
  type DemandOpeningReturnType,
  demandOpening,
} from '../actions/demand-opening.ts'
export {
  type DemandRowErrorType,
  type DemandRowParameters,
  type DemandRowReturnType,
  demandRow,
} from '../actions/demand-row.ts'
export {
  type DrawCommitteeErrorType,
  type DrawCommitteeParameters,
  type DrawCommitteeReturnType,
  drawCommittee,
} from '../actions/draw-committee.ts'
export {
  type EarnedOfErrorType,
  type EarnedOfParameters,
  type EarnedOfReturnType,
  earnedOf,
} from '../actions/earned-of.ts'
export {
  type ForfeitDrawsErrorType,
  type ForfeitDrawsParameters,
  type ForfeitDrawsReturnType,
  forfeitDraws,
} from '../actions/forfeit-draws.ts'
export {
  type GetBallotErrorType,
  type GetBallotParameters,
  type GetBallotReturnType,
  getBallot,
} from '../actions/get-ballot.ts'
export {
  type GetBatchErrorType,
  type GetBatchParameters,
  type GetBatchReturnType,
  getBatch,
} from '../actions/get-batch.ts'
export {
  type GetBatchCountErrorType,
  type GetBatchCountParameters,
  type GetBatchCountReturnType,
  getBatchCount,
} from '../actions/get-batch-count.ts'
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
  type GetDrawErrorType,
  type GetDrawParameters,
  type GetDrawReturnType,
  getDraw,
} from '../actions/get-draw.ts'
export {
  type GetRoundErrorType,
  type GetRoundParameters,
  type GetRoundReturnType,
  getRound,
} from '../actions/get-round.ts'
export {
  type GetRoundCountErrorType,
  type GetRoundCountParameters,
  type GetRoundCountReturnType,
  getRoundCount,
} from '../actions/get-round-count.ts'
export {
  type GetRoundOfErrorType,
  type GetRoundOfParameters,
  type GetRoundOfReturnType,
  getRoundOf,
} from '../actions/get-round-of.ts'
export {
  type GetRowDemandErrorType,
  type GetRowDemandParameters,
  type GetRowDemandReturnType,
  getRowDemand,
} from '../actions/get-row-demand.ts'
export {
  type GetSeatsErrorType,
  type GetSeatsParameters,
  type GetSeatsReturnType,
  getSeats,
} from '../actions/get-seats.ts'
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
  type PunishHiddenRowErrorType,
  type PunishHiddenRowParameters,
  type PunishHiddenRowReturnType,
  punishHiddenRow,
} from '../actions/punish-hidden-row.ts'
export {
  type ReclaimChallengeBondErrorType,
  type ReclaimChallengeBondParameters,
  type ReclaimChallengeBondReturnType,
  reclaimChallengeBond,
} from '../actions/reclaim-challenge-bond.ts'
export {
  type ReleaseClaimErrorType,
  type ReleaseClaimParameters,
  type ReleaseClaimReturnType,
  releaseClaim,
} from '../actions/release-claim.ts'
export {
  type RequestOpening,
  type RevealErrorType,
  type RevealParameters,
  type RevealReturnType,
  reveal,
} from '../actions/reveal.ts'
export {
  type RevealRowErrorType,
  type RevealRowParameters,
  type RevealRowReturnType,
  revealRow,
} from '../actions/reveal-row.ts'
export {
  type RevealSeatErrorType,
  type RevealSeatParameters,
  type RevealSeatReturnType,
  revealSeat,
} from '../actions/reveal-seat.ts'
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
  type BatchPart,
  type SettleBatchErrorType,
  type SettleBatchParameters,
  type SettleBatchReturnType,
  settleBatch,
} from '../actions/settle-batch.ts'
export {
  type SettleDrawsErrorType,
  type SettleDrawsParameters,
  type SettleDrawsReturnType,
  settleDraws,
} from '../actions/settle-draws.ts'
export {
  type VoidRoundErrorType,
  type VoidRoundParameters,
  type VoidRoundReturnType,
  voidRound,
} from '../actions/void-round.ts'
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
