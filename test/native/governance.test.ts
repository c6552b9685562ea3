/**
 * Governance on a whole node: OPEN is locked, votes are delegated and cast, the timelock acts. The Governor is spoken to
 * in OpenZeppelin's own words, the IGovernor that the npm package ships; time is the node's clock.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Abi, type Hex, keccak256, parseEther, parseEventLogs, stringToBytes, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  commitmentOf,
  createdDatanet,
  datanetWeightCall,
  type GovernedCall,
  grantCall,
  openedChannel,
  openedRun,
  parameterCall,
  proposedCalls,
  publishedVersion,
  settleOutcome,
} from '../../client/index.ts'
import { attributionAbi, CREDIT_ROLE } from '../../genesis/abi/attribution.ts'
import { governorAbi, PROPOSAL_STATES } from '../../genesis/abi/governance.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { NATIVE, PREDEPLOYS } from '../../genesis/addresses.ts'
import { governanceSettings } from '../../genesis/governance.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const packaged = createRequire(import.meta.url).resolve('@openzeppelin/contracts/build/contracts/IGovernor.json')
const IGovernor: Abi = JSON.parse(readFileSync(packaged, 'utf8')).abi
const standard = { address: PREDEPLOYS.governor, abi: IGovernor } as const

const hash = (text: string) => keccak256(stringToBytes(text))
const SALT = toHex(7, { size: 32 })
const FEE = parseEther('1')
const GRANTEE = `0x${'12'.repeat(20)}` as const
const [owner, prover, payer, voter] = ACCOUNTS

let node: WholeNode
let channel: Hex
let version: bigint
let settled = 0n

beforeAll(async () => {
  node = await WholeNode.start()
  const wallet = node.wallet(owner)
  const datanet = createdDatanet(await node.mined(wallet.createDatanet({ name: 'Solidity', domain: 'contracts' })))
  const content = stringToBytes('Whoever locks may vote, and whoever votes is counted once. '.repeat(5))
  const commitment = commitmentOf({ owner: owner!.address, datanet, content, salt: SALT })
  await node.mined(wallet.commitContribution({ commitment, bond: await wallet.getParameter({ name: 'commitBond' }) }))
  await node.mined(wallet.contribute({ datanet, content, salt: SALT }))
  version = await liveVersion(datanet)
  const opened = await node.mined(
    node.wallet(payer).openChannel({ receiver: prover!.address, deposit: parseEther('50') }),
  )
  channel = openedChannel(opened)
}, 60_000)

afterAll(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

async function liveVersion(datanet: bigint): Promise<bigint> {
  const wallet = node.wallet(owner)
  await node.mined(node.wallet(prover).stake({ role: STAKE_ROLE.prover, amount: parseEther('500') }))
  await node.mined(wallet.stake({ role: STAKE_ROLE.validator, amount: parseEther('100') }))
  const base = { weightsHash: hash('weights'), architecture: 'llama', tokenizerHash: hash('tokenizer'), uri: '' }
  await node.mined(wallet.registerBase(base))
  const prices = { pricePer1kIn: 1_000n * FEE, pricePer1kOut: 0n }
  await node.mined(wallet.createModel({ base: 1n, datanets: [datanet], ...prices, name: 'answers' }))
  const plan = { manifestRoot: hash('manifest'), hyperparametersHash: hash('recipe'), seed: 1n }
  const datanets = [{ datanet, weightBps: 10_000 }]
  const run = openedRun(await node.mined(wallet.openRun({ model: 1n, ...plan, datanets })))
  const hashes = { adapterHash: hash('a'), curvatureHash: hash('c'), featureRoot: hash('f'), artifactHash: hash('r') }
  const bond = await wallet.getParameter({ name: 'versionBond' })
  const publication = { run, ...hashes, rows: 10, dims: 32_768, medianScale: 100, bond }
  const published = publishedVersion(await node.mined(wallet.publishVersion(publication)))
  await node.mined(wallet.attestVersion({ version: published }))
  for (let block = 0; block < 3; block++) await node.mine()
  expect(await wallet.isVersionLive({ version: published })).toBe(true)
  return published
}

/** Settles an answer without entries, and says who was credited what. */
async function settle(): Promise<Record<string, bigint>> {
  const n = settled++
  const voucher = await node.wallet(payer).signVoucher({ channel, maxClaimableAmount: FEE * (n + 1n) })
  const hashes = { promptHash: hash('prompt'), outputHash: hash('output'), queryHash: hash('query') }
  const leaf = { channel, n, version, fee: FEE, promptTokens: 1, outputTokens: 1, openable: true, ...hashes }
  const asOf = await node.client.getBlockNumber()
  const leaves = [{ ...leaf, asOf, entries: [] }]
  const receipt = await node.mined(node.wallet(prover).settle({ leaves, vouchers: [voucher] }))
  expect(settleOutcome(receipt)).toMatchObject({ skipped: [], vouchersSkipped: [] })
  const roles = Object.entries(CREDIT_ROLE)
  const credited: Record<string, bigint> = {}
  for (const { args } of parseEventLogs({ abi: attributionAbi, eventName: 'Credited', logs: receipt.logs })) {
    const name = roles.find(([, role]) => role === args.role)![0]
    credited[name] = (credited[name] ?? 0n) + args.amount
  }
  return credited
}

