import { encodeAbiParameters, encodePacked, hexToBytes, keccak256, pad, stringToBytes } from 'viem'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { prepareAttributes } from '../derivation/attributes.ts'
import type { HashedBlock } from '../execution/block.ts'
import { knownSender } from '../execution/known-senders.ts'
import { SenderThreads } from '../execution/sender-threads.ts'
import type { Chain } from './chain.ts'
import { type FollowerEvent, L1Follower } from './follower.ts'
import { ManualClock } from './testing/manual-clock.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { batchTransaction, ONE_OPEN, openNode, type TestNode, testConfig, transfer } from './testing/test-chain.ts'

let l1: MemoryL1
let config: ChainConfig
/** The sequencer's chain, from which batches are made. */
let source: TestNode

beforeEach(async () => {
  l1 = new MemoryL1(1_700_000_000n)
  config = await testConfig(l1.head)
  source = await openNode(config)
})

/** Builds blocks on a chain, each naming the newest L1 block that its time and order allow. */
async function build(chain: Chain, count: number, transactions: Uint8Array[] = []): Promise<HashedBlock[]> {
  const blocks: HashedBlock[] = []
  for (let index = 0; index < count; index++) {
    const parent = chain.headRef('unsafe')
    const next = await l1.blockByNumber(parent.l1Origin.number + 1n)
    const origin = next !== undefined && next.timestamp <= parent.timestamp + 2n ? next : parent.l1Origin
    const prepared = await prepareAttributes({ config, l1 }, parent, await chain.systemConfigOf(parent.number), origin)
    const all = [...prepared.transactions, ...(index === 0 ? transactions : [])]
    blocks.push(await chain.build(parent, { ...prepared, transactions: all }))
  }
  return blocks
}

type Running = { follower: L1Follower; clock: ManualClock; events: FollowerEvent[]; settle(): Promise<void> }

/** Starts a follower; `settle` resolves when it has read all of L1, or waits after an error. */
function follow(node: TestNode): Running {
  const clock = new ManualClock(0)
  const events: FollowerEvent[] = []
  const follower = new L1Follower({ config, chain: node.chain, l1 }, { clock, pollInterval: 1000 })
  follower.onEvent((event) => events.push(event))
  follower.start()
  onTestFinished(() => follower.stop())
  return {
    follower,
    clock,
    events,
    settle: () => clock.step(),
  }
}

const kinds = (events: FollowerEvent[]): string[] => [...new Set(events.map(({ kind }) => kind))]
const numbers = (chain: Chain): bigint[] =>
  (['finalized', 'safe', 'unsafe'] as const).map((label) => chain.headRef(label).number)

