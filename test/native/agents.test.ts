/**
 * Agents on a whole node, by the SDK over JSON-RPC: an agent's way from its registration to its owner's withdrawal, its
 * face as an ERC-721 of ERC-8004, and a contract that keeps one (test/native/solidity/AgentKeeper.sol).
 */
import {
  BaseError,
  ContractFunctionRevertedError,
  encodeFunctionData,
  erc721Abi,
  getAddress,
  type Hex,
  hashTypedData,
  keccak256,
  parseEther,
  parseEventLogs,
  stringToBytes,
  toHex,
  zeroAddress,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  commitmentOf,
  createdDatanet,
  NativeContractError,
  offeredJob,
  openedChannel,
  openedRun,
  publishedVersion,
  registeredAgent,
  settleOutcome,
} from '../../client/index.ts'
import { agentRegistryAbi } from '../../genesis/abi/agent-registry.ts'
import { agentsAbi, JOB_STATUS } from '../../genesis/abi/agents.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { type Address, AGENT_REGISTRY, NATIVE } from '../../genesis/addresses.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { agentWalletTypedData } from '../../protocol/agent-wallet.ts'
import { type Compiled, compileSolidity } from '../fixtures/solidity.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const [owner, prover, validator, client] = ACCOUNTS
const hash = (text: string): Hex => keccak256(stringToBytes(text))
const CONTENT = stringToBytes('An agent may pay another agent, and be paid by one. '.repeat(8))
const SALT = toHex(7, { size: 32 })
const GAS = 3_000_000n

let node: WholeNode

beforeAll(async () => {
  node = await WholeNode.start()
}, 60_000)

