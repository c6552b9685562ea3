/**
 * The actions bound to a client, for viem's `client.extend(…)`: each loses its first argument. `depositOpen` stays a
 * function, because its client is one of L1.
 */
import { attestVersion } from './actions/attest-version.ts'
import { authorizeSigner } from './actions/authorize-signer.ts'
import { closeChannel } from './actions/close-channel.ts'
import { commitContribution } from './actions/commit-contribution.ts'
import { contribute } from './actions/contribute.ts'
import { createDatanet } from './actions/create-datanet.ts'
import { createModel } from './actions/create-model.ts'
import { earnedOf } from './actions/earned-of.ts'
import { getChannel } from './actions/get-channel.ts'
import { getCluster } from './actions/get-cluster.ts'
import { getCommitment } from './actions/get-commitment.ts'
import { getContribution } from './actions/get-contribution.ts'
import { getDatanet } from './actions/get-datanet.ts'
import { getModel } from './actions/get-model.ts'
import { getParameter } from './actions/get-parameter.ts'
import { getRun } from './actions/get-run.ts'
import { getSettlement } from './actions/get-settlement.ts'
import { getStake } from './actions/get-stake.ts'
import { getStep } from './actions/get-step.ts'
import { getStepCount } from './actions/get-step-count.ts'
import { getVersion } from './actions/get-version.ts'
import { incomeOf } from './actions/income-of.ts'
import { isVersionLive } from './actions/is-version-live.ts'
import { openChannel } from './actions/open-channel.ts'
import { openRun } from './actions/open-run.ts'
import { pendingOf } from './actions/pending-of.ts'
import { proveContribution } from './actions/prove-contribution.ts'
import { publishVersion } from './actions/publish-version.ts'
import { reclaimBond } from './actions/reclaim-bond.ts'
import { recordStep } from './actions/record-step.ts'
import { refundChannel } from './actions/refund-channel.ts'
import { registerBase } from './actions/register-base.ts'
import { settle } from './actions/settle.ts'
import { signReceipt } from './actions/sign-receipt.ts'
import { signVoucher } from './actions/sign-voucher.ts'
import { stake } from './actions/stake.ts'
import { stepsAtPublication } from './actions/steps-at-publication.ts'
import { topUpChannel } from './actions/top-up-channel.ts'
import { unstake } from './actions/unstake.ts'
import { verifyReceipt } from './actions/verify-receipt.ts'
import { withdrawContribution } from './actions/withdraw-contribution.ts'
import { withdrawIncome } from './actions/withdraw-income.ts'
import { withdrawStake } from './actions/withdraw-stake.ts'
import { confirmTransaction, type NativeClient } from './native-transaction.ts'

/** An action without its client. */
type Bound<action> = action extends (client: NativeClient, parameters: infer parameters) => infer result
  ? (parameters: parameters) => result
  : never

export type OpenledgerPublicActions = {
  confirmTransaction: Bound<typeof confirmTransaction>
  getChannel: Bound<typeof getChannel>
  getCluster: Bound<typeof getCluster>
  getCommitment: Bound<typeof getCommitment>
  getContribution: Bound<typeof getContribution>
  getDatanet: Bound<typeof getDatanet>
  getModel: Bound<typeof getModel>
  getParameter: Bound<typeof getParameter>
  getRun: Bound<typeof getRun>
  getSettlement: Bound<typeof getSettlement>
  getStake: Bound<typeof getStake>
  getStep: Bound<typeof getStep>
  getStepCount: Bound<typeof getStepCount>
  getVersion: Bound<typeof getVersion>
  earnedOf: Bound<typeof earnedOf>
  incomeOf: Bound<typeof incomeOf>
  isVersionLive: Bound<typeof isVersionLive>
  pendingOf: Bound<typeof pendingOf>
  stepsAtPublication: Bound<typeof stepsAtPublication>
  proveContribution: Bound<typeof proveContribution>
  verifyReceipt: Bound<typeof verifyReceipt>
}

