/**
 * A watcher against a real node with the real ledger: a retrieval version whose prover settles honest and wrong leaves, and challengers
 * that are killed, that come second, and that come too late.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Account, type Hex, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openedChannel, type SignedReceipt, settleOutcome } from '../../client/index.ts'
import { CLAIM_STATUS } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { queryHash } from '../../protocol/query.ts'
import { requestId } from '../../protocol/request.ts'
import { DIMS } from '../../protocol/row.ts'
import { answerQuery, answerQueryHash, textTokenIds } from '../../prover/attribute/answer-query.ts'
import { kernelScores } from '../../prover/attribute/scores.ts'
import { entriesOf, settlementLeaf } from '../../prover/attribute/settlement-leaf.ts'
import { rebuildRetrieval, SettlementAuditor } from '../../prover/audit/auditor.ts'
import type { ViemAuditReads } from '../../prover/audit/viem-audit-reads.ts'
import { Challenger } from '../../prover/dispute/challenger.ts'
import { ClaimBook } from '../../prover/dispute/claim-book.ts'
import { commitmentsOf } from '../../prover/dispute/commitments.ts'
import { DisputeChain } from '../../prover/dispute/dispute-chain.ts'
import type { WatchEvent } from '../../prover/dispute/watch-event.ts'
import { Watcher } from '../../prover/dispute/watcher.ts'
import type { Prover } from '../../prover/prover.ts'
import { openledger } from '../fixtures/command-line.ts'
import { RetrievalStage, ROLES } from '../fixtures/retrieval-stage.ts'
import type { WholeNode } from '../fixtures/whole-node.ts'

const { owner, proverAccount, application, challenger } = ROLES
const CHALLENGER_KEY: Hex = `0x${'4'.padStart(64, '0')}`
const PROMPT = 'Which tokens have an allowance and a timelock?'
/** Seconds: claims mature one to two of these after their settlement. */
const WINDOW = 160n
const LOCK_MULTIPLE = 4n
/** Estimates are of the block before: the first block of a payout bucket writes more. */
const SETTLE_GAS = 3_000_000n

let stage: RetrievalStage
let node: WholeNode
let prover: Prover
let version: bigint
let channel: Hex
let nextRequest = 0n

beforeAll(async () => {
  stage = await RetrievalStage.start({ window: WINDOW, unstakeDelay: 4n * WINDOW })
  node = stage.node
  prover = stage.prover
  version = stage.version
  const opened = node.wallet(application).openChannel({ receiver: proverAccount.address, deposit: parseEther('5') })
  channel = openedChannel(await node.mined(opened))
})

afterAll(() => stage.stop())

type Asked = { request: Hex; answer: string; receipt: SignedReceipt }

/** A paid answer of the prover's, which waits to be settled. */
async function ask({ openable = true }: { openable?: boolean } = {}): Promise<Asked> {
  const n = nextRequest++
  const voucher = await voucherOf()
  const body = {
    ...{ version: `${version}`, prompt: PROMPT, channel, n: `${n}`, openable },
    voucher: { maxClaimableAmount: `${voucher.maxClaimableAmount}`, signature: voucher.signature },
  }
  const response = await fetch(`${stage.gatewayUrl}/v1/answers`, { method: 'POST', body: JSON.stringify(body) })
  const { request, answer, receipt } = (await response.json()) as Omit<Asked, 'receipt'> & {
    receipt: SignedReceipt & Record<'n' | 'version' | 'fee', string>
  }
  const numbers = { n: BigInt(receipt.n), version: BigInt(receipt.version), fee: BigInt(receipt.fee) }
  return { request, answer, receipt: { ...receipt, ...numbers } }
}

async function voucherOf() {
  const client = node.wallet(application)
  return client.signVoucher({ channel, maxClaimableAmount: parseEther('4') })
}

const readsOf = () => stage.reads()

