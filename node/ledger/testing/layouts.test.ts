/**
 * Storage layouts are append-only between protocol versions: a field keeps its slot and its bits for
 * ever. Each line is a slot of the record, its fields from the low bits up. Only add at the end.
 */
import { expect, it } from 'vitest'
import * as agents from '../agents/agent-records.ts'
import * as attribution from '../attribution/attribution-records.ts'
import * as batches from '../attribution/batch-records.ts'
import type { recordLayout } from '../calls/storage-layout.ts'
import * as channels from '../channels/channel-records.ts'
import * as datanets from '../datanets/datanet-records.ts'
import * as committee from '../disputes/committee-records.ts'
import { weightLayout } from '../governance/weight-records.ts'
import * as models from '../models/model-records.ts'
import * as randomness from '../payouts/randomness.ts'
import * as pool from '../payouts/streaming-pool.ts'
import * as staking from '../staking/staking-records.ts'
import * as validatorTree from '../staking/validator-tree.ts'

const slots = (layout: ReturnType<typeof recordLayout>): string[] =>
  Array.from({ length: layout.words }, (_, word) =>
    [...layout.places]
      .filter(([, place]) => place.word === word)
      .map(([name, { type, shift }]) => `${name} ${type} @${shift}`)
      .join(', '),
  )