const settings = () => governanceSettings(node.config)

/** Lets at least so many seconds of the chain pass. */
async function pass(seconds: number): Promise<void> {
  const { timestamp } = await node.client.getBlock()
  while ((await node.client.getBlock()).timestamp < timestamp + BigInt(seconds)) await node.mine()
}

const ask = (functionName: string, args: readonly unknown[]) =>
  node.client.readContract({ ...standard, functionName, args })
const send = (functionName: string, args: readonly unknown[], account = voter!) =>
  node.mined(node.wallet(account).writeContract({ ...standard, functionName, args }))
const stateOf = async (proposal: bigint) => PROPOSAL_STATES[Number(await ask('state', [proposal]))]

const lists = (calls: readonly GovernedCall[]) => [
  calls.map(({ to }) => to),
  calls.map(() => 0n),
  calls.map(({ data }) => data),
]

/** From proposal to the end of the timelock's delay, by the standard's functions. */
async function passed(calls: readonly GovernedCall[], description: string): Promise<bigint> {
  const created = await send('propose', [...lists(calls), description])
  const [event] = parseEventLogs({ abi: governorAbi, eventName: 'ProposalCreated', logs: created.logs })
  const proposal = event!.args.proposalId
  expect(await ask('hashProposal', [...lists(calls), hash(description)])).toBe(proposal)
  expect(await stateOf(proposal)).toBe('pending')
  await pass(settings().votingDelay + 1)
  expect(await stateOf(proposal)).toBe('active')
  await send('castVote', [proposal, 1])
  await pass(settings().votingPeriod + 1)
  expect(await stateOf(proposal)).toBe('succeeded')
  await send('queue', [...lists(calls), hash(description)])
  expect(await stateOf(proposal)).toBe('queued')
  await pass(settings().timelockDelay)
  return proposal
}

