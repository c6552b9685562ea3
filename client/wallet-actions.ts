/** The actions that sign, bound to a client for viem’s `client.extend(…)`. */
import { admitContributor } from './actions/admit-contributor.ts'
import { appealCluster } from './actions/appeal-cluster.ts'
import { attestVersion } from './actions/attest-version.ts'
import { authorizeSigner } from './actions/authorize-signer.ts'
import { buyLicence } from './actions/buy-licence.ts'
import { challengeOmission } from './actions/challenge-omission.ts'
import { challengeReceipt } from './actions/challenge-receipt.ts'
import { challengeSame } from './actions/challenge-same.ts'
import { challengeScore } from './actions/challenge-score.ts'
import { closeChannel } from './actions/close-channel.ts'
import { collectRewards } from './actions/collect-rewards.ts'
import { commitChallenge } from './actions/commit-challenge.ts'
import { commitContribution } from './actions/commit-contribution.ts'
import { contribute } from './actions/contribute.ts'
import { contributeChunked } from './actions/contribute-chunked.ts'
import { contributeElsewhere } from './actions/contribute-elsewhere.ts'
import { contributeNewVersion } from './actions/contribute-new-version.ts'
import { createDatanet } from './actions/create-datanet.ts'
import { createModel } from './actions/create-model.ts'
import { demandOpening } from './actions/demand-opening.ts'
import { openChannel } from './actions/open-channel.ts'
import { openRun } from './actions/open-run.ts'
import { openRunOn } from './actions/open-run-on.ts'
import { publishVersion } from './actions/publish-version.ts'
import { punishHidden } from './actions/punish-hidden.ts'
import { reclaimBond } from './actions/reclaim-bond.ts'
import { reclaimChallengeBond } from './actions/reclaim-challenge-bond.ts'
import { recordStep } from './actions/record-step.ts'
import { refundChannel } from './actions/refund-channel.ts'
import { registerBase } from './actions/register-base.ts'
import { reveal } from './actions/reveal.ts'
import { reviewProposal } from './actions/review-proposal.ts'
import { setCurators } from './actions/set-curators.ts'
import { setParameter } from './actions/set-parameter.ts'
import { settle } from './actions/settle.ts'
import { showChunk } from './actions/show-chunk.ts'
import { signReceipt } from './actions/sign-receipt.ts'
import { signVoucher } from './actions/sign-voucher.ts'
import { stake } from './actions/stake.ts'
import { topUpChannel } from './actions/top-up-channel.ts'
import { unstake } from './actions/unstake.ts'
import { withdrawContribution } from './actions/withdraw-contribution.ts'
import { withdrawCuratorIncome } from './actions/withdraw-curator-income.ts'
import { withdrawIncome } from './actions/withdraw-income.ts'
import { withdrawStake } from './actions/withdraw-stake.ts'
import type { BoundAction } from './bound-action.ts'
import type { NativeClient } from './native-transaction.ts'

export type OpenledgerWalletActions = {
  admitContributor: BoundAction<typeof admitContributor>
  appealCluster: BoundAction<typeof appealCluster>
  attestVersion: BoundAction<typeof attestVersion>
  authorizeSigner: BoundAction<typeof authorizeSigner>
  buyLicence: BoundAction<typeof buyLicence>
  challengeOmission: BoundAction<typeof challengeOmission>
  challengeReceipt: BoundAction<typeof challengeReceipt>
  challengeSame: BoundAction<typeof challengeSame>
  challengeScore: BoundAction<typeof challengeScore>
  closeChannel: BoundAction<typeof closeChannel>
  collectRewards: BoundAction<typeof collectRewards>
  commitChallenge: BoundAction<typeof commitChallenge>
  commitContribution: BoundAction<typeof commitContribution>
  contribute: BoundAction<typeof contribute>
  contributeChunked: BoundAction<typeof contributeChunked>
  contributeElsewhere: BoundAction<typeof contributeElsewhere>
  contributeNewVersion: BoundAction<typeof contributeNewVersion>
  createDatanet: BoundAction<typeof createDatanet>
  createModel: BoundAction<typeof createModel>
  demandOpening: BoundAction<typeof demandOpening>
  openChannel: BoundAction<typeof openChannel>
  openRun: BoundAction<typeof openRun>
  openRunOn: BoundAction<typeof openRunOn>
  publishVersion: BoundAction<typeof publishVersion>
  punishHidden: BoundAction<typeof punishHidden>
  reclaimBond: BoundAction<typeof reclaimBond>
  reclaimChallengeBond: BoundAction<typeof reclaimChallengeBond>
  recordStep: BoundAction<typeof recordStep>
  refundChannel: BoundAction<typeof refundChannel>
  registerBase: BoundAction<typeof registerBase>
  reveal: BoundAction<typeof reveal>
  reviewProposal: BoundAction<typeof reviewProposal>
  setCurators: BoundAction<typeof setCurators>
  setParameter: BoundAction<typeof setParameter>
  settle: BoundAction<typeof settle>
  showChunk: BoundAction<typeof showChunk>
  signReceipt: BoundAction<typeof signReceipt>
  signVoucher: BoundAction<typeof signVoucher>
  stake: BoundAction<typeof stake>
  topUpChannel: BoundAction<typeof topUpChannel>
  unstake: BoundAction<typeof unstake>
  withdrawContribution: BoundAction<typeof withdrawContribution>
  withdrawCuratorIncome: BoundAction<typeof withdrawCuratorIncome>
  withdrawIncome: BoundAction<typeof withdrawIncome>
  withdrawStake: BoundAction<typeof withdrawStake>
}