async function honestLeaf({ answer, receipt }: Asked): Promise<Leaf> {
  const reads = readsOf()
  const { artifact } = await rebuildRetrieval(reads, (await reads.version(version))!)
  const query = answerQuery(artifact, { prompt: textTokenIds(PROMPT), answer: textTokenIds(answer) })!
  const asOf = await node.client.getBlockNumber()
  const [rules, withdrawn] = [await reads.entryRules(asOf), await reads.withdrawn(asOf)]
  const entries = entriesOf(artifact, (await kernelScores())(artifact)(query), rules, withdrawn)
  return settlementLeaf(receipt, { asOf, queryHash: answerQueryHash(query), entries })
}

/** Settles something else than what is true, by the prover's own account; the gateway opens the truth. */
async function lie(change: (leaf: Leaf) => Leaf, question: { openable?: boolean } = {}): Promise<Asked> {
  const asked = await ask(question)
  const leaves = [change(await honestLeaf(asked))]
  const vouchers = [await voucherOf()]
  const receipt = await node.mined(node.wallet(proverAccount).settle({ leaves, vouchers, gas: SETTLE_GAS }))
  expect(settleOutcome(receipt)).toEqual({ settled: [asked.request], skipped: [], vouchersSkipped: [] })
  await prover.settleAll()
  return asked
}

const wrongRaw = (leaf: Leaf): Leaf => {
  const [first, ...rest] = leaf.entries
  return { ...leaf, entries: [{ ...first!, raw: first!.raw + 1 }, ...rest] }
}
const omittedRow = (leaf: Leaf): Leaf => ({ ...leaf, entries: leaf.entries.slice(1) })

type WatcherOptions = { account?: Account; receipts?: SignedReceipt[]; reads?: ViemAuditReads }

/** A new watcher, which knows what the chain says and its key, and what it has told so far. */
async function startedWatcher({ account = challenger, receipts = [], reads = readsOf() }: WatcherOptions = {}) {
  const events: WatchEvent[] = []
  const told = (event: WatchEvent) => events.push(event)
  const client = node.client
  const book = new ClaimBook({ client })
  const auditor = await SettlementAuditor.open(reads)
  const chain = new DisputeChain({ client: node.wallet(account) })
  const commitments = await commitmentsOf(account, node.config.l2ChainId)
  const modules = { client, book, auditor, challenger: new Challenger({ chain, book, commitments }, told) }
  const held = new Map(receipts.map((receipt) => [requestId(receipt.channel, receipt.n), receipt]))
  const watcher = new Watcher(modules, { told, receipts: held })
  return { watcher, events, ofType: (type: WatchEvent['type']) => events.filter((event) => event.type === type) }
}

const statusOf = async (request: Hex) => (await node.wallet().getClaim({ request }))[1]

/** A challenge needs a block after its commitment's, and time stands still between blocks. */
const mineTwiceOnArrival = () => node.pool.onTransaction(() => void node.mine())

const openCommitment = async (request: Hex, account = challenger) => {
  const commitment = (await commitmentsOf(account, node.config.l2ChainId)).of(request)
  const [committedIn] = await node.wallet().getChallenge({ challenger: account.address, commitment })
  return committedIn !== 0n
}