describe('a proposal, from lock to execution', () => {
  it('is made by locked and delegated OPEN, not by less than the threshold', async () => {
    const wallet = node.wallet(voter)
    const refused = wallet.proposeCalls({ calls: [parameterCall('maxEntries', 8n)], description: 'nobody' })
    await expect(refused).rejects.toThrow('GovernorInsufficientProposerVotes')
    const before = await node.client.getBalance({ address: PREDEPLOYS.gopen })
    await node.mined(wallet.lockOpen({ amount: parseEther('100') }))
    expect(await node.client.getBalance({ address: PREDEPLOYS.gopen })).toBe(before + parseEther('100'))
    expect(await wallet.getVotes({ account: voter!.address })).toEqual({ votes: 0n, locked: parseEther('100') })
    await node.mined(wallet.delegateVotes({ delegatee: voter!.address }))
    expect(await wallet.getVotes({ account: voter!.address })).toMatchObject({ votes: parseEther('100') })
  })

  it('changes the fee split, grants from the treasury and weighs a Datanet; the next settlement is split so', async () => {
    const wallet = node.wallet(voter)
    expect(await settle()).toMatchObject({ compute: parseEther('0.15'), treasury: parseEther('0.05') })
    // The treasury's part matures in an epoch after the window.
    await pass(24)
    await node.nextEpoch()
    const treasury = await wallet.getTreasury()
    expect(treasury).toBeGreaterThanOrEqual(parseEther('0.05'))

    const granted = parseEther('0.02')
    const calls = [parameterCall('computeBps', 1_300n), grantCall(GRANTEE, granted), datanetWeightCall(1n, 8_000)]
    const description = 'Compute is cheap: more to the treasury, and some of it to Solidity'
    const proposal = await passed(calls, description)
    // Anybody may execute what is due.
    const executed = await send('execute', [...lists(calls), hash(description)], payer!)
    expect(await stateOf(proposal)).toBe('executed')
    expect(parseEventLogs({ abi: attributionAbi, eventName: 'Granted', logs: executed.logs })).toMatchObject([
      { address: NATIVE.attribution, args: { recipient: GRANTEE, amount: granted } },
    ])
    expect(await wallet.getParameter({ name: 'computeBps' })).toBe(1_300n)
    expect(await wallet.getParameter({ name: 'treasuryBps' })).toBe(700n)
    expect(await node.client.getBalance({ address: GRANTEE })).toBe(granted)
    expect(await wallet.getTreasury()).toBe(treasury - granted)
    expect(await wallet.getDatanetWeight({ datanet: 1n })).toBe(8_000)

    // 2.5 % of the fee by a weight of four fifths is 2 %; the treasury keeps 5 of its 7.
    expect(await settle()).toEqual({
      datanet: parseEther('0.45'),
      modelOwner: parseEther('0.2'),
      compute: parseEther('0.13'),
      stakers: parseEther('0.1'),
      curators: parseEther('0.05'),
      subsidy: parseEther('0.02'),
      treasury: parseEther('0.05'),
    })
  })

  it('that breaks a relation fails at execution, with the ledger’s named error, and changes nothing', async () => {
    const calls = [parameterCall('maxEntries', 8n), parameterCall('subsidyBps', 700n)]
    const description = 'As much subsidy as the treasury takes'
    const proposal = await passed(calls, description)
    const failing = node.wallet(voter).executeProposal({ calls, description })
    await expect(failing).rejects.toMatchObject({
      cause: { data: { errorName: 'OutOfRange', args: [32, 700n, 'subsidyBps must be below treasuryBps'] } },
    })
    expect(await stateOf(proposal)).toBe('queued')
    expect(await node.wallet().getParameter({ name: 'maxEntries' })).toBe(32n)
    expect(await node.wallet().getParameter({ name: 'subsidyBps' })).toBe(250n)
  })

  it('goes through the SDK as well; one that is lost is not queued', async () => {
    const wallet = node.wallet(voter)
    const proposal = { calls: [parameterCall('maxEntries', 16n)], description: 'Fewer entries' }
    const id = proposedCalls(await node.mined(wallet.proposeCalls(proposal)))!
    expect(await wallet.getProposalState({ proposal: id })).toBe('pending')
    await pass(settings().votingDelay + 1)
    await node.mined(wallet.castVote({ proposal: id, vote: 'against', reason: 'thirty-two are well' }))
    await expect(wallet.castVote({ proposal: id, vote: 'for' })).rejects.toThrow('GovernorAlreadyCastVote')
    await pass(settings().votingPeriod + 1)
    expect(await wallet.getProposalState({ proposal: id })).toBe('defeated')
    await expect(wallet.queueProposal(proposal)).rejects.toThrow('GovernorUnexpectedProposalState')

    const withdrawn = { ...proposal, description: 'A second thought' }
    const second = proposedCalls(await node.mined(wallet.proposeCalls(withdrawn)))!
    await node.mined(wallet.cancelProposal(withdrawn))
    expect(await wallet.getProposalState({ proposal: second })).toBe('canceled')
    await node.mined(wallet.unlockOpen({ amount: parseEther('100') }))
    expect(await wallet.getVotes({ account: voter!.address })).toEqual({ votes: 0n, locked: 0n })
  })
})

describe('what the timelock governs', () => {
  it('is refused to everybody else, the key that built the chain among them', async () => {
    const wallet = node.wallet(owner)
    expect((await wallet.getGovernor()).toLowerCase()).toBe(PREDEPLOYS.timelock)
    const governor = { args: { governor: PREDEPLOYS.timelock } }
    for (const attempt of [
      () => wallet.setParameter({ name: 'maxEntries', value: 8n }),
      () => wallet.grantFromTreasury({ recipient: owner!.address, amount: 1n }),
      () => wallet.setDatanetWeight({ datanet: 1n, weightBps: 10_000 }),
    ])
      await expect(attempt()).rejects.toMatchObject({ errorName: 'NotGovernor', ...governor })
  })
})