/** Transactions and signatures: for a client of L2 with an account. */
export const openledgerWalletActions =
  () =>
  (client: NativeClient): OpenledgerWalletActions => ({
    admitContributor: (parameters) => admitContributor(client, parameters),
    appealCluster: (parameters) => appealCluster(client, parameters),
    attestVersion: (parameters) => attestVersion(client, parameters),
    authorizeSigner: (parameters) => authorizeSigner(client, parameters),
    buyLicence: (parameters) => buyLicence(client, parameters),
    challengeOmission: (parameters) => challengeOmission(client, parameters),
    challengeReceipt: (parameters) => challengeReceipt(client, parameters),
    challengeSame: (parameters) => challengeSame(client, parameters),
    challengeScore: (parameters) => challengeScore(client, parameters),
    closeChannel: (parameters) => closeChannel(client, parameters),
    collectRewards: (parameters) => collectRewards(client, parameters),
    commitChallenge: (parameters) => commitChallenge(client, parameters),
    commitContribution: (parameters) => commitContribution(client, parameters),
    contribute: (parameters) => contribute(client, parameters),
    contributeChunked: (parameters) => contributeChunked(client, parameters),
    contributeElsewhere: (parameters) => contributeElsewhere(client, parameters),
    contributeNewVersion: (parameters) => contributeNewVersion(client, parameters),
    createDatanet: (parameters) => createDatanet(client, parameters),
    createModel: (parameters) => createModel(client, parameters),
    demandOpening: (parameters) => demandOpening(client, parameters),
    openChannel: (parameters) => openChannel(client, parameters),
    openRun: (parameters) => openRun(client, parameters),
    openRunOn: (parameters) => openRunOn(client, parameters),
    publishVersion: (parameters) => publishVersion(client, parameters),
    punishHidden: (parameters) => punishHidden(client, parameters),
    reclaimBond: (parameters) => reclaimBond(client, parameters),
    reclaimChallengeBond: (parameters) => reclaimChallengeBond(client, parameters),
    recordStep: (parameters) => recordStep(client, parameters),
    refundChannel: (parameters) => refundChannel(client, parameters),
    registerBase: (parameters) => registerBase(client, parameters),
    reveal: (parameters) => reveal(client, parameters),
    reviewProposal: (parameters) => reviewProposal(client, parameters),
    setCurators: (parameters) => setCurators(client, parameters),
    setParameter: (parameters) => setParameter(client, parameters),
    settle: (parameters) => settle(client, parameters),
    showChunk: (parameters) => showChunk(client, parameters),
    signReceipt: (parameters) => signReceipt(client, parameters),
    signVoucher: (parameters) => signVoucher(client, parameters),
    stake: (parameters) => stake(client, parameters),
    topUpChannel: (parameters) => topUpChannel(client, parameters),
    unstake: (parameters) => unstake(client, parameters),
    withdrawContribution: (parameters) => withdrawContribution(client, parameters),
    withdrawCuratorIncome: (parameters) => withdrawCuratorIncome(client, parameters),
    withdrawIncome: (parameters) => withdrawIncome(client, parameters),
    withdrawStake: (parameters) => withdrawStake(client, parameters),
  })