describe('a verifier that knows only L1', () => {
  it('derives the same blocks and state as the sequencer', async () => {
    const blocks = await build(source.chain, 5, [
      await transfer({ nonce: 0 }),
      await transfer({ from: 1, nonce: 0, to: 2 }),
    ])
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const verifier = await openNode(config)
    const { clock, follower } = follow(verifier)
    await clock.idle()
    expect(verifier.chain.head('safe').hash).toBe(blocks.at(-1)!.hash)
    expect(verifier.state.head).toEqual(source.state.head)
    expect(follower.status()).toMatchObject({ currentL1: { number: 1n }, headL1: { number: 1n }, trouble: undefined })
  })

  it('goes on when L1 grows, and finalizes what final L1 blocks concluded', async () => {
    const verifier = await openNode(config)
    const running = follow(verifier)
    await running.clock.idle()
    const first = await build(source.chain, 3)
    l1.mine({ transactions: [await batchTransaction(config, first)] })
    await running.settle()
    const second = await build(source.chain, 3)
    l1.mine({ transactions: [await batchTransaction(config, second)] })
    l1.finalizedNumber = 1n
    await running.settle()
    expect(numbers(verifier.chain)).toEqual([3n, 6n, 6n])
    expect(verifier.chain.head('finalized').hash).toBe(first.at(-1)!.hash)
    expect((await verifier.chain.syncStatus()).headL1).toMatchObject({ number: 2n })
  })

  it('mints what the portal locked', async () => {
    const opaque = encodePacked(
      ['uint256', 'uint256', 'uint64', 'bool', 'bytes'],
      [ONE_OPEN, 0n, 100_000n, false, '0x'],
    )
    const topic = keccak256(stringToBytes('TransactionDeposited(address,address,uint256,bytes)'))
    const receiver: Address = `0x${'ab'.repeat(20)}`
    const word = pad(receiver)
    const log = {
      address: config.depositContractAddress,
      topics: [topic, word, word, pad('0x00')],
      data: hexToBytes(encodeAbiParameters([{ type: 'bytes' }], [opaque])),
    }
    l1.mine({ receipts: [{ transactionHash: topic, succeeded: true, logs: [log] }] })
    const blocks = await build(source.chain, 6)
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const verifier = await openNode(config)
    await follow(verifier).clock.idle()
    expect(verifier.chain.headRef('safe')).toMatchObject({ number: 6n, l1Origin: { number: 1n } })
    expect(verifier.chain.headState().account(receiver)?.balance).toBe(ONE_OPEN)
    expect(verifier.state.head).toEqual(source.state.head)
  })

  it('makes empty blocks once the sequencing window has passed without a batch', async () => {
    const verifier = await openNode(config)
    for (let count = 0; count < 52; count++) l1.mine()
    const running = follow(verifier)
    await running.clock.idle()
    expect(verifier.chain.headRef('safe').number).toBeGreaterThan(5n)
    expect(verifier.chain.head('safe').block.transactions.every((raw) => raw[0] === 0x7e)).toBe(true)
  })

  it('follows on after a restart in the middle', async () => {
    const blocks = await build(source.chain, 4)
    l1.mine({ transactions: [await batchTransaction(config, blocks.slice(0, 2))] })
    const verifier = await openNode(config)
    const before = follow(verifier)
    await before.clock.idle()
    await before.follower.stop()
    l1.mine({ transactions: [await batchTransaction(config, blocks.slice(2))] })
    const again = await openNode(config, { store: verifier.store })
    await follow(again).clock.idle()
    expect(again.chain.head('safe').hash).toBe(blocks.at(-1)!.hash)
  })
})

describe('senders of derived blocks', () => {
  /** A node that recovers in threads, and the transactions that it recovered so. */
  async function recovering() {
    const threads = new SenderThreads({ chainId: BigInt(config.l2ChainId), threads: 1 })
    onTestFinished(() => threads.close())
    const asked: Uint8Array[] = []
    const recover = async (transactions: readonly Uint8Array[]) => {
      await threads.recover(transactions)
      asked.push(...transactions)
    }
    return { asked, node: await openNode(config, { senders: { recover } }) }
  }

  it('are recovered before they execute, and the state is the same', async () => {
    const transfers = await Promise.all(Array.from({ length: 12 }, (_, nonce) => transfer({ nonce })))
    const blocks = await build(source.chain, 5, transfers)
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const { asked, node } = await recovering()
    await follow(node).clock.idle()
    expect(node.chain.head('safe').hash).toBe(blocks.at(-1)!.hash)
    expect(node.state.head).toEqual(source.state.head)
    expect(asked).toHaveLength(12)
    expect(asked.every((raw) => knownSender(raw) !== undefined)).toBe(true)
  })

  it('are left alone where the blocks are held', async () => {
    const blocks = await build(source.chain, 3, [await transfer({ nonce: 0 })])
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const { asked, node } = await recovering()
    for (const { block } of blocks) await node.chain.insertUnsafe(block)
    asked.length = 0
    await follow(node).clock.idle()
    expect(node.chain.head('safe').hash).toBe(blocks.at(-1)!.hash)
    expect(asked).toEqual([])
  })
})

describe('a node that also has unsafe blocks', () => {
  it('makes them safe without executing them again', async () => {
    const blocks = await build(source.chain, 3)
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const running = follow(source)
    await running.clock.idle()
    expect(numbers(source.chain)).toEqual([0n, 3n, 3n])
    expect(running.events.filter((event) => event.kind === 'safe').map(({ outcome }) => outcome)).toEqual(
      Array(3).fill('consolidated'),
    )
  })

  it('gives way where L1 says otherwise', async () => {
    const blocks = await build(source.chain, 3, [await transfer({ nonce: 0 })])
    const other = await openNode(config)
    await build(other.chain, 3, [await transfer({ nonce: 0, value: 77n })])
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const running = follow(other)
    await running.clock.idle()
    expect(other.chain.head('safe').hash).toBe(blocks.at(-1)!.hash)
    expect(running.events.find((event) => event.kind === 'safe')).toMatchObject({ outcome: 'reorged' })
  })
})