describe('a watcher', () => {
  it('challenges exactly the wrong leaves, although it is killed between commitment and challenge', async () => {
    const honest = await ask()
    await prover.settleAll()
    const raw = await lie(wrongRaw)
    const omission = await lie(omittedRow)
    const fees = [honest, raw, omission].map(({ receipt }) => receipt.fee)
    const client = node.wallet()
    expect(await client.getChannel({ channel })).toMatchObject({ settled: fees[0]! + fees[1]! + fees[2]! })

    const killed = await startedWatcher()
    await killed.watcher.turn()
    expect(killed.ofType('checked')).toEqual([expect.objectContaining({ request: honest.request })])
    expect(killed.ofType('committed')).toEqual([
      expect.objectContaining({ request: raw.request, challenge: 'score' }),
      expect.objectContaining({ request: omission.request, challenge: 'omission' }),
    ])
    await node.mine()
    const before = await node.client.getBalance({ address: challenger.address })

    const next = await startedWatcher()
    await next.watcher.turn()
    expect(next.ofType('committed')).toEqual([])
    expect(next.ofType('failed')).toEqual([])
    const [half, other] = [raw, omission].map(({ receipt }) => (receipt.fee * LOCK_MULTIPLE) / 2n) as [bigint, bigint]
    expect(next.ofType('upheld')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ request: raw.request, challenge: 'score', reward: half }),
        expect.objectContaining({ request: omission.request, challenge: 'omission', reward: other }),
      ]),
    )
    const bonds = 2n * (await client.getParameter({ name: 'challengeBond' }))
    const gained = (await node.client.getBalance({ address: challenger.address })) - before
    expect(gained).toBeGreaterThan(bonds)
    expect(gained).toBeLessThanOrEqual(bonds + half + other)
    expect(await client.getChannel({ channel })).toMatchObject({ settled: fees[0] })
    const statuses = await Promise.all([honest, raw, omission].map(({ request }) => statusOf(request)))
    expect(statuses).toEqual([CLAIM_STATUS.standing, CLAIM_STATUS.undone, CLAIM_STATUS.undone])
    expect(next.watcher.isIdle).toBe(true)
  })

  it('sends nothing once all is challenged', async () => {
    const nonce = await node.client.getTransactionCount({ address: challenger.address })
    const { watcher, events } = await startedWatcher()
    await watcher.turn()
    await node.mine()
    await watcher.turn()
    expect(events.map(({ type }) => type)).toEqual(['checked'])
    expect(await node.client.getTransactionCount({ address: challenger.address })).toBe(nonce)
  })

  it('takes its bond back where somebody else was first', async () => {
    const { request } = await lie(wrongRaw)
    const [first, second] = [await startedWatcher(), await startedWatcher({ account: owner })]
    await first.watcher.turn()
    await second.watcher.turn()
    await node.mine()
    await first.watcher.turn()
    expect(first.ofType('upheld')).toHaveLength(1)
    await second.watcher.turn()
    expect(second.events.slice(-2)).toEqual([
      { type: 'over', request, reason: 'undone' },
      expect.objectContaining({ type: 'reclaimed', request }),
    ])
    expect(await openCommitment(request, owner)).toBe(false)
  })

  it('takes its bond back where it was killed and somebody else was first', async () => {
    const { request } = await lie(wrongRaw)
    await (await startedWatcher({ account: owner })).watcher.turn()
    const other = await startedWatcher()
    await other.watcher.turn()
    await node.mine()
    await other.watcher.turn()
    const next = await startedWatcher({ account: owner })
    await next.watcher.turn()
    expect(next.ofType('reclaimed')).toEqual([expect.objectContaining({ request })])
    expect(await openCommitment(request, owner)).toBe(false)
  })

  it('challenges by a receipt that it holds, where nobody may open the request', async () => {
    const { request, receipt } = await lie((leaf) => ({ ...leaf, fee: leaf.fee - 1n }), { openable: false })
    const foreign = { ...receipt, fee: receipt.fee + 5n }
    const misled = await startedWatcher({ receipts: [foreign] })
    await misled.watcher.turn()
    expect(misled.events.filter((event) => event.request === request).map(({ type }) => type)).toEqual(['closed'])
    const { watcher, ofType } = await startedWatcher({ receipts: [receipt] })
    await watcher.turn()
    await node.mine()
    await watcher.turn()
    expect(ofType('upheld')).toEqual([
      expect.objectContaining({ request, challenge: 'receipt', fault: expect.stringMatching(/fee/) }),
    ])
  })

  it('challenges a query that is ill formed', async () => {
    const query = new Int8Array(DIMS).fill(1)
    const { request } = await lie((leaf) => ({ ...leaf, queryHash: queryHash(query), entries: [] }))
    const reads = readsOf()
    const opening = reads.opening.bind(reads)
    reads.opening = async (asked) => {
      const shown = await opening(asked)
      return asked === request && !('refused' in shown) ? { ...shown, query } : shown
    }
    const { watcher, ofType } = await startedWatcher({ reads })
    await watcher.turn()
    await node.mine()
    await watcher.turn()
    expect(ofType('upheld')).toEqual([
      expect.objectContaining({ request, fault: expect.stringMatching(/sum of squares/) }),
    ])
  })

  it('commits to nothing that it cannot prove, and says so', async () => {
    const { request } = await lie((leaf) => ({ ...leaf, fee: leaf.fee - 1n }))
    const { watcher, ofType } = await startedWatcher()
    await watcher.turn()
    expect(ofType('difference')).toEqual([expect.objectContaining({ request })])
    expect(ofType('unproved')).toEqual([expect.objectContaining({ request })])
    expect(ofType('committed')).toEqual([])
  })

  it('does not send what the node would not uphold, and takes the bond back', async () => {
    const asked = await ask()
    await prover.settleAll()
    const reads = readsOf()
    const withdrawn = reads.withdrawn.bind(reads)
    // An auditor whose own view of the chain is wrong: it holds a listed cluster for withdrawn.
    const listed = (await honestLeaf(asked)).entries[0]!.cluster
    reads.withdrawn = async (block) => ({ ...(await withdrawn(block)), clusters: new Set([listed]) })
    const { watcher, events } = await startedWatcher({ reads })
    const own = () => events.filter(({ request }) => request === asked.request).map(({ type }) => type)
    await watcher.turn()
    expect(own()).toContain('committed')
    await node.mine()
    await watcher.turn()
    expect(own().slice(-3)).toEqual(['committed', 'unproved', 'reclaimed'])
    const again = await startedWatcher({ reads })
    await again.watcher.turn()
    expect(again.ofType('committed')).toEqual([])
    expect(await statusOf(asked.request)).toBe(CLAIM_STATUS.standing)
  })

  it('goes on with every new block until it is stopped', async () => {
    const { watcher, events } = await startedWatcher()
    const stopped = new AbortController()
    const stop = mineTwiceOnArrival()
    const running = watcher.run({
      signal: stopped.signal,
      interval: 5,
      failed: (error) => {
        throw error
      },
    })
    const requests = [(await lie(wrongRaw)).request, (await lie(omittedRow)).request]
    const isUpheld = (request: Hex) => events.some((event) => event.type === 'upheld' && event.request === request)
    await vi.waitUntil(() => requests.every(isUpheld), { timeout: 20_000 })
    stopped.abort()
    await running
    stop()
  })

  it('is the audit command with --challenge: a line for each step', async () => {
    const { request } = await lie(wrongRaw)
    const keyFile = join(stage.dataDir, 'challenger.key')
    await writeFile(keyFile, CHALLENGER_KEY)
    expect(privateKeyToAccount(CHALLENGER_KEY).address).toBe(challenger.address)
    const stop = mineTwiceOnArrival()
    const ended = await openledger(
      ...['audit', '--l2-rpc', node.url, '--gateway', stage.gatewayUrl, '--challenge', '--key-file', keyFile],
    )
    stop()
    const { code, stdout, stderr } = ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(
      new RegExp(`^${request}: committed to challenge score, bond 0.1 OPEN: entry 0 has raw `, 'm'),
    )
    expect(stdout).toMatch(new RegExp(`^${request}: challenged and upheld, \\+[\\d.]+ OPEN: entry 0 has raw `, 'm'))
    expect(await statusOf(request)).toBe(CLAIM_STATUS.undone)
  }, 60_000)

  it('sends nothing for a claim that has matured, but takes its bond back', async () => {
    const [late, never] = [await lie(wrongRaw), await lie(omittedRow)]
    const { watcher, events } = await startedWatcher({ account: owner })
    await watcher.turn()
    const { maturesAt } = await node.wallet().getSettlement({ request: never.request })
    while ((await node.client.getBlock()).timestamp < maturesAt) await node.mine()
    await watcher.turn()
    const own = events.filter(({ request }) => request === late.request).map(({ type }) => type)
    expect(own).toEqual(['difference', 'difference', 'committed', 'over', 'reclaimed'])
    const nonce = await node.client.getTransactionCount({ address: challenger.address })
    const idle = await startedWatcher()
    await idle.watcher.turn()
    expect(idle.events).toEqual([])
    expect(await node.client.getTransactionCount({ address: challenger.address })).toBe(nonce)
  }, 60_000)
})
