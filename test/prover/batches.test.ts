/**
 * A prover that settles by batches, over a real chain with the real ledger: two payers' questions, one batch, a restart before
 * L1 has drawn, the draws, and an auditor who recomputes what was drawn.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPublicClient, type Hex, http, type PrivateKeyAccount, parseEther, stringToBytes, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitmentOf, createdDatanet, openedChannel, openledgerChain } from '../../client/index.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { requestId } from '../../protocol/request.ts'
import { auditSettlements } from '../../prover/audit/auditor.ts'
import { ViemAuditReads } from '../../prover/audit/viem-audit-reads.ts'
import { Prover } from '../../prover/prover.ts'
import { TEST_TEXTS } from '../../prover/testing/in-memory-chain.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const [owner, proverAccount, validator, firstPayer, secondPayer] = ACCOUNTS
/** Rounds are the test's alone. */
const NEVER = { interval: 3_600_000 }
const QUESTIONS = [
  'Why does a timelock delay operations?',
  'What do Merkle proofs verify?',
  'When may transferFrom spend an allowance?',
]

let node: WholeNode
let stopMining: () => void
let dataDir: string
let prover: Prover
let gatewayUrl: string
let version: bigint
const failed: Error[] = []

async function startProver(): Promise<void> {
  prover = new Prover({
    ...{ l2Rpc: node.url, chain: openledgerChain(node.config), account: proverAccount!, dataDir, versionInterval: 50 },
    ...{ settleBy: 'batch', settler: NEVER, drawSettler: NEVER },
    batchSettler: { ...NEVER, size: 2 * QUESTIONS.length },
  })
  prover.events.on('failed', (error) => failed.push(error))
  gatewayUrl = (await prover.start()).url
}

beforeAll(async () => {
  node = await WholeNode.start()
  stopMining = node.mineOnArrival()
  dataDir = await mkdtemp(join(tmpdir(), 'openledger-batches-'))
  for (const [account, role] of [
    [proverAccount, STAKE_ROLE.prover],
    [validator, STAKE_ROLE.validator],
  ] as const) {
    const wallet = node.wallet(account)
    await wallet.confirmTransaction({ hash: await wallet.stake({ role, amount: parseEther('100') }) })
  }
  await startProver()
  version = await publishedVersion()
})

afterAll(async () => {
  await prover.stop()
  stopMining()
  await node.stop()
  await rm(dataDir, { recursive: true })
})

async function publishedVersion(): Promise<bigint> {
  const client = node.wallet(owner)
  const created = await client.createDatanet({ name: 'Solidity', domain: 'smart contracts' })
  const datanet = createdDatanet(await client.confirmTransaction({ hash: created }))
  const bond = await client.getParameter({ name: 'commitBond' })
  for (const text of TEST_TEXTS) {
    const content = stringToBytes(text)
    const salt = toHex(stringToBytes(text.slice(0, 32)), { size: 32 })
    const commitment = commitmentOf({ owner: owner!.address, datanet, content, salt })
    await client.confirmTransaction({ hash: await client.commitContribution({ commitment, bond }) })
    await client.confirmTransaction({ hash: await client.contribute({ datanet, content, salt }) })
  }
  const prices = { pricePer1kIn: parseEther('0.01'), pricePer1kOut: parseEther('0.03') }
  const datanets = [{ datanet, weightBps: 10_000 }]
  const published = await prover.publishRetrievalVersion({ datanets, name: 'passages', ...prices })
  const attestor = node.wallet(validator)
  await attestor.confirmTransaction({ hash: await attestor.attestVersion({ version: published.version }) })
  while (!(await client.isVersionLive({ version: published.version }))) await node.mine()
  return published.version
}