describe('an L1 that takes something back', () => {
  it('takes safe blocks back to unsafe where only their batch is gone', async () => {
    const blocks = await build(source.chain, 3)
    l1.mine()
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const running = follow(source)
    await running.clock.idle()
    expect(numbers(source.chain)).toEqual([0n, 3n, 3n])
    l1.cut(1)
    l1.mine()
    await running.settle()
    expect(kinds(running.events)).toContain('reset')
    expect(numbers(source.chain)).toEqual([0n, 0n, 3n])
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    await running.settle()
    expect(numbers(source.chain)).toEqual([0n, 3n, 3n])
    expect(source.chain.head('safe').hash).toBe(blocks.at(-1)!.hash)
  })

  it('takes blocks away whose L1 origin is gone', async () => {
    l1.mine()
    const blocks = await build(source.chain, 8)
    expect(source.chain.headRef('unsafe').l1Origin.number).toBe(1n)
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const running = follow(source)
    await running.clock.idle()
    expect(numbers(source.chain)).toEqual([0n, 8n, 8n])
    l1.cut(2)
    l1.mine()
    l1.mine()
    await running.settle()
    expect(numbers(source.chain)).toEqual([0n, 0n, 5n])
    expect(source.chain.head('unsafe').hash).toBe(blocks[4]!.hash)
  })

  it('counts an L1 that stays shorter as one', async () => {
    l1.mine()
    const blocks = await build(source.chain, 8)
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const running = follow(source)
    await running.clock.idle()
    l1.cut(2)
    await running.clock.step(2)
    expect(numbers(source.chain)).toEqual([0n, 8n, 8n])
    await running.settle()
    expect(numbers(source.chain)).toEqual([0n, 0n, 5n])
  })

  it('is noticed at the start when it happened while the node was down', async () => {
    l1.mine()
    const blocks = await build(source.chain, 8)
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    const first = follow(source)
    await first.clock.idle()
    await first.follower.stop()
    l1.cut(2)
    const again = await openNode(config, { store: source.store })
    await follow(again).clock.idle()
    expect(numbers(again.chain)).toEqual([0n, 0n, 5n])
  })

  it('may not touch what is final on a production network', async () => {
    config.network = 'production'
    const blocks = await build(source.chain, 3)
    l1.mine({ transactions: [await batchTransaction(config, blocks)] })
    l1.finalizedNumber = 1n
    const running = follow(source)
    await running.clock.idle()
    expect(numbers(source.chain)).toEqual([3n, 3n, 3n])
    l1.cut(1)
    l1.mine()
    l1.finalizedNumber = 0n
    const failed = new Promise<FollowerEvent>((resolve) =>
      running.follower.onEvent((event) => event.kind === 'failed' && resolve(event)),
    )
    running.clock.advance(1000)
    expect(await failed).toMatchObject({
      error: { severity: 'critical', message: expect.stringContaining('finalized') },
    })
    expect(numbers(source.chain)).toEqual([3n, 3n, 3n])
  })
})

describe('trouble', () => {
  it('waits longer and longer while L1 does not answer, then goes on', async () => {
    l1.failure = 'endpoint is down'
    const running = follow(source)
    await running.clock.step(3)
    expect(running.events.flatMap((event) => (event.kind === 'waiting' ? [event.delay] : []))).toEqual([
      250, 500, 1000, 2000,
    ])
    expect(running.follower.status().trouble).toBe('endpoint is down')
    l1.failure = undefined
    await running.clock.step(1)
    expect(running.events.at(-1)!.kind).toBe('idle')
    expect(running.follower.status().trouble).toBeUndefined()
  })

  it('stops on an L1 that is another chain, naming both hashes', async () => {
    l1 = new MemoryL1(5n)
    const running = follow(source)
    const error = await new Promise<Error>((resolve) =>
      running.follower.onEvent((event) => event.kind === 'failed' && resolve(event.error)),
    )
    expect(error.message).toMatch(/L1 is another chain: its block 0 is 0x.*genesis\.l1\.hash/)
  })

  it('leaves no wait behind when it is stopped', async () => {
    const running = follow(source)
    await running.clock.idle()
    await running.follower.stop()
    expect(running.clock.pending).toBe(0)
  })
})
