/** The actions that need no account, bound to a client for viem’s `client.extend(…)`. */
import { curatorIncomeOf } from './actions/curator-income-of.ts'
import { earnedOf } from './actions/earned-of.ts'
import { getBase } from './actions/get-base.ts'
import { getBaseCount } from './actions/get-base-count.ts'
import { getCanonicalCluster } from './actions/get-canonical-cluster.ts'
import { getChallenge } from './actions/get-challenge.ts'
import { getChannel } from './actions/get-channel.ts'
import { getChannelNonce } from './actions/get-channel-nonce.ts'
import { getChunks } from './actions/get-chunks.ts'
import { getClaim } from './actions/get-claim.ts'
import { getCluster } from './actions/get-cluster.ts'
import { getClusterCount } from './actions/get-cluster-count.ts'
import { getCommitment } from './actions/get-commitment.ts'
import { getContribution } from './actions/get-contribution.ts'
import { getContributionCount } from './actions/get-contribution-count.ts'
import { getContributionVersions } from './actions/get-contribution-versions.ts'
import { getCurators } from './actions/get-curators.ts'
import { getDatanet } from './actions/get-datanet.ts'
import { getDatanetCount } from './actions/get-datanet-count.ts'
import { getDemand } from './actions/get-demand.ts'
import { getGovernor } from './actions/get-governor.ts'
import { getLicence } from './actions/get-licence.ts'
import { getLineage } from './actions/get-lineage.ts'
import { getMinhash } from './actions/get-minhash.ts'
import { getModel } from './actions/get-model.ts'
import { getModelCount } from './actions/get-model-count.ts'
import { getParameter } from './actions/get-parameter.ts'
import { getReview } from './actions/get-review.ts'
import { getRun } from './actions/get-run.ts'
import { getRunCount } from './actions/get-run-count.ts'
import { getSettledRequest } from './actions/get-settled-request.ts'
import { getSettlement } from './actions/get-settlement.ts'
import { getSettlementCount } from './actions/get-settlement-count.ts'
import { getShares } from './actions/get-shares.ts'
import { getSigner } from './actions/get-signer.ts'
import { getStake } from './actions/get-stake.ts'
import { getStep } from './actions/get-step.ts'
import { getStepCount } from './actions/get-step-count.ts'
import { getTotalStake } from './actions/get-total-stake.ts'
import { getTreasury } from './actions/get-treasury.ts'
import { getVersion } from './actions/get-version.ts'
import { getVersionCount } from './actions/get-version-count.ts'
import { hasAttested } from './actions/has-attested.ts'
import { incomeOf } from './actions/income-of.ts'
import { isAdmitted } from './actions/is-admitted.ts'
import { isRequestSettled } from './actions/is-request-settled.ts'
import { isVersionLive } from './actions/is-version-live.ts'
import { pendingOf } from './actions/pending-of.ts'
import { proveContribution } from './actions/prove-contribution.ts'
import { stepsAtPublication } from './actions/steps-at-publication.ts'
import { verifyReceipt } from './actions/verify-receipt.ts'
import type { BoundAction } from './bound-action.ts'
import { confirmTransaction, type NativeClient } from './native-transaction.ts'

export type OpenledgerPublicActions = {
  confirmTransaction: BoundAction<typeof confirmTransaction>
  curatorIncomeOf: BoundAction<typeof curatorIncomeOf>
  earnedOf: BoundAction<typeof earnedOf>
  getBase: BoundAction<typeof getBase>
  getBaseCount: BoundAction<typeof getBaseCount>
  getCanonicalCluster: BoundAction<typeof getCanonicalCluster>
  getChallenge: BoundAction<typeof getChallenge>
  getChannel: BoundAction<typeof getChannel>
  getChannelNonce: BoundAction<typeof getChannelNonce>
  getChunks: BoundAction<typeof getChunks>
  getClaim: BoundAction<typeof getClaim>
  getCluster: BoundAction<typeof getCluster>
  getClusterCount: BoundAction<typeof getClusterCount>
  getCommitment: BoundAction<typeof getCommitment>
  getContribution: BoundAction<typeof getContribution>
  getContributionCount: BoundAction<typeof getContributionCount>
  getContributionVersions: BoundAction<typeof getContributionVersions>
  getCurators: BoundAction<typeof getCurators>
  getDatanet: BoundAction<typeof getDatanet>
  getDatanetCount: BoundAction<typeof getDatanetCount>
  getDemand: BoundAction<typeof getDemand>
  getGovernor: BoundAction<typeof getGovernor>
  getLicence: BoundAction<typeof getLicence>
  getLineage: BoundAction<typeof getLineage>
  getMinhash: BoundAction<typeof getMinhash>
  getModel: BoundAction<typeof getModel>
  getModelCount: BoundAction<typeof getModelCount>
  getParameter: BoundAction<typeof getParameter>
  getReview: BoundAction<typeof getReview>
  getRun: BoundAction<typeof getRun>
  getRunCount: BoundAction<typeof getRunCount>
  getSettledRequest: BoundAction<typeof getSettledRequest>
  getSettlement: BoundAction<typeof getSettlement>
  getSettlementCount: BoundAction<typeof getSettlementCount>
  getShares: BoundAction<typeof getShares>
  getSigner: BoundAction<typeof getSigner>
  getStake: BoundAction<typeof getStake>
  getStep: BoundAction<typeof getStep>
  getStepCount: BoundAction<typeof getStepCount>
  getTotalStake: BoundAction<typeof getTotalStake>
  getTreasury: BoundAction<typeof getTreasury>
  getVersion: BoundAction<typeof getVersion>
  getVersionCount: BoundAction<typeof getVersionCount>
  hasAttested: BoundAction<typeof hasAttested>
  incomeOf: BoundAction<typeof incomeOf>
  isAdmitted: BoundAction<typeof isAdmitted>
  isRequestSettled: BoundAction<typeof isRequestSettled>
  isVersionLive: BoundAction<typeof isVersionLive>
  pendingOf: BoundAction<typeof pendingOf>
  proveContribution: BoundAction<typeof proveContribution>
  stepsAtPublication: BoundAction<typeof stepsAtPublication>
  verifyReceipt: BoundAction<typeof verifyReceipt>
}

