/** The actions of Agents (native contract 07) and its registry, with their types: part of client/index.ts. */
export {
  type AcceptJobErrorType,
  type AcceptJobParameters,
  type AcceptJobReturnType,
  acceptJob,
} from '../actions/accept-job.ts'
export {
  type AcceptResultErrorType,
  type AcceptResultParameters,
  type AcceptResultReturnType,
  acceptResult,
} from '../actions/accept-result.ts'
export {
  type AppendResponseErrorType,
  type AppendResponseParameters,
  type AppendResponseReturnType,
  appendResponse,
} from '../actions/append-response.ts'
export {
  type CancelJobErrorType,
  type CancelJobParameters,
  type CancelJobReturnType,
  cancelJob,
} from '../actions/cancel-job.ts'
export {
  type CloseAgentChannelErrorType,
  type CloseAgentChannelParameters,
  type CloseAgentChannelReturnType,
  closeAgentChannel,
} from '../actions/close-agent-channel.ts'
export {
  type CompleteJobErrorType,
  type CompleteJobParameters,
  type CompleteJobReturnType,
  completeJob,
} from '../actions/complete-job.ts'
export {
  type ExpireJobErrorType,
  type ExpireJobParameters,
  type ExpireJobReturnType,
  expireJob,
} from '../actions/expire-job.ts'
export {
  type GetAgentErrorType,
  type GetAgentParameters,
  type GetAgentReturnType,
  getAgent,
} from '../actions/get-agent.ts'
export {
  type GetAgentCountErrorType,
  type GetAgentCountParameters,
  type GetAgentCountReturnType,
  getAgentCount,
} from '../actions/get-agent-count.ts'
export {
  type GetAgentMetadataErrorType,
  type GetAgentMetadataParameters,
  type GetAgentMetadataReturnType,
  getAgentMetadata,
} from '../actions/get-agent-metadata.ts'
export {
  type GetAgentUriErrorType,
  type GetAgentUriParameters,
  type GetAgentUriReturnType,
  getAgentUri,
} from '../actions/get-agent-uri.ts'
export {
  type GetFeedbackClientsErrorType,
  type GetFeedbackClientsParameters,
  type GetFeedbackClientsReturnType,
  getFeedbackClients,
} from '../actions/get-feedback-clients.ts'
export {
  type GetFeedbackSummaryErrorType,
  type GetFeedbackSummaryParameters,
  type GetFeedbackSummaryReturnType,
  getFeedbackSummary,
} from '../actions/get-feedback-summary.ts'
export {
  type GetJobErrorType,
  type GetJobParameters,
  type GetJobReturnType,
  getJob,
} from '../actions/get-job.ts'
export {
  type GetJobCountErrorType,
  type GetJobCountParameters,
  type GetJobCountReturnType,
  getJobCount,
} from '../actions/get-job-count.ts'
export {
  type GetLastFeedbackIndexErrorType,
  type GetLastFeedbackIndexParameters,
  type GetLastFeedbackIndexReturnType,
  getLastFeedbackIndex,
} from '../actions/get-last-feedback-index.ts'
export {
  type GetResponseCountErrorType,
  type GetResponseCountParameters,
  type GetResponseCountReturnType,
  getResponseCount,
} from '../actions/get-response-count.ts'
export {
  type GetSpendableErrorType,
  type GetSpendableParameters,
  type GetSpendableReturnType,
  getSpendable,
} from '../actions/get-spendable.ts'
export {
  type GiveFeedbackErrorType,
  type GiveFeedbackParameters,
  type GiveFeedbackReturnType,
  giveFeedback,
} from '../actions/give-feedback.ts'
export {
  type OfferJobErrorType,
  type OfferJobParameters,
  type OfferJobReturnType,
  offeredJob,
  offerJob,
} from '../actions/offer-job.ts'
export {
  type OfferJobFromAgentErrorType,
  type OfferJobFromAgentParameters,
  type OfferJobFromAgentReturnType,
  offerJobFromAgent,
} from '../actions/offer-job-from-agent.ts'
export {
  type OpenAgentChannelErrorType,
  type OpenAgentChannelParameters,
  type OpenAgentChannelReturnType,
  openAgentChannel,
} from '../actions/open-agent-channel.ts'
export {
  type PayAgentErrorType,
  type PayAgentParameters,
  type PayAgentReturnType,
  payAgent,
} from '../actions/pay-agent.ts'
export {
  type PayFromAgentErrorType,
  type PayFromAgentParameters,
  type PayFromAgentReturnType,
  payFromAgent,
} from '../actions/pay-from-agent.ts'
export {
  type ReadAllFeedbackErrorType,
  type ReadAllFeedbackParameters,
  type ReadAllFeedbackReturnType,
  readAllFeedback,
} from '../actions/read-all-feedback.ts'
export {
  type ReadFeedbackErrorType,
  type ReadFeedbackParameters,
  type ReadFeedbackReturnType,
  readFeedback,
} from '../actions/read-feedback.ts'
export {
  type RegisterAgentErrorType,
  type RegisterAgentParameters,
  type RegisterAgentReturnType,
  registerAgent,
  registeredAgent,
} from '../actions/register-agent.ts'
export {
  type RejectResultErrorType,
  type RejectResultParameters,
  type RejectResultReturnType,
  rejectResult,
} from '../actions/reject-result.ts'
export {
  type RevokeFeedbackErrorType,
  type RevokeFeedbackParameters,
  type RevokeFeedbackReturnType,
  revokeFeedback,
} from '../actions/revoke-feedback.ts'
export {
  type SetAgentMetadataErrorType,
  type SetAgentMetadataParameters,
  type SetAgentMetadataReturnType,
  setAgentMetadata,
} from '../actions/set-agent-metadata.ts'
export {
  type SetAgentPausedErrorType,
  type SetAgentPausedParameters,
  type SetAgentPausedReturnType,
  setAgentPaused,
} from '../actions/set-agent-paused.ts'
export {
  type SetAgentUriErrorType,
  type SetAgentUriParameters,
  type SetAgentUriReturnType,
  setAgentUri,
} from '../actions/set-agent-uri.ts'
export {
  type SetAgentWalletErrorType,
  type SetAgentWalletParameters,
  type SetAgentWalletReturnType,
  setAgentWallet,
} from '../actions/set-agent-wallet.ts'
export {
  type SetSpendingLimitErrorType,
  type SetSpendingLimitParameters,
  type SetSpendingLimitReturnType,
  setSpendingLimit,
} from '../actions/set-spending-limit.ts'
export {
  type SignAgentWalletErrorType,
  type SignAgentWalletParameters,
  type SignAgentWalletReturnType,
  signAgentWallet,
} from '../actions/sign-agent-wallet.ts'
export {
  type StakeAgentErrorType,
  type StakeAgentParameters,
  type StakeAgentReturnType,
  stakeAgent,
} from '../actions/stake-agent.ts'
export {
  type TopUpAgentChannelErrorType,
  type TopUpAgentChannelParameters,
  type TopUpAgentChannelReturnType,
  topUpAgentChannel,
} from '../actions/top-up-agent-channel.ts'
export {
  type TransferAgentErrorType,
  type TransferAgentParameters,
  type TransferAgentReturnType,
  transferAgent,
} from '../actions/transfer-agent.ts'
export {
  type UnsetAgentWalletErrorType,
  type UnsetAgentWalletParameters,
  type UnsetAgentWalletReturnType,
  unsetAgentWallet,
} from '../actions/unset-agent-wallet.ts'
export {
  type UnstakeAgentErrorType,
  type UnstakeAgentParameters,
  type UnstakeAgentReturnType,
  unstakeAgent,
} from '../actions/unstake-agent.ts'
export {
  type WithdrawAgentStakeErrorType,
  type WithdrawAgentStakeParameters,
  type WithdrawAgentStakeReturnType,
  withdrawAgentStake,
} from '../actions/withdraw-agent-stake.ts'
export {
  type WithdrawFromAgentErrorType,
  type WithdrawFromAgentParameters,
  type WithdrawFromAgentReturnType,
  withdrawFromAgent,
} from '../actions/withdraw-from-agent.ts'
