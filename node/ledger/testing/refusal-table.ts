/** For refusals.test.ts: by contract and function, wrong arguments and the error that each gives. */
import { type Hex, parseEther } from 'viem'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { hexOf } from '../calls/face.ts'
import { type Contract, GOVERNOR } from './ledger-harness.ts'
import { COMMIT_BOND, essay, OPEN_DATANET, utf8, VERSION_BOND, word } from './ledger-stage.ts'
import { AGENTS } from './refusal-agents.ts'
import { OWNERSHIP, SHARES } from './refusal-assets.ts'
import { BATCHES } from './refusal-batches.ts'
import { DISPUTES } from './refusal-challenges.ts'
import { COMMITTEE } from './refusal-committee.ts'
import { CURATED, LICENSED } from './refusal-datanets.ts'
import { GOVERNED_DATANETS, GOVERNED_TREASURY } from './refusal-governance.ts'
import { ROW_DEMANDS, STANDINGS } from './refusal-models.ts'
import { type Row, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'

const { prover, validator } = STAKE_ROLE
const NOBODY = { address: '0x00000000000000000000000000000000000000fe' } as const
const ZERO_ADDRESS: Hex = `0x${'0'.repeat(40)}`
const governor = { address: GOVERNOR }
const long = (bytes: number) => 'x'.repeat(bytes)
const minhash = Array.from({ length: 32 }, () => 1)

const config = (changes: object) => [{ ...OPEN_DATANET, ...changes }]
const run = (changes: Partial<Record<'model' | 'datanets' | 'weights', unknown>>) => [
  changes.model ?? 1n,
  word(3),
  word(4),
  5n,
  changes.datanets ?? [1n],
  changes.weights ?? [10_000],
]
const publication = (changes: object): readonly unknown[] => {
  const hashes = { adapterHash: word(0), curvatureHash: word(0), featureRoot: word(8), artifactHash: word(9) }
  return [{ run: 1n, ...hashes, rows: 10, dims: 32_768, medianScale: 100, ...changes }]
}
const published =
  (changes: object, error: string): Row =>
  (stage) => ({
    args: publication(changes),
    error,
    from: stage.owner,
    value: VERSION_BOND,
  })

const DATANETS: Record<string, Row[] | typeof TOTAL> = {
  create: [
    refuses(config({ name: '' }), 'InvalidField name'),
    refuses(config({ name: long(65) }), 'InvalidField name'),
    refuses(config({ domain: long(65) }), 'InvalidField domain'),
    refuses(config({ uri: long(257) }), 'InvalidField uri'),
    refuses(config({ policy: 3 }), 'InvalidField policy'),
    refuses(config({ curators: [NOBODY.address] }), 'InvalidField curators'),
    refuses(config({ quorum: 1 }), 'InvalidField quorum'),
    refuses(config({ policy: 1, quorum: 1 }), 'InvalidField curators'),
    refuses(config({ policy: 1, quorum: 1, curators: [ZERO_ADDRESS] }), 'InvalidField curators'),
    refuses(config({ policy: 1, quorum: 1, curators: [NOBODY.address, NOBODY.address] }), 'InvalidField curators'),
    refuses(config({ policy: 1, quorum: 2, curators: [NOBODY.address] }), 'InvalidField quorum'),
    refuses(config({ policy: 2, curators: [NOBODY.address] }), 'InvalidField curators'),
    refuses(
      config({ licence: { ...OPEN_DATANET.licence, revenueShareBps: 10_001 } }),
      'InvalidField licence.revenueShareBps',
    ),
    refuses(config({}), 'InvalidField call'),
  ],
  commit: [
    refuses([word(1)], 'BondTooSmall', { value: COMMIT_BOND - 1n }),
    (stage) => ({ args: [stage.open], error: 'CommitmentTaken', value: COMMIT_BOND }),
  ],
  contribute: [
    refuses([1n, word(1), '', 0, minhash, word(7)], 'InvalidField size'),
    refuses([1n, word(1), long(129), 1, minhash, word(7)], 'InvalidField cid'),
    refuses([UNKNOWN, word(1), '', 1, minhash, word(7)], 'UnknownDatanet'),
    refuses([1n, word(1), '', 1, minhash, word(7)], 'UnknownCommitment'),
    (stage) => ({ args: [stage.permissioned, word(1), '', 1, minhash, word(7)], error: 'NotAdmitted' }),
  ],
  contributeContent: [
    refuses([1n, '0x', '', word(7)], 'InvalidField content'),
    refuses([1n, `0x${'01'.repeat(57_345)}`, '', word(7)], 'ContentTooLarge'),
    (stage) => ({ args: [1n, hexOf(stage.content), long(129), word(7)], error: 'InvalidField cid' }),
    (stage) => ({ args: [UNKNOWN, hexOf(stage.content), '', word(7)], error: 'UnknownDatanet' }),
    (stage) => ({ args: [1n, hexOf(stage.content), '', word(8)], error: 'UnknownCommitment' }),
    (stage) => ({ args: [1n, hexOf(stage.content), '', word(7)], error: 'UnknownCommitment', from: stage.bob }),
    (stage) => ({ args: [1n, hexOf(stage.expired), '', word(7)], error: 'CommitmentExpired', from: stage.bob }),
    (stage) => {
      const again = utf8(essay(0))
      const commitment = stage.commitmentOf('bob', again)
      if (stage.world.send(stage.bob.address, 'datanets', 'commitmentOf', [stage.bob.address, commitment])[0] === 0n)
        stage.commit(stage.bob, stage.datanet, again)
      return { args: [1n, hexOf(again), '', word(7)], error: 'DuplicateContent', from: stage.bob }
    },
  ],
  withdraw: [
    refuses([UNKNOWN], 'UnknownContribution'),
    (stage) => ({ args: [stage.contribution], error: 'NotContributor', from: stage.bob }),
    (stage) => ({ args: [stage.withdrawn], error: 'AlreadyWithdrawn', from: stage.bob }),
    (stage) => ({ args: [stage.voted], error: 'ReviewOpen' }),
    (stage) => ({ args: [stage.rejected], error: 'NotAccepted' }),
    (stage) => ({ args: [stage.sold], error: 'SharesMissing' }),
  ],
  reclaimBond: [
    (stage) => ({ args: [stage.alice.address, word(1)], error: 'UnknownCommitment' }),
    (stage) => ({ args: [stage.bob.address, stage.open], error: 'UnknownCommitment' }),
    (stage) => ({ args: [stage.alice.address, stage.open], error: 'CommitmentStillOpen' }),
  ],
  getDatanet: [refuses([0n], 'UnknownDatanet'), refuses([UNKNOWN], 'UnknownDatanet')],
  getContribution: [refuses([0n], 'UnknownContribution'), refuses([UNKNOWN], 'UnknownContribution')],
  getCluster: [refuses([0n], 'UnknownCluster'), refuses([UNKNOWN], 'UnknownCluster')],
  getMinhash: [refuses([UNKNOWN], 'UnknownContribution')],
  datanetCount: TOTAL,
  contributionCount: TOTAL,
  clusterCount: TOTAL,
  commitmentOf: TOTAL,
  sharesOf: TOTAL,
}

const MODELS: Record<string, Row[] | typeof TOTAL> = {
  registerBase: [
    refuses([word(1), '', word(2), ''], 'InvalidField architecture'),
    refuses([word(1), long(65), word(2), ''], 'InvalidField architecture'),
    refuses([word(1), 'llama', word(2), long(257)], 'InvalidField uri'),
    refuses([word(1), 'llama', word(2), ''], 'InvalidField call'),
  ],
  createModel: [
    refuses([1n, [1n], 1n, 1n, ''], 'InvalidField name'),
    refuses([1n, [], 1n, 1n, 'a'], 'InvalidField datanets'),
    refuses([1n, [1n, 1n], 1n, 1n, 'a'], 'InvalidField datanets'),
    refuses([1n, Array.from({ length: 17 }, (_, i) => BigInt(i)), 1n, 1n, 'a'], 'InvalidField datanets'),
    refuses([UNKNOWN, [1n], 1n, 1n, 'a'], 'UnknownBase'),
    refuses([1n, [UNKNOWN], 1n, 1n, 'a'], 'UnknownDatanet'),
  ],
  openRun: [
    refuses(run({ model: UNKNOWN }), 'UnknownModel'),
    refuses(run({}), 'NotModelOwner'),
    (stage) => ({ args: run({ datanets: [] }), error: 'InvalidField datanets', from: stage.owner }),
    (stage) => ({ args: run({ weights: [] }), error: 'InvalidField weightsBps', from: stage.owner }),
    (stage) => ({ args: run({ weights: [9_999] }), error: 'InvalidField weightsBps', from: stage.owner }),
    (stage) => ({
      args: run({ datanets: [1n, 2n], weights: [10_000, 0] }),
      error: 'InvalidField weightsBps',
      from: stage.owner,
    }),
    (stage) => ({ args: run({ datanets: [2n] }), error: 'DatanetNotOfModel', from: stage.owner }),
    (stage) => ({
      args: run({ model: stage.licensedModel, datanets: [stage.unlicensed] }),
      error: 'LicenceMissing',
      from: stage.owner,
    }),
    (stage) => ({
      args: run({ model: stage.licensedModel, datanets: [stage.lapsed] }),
      error: 'LicenceExpired',
      from: stage.owner,
    }),
    (stage) => ({
      args: run({ model: stage.licensedModel, datanets: [stage.gift] }),
      error: 'LicenceForbids',
      from: stage.owner,
    }),
  ],
  recordStep: [
    refuses([UNKNOWN, 0, 0n, word(1)], 'UnknownRun'),
    refuses([1n, 0, 0n, word(1)], 'NotModelOwner'),
    (stage) => ({ args: [1n, 0, 0n, word(0)], error: 'InvalidField checkpointHash', from: stage.owner }),
    (stage) => {
      if (stage.world.send(stage.owner.address, 'models', 'stepCount', [1n]) === 0)
        stage.world.send(stage.owner.address, 'models', 'recordStep', [1n, 5, 0n, word(1)])
      return { args: [1n, 5, 0n, word(1)], error: 'StepNotLater', from: stage.owner }
    },
  ],
  publishVersion: [
    published({ run: UNKNOWN }, 'UnknownRun'),
    refuses(publication({}), 'NotModelOwner', { value: VERSION_BOND }),
    (stage) => ({ args: publication({}), error: 'BondTooSmall', from: stage.owner, value: VERSION_BOND - 1n }),
    published({ rows: 0 }, 'InvalidField rows'),
    published({ rows: 2 ** 24 + 1 }, 'InvalidField rows'),
    published({ dims: 4_096 }, 'InvalidField dims'),
    published({ medianScale: 0 }, 'InvalidField medianScale'),
    published({ featureRoot: word(0) }, 'InvalidField featureRoot'),
    published({ artifactHash: word(0) }, 'InvalidField artifactHash'),
    (stage) => ({
      args: publication({ run: stage.licensedRun, rows: 11 }),
      error: 'RowsNotLicensed',
      from: stage.owner,
      value: VERSION_BOND,
    }),
  ],
  getBase: [refuses([UNKNOWN], 'UnknownBase')],
  getModel: [refuses([UNKNOWN], 'UnknownModel')],
  getRun: [refuses([UNKNOWN], 'UnknownRun')],
  stepCount: [refuses([UNKNOWN], 'UnknownRun')],
  stepAt: [refuses([UNKNOWN, 0], 'UnknownRun'), refuses([1n, 70_000], 'UnknownStep')],
  lastStep: [refuses([UNKNOWN], 'UnknownRun')],
  getVersion: [refuses([UNKNOWN], 'UnknownVersion')],
  isLive: [refuses([UNKNOWN], 'UnknownVersion')],
  stepsAtPublication: [refuses([UNKNOWN], 'UnknownVersion')],
  hasAttested: TOTAL,
  baseCount: TOTAL,
  modelCount: TOTAL,
  runCount: TOTAL,
  versionCount: TOTAL,
}

const CHANNELS: Record<string, Row[] | typeof TOTAL> = {
  open: [
    (stage) => ({ args: [stage.prover.address], error: 'InvalidField value' }),
    (stage) => ({ args: [stage.alice.address], error: 'ReceiverNotProver', value: 1n }),
  ],
  topUp: [
    (stage) => ({ args: [stage.channel], error: 'InvalidField value', from: stage.payer }),
    (stage) => ({ args: [word(1)], error: 'UnknownChannel', from: stage.payer, value: 1n }),
    (stage) => ({ args: [stage.channel], error: 'NotPayer', value: 1n }),
    (stage) => ({ args: [stage.closing], error: 'ChannelIsClosing', from: stage.payer, value: 1n }),
    (stage) => ({ args: [stage.closed], error: 'ChannelClosed', from: stage.payer, value: 1n }),
  ],
  close: [
    refuses([word(1)], 'UnknownChannel'),
    (stage) => ({ args: [stage.channel], error: 'NotPayer' }),
    (stage) => ({ args: [stage.closing], error: 'ChannelIsClosing', from: stage.payer }),
    (stage) => ({ args: [stage.closed], error: 'ChannelClosed', from: stage.payer }),
  ],
  refund: [
    refuses([word(1)], 'UnknownChannel'),
    (stage) => ({ args: [stage.channel], error: 'NotClosing' }),
    (stage) => ({ args: [stage.closing], error: 'TooEarly' }),
    (stage) => ({ args: [stage.closed], error: 'ChannelClosed' }),
  ],
  authorizeSigner: [
    (stage) => ({ args: [word(1), stage.bob.address, 1n, 1n], error: 'UnknownChannel' }),
    (stage) => ({ args: [stage.channel, stage.bob.address, 1n, 1n], error: 'NotPayer' }),
    (stage) => ({ args: [stage.channel, ZERO_ADDRESS, 1n, 1n], error: 'InvalidField key', from: stage.payer }),
    (stage) => ({ args: [stage.closed, stage.bob.address, 1n, 1n], error: 'ChannelClosed', from: stage.payer }),
  ],
  getChannel: [refuses([word(1)], 'UnknownChannel')],
  channelId: TOTAL,
  nonceOf: TOTAL,
  signerOf: TOTAL,
  beneficiaryOf: TOTAL,
  isSettled: TOTAL,
}

const ATTRIBUTION: Record<string, Row[] | typeof TOTAL> = {
  settle: [
    refuses([[], []], 'NotProver'),
    (stage) => ({ args: [[stage.leafOfChannel], []], error: 'NotProver', from: stage.payer }),
    (stage) => ({ args: [[], []], error: 'InvalidField call', from: stage.prover }),
  ],
  withdrawIncome: [refuses([1n], 'NothingToWithdraw'), refuses([UNKNOWN], 'NothingToWithdraw')],
  withdrawCuratorIncome: [refuses([1n], 'NothingToWithdraw'), refuses([UNKNOWN], 'NothingToWithdraw')],
  getSettlement: TOTAL,
  settlementCount: TOTAL,
  requestAt: TOTAL,
  pendingOf: TOTAL,
  earnedOf: TOTAL,
  incomeOf: TOTAL,
  curatorIncomeOf: TOTAL,
  treasury: TOTAL,
}

const STAKING: Record<string, Row[] | typeof TOTAL> = {
  stake: [
    refuses([0], 'UnknownRole', { value: 1n }),
    refuses([4], 'UnknownRole', { value: parseEther('10') }),
    refuses([validator], 'StakeTooSmall', { value: parseEther('10') - 1n }),
    (stage) => ({ args: [prover], error: 'StakeTooSmall', from: stage.prover }),
  ],
  unstake: [
    refuses([4, 1n], 'UnknownRole'),
    refuses([validator, 0n], 'InvalidField amount'),
    refuses([validator, 1n], 'NotEnoughFreeStake'),
    (stage) => ({ args: [prover, parseEther('1001')], error: 'NotEnoughFreeStake', from: stage.prover }),
  ],
  withdraw: [
    refuses([4], 'UnknownRole'),
    refuses([prover], 'NothingToWithdraw'),
    (stage) => ({ args: [validator], error: 'TooEarly', from: stage.bob }),
  ],
  collectRewards: [refuses([4], 'UnknownRole'), refuses([prover], 'NothingToWithdraw')],
  stakeOf: [refuses([NOBODY.address, 4], 'UnknownRole')],
  totalStake: [refuses([0], 'UnknownRole')],
}

const PARAMETERS_TABLE: Record<string, Row[] | typeof TOTAL> = {
  get: [refuses([0], 'UnknownParameter'), refuses([60_000], 'UnknownParameter')],
  set: [
    refuses([PARAMETERS.dustLimit.id, 1n], 'NotGovernor'),
    refuses([60_000, 1n], 'UnknownParameter', { from: governor }),
    refuses([PARAMETERS.thresholdZ.id, 4n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.maxEntries.id, 33n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.lockMultiple.id, 3n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.treasuryBps.id, 500n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.contributorsBps.id, 5_001n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.window.id, 30n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.subsidyBps.id, 500n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.leastWindow.id, 2n], 'OutOfRange', { from: governor }),
    refuses([PARAMETERS.unstakeDelay.id, 24n], 'OutOfRange', { from: governor }),
  ],
  governor: TOTAL,
}

export const REFUSALS: Partial<Record<Contract, Record<string, Row[] | typeof TOTAL>>> = {
  datanets: { ...DATANETS, ...CURATED, ...SHARES, ...GOVERNED_DATANETS },
  models: { ...MODELS, ...LICENSED, ...OWNERSHIP, ...STANDINGS },
  channels: CHANNELS,
  attribution: { ...ATTRIBUTION, ...BATCHES, ...DISPUTES, ...COMMITTEE, ...ROW_DEMANDS, ...GOVERNED_TREASURY },
  staking: STAKING,
  parameters: PARAMETERS_TABLE,
  agents: AGENTS,
}
