/** A version's life on a whole node through the SDK: prices, a measured quality, a row on demand, its end. */
import { keccak256, parseEther, stringToBytes, toHex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  commitmentOf,
  contributed,
  createdDatanet,
  createdModel,
  openedRun,
  publishedVersion,
} from '../../client/index.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { PARAMETERS } from '../../genesis/parameters.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { manifestRoot } from '../../protocol/manifest.ts'
import { merkleRoot } from '../../protocol/merkle.ts'
import { DIMS, rowLeaf, SIGN_BYTES } from '../../protocol/row.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const hash = (text: string) => keccak256(stringToBytes(text))
const CONTENT = stringToBytes('What a row speaks of is said by the manifest, and both are shown together. '.repeat(4))
const SALT = toHex(7, { size: 32 })
const BOND = parseEther('1')

let node: WholeNode
let owner: ReturnType<WholeNode['wallet']>
let stranger: ReturnType<WholeNode['wallet']>

beforeAll(async () => {
  node = await WholeNode.start()
  owner = node.wallet()
  stranger = node.wallet(ACCOUNTS[1]!)
}, 60_000)

afterAll(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

/** A contribution, a model over it, and its version of one row, attested by a validator. */
async function publish() {
  const datanet = createdDatanet(await node.mined(owner.createDatanet({ name: 'Solidity', domain: 'contracts' })))
  const commitment = commitmentOf({ owner: ACCOUNTS[0]!.address, datanet, content: CONTENT, salt: SALT })
  await node.mined(owner.commitContribution({ commitment, bond: parseEther('0.01') }))
  const { contribution, cluster } = contributed(
    await node.mined(owner.contribute({ datanet, content: CONTENT, cid: '', salt: SALT })),
  )
  const base = { weightsHash: hash('weights'), architecture: 'retrieval', tokenizerHash: hash('tokenizer'), uri: '' }
  await node.mined(owner.registerBase(base))
  const prices = { pricePer1kIn: 10n, pricePer1kOut: 20n }
  const model = createdModel(
    await node.mined(owner.createModel({ base: 1n, datanets: [datanet], ...prices, name: 'answers' })),
  )
  const manifestItem = { index: 0, contribution, contentHash: keccak256(CONTENT), start: 0, end: 60 }
  const row = { index: 0, contribution, cluster, scale: 100, signs: new Uint8Array(SIGN_BYTES).fill(0x5a) }
  const plan = { model, hyperparametersHash: hash('recipe'), seed: 1n, datanets: [{ datanet, weightBps: 10_000 }] }
  const open = () => node.mined(owner.openRun({ ...plan, manifestRoot: manifestRoot([manifestItem]) }))
  const run = openedRun(await open())
  const hashes = { adapterHash: hash('a'), curvatureHash: hash('c'), artifactHash: hash('r') }
  const shape = { featureRoot: merkleRoot([rowLeaf(row)]), rows: 1, dims: DIMS, medianScale: 100 }
  const version = publishedVersion(await node.mined(owner.publishVersion({ run, ...hashes, ...shape, bond: BOND })))
  return { model, version, row, manifestItem, openRun: async () => openedRun(await open()) }
}

it('is priced, measured, asked for a row, retired, and its bond returned', async () => {
  const { model, version, row, manifestItem, openRun } = await publish()
  await node.mined(stranger.stake({ role: STAKE_ROLE.validator, amount: parseEther('100') }))
  await node.mined(stranger.attestVersion({ version }))

  await node.mined(owner.setPrices({ model, pricePer1kIn: 30n, pricePer1kOut: 40n }))
  const announced = await owner.getPrices({ model })
  expect(announced).toMatchObject({ pricePer1kIn: 10n, nextPer1kIn: 30n, nextPer1kOut: 40n })
  while ((await node.mine()).block.header.timestamp < announced.from);
  expect(await owner.getPrices({ model })).toMatchObject({ pricePer1kIn: 30n, pricePer1kOut: 40n, from: 0n })
  expect(await owner.getModel({ model })).toMatchObject({ pricePer1kIn: 30n })

  await expect(owner.drawQuality({ version })).rejects.toThrow('DrawNotYet')
  for (let epoch = 0n; epoch < PARAMETERS.drawDelay.development; epoch++) await node.nextEpoch()
  await node.mined(stranger.drawQuality({ version }))
  const { seed, drawnAt } = await owner.getQualitySeed({ version })
  expect(BigInt(seed)).toBeGreaterThan(0n)
  expect(drawnAt).toBeGreaterThan(0n)
  const retraining = await openRun()
  await node.mined(owner.recordStep({ run: retraining, step: 1, lossMicro: 1n, checkpointHash: hash('checkpoint') }))
  const record = { version, qualityBps: 6_200, recordHash: hash('record'), runs: [retraining] }
  await node.mined(owner.recordQuality(record))
  await node.mined(stranger.attestQuality({ version, record: 1n }))
  expect(await owner.getVersion({ version })).toMatchObject({ measured: true, qualityBps: 6_200 })
  expect(await owner.getQuality({ version })).toMatchObject({ record: 1n, runs: 1, recordHash: hash('record') })
  const { run } = await owner.getVersion({ version })
  await node.mined(owner.flagUnreplayable({ run }))
  expect(await owner.isUnreplayable({ run })).toBe(true)
  expect(await owner.getVersion({ version })).toMatchObject({ qualityBps: 5_000 })

  const bond = await owner.getParameter({ name: 'openingBond' })
  await node.mined(stranger.demandRow({ version, row: 0, bond }))
  expect(await owner.getRowDemand({ version, row: 0 })).toMatchObject({ demander: ACCOUNTS[1]!.address, bond })
  await expect(stranger.punishHiddenRow({ version, row: 0 })).rejects.toThrow('TooEarly')
  await node.mined(owner.revealRow({ version, evidence: { row, path: [] }, manifestItem, manifestPath: [] }))
  expect(await owner.getRowDemand({ version, row: 0 })).toMatchObject({ bond: 0n })

  expect(await owner.isVersionLive({ version })).toBe(true)
  await node.mined(owner.retireVersion({ version }))
  expect(await owner.isVersionLive({ version })).toBe(false)
  const { bondAt, bond: kept } = await owner.getVersionStanding({ version })
  expect(kept).toBe(BOND)
  await expect(stranger.reclaimVersionBond({ version })).rejects.toThrow('TooEarly')
  while ((await node.mine()).block.header.timestamp < bondAt);
  await node.mined(stranger.reclaimVersionBond({ version }))
  expect(await owner.getVersionStanding({ version })).toMatchObject({ bond: 0n, failedAt: 0n, holds: 0n })
}, 60_000)