/** Asks all questions on a new channel, numbers from 1. */
async function ask(payer: PrivateKeyAccount): Promise<Hex> {
  const client = node.wallet(payer)
  const opened = await client.openChannel({ receiver: proverAccount!.address, deposit: parseEther('1') })
  const channel = openedChannel(await client.confirmTransaction({ hash: opened }))
  const { maxClaimableAmount, signature } = await client.signVoucher({ channel, maxClaimableAmount: parseEther('0.5') })
  const voucher = { maxClaimableAmount: maxClaimableAmount.toString(), signature }
  for (const [index, prompt] of QUESTIONS.entries()) {
    const question = { version: version.toString(), prompt, channel, n: String(index + 1), voucher, openable: true }
    const response = await fetch(`${gatewayUrl}/v1/answers`, { method: 'POST', body: JSON.stringify(question) })
    expect(response.status).toBe(200)
  }
  return channel
}

const auditReads = () =>
  new ViemAuditReads({ client: createPublicClient({ transport: http(node.url), cacheTime: 0 }) }, { gatewayUrl })

describe('two payers’ questions', () => {
  const channels: Hex[] = []

  it('leave their channels by one batch', async () => {
    channels.push(await ask(firstPayer!), await ask(secondPayer!))
    await prover.settleAll()
    expect(prover.status()).toMatchObject({ batched: 6, answered: 0, attributed: 0, settled: 0 })
    const client = node.wallet(owner)
    const { leaves, fees, open } = await client.getBatch({ batch: 1n })
    expect([leaves, open]).toEqual([6, 255n])
    const spent = await Promise.all(channels.map((channel) => client.getChannel({ channel })))
    expect(spent[0]!.settled + spent[1]!.settled).toBe(fees)
    expect(spent.every(({ settled }) => settled > 0n)).toBe(true)
  })

  it('nothing is shown before L1 has drawn', async () => {
    await prover.settleAll()
    expect(await auditReads().settledLeaves()).toEqual([])
  })

  it('are drawn while the prover is away, and settled by its next life', async () => {
    await prover.stop()
    const { drawnBy } = await node.wallet().getBatch({ batch: 1n })
    while ((await l1Origin()) < drawnBy) await node.nextEpoch()
    await startProver()
    await prover.settleAll()
    expect(failed).toEqual([])
    const client = node.wallet(owner)
    const { open, fees, perDraw } = await client.getBatch({ batch: 1n })
    expect([open, perDraw]).toEqual([0n, fees / 8n])
    const settled = await auditReads().settledLeaves()
    expect(settled.length).toBeGreaterThan(0)
    const amounts = await Promise.all(settled.map(({ request }) => client.getSettlement({ request })))
    expect(amounts.reduce((total, { fee }) => total + fee, 0n)).toBe(perDraw * 8n)
    expect(prover.status()).toMatchObject({ settled: settled.length, batched: 6 - settled.length })
  })

  it('an auditor recomputes the drawn leaves, though other amounts than their fees were paid', async () => {
    const settled = await auditReads().settledLeaves()
    const { fee } = await node.wallet().getSettlement({ request: settled[0]!.request })
    expect(fee).not.toBe(settled[0]!.leaf.fee)
    const audited = settled.length
    expect(await auditSettlements(auditReads())).toEqual({ audited, equal: audited, closed: 0, differences: [] })
  })

  it('are done with: the next life has nothing to settle', async () => {
    const { fee: before } = await node.wallet().getSettlement({ request: requestId(channels[0]!, 1n) })
    await prover.stop()
    await startProver()
    await prover.settleAll()
    expect(await node.wallet().getBatchCount()).toBe(1n)
    expect((await node.wallet().getSettlement({ request: requestId(channels[0]!, 1n) })).fee).toBe(before)
  })
})

/** Number of the latest block's L1 origin, which L1Block holds in its slot 0. */
async function l1Origin(): Promise<bigint> {
  const slot = await node.client.getStorageAt({ address: '0x4200000000000000000000000000000000000015', slot: '0x0' })
  return BigInt(slot!) & 0xffffffffffffffffn
}