afterAll(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

const deadlineSoon = async () => (await node.client.getBlock()).timestamp + 120n
const balanceOf = (address: Address) => node.client.getBalance({ address })

/** Registers an agent of the account's whose wallet is a fresh key with gas money. */
async function newAgent(account = owner!) {
  const wallet = node.wallet(account)
  const agent = registeredAgent(await node.mined(wallet.registerAgent({ uri: 'ipfs://agent' })))
  const key = privateKeyToAccount(generatePrivateKey())
  await node.mined(wallet.sendTransaction({ to: key.address, value: parseEther('1') }))
  const signed = { agent, owner: account.address, deadline: await deadlineSoon() }
  const agreed = await node.wallet(key).signAgentWallet(signed)
  await node.mined(wallet.setAgentWallet({ agent, ...agreed }))
  return { agent, key: node.wallet(key), address: key.address }
}

/** A live version over one Datanet of one contribution; whoever settles is a staked prover. */
async function liveVersion(): Promise<bigint> {
  const wallet = node.wallet()
  const datanet = createdDatanet(await node.mined(wallet.createDatanet({ name: 'agents', domain: 'contracts' })))
  const commitment = commitmentOf({ owner: owner!.address, datanet, content: CONTENT, salt: SALT })
  await node.mined(wallet.commitContribution({ commitment, bond: await wallet.getParameter({ name: 'commitBond' }) }))
  await node.mined(wallet.contribute({ datanet, content: CONTENT, salt: SALT }))
  const base = { weightsHash: hash('weights'), architecture: 'llama', tokenizerHash: hash('tokens'), uri: '' }
  await node.mined(wallet.registerBase(base))
  const prices = { pricePer1kIn: parseEther('20'), pricePer1kOut: parseEther('20') }
  await node.mined(wallet.createModel({ base: 1n, datanets: [datanet], ...prices, name: 'answers' }))
  const plan = { manifestRoot: hash('manifest'), hyperparametersHash: hash('recipe'), seed: 1n }
  const run = openedRun(
    await node.mined(wallet.openRun({ model: 1n, ...plan, datanets: [{ datanet, weightBps: 10_000 }] })),
  )
  const bond = await wallet.getParameter({ name: 'versionBond' })
  const hashes = { adapterHash: hash('a'), curvatureHash: hash('c'), featureRoot: hash('f'), artifactHash: hash('z') }
  const shape = { rows: 10, dims: 32_768, medianScale: 100 }
  await node.mined(node.wallet(validator).stake({ role: STAKE_ROLE.validator, amount: parseEther('20') }))
  await node.mined(node.wallet(prover).stake({ role: STAKE_ROLE.prover, amount: parseEther('100') }))
  const version = publishedVersion(await node.mined(wallet.publishVersion({ run, ...hashes, ...shape, bond })))
  await node.mined(node.wallet(validator).attestVersion({ version }))
  for (let block = 0; block < 3; block++) await node.mine()
  return version
}

describe('an agent', () => {
  it('is funded, pays for inference by a channel, is paid for a job, and its owner takes what is left', async () => {
    const version = await liveVersion()
    const keeper = node.wallet()
    const { agent, key, address } = await newAgent()
    expect(await keeper.getAgent({ agent })).toMatchObject({ owner: owner!.address, wallet: address, balance: 0n })
    await node.mined(keeper.payAgent({ agent, amount: parseEther('10') }))
    await node.mined(keeper.stakeAgent({ agent, amount: parseEther('5') }))
    await node.mined(keeper.setSpendingLimit({ agent, limit: parseEther('4'), period: 3_600n }))

    // Its key opens a channel to a prover and signs a voucher; the prover settles an answer under it.
    const opening = key.openAgentChannel({ agent, receiver: prover!.address, deposit: parseEther('3') })
    const channel = openedChannel(await node.mined(opening))
    expect(await key.getChannelBeneficiary({ channel })).toBe(agent)
    expect(await key.getSpendable({ agent })).toBe(parseEther('1'))
    const voucher = await key.signVoucher({ channel, maxClaimableAmount: parseEther('2') })
    const receipt = { channel, n: 0n, version, fee: parseEther('0.5'), promptTokens: 10, outputTokens: 20 }
    const hashes = { promptHash: hash('prompt'), outputHash: hash('output'), queryHash: hash('query') }
    const asOf = await node.client.getBlockNumber()
    const leaf = { ...receipt, ...hashes, openable: false, asOf, entries: [] }
    const settled = await node.mined(node.wallet(prover).settle({ leaves: [leaf], vouchers: [voucher] }))
    expect(settleOutcome(settled)).toMatchObject({ settled: [expect.any(String)], skipped: [], vouchersSkipped: [] })
    expect(await key.getChannel({ channel })).toMatchObject({ payer: address, settled: parseEther('0.5') })

    // Another client pays it for a job.
    const application = node.wallet(client)
    const offer = { agent, deadline: await deadlineSoon(), jobHash: hash('write a test'), fee: parseEther('2') }
    const job = offeredJob(await node.mined(application.offerJob(offer)))
    await node.mined(key.acceptJob({ job }))
    await node.mined(key.completeJob({ job, resultHash: hash('a test') }))
    expect(await key.getJob({ job })).toMatchObject({ status: JOB_STATUS.completed, resultHash: hash('a test') })
    await node.mined(application.acceptResult({ job }))
    await node.mined(application.giveFeedback({ agent, value: 95n, tag1: 'starred' }))
    expect(await application.getFeedbackSummary({ agent, clients: [client!.address] })).toEqual([1n, 95n, 0])

    // The channel's rest comes back to the balance, and the owner takes all of it.
    await node.mined(keeper.closeAgentChannel({ agent, channel }))
    for (let block = 0; block < 6; block++) await node.mine()
    await node.mined(application.refundChannel({ channel }))
    const left = parseEther('10') - parseEther('0.5') + parseEther('2')
    expect(await keeper.getAgent({ agent })).toMatchObject({ balance: left, stake: parseEther('5'), locked: 0n })
    const before = await balanceOf(NATIVE.agents)
    await node.mined(keeper.withdrawFromAgent({ agent, amount: left }))
    expect(await balanceOf(NATIVE.agents)).toBe(before - left)
  }, 60_000)

  it('cannot be spent from above its limit, nor by a stranger, and says so by name', async () => {
    const { agent, key } = await newAgent()
    await node.mined(node.wallet().payAgent({ agent, amount: parseEther('1') }))
    const payment = { agent, to: client!.address, amount: 1n }
    await expect(key.payFromAgent(payment)).rejects.toMatchObject({
      name: 'NativeContractError',
      errorName: 'OverSpendingLimit',
      args: { left: 0n, asked: 1n },
    })
    await expect(node.wallet(client).payFromAgent(payment)).rejects.toMatchObject({ errorName: 'NotWallet' })
    await expect(node.wallet(client).setAgentUri({ agent, uri: 'mine' })).rejects.toBeInstanceOf(NativeContractError)
  })
})

describe('the Agent Registry', () => {
  const registry = { address: AGENT_REGISTRY, abi: agentRegistryAbi } as const
  const read = { address: AGENT_REGISTRY, abi: erc721Abi } as const

  it('is an ERC-721 that says so, and logs what ERC-8004 wants', async () => {
    const receipt = await node.mined(node.wallet().registerAgent({ uri: 'data:,x', metadata: { skills: '0x0102' } }))
    const agent = registeredAgent(receipt)
    const events = parseEventLogs({ abi: agentRegistryAbi, logs: receipt.logs })
    expect(events.map(({ eventName }) => eventName)).toEqual(['Transfer', 'Registered', 'MetadataSet', 'MetadataSet'])
    expect(events[0]!.args).toMatchObject({ from: zeroAddress, to: owner!.address, tokenId: agent })
    expect(events[3]!.args).toMatchObject({ metadataKey: 'skills', metadataValue: '0x0102' })
    for (const [id, expected] of [
      ['0x01ffc9a7', true],
      ['0x80ac58cd', true],
      ['0x5b5e139f', true],
      ['0xffffffff', false],
    ] as const)
      expect(await node.client.readContract({ ...registry, functionName: 'supportsInterface', args: [id] })).toBe(
        expected,
      )
    expect(await node.client.readContract({ ...read, functionName: 'ownerOf', args: [agent] })).toBe(owner!.address)
    expect(await node.client.readContract({ ...read, functionName: 'tokenURI', args: [agent] })).toBe('data:,x')
    const wallet = { ...registry, functionName: 'getMetadata', args: [agent, 'agentWallet'] } as const
    expect(await node.client.readContract(wallet)).toBe(owner!.address.toLowerCase())
  })

  it('registers in the three ways of ERC-8004', async () => {
    for (const args of [[], ['ipfs://a'], ['ipfs://a', [{ metadataKey: 'k', metadataValue: '0x01' }]]] as const) {
      const count = await node.wallet().getAgentCount()
      const data = encodeFunctionData({ abi: agentRegistryAbi, functionName: 'register', args: args as readonly [] })
      const receipt = await node.mined(node.wallet().sendTransaction({ to: AGENT_REGISTRY, data, gas: GAS }))
      expect(registeredAgent(receipt)).toBe(count + 1n)
    }
  })

  it('hands an agent over by who is approved, without its wallet', async () => {
    const { agent } = await newAgent()
    const stranger = node.wallet(client)
    const move = { ...registry, functionName: 'transferFrom', args: [owner!.address, client!.address, agent] } as const
    await expect(stranger.writeContract({ ...move })).rejects.toSatisfy((error: unknown) => {
      const revert = error instanceof BaseError && error.walk((each) => each instanceof ContractFunctionRevertedError)
      return revert instanceof ContractFunctionRevertedError
    })
    const approval = { ...registry, functionName: 'approve', args: [client!.address, agent] } as const
    const approved = await node.mined(node.wallet().writeContract(approval))
    expect(parseEventLogs({ abi: agentRegistryAbi, logs: approved.logs, eventName: 'Approval' })[0]!.args).toEqual({
      owner: owner!.address,
      approved: client!.address,
      tokenId: agent,
    })
    expect((await node.mined(stranger.writeContract({ ...move, gas: GAS }))).status).toBe('success')
    expect(await stranger.getAgent({ agent })).toMatchObject({ owner: client!.address, wallet: zeroAddress })
    await node.mined(stranger.transferAgent({ agent, to: owner!.address }))
    expect(await stranger.getAgent({ agent })).toMatchObject({ owner: owner!.address })
  })

  it('takes a wallet only with its own signature, in time, for this owner', async () => {
    const keeper = node.wallet()
    const { agent, key } = await newAgent()
    const deadline = await deadlineSoon()
    const signed = { agent, owner: owner!.address, deadline }
    const good = await key.signAgentWallet(signed)
    const forged = await node.wallet(client).signAgentWallet(signed)
    const other = await key.signAgentWallet({ ...signed, owner: client!.address })
    const late = await key.signAgentWallet({ ...signed, deadline: deadline + 1_000n })
    const set = (agreed: typeof good) => keeper.setAgentWallet({ agent, ...agreed, gas: GAS })
    const status = async (agreed: typeof good) => (await node.mined(set(agreed))).status
    expect(await status({ ...good, signature: forged.signature })).toBe('reverted')
    expect(await status(other)).toBe('reverted')
    expect(await status(late)).toBe('reverted')
    expect(await status({ ...good, deadline: 1n })).toBe('reverted')
    await node.mined(keeper.unsetAgentWallet({ agent }))
    expect(await keeper.getAgent({ agent })).toMatchObject({ wallet: zeroAddress })
    expect(await status(good)).toBe('success')
  })
})

describe('a contract that keeps an agent', () => {
  let compiled: Compiled
  let contract: Address

  beforeAll(async () => {
    compiled = compileSolidity('test/native/solidity/AgentKeeper.sol', 'AgentKeeper')
    const deployed = await node.mined(node.wallet().deployContract({ ...compiled, gas: GAS }))
    contract = getAddress(deployed.contractAddress!)
  }, 60_000)

  const send = (functionName: string, args: unknown[], value = 0n) =>
    node.mined(node.wallet().writeContract({ ...compiled, address: contract, functionName, args, value, gas: GAS }))

  it('founds it, works, pays by itself as wallet, and is paid without a call', async () => {
    const receipt = await send('found', ['ipfs://contract'], parseEther('8'))
    expect(receipt.status).toBe('success')
    const agent = registeredAgent(receipt)
    const application = node.wallet(client)
    const offer = { agent, deadline: await deadlineSoon(), jobHash: hash('job'), fee: parseEther('1') }
    const job = offeredJob(await node.mined(application.offerJob(offer)))
    expect((await send('work', [job])).status).toBe('success')
    await node.mined(application.acceptResult({ job }))
    expect((await send('pay', [agent, client!.address, parseEther('2')])).status).toBe('success')
    expect((await send('pay', [agent, client!.address, 1n])).status).toBe('reverted')
    const read = { ...compiled, address: contract }
    expect(await node.client.readContract({ ...read, functionName: 'balance', args: [agent] })).toBe(parseEther('3'))
    expect((await send('withdraw', [agent, parseEther('3')])).status).toBe('success')
    expect(await balanceOf(contract)).toBe(parseEther('3'))
    expect(await node.client.readContract({ ...read, functionName: 'received', args: [] })).toBe(0n)
  })

  it('leaves no trace of what it reverts', async () => {
    const footprint = () => node.client.getProof({ address: NATIVE.agents, storageKeys: [] })
    const before = await footprint()
    const worker = await node.wallet().getAgentCount()
    expect(await send('foundAndRevert', ['ipfs://undone', worker], parseEther('8'))).toMatchObject({
      status: 'reverted',
      logs: [],
    })
    const after = await footprint()
    expect([after.balance, after.storageHash]).toEqual([before.balance, before.storageHash])
  })

  it('gets an agent by a safe transfer only if it takes tokens, and is a wallet by ERC-1271', async () => {
    const keeper = node.wallet()
    const { agent } = await newAgent()
    const deadline = await deadlineSoon()
    const message = { agentId: agent, newWallet: contract, owner: owner!.address, deadline }
    await send('sign', [hashTypedData(agentWalletTypedData(node.config.l2ChainId, message))])
    await node.mined(keeper.setAgentWallet({ agent, wallet: contract, deadline, signature: '0x' }))
    expect(await keeper.getAgent({ agent })).toMatchObject({ wallet: contract })
    expect((await node.mined(keeper.transferAgent({ agent, to: contract, gas: GAS }))).status).toBe('reverted')
    await send('takeTokens', [true])
    expect((await node.mined(keeper.transferAgent({ agent, to: contract, gas: GAS }))).status).toBe('success')
    expect((await send('handOver', [agent, client!.address])).status).toBe('success')
    expect(await keeper.getAgent({ agent })).toMatchObject({ owner: client!.address, wallet: zeroAddress })
    const [ownerNow] = [
      await node.client.readContract({
        address: NATIVE.agents,
        abi: agentsAbi,
        functionName: 'ownerOf',
        args: [agent],
      }),
    ]
    expect(ownerNow).toBe(client!.address)
  })
})