export type OpenledgerWalletActions = {
  attestVersion: Bound<typeof attestVersion>
  authorizeSigner: Bound<typeof authorizeSigner>
  closeChannel: Bound<typeof closeChannel>
  commitContribution: Bound<typeof commitContribution>
  contribute: Bound<typeof contribute>
  createDatanet: Bound<typeof createDatanet>
  createModel: Bound<typeof createModel>
  openChannel: Bound<typeof openChannel>
  openRun: Bound<typeof openRun>
  publishVersion: Bound<typeof publishVersion>
  reclaimBond: Bound<typeof reclaimBond>
  recordStep: Bound<typeof recordStep>
  refundChannel: Bound<typeof refundChannel>
  registerBase: Bound<typeof registerBase>
  settle: Bound<typeof settle>
  signReceipt: Bound<typeof signReceipt>
  signVoucher: Bound<typeof signVoucher>
  stake: Bound<typeof stake>
  topUpChannel: Bound<typeof topUpChannel>
  unstake: Bound<typeof unstake>
  withdrawContribution: Bound<typeof withdrawContribution>
  withdrawIncome: Bound<typeof withdrawIncome>
  withdrawStake: Bound<typeof withdrawStake>
}

/** Reads: for any client of L2. */
export const openledgerPublicActions =
  () =>
  (client: NativeClient): OpenledgerPublicActions => ({
    confirmTransaction: (parameters) => confirmTransaction(client, parameters),
    getChannel: (parameters) => getChannel(client, parameters),
    getCluster: (parameters) => getCluster(client, parameters),
    getCommitment: (parameters) => getCommitment(client, parameters),
    getContribution: (parameters) => getContribution(client, parameters),
    getDatanet: (parameters) => getDatanet(client, parameters),
    getModel: (parameters) => getModel(client, parameters),
    getParameter: (parameters) => getParameter(client, parameters),
    getRun: (parameters) => getRun(client, parameters),
    getSettlement: (parameters) => getSettlement(client, parameters),
    getStake: (parameters) => getStake(client, parameters),
    getStep: (parameters) => getStep(client, parameters),
    getStepCount: (parameters) => getStepCount(client, parameters),
    getVersion: (parameters) => getVersion(client, parameters),
    earnedOf: (parameters) => earnedOf(client, parameters),
    incomeOf: (parameters) => incomeOf(client, parameters),
    isVersionLive: (parameters) => isVersionLive(client, parameters),
    pendingOf: (parameters) => pendingOf(client, parameters),
    stepsAtPublication: (parameters) => stepsAtPublication(client, parameters),
    proveContribution: (parameters) => proveContribution(client, parameters),
    verifyReceipt: (parameters) => verifyReceipt(client, parameters),
  })

/** Transactions and signatures: for a client of L2 with an account. */
export const openledgerWalletActions =
  () =>
  (client: NativeClient): OpenledgerWalletActions => ({
    attestVersion: (parameters) => attestVersion(client, parameters),
    authorizeSigner: (parameters) => authorizeSigner(client, parameters),
    closeChannel: (parameters) => closeChannel(client, parameters),
    commitContribution: (parameters) => commitContribution(client, parameters),
    contribute: (parameters) => contribute(client, parameters),
    createDatanet: (parameters) => createDatanet(client, parameters),
    createModel: (parameters) => createModel(client, parameters),
    openChannel: (parameters) => openChannel(client, parameters),
    openRun: (parameters) => openRun(client, parameters),
    publishVersion: (parameters) => publishVersion(client, parameters),
    reclaimBond: (parameters) => reclaimBond(client, parameters),
    recordStep: (parameters) => recordStep(client, parameters),
    refundChannel: (parameters) => refundChannel(client, parameters),
    registerBase: (parameters) => registerBase(client, parameters),
    settle: (parameters) => settle(client, parameters),
    signReceipt: (parameters) => signReceipt(client, parameters),
    signVoucher: (parameters) => signVoucher(client, parameters),
    stake: (parameters) => stake(client, parameters),
    topUpChannel: (parameters) => topUpChannel(client, parameters),
    unstake: (parameters) => unstake(client, parameters),
    withdrawContribution: (parameters) => withdrawContribution(client, parameters),
    withdrawIncome: (parameters) => withdrawIncome(client, parameters),
    withdrawStake: (parameters) => withdrawStake(client, parameters),
  })

/** Both. */
export const openledgerActions =
  () =>
  (client: NativeClient): OpenledgerPublicActions & OpenledgerWalletActions => ({
    ...openledgerPublicActions()(client),
    ...openledgerWalletActions()(client),
  })
