/** The actions that need no account, bound to a client for viem’s `client.extend(…)`. */

import { curatorIncomeOf } from './actions/curator-income-of.ts'
import { earnedOf } from './actions/earned-of.ts'
import { getAgent } from './actions/get-agent.ts'
import { getAgentCount } from './actions/get-agent-count.ts'
import { getAgentMetadata } from './actions/get-agent-metadata.ts'
import { getAgentUri } from './actions/get-agent-uri.ts'
import { getBallot } from './actions/get-ballot.ts'
import { getBase } from './actions/get-base.ts'
import { getBaseCount } from './actions/get-base-count.ts'
import { getBatch } from './actions/get-batch.ts'
import { getBatchCount } from './actions/get-batch-count.ts'
import { getCanonicalCluster } from './actions/get-canonical-cluster.ts'
import { getChallenge } from './actions/get-challenge.ts'
import { getChannel } from './actions/get-channel.ts'
import { getChannelBeneficiary } from './actions/get-channel-beneficiary.ts'
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
import { getDatanetWeight } from './actions/get-datanet-weight.ts'
import { getDemand } from './actions/get-demand.ts'
import { getDraw } from './actions/get-draw.ts'
import { getFeedbackClients } from './actions/get-feedback-clients.ts'
import { getFeedbackSummary } from './actions/get-feedback-summary.ts'
import { getGovernor } from './actions/get-governor.ts'
import { getJob } from './actions/get-job.ts'
import { getJobCount } from './actions/get-job-count.ts'
import { getLastFeedbackIndex } from './actions/get-last-feedback-index.ts'
import { getLicence } from './actions/get-licence.ts'
import { getLineage } from './actions/get-lineage.ts'
import { getMinhash } from './actions/get-minhash.ts'
import { getModel } from './actions/get-model.ts'
import { getModelCount } from './actions/get-model-count.ts'
import { getOwnedModelCount } from './actions/get-owned-model-count.ts'
import { getParameter } from './actions/get-parameter.ts'
import { getPrices } from './actions/get-prices.ts'
import { getProposalState } from './actions/get-proposal-state.ts'
import { getQuality } from './actions/get-quality.ts'
import { getQualitySeed } from './actions/get-quality-seed.ts'
import { getRelease } from './actions/get-release.ts'
import { getResponseCount } from './actions/get-response-count.ts'
import { getReview } from './actions/get-review.ts'
import { getRound } from './actions/get-round.ts'
import { getRoundCount } from './actions/get-round-count.ts'
import { getRoundOf } from './actions/get-round-of.ts'
import { getRowDemand } from './actions/get-row-demand.ts'
import { getRoyalty } from './actions/get-royalty.ts'
import { getRun } from './actions/get-run.ts'
import { getRunCount } from './actions/get-run-count.ts'
import { getSeats } from './actions/get-seats.ts'
import { getSettledRequest } from './actions/get-settled-request.ts'
import { getSettlement } from './actions/get-settlement.ts'
import { getSettlementCount } from './actions/get-settlement-count.ts'
import { getShareAccount } from './actions/get-share-account.ts'
import { getShareToken } from './actions/get-share-token.ts'
import { getShares } from './actions/get-shares.ts'
import { getSigner } from './actions/get-signer.ts'
import { getSpendable } from './actions/get-spendable.ts'
import { getStake } from './actions/get-stake.ts'
import { getStep } from './actions/get-step.ts'
import { getStepCount } from './actions/get-step-count.ts'
import { getTotalStake } from './actions/get-total-stake.ts'
import { getTreasury } from './actions/get-treasury.ts'
import { getVersion } from './actions/get-version.ts'
import { getVersionCount } from './actions/get-version-count.ts'
import { getVersionStanding } from './actions/get-version-standing.ts'
import { getVotes } from './actions/get-votes.ts'
import { hasAttested } from './actions/has-attested.ts'
import { incomeOf } from './actions/income-of.ts'
import { isAdmitted } from './actions/is-admitted.ts'
import { isRequestSettled } from './actions/is-request-settled.ts'
import { isUnreplayable } from './actions/is-unreplayable.ts'
import { isVersionLive } from './actions/is-version-live.ts'
import { pendingOf } from './actions/pending-of.ts'
import { proveContribution } from './actions/prove-contribution.ts'
import { provePayout } from './actions/prove-payout.ts'
import { readAllFeedback } from './actions/read-all-feedback.ts'
import { readFeedback } from './actions/read-feedback.ts'
import { stepsAtPublication } from './actions/steps-at-publication.ts'
import { verifyReceipt } from './actions/verify-receipt.ts'
import type { BoundAction } from './bound-action.ts'
import { confirmTransaction, type NativeClient } from './native-transaction.ts'

