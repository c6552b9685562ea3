/** The actions that sign, bound to a client for viem’s `client.extend(…)`. */

import { acceptJob } from './actions/accept-job.ts'
import { acceptResult } from './actions/accept-result.ts'
import { admitContributor } from './actions/admit-contributor.ts'
import { appealCluster } from './actions/appeal-cluster.ts'
import { appealRound } from './actions/appeal-round.ts'
import { appendResponse } from './actions/append-response.ts'
import { attestQuality } from './actions/attest-quality.ts'
import { attestVersion } from './actions/attest-version.ts'
import { authorizeSigner } from './actions/authorize-signer.ts'
import { buyLicence } from './actions/buy-licence.ts'
import { cancelJob } from './actions/cancel-job.ts'
import { cancelProposal } from './actions/cancel-proposal.ts'
import { castVote } from './actions/cast-vote.ts'
import { challengeCurvature } from './actions/challenge-curvature.ts'
import { challengeOmission } from './actions/challenge-omission.ts'
import { challengeQuery } from './actions/challenge-query.ts'
import { challengeReceipt } from './actions/challenge-receipt.ts'
import { challengeRow } from './actions/challenge-row.ts'
import { challengeSame } from './actions/challenge-same.ts'
import { challengeScore } from './actions/challenge-score.ts'
import { closeAgentChannel } from './actions/close-agent-channel.ts'
import { closeChannel } from './actions/close-channel.ts'
import { collectRewards } from './actions/collect-rewards.ts'
import { commitChallenge } from './actions/commit-challenge.ts'
import { commitContribution } from './actions/commit-contribution.ts'
import { commitSeat } from './actions/commit-seat.ts'
import { completeJob } from './actions/complete-job.ts'
import { contribute } from './actions/contribute.ts'
import { contributeChunked } from './actions/contribute-chunked.ts'
import { contributeElsewhere } from './actions/contribute-elsewhere.ts'
import { contributeNewVersion } from './actions/contribute-new-version.ts'
import { createDatanet } from './actions/create-datanet.ts'
import { createModel } from './actions/create-model.ts'
import { createShareToken } from './actions/create-share-token.ts'
import { decideCurvature } from './actions/decide-curvature.ts'
import { decideQuery } from './actions/decide-query.ts'
import { decideRow } from './actions/decide-row.ts'
import { delegateVotes } from './actions/delegate-votes.ts'
import { demandOpening } from './actions/demand-opening.ts'
import { demandRow } from './actions/demand-row.ts'
import { drawCommittee } from './actions/draw-committee.ts'
import { drawQuality } from './actions/draw-quality.ts'
import { executeProposal } from './actions/execute-proposal.ts'
import { expireJob } from './actions/expire-job.ts'
import { flagUnreplayable } from './actions/flag-unreplayable.ts'
import { forfeitDraws } from './actions/forfeit-draws.ts'
import { giveFeedback } from './actions/give-feedback.ts'
import { grantFromTreasury } from './actions/grant-from-treasury.ts'
import { lockOpen } from './actions/lock-open.ts'
import { offerJob } from './actions/offer-job.ts'
import { offerJobFromAgent } from './actions/offer-job-from-agent.ts'
import { openAgentChannel } from './actions/open-agent-channel.ts'
import { openChannel } from './actions/open-channel.ts'
import { openRun } from './actions/open-run.ts'
import { openRunOn } from './actions/open-run-on.ts'
import { payAgent } from './actions/pay-agent.ts'
import { payFromAgent } from './actions/pay-from-agent.ts'
import { proposeCalls } from './actions/propose-calls.ts'
import { publishVersion } from './actions/publish-version.ts'
import { punishHidden } from './actions/punish-hidden.ts'
import { punishHiddenRow } from './actions/punish-hidden-row.ts'
import { queueProposal } from './actions/queue-proposal.ts'
import { reclaimBond } from './actions/reclaim-bond.ts'
import { reclaimChallengeBond } from './actions/reclaim-challenge-bond.ts'
import { reclaimVersionBond } from './actions/reclaim-version-bond.ts'
import { recordQuality } from './actions/record-quality.ts'
import { recordStep } from './actions/record-step.ts'
import { refundChannel } from './actions/refund-channel.ts'
import { registerAgent } from './actions/register-agent.ts'
import { registerBase } from './actions/register-base.ts'
import { rejectResult } from './actions/reject-result.ts'
import { releaseClaim } from './actions/release-claim.ts'
import { releaseShares } from './actions/release-shares.ts'
import { retireVersion } from './actions/retire-version.ts'
import { reveal } from './actions/reveal.ts'
import { revealRow } from './actions/reveal-row.ts'
import { revealSeat } from './actions/reveal-seat.ts'
import { reviewProposal } from './actions/review-proposal.ts'
import { revokeFeedback } from './actions/revoke-feedback.ts'
import { setAgentMetadata } from './actions/set-agent-metadata.ts'
import { setAgentPaused } from './actions/set-agent-paused.ts'
import { setAgentUri } from './actions/set-agent-uri.ts'
import { setAgentWallet } from './actions/set-agent-wallet.ts'
import { setCurators } from './actions/set-curators.ts'
import { setDatanetWeight } from './actions/set-datanet-weight.ts'
import { setParameter } from './actions/set-parameter.ts'
import { setPrices } from './actions/set-prices.ts'
import { setRoyalty } from './actions/set-royalty.ts'
import { setSpendingLimit } from './actions/set-spending-limit.ts'
import { settle } from './actions/settle.ts'
import { settleBatch } from './actions/settle-batch.ts'
import { settleDraws } from './actions/settle-draws.ts'
import { showChunk } from './actions/show-chunk.ts'
import { signAgentWallet } from './actions/sign-agent-wallet.ts'
import { signReceipt } from './actions/sign-receipt.ts'
import { signVoucher } from './actions/sign-voucher.ts'
import { stake } from './actions/stake.ts'
import { stakeAgent } from './actions/stake-agent.ts'
import { topUpAgentChannel } from './actions/top-up-agent-channel.ts'
import { topUpChannel } from './actions/top-up-channel.ts'
import { transferAgent } from './actions/transfer-agent.ts'
import { transferModel } from './actions/transfer-model.ts'
import { transferShares } from './actions/transfer-shares.ts'
import { unlockOpen } from './actions/unlock-open.ts'
import { unsetAgentWallet } from './actions/unset-agent-wallet.ts'
import { unstake } from './actions/unstake.ts'
import { unstakeAgent } from './actions/unstake-agent.ts'
import { voidRound } from './actions/void-round.ts'
import { withdrawAgentStake } from './actions/withdraw-agent-stake.ts'
import { withdrawContribution } from './actions/withdraw-contribution.ts'
import { withdrawCuratorIncome } from './actions/withdraw-curator-income.ts'
import { withdrawFromAgent } from './actions/withdraw-from-agent.ts'
import { withdrawIncome } from './actions/withdraw-income.ts'
import { withdrawStake } from './actions/withdraw-stake.ts'
import type { BoundAction } from './bound-action.ts'
import type { NativeClient } from './native-transaction.ts'

