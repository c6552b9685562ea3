/** A training run's steps, and the proof of a contribution, on a whole node through the SDK and JSON-RPC. */
import { keccak256, parseEther, stringToBytes, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  commitmentOf,
  contributed,
  createdDatanet,
  NativeContractError,
  openedRun,
  StateProofError,
} from '../../client/index.ts'
import { CONTRIBUTION_STATUS } from '../../genesis/abi/datanets.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const hash = (text: string) => keccak256(stringToBytes(text))
const CONTENT = stringToBytes('A mapping has no length and no order; what is in it is known by its keys. '.repeat(4))
const SALT = toHex(7, { size: 32 })

let node: WholeNode
let owner: ReturnType<WholeNode['wallet']>
let datanet: bigint

beforeAll(async () => {
  node = await WholeNode.start()
  owner = node.wallet()
  datanet = createdDatanet(await node.mined(owner.createDatanet({ name: 'Solidity', domain: 'contracts' })))
}, 60_000)

afterAll(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

describe('a run', () => {
  it('has its steps on record, for contracts, for clients and over JSON-RPC', async () => {
    const base = { weightsHash: hash('weights'), architecture: 'llama', tokenizerHash: hash('tokenizer'), uri: '' }
    await node.mined(owner.registerBase(base))
    const prices = { pricePer1kIn: 1n, pricePer1kOut: 2n }
    await node.mined(owner.createModel({ base: 1n, datanets: [datanet], ...prices, name: 'answers' }))
    const plan = { manifestRoot: hash('manifest'), hyperparametersHash: hash('recipe'), seed: 1n }
    const datanets = [{ datanet, weightBps: 10_000 }]
    const run = openedRun(await node.mined(owner.openRun({ model: 1n, ...plan, datanets })))

    expect(await owner.getStepCount({ run })).toBe(0)
    for (const step of [0, 50, 100]) {
      const record = { run, step, lossMicro: 3_000_000n - BigInt(step), checkpointHash: hash(`checkpoint ${step}`) }
      expect((await node.mined(owner.recordStep(record))).status).toBe('success')
    }
    expect(await owner.getStepCount({ run })).toBe(3)
    expect(await owner.getStep({ run, index: 1 })).toMatchObject({ step: 50, lossMicro: 2_999_950n })
    expect(await owner.getStep({ run })).toMatchObject({ step: 100, checkpointHash: hash('checkpoint 100') })
    const late = { run, step: 100, lossMicro: 0n, checkpointHash: hash('another') }
    const error = await owner.recordStep(late).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(NativeContractError)
    expect(error).toMatchObject({ errorName: 'StepNotLater', args: { run, step: 100, lastStep: 100 } })

    expect((await node.ask('openledger_getSteps', Number(run), 1, 1)).result).toMatchObject({
      total: '0x3',
      steps: [{ index: '0x1', checkpointHash: hash('checkpoint 50') }],
    })
    expect((await node.ask('openledger_getSteps', 9)).error?.message).toBe('UnknownRun(run: 9)')
    await expect(owner.stepsAtPublication({ version: 9n })).rejects.toThrow('UnknownVersion')
  })
})

describe('a contribution', () => {
  it('is proved under a state root, whoever answers', async () => {
    const contributor = node.wallet(ACCOUNTS[1]!)
    const { address } = ACCOUNTS[1]!
    const commitment = commitmentOf({ owner: address, datanet, content: CONTENT, salt: SALT })
    const bond = await contributor.getParameter({ name: 'commitBond' })
    // Somebody saw it in the pool.
    await node.mined(owner.commitContribution({ commitment, bond: parseEther('0.5') }))
    await node.mined(contributor.commitContribution({ commitment, bond }))
    expect(await owner.getCommitment({ owner: address, commitment })).toMatchObject({ bond })
    const receipt = await node.mined(contributor.contribute({ datanet, content: CONTENT, salt: SALT }))
    const { contribution, cluster } = contributed(receipt)
    expect(await owner.getCommitment({ owner: address, commitment })).toBeUndefined()

    const { blockNumber } = receipt
    const { stateRoot } = await node.client.getBlock({ blockNumber })
    expect(await owner.proveContribution({ contribution, blockNumber, stateRoot })).toEqual({
      datanet,
      cluster,
      contributor: address.toLowerCase(),
      contentHash: keccak256(CONTENT),
      size: CONTENT.length,
      blockNumber,
      status: CONTRIBUTION_STATUS.accepted,
      withdrawn: false,
    })
    await node.mined(contributor.withdrawContribution({ contribution }))
    const later = await node.client.getBlockNumber()
    expect(await owner.proveContribution({ contribution, blockNumber: later })).toMatchObject({ withdrawn: true })
    await expect(owner.proveContribution({ contribution, blockNumber: later, stateRoot })).rejects.toThrow(
      StateProofError,
    )
    await expect(owner.proveContribution({ contribution: 99n, blockNumber: later })).rejects.toThrow(
      'there is no contribution 99',
    )
  })
})