export type OpenledgerPublicActions = {
  confirmTransaction: BoundAction<typeof confirmTransaction>
  curatorIncomeOf: BoundAction<typeof curatorIncomeOf>
  earnedOf: BoundAction<typeof earnedOf>
  getAgent: BoundAction<typeof getAgent>
  getAgentCount: BoundAction<typeof getAgentCount>
  getAgentMetadata: BoundAction<typeof getAgentMetadata>
  getAgentUri: BoundAction<typeof getAgentUri>
  getBallot: BoundAction<typeof getBallot>
  getBase: BoundAction<typeof getBase>
  getBaseCount: BoundAction<typeof getBaseCount>
  getCanonicalCluster: BoundAction<typeof getCanonicalCluster>
  getChallenge: BoundAction<typeof getChallenge>
  getChannel: BoundAction<typeof getChannel>
  getChannelBeneficiary: BoundAction<typeof getChannelBeneficiary>
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
  getDatanetWeight: BoundAction<typeof getDatanetWeight>
  getDemand: BoundAction<typeof getDemand>
  getFeedbackClients: BoundAction<typeof getFeedbackClients>
  getFeedbackSummary: BoundAction<typeof getFeedbackSummary>
  getGovernor: BoundAction<typeof getGovernor>
  getJob: BoundAction<typeof getJob>
  getJobCount: BoundAction<typeof getJobCount>
  getLastFeedbackIndex: BoundAction<typeof getLastFeedbackIndex>
  getLicence: BoundAction<typeof getLicence>
  getLineage: BoundAction<typeof getLineage>
  getMinhash: BoundAction<typeof getMinhash>
  getModel: BoundAction<typeof getModel>
  getModelCount: BoundAction<typeof getModelCount>
  getOwnedModelCount: BoundAction<typeof getOwnedModelCount>
  getParameter: BoundAction<typeof getParameter>
  getPrices: BoundAction<typeof getPrices>
  getProposalState: BoundAction<typeof getProposalState>
  getQuality: BoundAction<typeof getQuality>
  getQualitySeed: BoundAction<typeof getQualitySeed>
  getRelease: BoundAction<typeof getRelease>
  getResponseCount: BoundAction<typeof getResponseCount>
  getReview: BoundAction<typeof getReview>
  getRound: BoundAction<typeof getRound>
  getRoundCount: BoundAction<typeof getRoundCount>
  getRoundOf: BoundAction<typeof getRoundOf>
  getRowDemand: BoundAction<typeof getRowDemand>
  getRoyalty: BoundAction<typeof getRoyalty>
  getRun: BoundAction<typeof getRun>
  getRunCount: BoundAction<typeof getRunCount>
  getSeats: BoundAction<typeof getSeats>
  getSettledRequest: BoundAction<typeof getSettledRequest>
  getSettlement: BoundAction<typeof getSettlement>
  getBatch: BoundAction<typeof getBatch>
  getBatchCount: BoundAction<typeof getBatchCount>
  getDraw: BoundAction<typeof getDraw>
  getSettlementCount: BoundAction<typeof getSettlementCount>
  getShareAccount: BoundAction<typeof getShareAccount>
  getShareToken: BoundAction<typeof getShareToken>
  getShares: BoundAction<typeof getShares>
  getSigner: BoundAction<typeof getSigner>
  getSpendable: BoundAction<typeof getSpendable>
  getStake: BoundAction<typeof getStake>
  getStep: BoundAction<typeof getStep>
  getStepCount: BoundAction<typeof getStepCount>
  getTotalStake: BoundAction<typeof getTotalStake>
  getTreasury: BoundAction<typeof getTreasury>
  getVersion: BoundAction<typeof getVersion>
  getVersionCount: BoundAction<typeof getVersionCount>
  getVersionStanding: BoundAction<typeof getVersionStanding>
  getVotes: BoundAction<typeof getVotes>
  hasAttested: BoundAction<typeof hasAttested>
  incomeOf: BoundAction<typeof incomeOf>
  isAdmitted: BoundAction<typeof isAdmitted>
  isRequestSettled: BoundAction<typeof isRequestSettled>
  isUnreplayable: BoundAction<typeof isUnreplayable>
  isVersionLive: BoundAction<typeof isVersionLive>
  pendingOf: BoundAction<typeof pendingOf>
  proveContribution: BoundAction<typeof proveContribution>
  provePayout: BoundAction<typeof provePayout>
  readAllFeedback: BoundAction<typeof readAllFeedback>
  readFeedback: BoundAction<typeof readFeedback>
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
    getAgent: (parameters) => getAgent(client, parameters),
    getAgentCount: (parameters) => getAgentCount(client, parameters),
    getAgentMetadata: (parameters) => getAgentMetadata(client, parameters),
    getAgentUri: (parameters) => getAgentUri(client, parameters),
    getBallot: (parameters) => getBallot(client, parameters),
    getBase: (parameters) => getBase(client, parameters),
    getBaseCount: (parameters) => getBaseCount(client, parameters),
    getCanonicalCluster: (parameters) => getCanonicalCluster(client, parameters),
    getChallenge: (parameters) => getChallenge(client, parameters),
    getChannel: (parameters) => getChannel(client, parameters),
    getChannelBeneficiary: (parameters) => getChannelBeneficiary(client, parameters),
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
    getDatanetWeight: (parameters) => getDatanetWeight(client, parameters),
    getDemand: (parameters) => getDemand(client, parameters),
    getFeedbackClients: (parameters) => getFeedbackClients(client, parameters),
    getFeedbackSummary: (parameters) => getFeedbackSummary(client, parameters),
    getGovernor: (parameters) => getGovernor(client, parameters),
    getJob: (parameters) => getJob(client, parameters),
    getJobCount: (parameters) => getJobCount(client, parameters),
    getLastFeedbackIndex: (parameters) => getLastFeedbackIndex(client, parameters),
    getLicence: (parameters) => getLicence(client, parameters),
    getLineage: (parameters) => getLineage(client, parameters),
    getMinhash: (parameters) => getMinhash(client, parameters),
    getModel: (parameters) => getModel(client, parameters),
    getModelCount: (parameters) => getModelCount(client, parameters),
    getOwnedModelCount: (parameters) => getOwnedModelCount(client, parameters),
    getParameter: (parameters) => getParameter(client, parameters),
    getPrices: (parameters) => getPrices(client, parameters),
    getProposalState: (parameters) => getProposalState(client, parameters),
    getQuality: (parameters) => getQuality(client, parameters),
    getQualitySeed: (parameters) => getQualitySeed(client, parameters),
    getRelease: (parameters) => getRelease(client, parameters),
    getResponseCount: (parameters) => getResponseCount(client, parameters),
    getReview: (parameters) => getReview(client, parameters),
    getRound: (parameters) => getRound(client, parameters),
    getRoundCount: (parameters) => getRoundCount(client, parameters),
    getRoundOf: (parameters) => getRoundOf(client, parameters),
    getRowDemand: (parameters) => getRowDemand(client, parameters),
    getRoyalty: (parameters) => getRoyalty(client, parameters),
    getRun: (parameters) => getRun(client, parameters),
    getRunCount: (parameters) => getRunCount(client, parameters),
    getSeats: (parameters) => getSeats(client, parameters),
    getSettledRequest: (parameters) => getSettledRequest(client, parameters),
    getSettlement: (parameters) => getSettlement(client, parameters),
    getBatch: (parameters) => getBatch(client, parameters),
    getBatchCount: (parameters) => getBatchCount(client, parameters),
    getDraw: (parameters) => getDraw(client, parameters),
    getSettlementCount: (parameters) => getSettlementCount(client, parameters),
    getShareAccount: (parameters) => getShareAccount(client, parameters),
    getShareToken: (parameters) => getShareToken(client, parameters),
    getShares: (parameters) => getShares(client, parameters),
    getSigner: (parameters) => getSigner(client, parameters),
    getSpendable: (parameters) => getSpendable(client, parameters),
    getStake: (parameters) => getStake(client, parameters),
    getStep: (parameters) => getStep(client, parameters),
    getStepCount: (parameters) => getStepCount(client, parameters),
    getTotalStake: (parameters) => getTotalStake(client, parameters),
    getTreasury: (parameters) => getTreasury(client, parameters),
    getVersion: (parameters) => getVersion(client, parameters),
    getVersionCount: (parameters) => getVersionCount(client, parameters),
    getVersionStanding: (parameters) => getVersionStanding(client, parameters),
    getVotes: (parameters) => getVotes(client, parameters),
    hasAttested: (parameters) => hasAttested(client, parameters),
    incomeOf: (parameters) => incomeOf(client, parameters),
    isAdmitted: (parameters) => isAdmitted(client, parameters),
    isRequestSettled: (parameters) => isRequestSettled(client, parameters),
    isUnreplayable: (parameters) => isUnreplayable(client, parameters),
    isVersionLive: (parameters) => isVersionLive(client, parameters),
    pendingOf: (parameters) => pendingOf(client, parameters),
    proveContribution: (parameters) => proveContribution(client, parameters),
    provePayout: (parameters) => provePayout(client, parameters),
    readAllFeedback: (parameters) => readAllFeedback(client, parameters),
    readFeedback: (parameters) => readFeedback(client, parameters),
    stepsAtPublication: (parameters) => stepsAtPublication(client, parameters),
    verifyReceipt: (parameters) => verifyReceipt(client, parameters),
  })