export type OpenledgerWalletActions = {
  acceptJob: BoundAction<typeof acceptJob>
  acceptResult: BoundAction<typeof acceptResult>
  admitContributor: BoundAction<typeof admitContributor>
  appealCluster: BoundAction<typeof appealCluster>
  appealRound: BoundAction<typeof appealRound>
  appendResponse: BoundAction<typeof appendResponse>
  attestQuality: BoundAction<typeof attestQuality>
  attestVersion: BoundAction<typeof attestVersion>
  authorizeSigner: BoundAction<typeof authorizeSigner>
  buyLicence: BoundAction<typeof buyLicence>
  cancelJob: BoundAction<typeof cancelJob>
  cancelProposal: BoundAction<typeof cancelProposal>
  castVote: BoundAction<typeof castVote>
  challengeCurvature: BoundAction<typeof challengeCurvature>
  challengeOmission: BoundAction<typeof challengeOmission>
  challengeQuery: BoundAction<typeof challengeQuery>
  challengeReceipt: BoundAction<typeof challengeReceipt>
  challengeRow: BoundAction<typeof challengeRow>
  challengeSame: BoundAction<typeof challengeSame>
  challengeScore: BoundAction<typeof challengeScore>
  closeAgentChannel: BoundAction<typeof closeAgentChannel>
  closeChannel: BoundAction<typeof closeChannel>
  collectRewards: BoundAction<typeof collectRewards>
  commitChallenge: BoundAction<typeof commitChallenge>
  commitContribution: BoundAction<typeof commitContribution>
  commitSeat: BoundAction<typeof commitSeat>
  completeJob: BoundAction<typeof completeJob>
  contribute: BoundAction<typeof contribute>
  contributeChunked: BoundAction<typeof contributeChunked>
  contributeElsewhere: BoundAction<typeof contributeElsewhere>
  contributeNewVersion: BoundAction<typeof contributeNewVersion>
  createDatanet: BoundAction<typeof createDatanet>
  createModel: BoundAction<typeof createModel>
  createShareToken: BoundAction<typeof createShareToken>
  decideCurvature: BoundAction<typeof decideCurvature>
  decideQuery: BoundAction<typeof decideQuery>
  decideRow: BoundAction<typeof decideRow>
  delegateVotes: BoundAction<typeof delegateVotes>
  demandOpening: BoundAction<typeof demandOpening>
  demandRow: BoundAction<typeof demandRow>
  drawCommittee: BoundAction<typeof drawCommittee>
  drawQuality: BoundAction<typeof drawQuality>
  executeProposal: BoundAction<typeof executeProposal>
  expireJob: BoundAction<typeof expireJob>
  flagUnreplayable: BoundAction<typeof flagUnreplayable>
  giveFeedback: BoundAction<typeof giveFeedback>
  grantFromTreasury: BoundAction<typeof grantFromTreasury>
  lockOpen: BoundAction<typeof lockOpen>
  offerJob: BoundAction<typeof offerJob>
  offerJobFromAgent: BoundAction<typeof offerJobFromAgent>
  openAgentChannel: BoundAction<typeof openAgentChannel>
  openChannel: BoundAction<typeof openChannel>
  openRun: BoundAction<typeof openRun>
  openRunOn: BoundAction<typeof openRunOn>
  payAgent: BoundAction<typeof payAgent>
  payFromAgent: BoundAction<typeof payFromAgent>
  proposeCalls: BoundAction<typeof proposeCalls>
  publishVersion: BoundAction<typeof publishVersion>
  punishHidden: BoundAction<typeof punishHidden>
  punishHiddenRow: BoundAction<typeof punishHiddenRow>
  queueProposal: BoundAction<typeof queueProposal>
  reclaimBond: BoundAction<typeof reclaimBond>
  reclaimChallengeBond: BoundAction<typeof reclaimChallengeBond>
  reclaimVersionBond: BoundAction<typeof reclaimVersionBond>
  recordQuality: BoundAction<typeof recordQuality>
  recordStep: BoundAction<typeof recordStep>
  refundChannel: BoundAction<typeof refundChannel>
  registerAgent: BoundAction<typeof registerAgent>
  registerBase: BoundAction<typeof registerBase>
  rejectResult: BoundAction<typeof rejectResult>
  releaseClaim: BoundAction<typeof releaseClaim>
  releaseShares: BoundAction<typeof releaseShares>
  retireVersion: BoundAction<typeof retireVersion>
  reveal: BoundAction<typeof reveal>
  revealRow: BoundAction<typeof revealRow>
  revealSeat: BoundAction<typeof revealSeat>
  reviewProposal: BoundAction<typeof reviewProposal>
  revokeFeedback: BoundAction<typeof revokeFeedback>
  setAgentMetadata: BoundAction<typeof setAgentMetadata>
  setAgentPaused: BoundAction<typeof setAgentPaused>
  setAgentUri: BoundAction<typeof setAgentUri>
  setAgentWallet: BoundAction<typeof setAgentWallet>
  setCurators: BoundAction<typeof setCurators>
  setDatanetWeight: BoundAction<typeof setDatanetWeight>
  setParameter: BoundAction<typeof setParameter>
  setPrices: BoundAction<typeof setPrices>
  setRoyalty: BoundAction<typeof setRoyalty>
  setSpendingLimit: BoundAction<typeof setSpendingLimit>
  settle: BoundAction<typeof settle>
  settleBatch: BoundAction<typeof settleBatch>
  settleDraws: BoundAction<typeof settleDraws>
  forfeitDraws: BoundAction<typeof forfeitDraws>
  showChunk: BoundAction<typeof showChunk>
  signAgentWallet: BoundAction<typeof signAgentWallet>
  signReceipt: BoundAction<typeof signReceipt>
  signVoucher: BoundAction<typeof signVoucher>
  stake: BoundAction<typeof stake>
  stakeAgent: BoundAction<typeof stakeAgent>
  topUpAgentChannel: BoundAction<typeof topUpAgentChannel>
  topUpChannel: BoundAction<typeof topUpChannel>
  transferAgent: BoundAction<typeof transferAgent>
  transferModel: BoundAction<typeof transferModel>
  transferShares: BoundAction<typeof transferShares>
  unlockOpen: BoundAction<typeof unlockOpen>
  unsetAgentWallet: BoundAction<typeof unsetAgentWallet>
  unstake: BoundAction<typeof unstake>
  unstakeAgent: BoundAction<typeof unstakeAgent>
  voidRound: BoundAction<typeof voidRound>
  withdrawAgentStake: BoundAction<typeof withdrawAgentStake>
  withdrawContribution: BoundAction<typeof withdrawContribution>
  withdrawCuratorIncome: BoundAction<typeof withdrawCuratorIncome>
  withdrawFromAgent: BoundAction<typeof withdrawFromAgent>
  withdrawIncome: BoundAction<typeof withdrawIncome>
  withdrawStake: BoundAction<typeof withdrawStake>
}