it.each([
  ['agents.countersLayout', agents.countersLayout, ['agents uint64 @0, jobs uint64 @64']],
  [
    'agents.agentLayout',
    agents.agentLayout,
    [
      'owner address @0, registeredAt uint64 @160, paused bool @224',
      'wallet address @0',
      'balance uint128 @0, stake uint128 @128',
      'locked uint128 @0, unstaking uint128 @128',
      'limit uint128 @0, period uint64 @128, withdrawableAt uint64 @192',
      'spent uint128 @0, periodStart uint64 @128',
    ],
  ],
  [
    'agents.jobLayout',
    agents.jobLayout,
    [
      'clientAgent uint64 @0, agent uint64 @64, status uint8 @128, deadline uint64 @136',
      'client address @0, completedAt uint64 @160',
      'fee uint128 @0, forfeit uint128 @128',
      'jobHash bytes32 @0',
      'resultHash bytes32 @0',
    ],
  ],
  ['agents.feedbackLayout', agents.feedbackLayout, ['value uint128 @0, valueDecimals uint8 @128, isRevoked bool @136']],
  ['agents.addressLayout', agents.addressLayout, ['account address @0']],
  [
    'batches.batchLayout',
    batches.batchLayout,
    [
      'prover address @0, committedIn uint64 @160, leaves uint32 @224',
      'root bytes32 @0',
      'fees uint128 @0, perDraw uint128 @128',
      'lockPerDraw uint128 @0, drawnBy uint64 @128, deadline uint64 @192',
      'draws uint8 @0, open uint64 @8',
    ],
  ],
  ['batches.batchPartLayout', batches.batchPartLayout, ['first uint64 @0, last uint64 @64, fees uint128 @128']],
  [
    'attribution.countersLayout',
    attribution.countersLayout,
    ['settlements uint64 @0, queueHead uint64 @64, queueTail uint64 @128'],
  ],
  ['attribution.claimLayout', attribution.claimLayout, ['claimHash bytes32 @0', 'status uint8 @0']],
  ['attribution.challengeLayout', attribution.challengeLayout, ['committedIn uint64 @0, bond uint128 @64']],
  [
    'attribution.demandLayout',
    attribution.demandLayout,
    ['demander address @0, deadline uint64 @160', 'bond uint128 @0'],
  ],
  ['attribution.laneLayout', attribution.laneLayout, ['maturesAt uint64 @0, amount uint128 @64']],
  [
    'attribution.queueItemLayout',
    attribution.queueItemLayout,
    ['id uint160 @0, kind uint8 @160, lane uint8 @168, maturesAt uint64 @176'],
  ],
  [
    'attribution.settlementLayout',
    attribution.settlementLayout,
    [
      'prover address @0, settledAt uint64 @160',
      'leafHash bytes32 @0',
      'fee uint128 @0, lockedStake uint128 @128',
      'version uint64 @0, maturesAt uint64 @64',
    ],
  ],
  ['attribution.targetLayout', attribution.targetLayout, ['owed uint128 @0, paid uint128 @128']],
  [
    'channels.channelLayout',
    channels.channelLayout,
    [
      'payer address @0, closingAt uint64 @160, closed bool @224',
      'receiver address @0',
      'deposit uint128 @0, settled uint128 @128',
      'ceiling uint128 @0, highest uint64 @128, batchedTo uint64 @192',
    ],
  ],
  ['channels.signerLayout', channels.signerLayout, ['cap uint128 @0, expiry uint64 @128']],
  [
    'datanets.clusterLayout',
    datanets.clusterLayout,
    [
      'datanet uint64 @0, founder uint64 @64, members uint64 @128, withdrawnAt uint64 @192',
      'payee address @0, units uint32 @160, sequence uint56 @192, seen bool @248',
    ],
  ],
  [
    'datanets.commitmentLayout',
    datanets.commitmentLayout,
    ['committedAt uint64 @0, bond uint128 @64, sequence uint56 @192'],
  ],
  [
    'datanets.contributionLayout',
    datanets.contributionLayout,
    [
      'datanet uint64 @0, cluster uint64 @64, blockNumber uint64 @128, committedAt uint64 @192',
      'contributor address @0, size uint32 @160, status uint8 @192, sequence uint56 @200',
      'contentHash bytes32 @0',
    ],
  ],
  [
    'datanets.countersLayout',
    datanets.countersLayout,
    ['datanets uint64 @0, contributions uint64 @64, clusters uint64 @128, commitments uint64 @192'],
  ],
  [
    'datanets.datanetLayout',
    datanets.datanetLayout,
    [
      'owner address @0, contributions uint64 @160, policy uint8 @224, quorum uint16 @232',
      'clusters uint64 @0, bond uint128 @64, licenceExpiry uint64 @192',
      'feePerRow uint128 @0, revenueShareBps uint16 @128, commercialUse bool @144, attributionDuty bool @152',
    ],
  ],
  [
    'models.baseLayout',
    models.baseLayout,
    ['registrant address @0', 'weightsHash bytes32 @0', 'tokenizerHash bytes32 @0'],
  ],
  [
    'models.countersLayout',
    models.countersLayout,
    ['bases uint64 @0, models uint64 @64, runs uint64 @128, versions uint64 @192'],
  ],
  ['models.modelDatanetLayout', models.modelDatanetLayout, ['datanet uint64 @0']],
  [
    'models.modelLayout',
    models.modelLayout,
    ['owner address @0, base uint64 @160', 'pricePer1kIn uint128 @0, pricePer1kOut uint128 @128'],
  ],
  [
    'models.runDatanetLayout',
    models.runDatanetLayout,
    [
      'datanet uint64 @0, weightBps uint16 @64, revenueShareBps uint16 @80, licensedRows uint64 @96, attributionDuty bool @160',
    ],
  ],
  [
    'models.lineageLayout',
    models.lineageLayout,
    [
      'parent uint64 @0, first uint64 @64, second uint64 @128, third uint64 @192',
      'fourth uint64 @0, unreplayable bool @64',
    ],
  ],
  [
    'models.pricesLayout',
    models.pricesLayout,
    [
      'from uint64 @0, formerUntil uint64 @64, nextIn uint128 @128',
      'nextOut uint128 @0, formerIn uint128 @128',
      'formerOut uint128 @0',
    ],
  ],
  ['models.drawLayout', models.drawLayout, ['l1Number uint64 @0, value uint192 @64', 'drawnAt uint64 @0']],
  [
    'models.qualityLayout',
    models.qualityLayout,
    [
      'record uint64 @0, recordedAt uint64 @64, acceptedAt uint64 @128, qualityBps uint16 @192, runs uint16 @208',
      'recordHash bytes32 @0',
      'attestedStake uint128 @0, stakeAtRecord uint128 @128',
    ],
  ],
  [
    'models.standingLayout',
    models.standingLayout,
    ['failedAt uint64 @0, retiredAt uint64 @64, retiredIn uint64 @128, bondAt uint64 @192'],
  ],
  ['datanets.curatorLayout', datanets.curatorLayout, ['curator address @0']],
  ['datanets.shareAccountLayout', datanets.shareAccountLayout, ['bound uint128 @0, debt uint128 @128']],
  ['models.originLayout', models.originLayout, ['creator address @0, royaltyBps uint16 @160, chosen bool @176']],
  [
    'datanets.standingLayout',
    datanets.standingLayout,
    ['bond uint128 @0, accepts uint16 @128, rejects uint16 @144, seen bool @160, endsAt uint64 @168'],
  ],
  [
    'datanets.licenceLayout',
    datanets.licenceLayout,
    ['rows uint64 @0, expiresAt uint64 @64, revenueShareBps uint16 @128, commercialUse bool @144, bought bool @152'],
  ],
  ['datanets.versionsLayout', datanets.versionsLayout, ['previous uint64 @0, next uint64 @64']],
  ['datanets.chunkedLayout', datanets.chunkedLayout, ['chunks uint32 @0, shown uint32 @32, reached uint32 @64']],
  [
    'datanets.mergeLayout',
    datanets.mergeLayout,
    ['parent uint64 @0, mergedAt uint64 @64, height uint8 @128, reinstatedAt uint64 @136'],
  ],
  ['governance.weightLayout', weightLayout, ['weightBps uint16 @0']],
  [
    'models.runLayout',
    models.runLayout,
    [
      'model uint64 @0, seed uint64 @64, openedAt uint64 @128',
      'manifestRoot bytes32 @0',
      'hyperparametersHash bytes32 @0',
    ],
  ],
  [
    'models.stepLayout',
    models.stepLayout,
    ['step uint32 @0, lossMicro uint64 @32, recordedAt uint64 @96', 'checkpointHash bytes32 @0'],
  ],
  [
    'models.versionLayout',
    models.versionLayout,
    [
      'model uint64 @0, run uint64 @64, publishedAt uint64 @128, liveAt uint64 @192',
      'publisher address @0, rows uint32 @160, dims uint32 @192, medianScale uint16 @224, measured bool @240',
      'qualityBps uint16 @0',
      'adapterHash bytes32 @0',
      'curvatureHash bytes32 @0',
      'featureRoot bytes32 @0',
      'artifactHash bytes32 @0',
      'attestedStake uint128 @0, stakeAtPublication uint128 @128',
      'bond uint128 @0',
    ],
  ],
  [
    'staking.stakeLayout',
    staking.stakeLayout,
    ['amount uint128 @0, locked uint128 @128', 'unstaking uint128 @0, withdrawableAt uint64 @128'],
  ],
  ['randomness.randomnessLayout', randomness.randomnessLayout, ['l1Number uint64 @0, value uint192 @64']],
  ['committee.roundsLayout', committee.roundsLayout, ['rounds uint64 @0']],
  [
    'committee.roundLayout',
    committee.roundLayout,
    [
      'challenger address @0, kind uint8 @160, status uint8 @168, seats uint8 @176, version uint64 @184',
      'subject bytes32 @0',
      'committed bytes32 @0',
      'bond uint128 @0, seatReward uint128 @128',
      'boundary uint64 @0, drawAt uint64 @64, drawUntil uint64 @128, appealUntil uint64 @192',
      'appellant address @0, showUntil uint64 @160',
      'appealBond uint128 @0, appealStake uint128 @128',
    ],
  ],
  [
    'committee.voteCountLayout',
    committee.voteCountLayout,
    ['leader bytes32 @0', 'leading uint128 @0, revealed uint128 @128', 'commitUntil uint64 @0, revealUntil uint64 @64'],
  ],
  ['committee.seatLayout', committee.seatLayout, ['holder address @0, seats uint8 @160']],
  [
    'committee.ballotLayout',
    committee.ballotLayout,
    ['commitment bytes32 @0', 'vote bytes32 @0', 'weight uint128 @0, locked uint128 @128'],
  ],
  ['committee.subjectLayout', committee.subjectLayout, ['round uint64 @0, decided bool @64']],
  ['validatorTree.treeLayout', validatorTree.treeLayout, ['places uint32 @0, freePlace uint32 @32']],
  ['validatorTree.drawableLayout', validatorTree.drawableLayout, ['place uint32 @0, weight uint96 @32']],
  [
    'validatorTree.treePlaceLayout',
    validatorTree.treePlaceLayout,
    [
      'now uint96 @0, before uint96 @96, changedAt uint64 @192',
      'validator address @0, since uint64 @160, nextFree uint32 @224',
    ],
  ],
  ['pool.holderLayout', pool.holderLayout, ['shares uint128 @0, accrued uint128 @128', 'paidPerShare uint256 @0']],
  [
    'pool.poolLayout',
    pool.poolLayout,
    ['rate uint192 @0, finish uint64 @192', 'perShare uint256 @0', 'updatedAt uint64 @0, total uint128 @64'],
  ],
])('%s keeps its slots', (_, layout, expected) => {
  expect(slots(layout)).toEqual(expected)
})
