/**
 * The SDK: a chain definition, viem-style actions for the native contracts, and their errors.
 *
 * @example
 * const chain = openledgerChain({ l1ChainId, l2ChainId, portal, l2OutputOracle })
 * const client = createWalletClient({ account, chain, transport: http() }).extend(openledgerActions())
 * const hash = await client.createDatanet({ name: 'Solidity', domain: 'smart contracts' })
 */
export {
  type AttestVersionErrorType,
  type AttestVersionParameters,
  type AttestVersionReturnType,
  attestVersion,
} from './actions/attest-version.ts'
export {
  type AuthorizeSignerErrorType,
  type AuthorizeSignerParameters,
  type AuthorizeSignerReturnType,
  authorizeSigner,
} from './actions/authorize-signer.ts'
export {
  type CloseChannelErrorType,
  type CloseChannelParameters,
  type CloseChannelReturnType,
  closeChannel,
} from './actions/close-channel.ts'
export {
  type CommitContributionErrorType,
  type CommitContributionParameters,
  type CommitContributionReturnType,
  commitContribution,
} from './actions/commit-contribution.ts'
export {
  type Contributed,
  type ContributeErrorType,
  type ContributeParameters,
  type ContributeReturnType,
  commitmentOf,
  contribute,
  contributed,
} from './actions/contribute.ts'
export {
  type CreateDatanetErrorType,
  type CreateDatanetParameters,
  type CreateDatanetReturnType,
  createDatanet,
  createdDatanet,
  type Licence,
  OPEN_LICENCE,
} from './actions/create-datanet.ts'
export {
  type CreateModelErrorType,
  type CreateModelParameters,
  type CreateModelReturnType,
  createdModel,
  createModel,
} from './actions/create-model.ts'
export {
  type DepositOpenErrorType,
  type DepositOpenParameters,
  type DepositOpenReturnType,
  depositErc20Abi,
  depositOpen,
  MissingContractError,
} from './actions/deposit-open.ts'
export {
  type EarnedOfErrorType,
  type EarnedOfParameters,
  type EarnedOfReturnType,
  earnedOf,
} from './actions/earned-of.ts'
export {
  type GetChannelErrorType,
  type GetChannelParameters,
  type GetChannelReturnType,
  getChannel,
} from './actions/get-channel.ts'
export {
  type GetClusterErrorType,
  type GetClusterParameters,
  type GetClusterReturnType,
  getCluster,
} from './actions/get-cluster.ts'
export {
  type GetCommitmentErrorType,
  type GetCommitmentParameters,
  type GetCommitmentReturnType,
  getCommitment,
} from './actions/get-commitment.ts'
export {
  type GetContributionErrorType,
  type GetContributionParameters,
  type GetContributionReturnType,
  getContribution,
} from './actions/get-contribution.ts'
export {
  type GetDatanetErrorType,
  type GetDatanetParameters,
  type GetDatanetReturnType,
  getDatanet,
} from './actions/get-datanet.ts'
export {
  type GetModelErrorType,
  type GetModelParameters,
  type GetModelReturnType,
  getModel,
} from './actions/get-model.ts'
export {
  type GetParameterErrorType,
  type GetParameterParameters,
  type GetParameterReturnType,
  getParameter,
} from './actions/get-parameter.ts'
export { type GetRunErrorType, type GetRunParameters, type GetRunReturnType, getRun } from './actions/get-run.ts'
export {
  type GetSettlementErrorType,
  type GetSettlementParameters,
  type GetSettlementReturnType,
  getSettlement,
} from './actions/get-settlement.ts'
export {
  type GetStakeErrorType,
  type GetStakeParameters,
  type GetStakeReturnType,
  getStake,
} from './actions/get-stake.ts'
export {
  type GetStepErrorType,
  type GetStepParameters,
  type GetStepReturnType,
  getStep,
} from './actions/get-step.ts'
export {
  type GetStepCountErrorType,
  type GetStepCountParameters,
  type GetStepCountReturnType,
  getStepCount,
} from './actions/get-step-count.ts'
export {
  type GetVersionErrorType,
  type GetVersionParameters,
  type GetVersionReturnType,
  getVersion,
} from './actions/get-version.ts'
export {
  type IncomeOfErrorType,
  type IncomeOfParameters,
  type IncomeOfReturnType,
  incomeOf,
} from './actions/income-of.ts'
export {
  type IsVersionLiveErrorType,
  type IsVersionLiveParameters,
  type IsVersionLiveReturnType,
  isVersionLive,
} from './actions/is-version-live.ts'
export {
  type OpenChannelErrorType,
  type OpenChannelParameters,
  type OpenChannelReturnType,
  openChannel,
  openedChannel,
} from './actions/open-channel.ts'
export {
  type OpenRunErrorType,
  type OpenRunParameters,
  type OpenRunReturnType,
  openedRun,
  openRun,
} from './actions/open-run.ts'
export {
  type PendingOfErrorType,
  type PendingOfParameters,
  type PendingOfReturnType,
  pendingOf,
} from './actions/pending-of.ts'
export {
  type ProveContributionErrorType,
  type ProveContributionParameters,
  type ProveContributionReturnType,
  type ProvedContribution,
  proveContribution,
} from './actions/prove-contribution.ts'
export {
  type PublishVersionErrorType,
  type PublishVersionParameters,
  type PublishVersionReturnType,
  publishedVersion,
  publishVersion,
} from './actions/publish-version.ts'
export {
  type ReclaimBondErrorType,
  type ReclaimBondParameters,
  type ReclaimBondReturnType,
  reclaimBond,
} from './actions/reclaim-bond.ts'
export {
  type RecordStepErrorType,
  type RecordStepParameters,
  type RecordStepReturnType,
  recordStep,
} from './actions/record-step.ts'
export {
  type RefundChannelErrorType,
  type RefundChannelParameters,
  type RefundChannelReturnType,
  refundChannel,
} from './actions/refund-channel.ts'
export {
  type RegisterBaseErrorType,
  type RegisterBaseParameters,
  type RegisterBaseReturnType,
  registerBase,
  registeredBase,
} from './actions/register-base.ts'
export {
  type SettleErrorType,
  type SettleOutcome,
  type SettleParameters,
  type SettleReturnType,
  type SettleVoucher,
  settle,
  settleOutcome,
} from './actions/settle.ts'
export {
  type SignedReceipt,
  type SignReceiptErrorType,
  type SignReceiptParameters,
  type SignReceiptReturnType,
  signReceipt,
} from './actions/sign-receipt.ts'
export {
  type SignedVoucher,
  type SignVoucherErrorType,
  type SignVoucherParameters,
  type SignVoucherReturnType,
  signVoucher,
} from './actions/sign-voucher.ts'
export {
  type StakeErrorType,
  type StakeParameters,
  type StakeReturnType,
  type StakeRole,
  stake,
} from './actions/stake.ts'
export {
  type StepsAtPublicationErrorType,
  type StepsAtPublicationParameters,
  type StepsAtPublicationReturnType,
  stepsAtPublication,
} from './actions/steps-at-publication.ts'
export {
  type TopUpChannelErrorType,
  type TopUpChannelParameters,
  type TopUpChannelReturnType,
  topUpChannel,
} from './actions/top-up-channel.ts'
export { type UnstakeErrorType, type UnstakeParameters, type UnstakeReturnType, unstake } from './actions/unstake.ts'
export {
  type VerifyReceiptErrorType,
  type VerifyReceiptParameters,
  type VerifyReceiptReturnType,
  verifyReceipt,
} from './actions/verify-receipt.ts'
export {
  type WithdrawContributionErrorType,
  type WithdrawContributionParameters,
  type WithdrawContributionReturnType,
  withdrawContribution,
} from './actions/withdraw-contribution.ts'
export {
  type WithdrawIncomeErrorType,
  type WithdrawIncomeParameters,
  type WithdrawIncomeReturnType,
  withdrawIncome,
} from './actions/withdraw-income.ts'
export {
  type WithdrawStakeErrorType,
  type WithdrawStakeParameters,
  type WithdrawStakeReturnType,
  withdrawStake,
} from './actions/withdraw-stake.ts'
export { l1Contract, type OpenledgerChain, type OpenledgerChainConfig, openledgerChain } from './chain.ts'
export {
  type OpenledgerPublicActions,
  type OpenledgerWalletActions,
  openledgerActions,
  openledgerPublicActions,
  openledgerWalletActions,
} from './decorators.ts'
export { decodeNativeError, NativeContractError, namingErrors, revertDataOf } from './native-error.ts'
export { EventMissingError } from './native-event.ts'
export {
  confirmTransaction,
  type NativeClient,
  type NativeWriteErrorType,
  NoAccountError,
  TransactionRevertedError,
  type WriteOptions,
} from './native-transaction.ts'
export { type ProvedAccount, StateProofError, verifyStateProof } from './state-proof.ts'
export { typedDataSigner } from './typed-data-signer.ts'
