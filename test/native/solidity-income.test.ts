/**
 * An ordinary contract on both sides of an inference: it pays for one out of a channel of its own, by a key that it
 * authorizes, and is paid for one as contributor, as share holder; a light client proves what it was paid.
 */
import {
  decodeErrorResult,
  getAddress,
  keccak256,
  parseAbi,
  parseEther,
  parseEventLogs,
  stringToBytes,
  toHex,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  commitmentOf,
  createdModel,
  openedRun,
  publishedVersion,
  StateProofError,
  settleOutcome,
} from '../../client/index.ts'
import { attributionAbi, CREDIT_ROLE } from '../../genesis/abi/attribution.ts'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { CONTRIBUTION_STATUS } from '../../genesis/abi/datanets.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { DIMS } from '../../protocol/row.ts'
import { threshold } from '../../protocol/score.ts'
import { type Compiled, compileSolidity } from '../fixtures/solidity.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const [user, prover, delegating] = [ACCOUNTS[0]!, ACCOUNTS[1]!, ACCOUNTS[2]!]
const caughtAbi = parseAbi(['event Caught(bytes reason)'])
const GAS = 3_000_000n
const SALT = toHex(7, { size: 32 })
const CONTENT = stringToBytes(
  'What a contract contributes earns for the contract, and it needs no key for that. '.repeat(8),
)
const FEE = parseEther('1')
const hash = (text: string) => keccak256(stringToBytes(text))
const key = privateKeyToAccount(generatePrivateKey())

let node: WholeNode
let compiled: Compiled
let contract: Address
let version: bigint
let channel: `0x${string}`

const send = (functionName: string, args: unknown[], value = 0n, address = contract) =>
  node.mined(node.wallet(user).writeContract({ ...compiled, address, functionName, args, value, gas: GAS }))

const balance = (address: Address) => node.client.getBalance({ address })

beforeAll(async () => {
  compiled = compileSolidity('test/native/solidity/NativeCaller.sol', 'NativeCaller')
  node = await WholeNode.start()
  const wallet = node.wallet(user)
  contract = getAddress((await node.mined(wallet.deployContract({ ...compiled, gas: GAS }))).contractAddress!)
  await node.mined(wallet.sendTransaction({ to: contract, value: parseEther('50') }))
  await node.mined(node.wallet(prover).stake({ role: STAKE_ROLE.prover, amount: parseEther('100') }))
  await send('stake', [STAKE_ROLE.validator], parseEther('10'))
  await send('createDatanet', ['of a contract'])
  await send('commit', [commitmentOf({ owner: contract, datanet: 1n, content: CONTENT, salt: SALT })])
  await send('contribute', [1n, toHex(CONTENT), '', SALT])
  const base = { weightsHash: hash('weights'), tokenizerHash: hash('tokenizer'), architecture: 'retrieval', uri: '' }
  await node.mined(wallet.registerBase(base))
  const prices = { pricePer1kIn: parseEther('50'), pricePer1kOut: parseEther('50') }
  const created = await node.mined(wallet.createModel({ base: 1n, datanets: [1n], ...prices, name: 'answers' }))
  const plan = { model: createdModel(created), manifestRoot: hash('manifest'), hyperparametersHash: hash('recipe') }
  const opened = await node.mined(wallet.openRun({ ...plan, seed: 1n, datanets: [{ datanet: 1n, weightBps: 10_000 }] }))
  const hashes = { adapterHash: hash('a'), curvatureHash: hash('c'), featureRoot: hash('f'), artifactHash: hash('r') }
  const publication = { run: openedRun(opened), ...hashes, rows: 10, dims: DIMS, medianScale: 100 }
  const published = await node.mined(wallet.publishVersion({ ...publication, bond: parseEther('1') }))
  version = publishedVersion(published)
  expect((await send('attest', [version])).status).toBe('success')
  await node.mine()
  await node.mine()
}, 60_000)