/** Reads: for any client of L2. */
export const openledgerPublicActions =
  () =>
  (client: NativeClient): OpenledgerPublicActions => ({
    confirmTransaction: (parameters) => confirmTransaction(client, parameters),
    curatorIncomeOf: (parameters) => curatorIncomeOf(client, parameters),
    earnedOf: (parameters) => earnedOf(client, parameters),
    getBase: (parameters) => getBase(client, parameters),
    getBaseCount: (parameters) => getBaseCount(client, parameters),
    getCanonicalCluster: (parameters) => getCanonicalCluster(client, parameters),
    getChallenge: (parameters) => getChallenge(client, parameters),
    getChannel: (parameters) => getChannel(client, parameters),
    getChannelNonce: (parameters) => getChannelNonce(client, parameters),
    getChunks: (parameters) => getChunks(client, parameters),
    getClaim: (parameters) => getClaim(client, parameters),
    getCluster: (parameters) => getCluster(client, parameters),
    getClusterCount: (parameters) => getClusterCount(client, parameters),
    getCommitment: (parameters) => getCommitment(client, parameters),
    getContribution: (parameters) => getContribution(client, parameters),
    getContributionCount: (parameters) => getContributionCount(client, parameters),
    getContributionVersions: (parameters) => getContributionVersions(client, parameters),
    getCurators: (parameters) => getCurators(client, parameters),
    getDatanet: (parameters) => getDatanet(client, parameters),
    getDatanetCount: (parameters) => getDatanetCount(client, parameters),
    getDemand: (parameters) => getDemand(client, parameters),
    getGovernor: (parameters) => getGovernor(client, parameters),
    getLicence: (parameters) => getLicence(client, parameters),
    getLineage: (parameters) => getLineage(client, parameters),
    getMinhash: (parameters) => getMinhash(client, parameters),
    getModel: (parameters) => getModel(client, parameters),
    getModelCount: (parameters) => getModelCount(client, parameters),
    getParameter: (parameters) => getParameter(client, parameters),
    getReview: (parameters) => getReview(client, parameters),
    getRun: (parameters) => getRun(client, parameters),
    getRunCount: (parameters) => getRunCount(client, parameters),
    getSettledRequest: (parameters) => getSettledRequest(client, parameters),
    getSettlement: (parameters) => getSettlement(client, parameters),
    getSettlementCount: (parameters) => getSettlementCount(client, parameters),
    getShares: (parameters) => getShares(client, parameters),
    getSigner: (parameters) => getSigner(client, parameters),
    getStake: (parameters) => getStake(client, parameters),
    getStep: (parameters) => getStep(client, parameters),
    getStepCount: (parameters) => getStepCount(client, parameters),
    getTotalStake: (parameters) => getTotalStake(client, parameters),
    getTreasury: (parameters) => getTreasury(client, parameters),
    getVersion: (parameters) => getVersion(client, parameters),
    getVersionCount: (parameters) => getVersionCount(client, parameters),
    hasAttested: (parameters) => hasAttested(client, parameters),
    incomeOf: (parameters) => incomeOf(client, parameters),
    isAdmitted: (parameters) => isAdmitted(client, parameters),
    isRequestSettled: (parameters) => isRequestSettled(client, parameters),
    isVersionLive: (parameters) => isVersionLive(client, parameters),
    pendingOf: (parameters) => pendingOf(client, parameters),
    proveContribution: (parameters) => proveContribution(client, parameters),
    stepsAtPublication: (parameters) => stepsAtPublication(client, parameters),
    verifyReceipt: (parameters) => verifyReceipt(client, parameters),
  })