/** Transactions and signatures: for a client of L2 with an account. */
export const openledgerWalletActions =
  () =>
  (client: NativeClient): OpenledgerWalletActions => ({
    acceptJob: (parameters) => acceptJob(client, parameters),
    acceptResult: (parameters) => acceptResult(client, parameters),
    admitContributor: (parameters) => admitContributor(client, parameters),
    appealCluster: (parameters) => appealCluster(client, parameters),
    appealRound: (parameters) => appealRound(client, parameters),
    appendResponse: (parameters) => appendResponse(client, parameters),
    attestQuality: (parameters) => attestQuality(client, parameters),
    attestVersion: (parameters) => attestVersion(client, parameters),
    authorizeSigner: (parameters) => authorizeSigner(client, parameters),
    buyLicence: (parameters) => buyLicence(client, parameters),
    cancelJob: (parameters) => cancelJob(client, parameters),
    cancelProposal: (parameters) => cancelProposal(client, parameters),
    castVote: (parameters) => castVote(client, parameters),
    challengeCurvature: (parameters) => challengeCurvature(client, parameters),
    challengeOmission: (parameters) => challengeOmission(client, parameters),
    challengeQuery: (parameters) => challengeQuery(client, parameters),
    challengeReceipt: (parameters) => challengeReceipt(client, parameters),
    challengeRow: (parameters) => challengeRow(client, parameters),
    challengeSame: (parameters) => challengeSame(client, parameters),
    challengeScore: (parameters) => challengeScore(client, parameters),
    closeAgentChannel: (parameters) => closeAgentChannel(client, parameters),
    closeChannel: (parameters) => closeChannel(client, parameters),
    collectRewards: (parameters) => collectRewards(client, parameters),
    commitChallenge: (parameters) => commitChallenge(client, parameters),
    commitContribution: (parameters) => commitContribution(client, parameters),
    commitSeat: (parameters) => commitSeat(client, parameters),
    completeJob: (parameters) => completeJob(client, parameters),
    contribute: (parameters) => contribute(client, parameters),
    contributeChunked: (parameters) => contributeChunked(client, parameters),
    contributeElsewhere: (parameters) => contributeElsewhere(client, parameters),
    contributeNewVersion: (parameters) => contributeNewVersion(client, parameters),
    createDatanet: (parameters) => createDatanet(client, parameters),
    createModel: (parameters) => createModel(client, parameters),
    createShareToken: (parameters) => createShareToken(client, parameters),
    decideCurvature: (parameters) => decideCurvature(client, parameters),
    decideQuery: (parameters) => decideQuery(client, parameters),
    decideRow: (parameters) => decideRow(client, parameters),
    delegateVotes: (parameters) => delegateVotes(client, parameters),
    demandOpening: (parameters) => demandOpening(client, parameters),
    demandRow: (parameters) => demandRow(client, parameters),
    drawCommittee: (parameters) => drawCommittee(client, parameters),
    drawQuality: (parameters) => drawQuality(client, parameters),
    executeProposal: (parameters) => executeProposal(client, parameters),
    expireJob: (parameters) => expireJob(client, parameters),
    flagUnreplayable: (parameters) => flagUnreplayable(client, parameters),
    giveFeedback: (parameters) => giveFeedback(client, parameters),
    grantFromTreasury: (parameters) => grantFromTreasury(client, parameters),
    lockOpen: (parameters) => lockOpen(client, parameters),
    offerJob: (parameters) => offerJob(client, parameters),
    offerJobFromAgent: (parameters) => offerJobFromAgent(client, parameters),
    openAgentChannel: (parameters) => openAgentChannel(client, parameters),
    openChannel: (parameters) => openChannel(client, parameters),
    openRun: (parameters) => openRun(client, parameters),
    openRunOn: (parameters) => openRunOn(client, parameters),
    payAgent: (parameters) => payAgent(client, parameters),
    payFromAgent: (parameters) => payFromAgent(client, parameters),
    proposeCalls: (parameters) => proposeCalls(client, parameters),
    publishVersion: (parameters) => publishVersion(client, parameters),
    punishHidden: (parameters) => punishHidden(client, parameters),
    punishHiddenRow: (parameters) => punishHiddenRow(client, parameters),
    queueProposal: (parameters) => queueProposal(client, parameters),
    reclaimBond: (parameters) => reclaimBond(client, parameters),
    reclaimChallengeBond: (parameters) => reclaimChallengeBond(client, parameters),
    reclaimVersionBond: (parameters) => reclaimVersionBond(client, parameters),
    recordQuality: (parameters) => recordQuality(client, parameters),
    recordStep: (parameters) => recordStep(client, parameters),
    refundChannel: (parameters) => refundChannel(client, parameters),
    registerAgent: (parameters) => registerAgent(client, parameters),
    registerBase: (parameters) => registerBase(client, parameters),
    rejectResult: (parameters) => rejectResult(client, parameters),
    releaseClaim: (parameters) => releaseClaim(client, parameters),
    releaseShares: (parameters) => releaseShares(client, parameters),
    retireVersion: (parameters) => retireVersion(client, parameters),
    reveal: (parameters) => reveal(client, parameters),
    revealRow: (parameters) => revealRow(client, parameters),
    revealSeat: (parameters) => revealSeat(client, parameters),
    reviewProposal: (parameters) => reviewProposal(client, parameters),
    revokeFeedback: (parameters) => revokeFeedback(client, parameters),
    setAgentMetadata: (parameters) => setAgentMetadata(client, parameters),
    setAgentPaused: (parameters) => setAgentPaused(client, parameters),
    setAgentUri: (parameters) => setAgentUri(client, parameters),
    setAgentWallet: (parameters) => setAgentWallet(client, parameters),
    setCurators: (parameters) => setCurators(client, parameters),
    setDatanetWeight: (parameters) => setDatanetWeight(client, parameters),
    setParameter: (parameters) => setParameter(client, parameters),
    setPrices: (parameters) => setPrices(client, parameters),
    setRoyalty: (parameters) => setRoyalty(client, parameters),
    setSpendingLimit: (parameters) => setSpendingLimit(client, parameters),
    settle: (parameters) => settle(client, parameters),
    settleBatch: (parameters) => settleBatch(client, parameters),
    settleDraws: (parameters) => settleDraws(client, parameters),
    forfeitDraws: (parameters) => forfeitDraws(client, parameters),
    showChunk: (parameters) => showChunk(client, parameters),
    signAgentWallet: (parameters) => signAgentWallet(client, parameters),
    signReceipt: (parameters) => signReceipt(client, parameters),
    signVoucher: (parameters) => signVoucher(client, parameters),
    stake: (parameters) => stake(client, parameters),
    stakeAgent: (parameters) => stakeAgent(client, parameters),
    topUpAgentChannel: (parameters) => topUpAgentChannel(client, parameters),
    topUpChannel: (parameters) => topUpChannel(client, parameters),
    transferAgent: (parameters) => transferAgent(client, parameters),
    transferModel: (parameters) => transferModel(client, parameters),
    transferShares: (parameters) => transferShares(client, parameters),
    unlockOpen: (parameters) => unlockOpen(client, parameters),
    unsetAgentWallet: (parameters) => unsetAgentWallet(client, parameters),
    unstake: (parameters) => unstake(client, parameters),
    unstakeAgent: (parameters) => unstakeAgent(client, parameters),
    voidRound: (parameters) => voidRound(client, parameters),
    withdrawAgentStake: (parameters) => withdrawAgentStake(client, parameters),
    withdrawContribution: (parameters) => withdrawContribution(client, parameters),
    withdrawCuratorIncome: (parameters) => withdrawCuratorIncome(client, parameters),
    withdrawFromAgent: (parameters) => withdrawFromAgent(client, parameters),
    withdrawIncome: (parameters) => withdrawIncome(client, parameters),
    withdrawStake: (parameters) => withdrawStake(client, parameters),
  })
