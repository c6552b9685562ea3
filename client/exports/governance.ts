/** The actions of gOPEN and the Governor, of Datanets' weights and the treasury's grants: part of client/index.ts. */
export {
  type CancelProposalErrorType,
  type CancelProposalParameters,
  type CancelProposalReturnType,
  cancelProposal,
} from '../actions/cancel-proposal.ts'
export {
  type CastVoteErrorType,
  type CastVoteParameters,
  type CastVoteReturnType,
  castVote,
} from '../actions/cast-vote.ts'
export {
  type DelegateVotesErrorType,
  type DelegateVotesParameters,
  type DelegateVotesReturnType,
  delegateVotes,
} from '../actions/delegate-votes.ts'
export {
  type ExecuteProposalErrorType,
  type ExecuteProposalParameters,
  type ExecuteProposalReturnType,
  executeProposal,
} from '../actions/execute-proposal.ts'
export {
  type GetDatanetWeightErrorType,
  type GetDatanetWeightParameters,
  type GetDatanetWeightReturnType,
  getDatanetWeight,
} from '../actions/get-datanet-weight.ts'
export {
  type GetProposalStateErrorType,
  type GetProposalStateParameters,
  type GetProposalStateReturnType,
  getProposalState,
} from '../actions/get-proposal-state.ts'
export {
  type GetVotesErrorType,
  type GetVotesParameters,
  type GetVotesReturnType,
  getVotes,
} from '../actions/get-votes.ts'
export {
  type GrantFromTreasuryErrorType,
  type GrantFromTreasuryParameters,
  type GrantFromTreasuryReturnType,
  grantFromTreasury,
} from '../actions/grant-from-treasury.ts'
export {
  type LockOpenErrorType,
  type LockOpenParameters,
  type LockOpenReturnType,
  lockOpen,
} from '../actions/lock-open.ts'
export {
  type ProposeCallsErrorType,
  type ProposeCallsParameters,
  type ProposeCallsReturnType,
  proposeCalls,
  proposedCalls,
} from '../actions/propose-calls.ts'
export {
  type QueueProposalErrorType,
  type QueueProposalParameters,
  type QueueProposalReturnType,
  queueProposal,
} from '../actions/queue-proposal.ts'
export {
  type SetDatanetWeightErrorType,
  type SetDatanetWeightParameters,
  type SetDatanetWeightReturnType,
  setDatanetWeight,
} from '../actions/set-datanet-weight.ts'
export {
  type UnlockOpenErrorType,
  type UnlockOpenParameters,
  type UnlockOpenReturnType,
  unlockOpen,
} from '../actions/unlock-open.ts'
export type { GovernanceWriteErrorType, GovernedCall, Proposal } from '../governance-transaction.ts'
export { datanetWeightCall, grantCall, parameterCall } from '../governed-calls.ts'