afterAll(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

/** The prover settles a request that found the contract's contribution. */
async function settle(n: bigint, ceiling: bigint) {
  const entries = [{ row: 1, cluster: 1n, raw: Number(threshold(5n, DIMS)) + 1_000, scale: 100 }]
  const hashes = { promptHash: hash('prompt'), outputHash: hash('output'), queryHash: hash('query') }
  const tokens = { promptTokens: 10, outputTokens: 20, openable: true }
  const asOf = await node.client.getBlockNumber()
  const leaf: Leaf = { channel, n, version, asOf, fee: FEE, ...tokens, ...hashes, entries }
  const voucher = await node.wallet(user).signVoucher({ account: key, channel, maxClaimableAmount: ceiling })
  return node.mined(node.wallet(prover).settle({ leaves: [leaf], vouchers: [voucher], gas: GAS }))
}

describe('a contract that pays for an inference', () => {
  it('opens a channel and authorizes a key, whose vouchers the prover settles', async () => {
    const receipt = await send('openChannel', [prover.address], parseEther('3'))
    channel = parseEventLogs({ abi: channelsAbi, logs: receipt.logs, eventName: 'Opened' })[0]!.args.channel
    const { timestamp } = await node.client.getBlock()
    const unsigned = await settle(0n, FEE)
    expect(parseEventLogs({ abi: attributionAbi, logs: unsigned.logs, eventName: 'Settled' })).toEqual([])
    expect((await send('authorizeSigner', [channel, key.address, 2n * FEE, timestamp + 10_000n])).status).toBe(
      'success',
    )
    const settled = await settle(0n, FEE)
    expect(settleOutcome(settled)).toMatchObject({ skipped: [] })
    expect(parseEventLogs({ abi: attributionAbi, logs: settled.logs, eventName: 'Settled' })).toHaveLength(1)
    const credits = parseEventLogs({ abi: attributionAbi, logs: settled.logs, eventName: 'Credited' })
    expect(credits.map(({ args }) => args.amount).reduce((sum, amount) => sum + amount, 0n)).toBe(FEE)
    const own = credits.find(({ args }) => args.role === CREDIT_ROLE.contributor)
    expect(own?.args).toMatchObject({ recipient: contract, cluster: 1n, amount: (FEE * 45n) / 200n })
    expect(await node.wallet().getChannel({ channel })).toMatchObject({ payer: contract, settled: FEE })
  })

  it('is refunded what was not spent', async () => {
    const before = await balance(contract)
    await send('closeChannel', [channel])
    for (let block = 0; block < 6; block++) await node.mine()
    expect((await send('refundChannel', [channel])).status).toBe('success')
    expect(await balance(contract)).toBe(before + parseEther('3') - FEE)
  })
})

describe('a contract that is paid for an inference', () => {
  it('receives its royalty when it matures, without being called, and a light client proves it', async () => {
    const recipient = contract
    const pending = await node.client.getBlock()
    const early = { recipient, blockNumber: pending.number, stateRoot: pending.stateRoot }
    const royalty = (FEE * 45n) / 200n
    expect(await node.wallet().provePayout(early)).toMatchObject({ paid: 0n, owed: 0n, pending: [{ amount: royalty }] })

    const before = await balance(contract)
    while ((await node.wallet().earnedOf({ recipient })) === 0n) await node.nextEpoch()
    expect(await balance(contract)).toBe(before + royalty)
    const { number: blockNumber, stateRoot } = await node.client.getBlock()
    expect(await node.wallet().provePayout({ recipient, blockNumber, stateRoot })).toEqual({
      paid: royalty,
      owed: 0n,
      pending: [],
    })
    await expect(node.wallet().provePayout({ recipient, blockNumber, stateRoot: pending.stateRoot })).rejects.toThrow(
      StateProofError,
    )
    expect(await node.wallet().proveContribution({ contribution: 1n, blockNumber, stateRoot })).toMatchObject({
      contributor: contract.toLowerCase(),
      contentHash: keccak256(CONTENT),
      status: CONTRIBUTION_STATUS.accepted,
    })
  })

  it('collects what its shares have earned, and nothing where the call around it reverts', async () => {
    for (let block = 0; block < 7; block++) await node.mine()
    const [before, held] = [await balance(contract), await balance(NATIVE.attribution)]
    const undone = await send('collectAndGoOn', [1n])
    const [caught] = parseEventLogs({ abi: caughtAbi, logs: undone.logs })
    const { errorName, args } = decodeErrorResult({ abi: compiled.abi, data: caught!.args.reason })
    expect(errorName).toBe('Collected')
    expect([await balance(contract), await balance(NATIVE.attribution)]).toEqual([before, held])
    const gained = args![0] as bigint
    // Half of the contributors' part, streamed to the one holder, less what rounding leaves.
    expect(gained).toBeGreaterThan((FEE * 45n) / 200n - 1_000n)
    expect((await send('collectIncome', [1n])).status).toBe('success')
    expect(await balance(contract)).toBe(before + gained)
    expect(await balance(NATIVE.attribution)).toBe(held - gained)
  })
})

describe('an account that delegates to a contract by EIP-7702', () => {
  it('is the payer of the channel that the contract’s code opens for it', async () => {
    const wallet = node.wallet(delegating)
    const options = { contractAddress: contract, executor: 'self' } as const
    const authorization = await wallet.signAuthorization({ account: delegating, ...options })
    const delegated = wallet.sendTransaction({ authorizationList: [authorization], to: delegating.address, gas: GAS })
    expect((await node.mined(delegated)).status).toBe('success')
    const receipt = await send('openChannel', [prover.address], parseEther('1'), delegating.address)
    const [opened] = parseEventLogs({ abi: channelsAbi, logs: receipt.logs, eventName: 'Opened' })
    expect(opened?.args).toMatchObject({ payer: getAddress(delegating.address), deposit: parseEther('1') })
  })
})
