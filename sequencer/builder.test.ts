import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { L1Follower } from '../node/chain/follower.ts'
import { ManualClock } from '../node/chain/testing/manual-clock.ts'
import { MemoryL1 } from '../node/chain/testing/memory-l1.ts'
import { openNode, type TestNode, testConfig, transfer } from '../node/chain/testing/test-chain.ts'
import { Sequencer, type SequencerEvent, type SequencerOptions } from './builder.ts'
import { TransactionPool } from './pool.ts'

const GENESIS = 1_700_000_000
let l1: MemoryL1
let config: ChainConfig
let node: TestNode
let pool: TransactionPool
let clock: ManualClock

beforeEach(async () => {
  l1 = new MemoryL1(BigInt(GENESIS))
  config = await testConfig(l1.head)
  node = await openNode(config)
  pool = new TransactionPool({ config, chain: node.chain })
  clock = new ManualClock(GENESIS * 1000)
  node.chain.noteL1({ currentL1: l1.head, headL1: l1.head })
})

type Running = { sequencer: Sequencer; events: SequencerEvent[]; published: bigint[] }

function start(options: SequencerOptions = { confirmationDepth: 0 }): Running {
  const events: SequencerEvent[] = []
  const published: bigint[] = []
  const sequencer = new Sequencer(
    { config, chain: node.chain, l1, pool, clock, onBlock: ({ block }) => published.push(block.header.number) },
    options,
  )
  sequencer.onEvent((event) => events.push(event))
  sequencer.start()
  onTestFinished(() => sequencer.stop())
  return { sequencer, events, published }
}

const head = () => node.chain.headRef('unsafe')

describe('a sequencer', () => {
  it('builds a block at its timestamp, not before', async () => {
    const { published } = start()
    await clock.idle()
    clock.advance(1999)
    await clock.idle()
    expect(published).toEqual([])
    clock.advance(1)
    await clock.idle()
    expect(published).toEqual([1n])
    expect(head()).toMatchObject({ number: 1n, timestamp: BigInt(GENESIS + 2) })
  })

  it('takes what the pool holds', async () => {
    await pool.submit(await transfer({ nonce: 0 }))
    await pool.submit(await transfer({ from: 1, nonce: 0, to: 2 }))
    start()
    await clock.step()
    expect(node.chain.head('unsafe').block.transactions).toHaveLength(3)
    expect(pool.size).toBe(0)
  })

  it('catches up without pause when it is behind', async () => {
    clock.advance(21_000)
    const { published } = start()
    await clock.idle()
    expect(published).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n])
    expect(clock.now()).toBe((GENESIS + 21) * 1000)
  })

  it('adopts the next L1 block once the L2 time has reached it and it is deep enough', async () => {
    l1.mine()
    const running = start({ confirmationDepth: 1 })
    await clock.step(6)
    expect(head()).toMatchObject({ timestamp: BigInt(GENESIS + 12), l1Origin: { number: 0n } })
    l1.mine()
    await clock.step()
    expect(head()).toMatchObject({ timestamp: BigInt(GENESIS + 14), l1Origin: { number: 1n }, sequenceNumber: 0n })
    expect(running.events.every(({ kind }) => kind === 'built')).toBe(true)
  })

  it('makes the same blocks as a verifier that executes them', async () => {
    await pool.submit(await transfer({ nonce: 0 }))
    l1.mine()
    start()
    await clock.step(8)
    const verifier = await openNode(config)
    for (let number = 1n; number <= head().number; number++) {
      await verifier.chain.insertUnsafe((await node.chain.blockByNumber(number))!.block)
    }
    expect(verifier.chain.head('unsafe').hash).toBe(head().hash)
  })
})

describe('a sequencer stalls, says why once, and goes on', () => {
  it('while L1 does not answer', async () => {
    const { events, sequencer } = start()
    await clock.step()
    l1.failure = 'endpoint is down'
    await clock.step(4)
    expect(events.map((event) => (event.kind === 'stalled' ? event.reason : event.kind))).toEqual([
      'built',
      'endpoint is down',
    ])
    expect(sequencer.status()).toEqual({ running: true, stalled: 'endpoint is down' })
    l1.failure = undefined
    await clock.step()
    expect(head().number).toBe(2n)
    expect(sequencer.status().stalled).toBeUndefined()
  })

  it('until L1 has been read to its end', async () => {
    node.chain.noteL1({ currentL1: undefined, headL1: undefined })
    const { events } = start()
    await clock.step(2)
    expect(events).toEqual([{ kind: 'stalled', reason: 'L1 has not been read to its end yet' }])
    node.chain.noteL1({ currentL1: l1.head, headL1: l1.head })
    await clock.step()
    expect(head().number).toBe(1n)
  })

  it('past the drift without a next L1 block', async () => {
    config.maxSequencerDrift = 4
    const { events } = start()
    await clock.step(4)
    expect(head().number).toBe(2n)
    expect(events.at(-1)).toMatchObject({
      kind: 'stalled',
      reason: expect.stringContaining('more than 4 s past L1 origin 0'),
    })
  })

  it('and its blocks past the drift are empty while the next origin lies in their future', async () => {
    config.maxSequencerDrift = 4
    l1.mine({ timestamp: BigInt(GENESIS + 10) })
    await pool.submit(await transfer({ nonce: 0, tip: 1n }))
    const source = pool.source.bind(pool)
    let asked = 0
    pool.source = () => {
      asked++
      return source()
    }
    start()
    await clock.step(5)
    expect(head()).toMatchObject({ number: 5n, l1Origin: { number: 1n } })
    expect(asked).toBe(3)
  })

  it('on a chain whose L1 origin was reorganized away, until the follower has reset it', async () => {
    l1.mine()
    const { events } = start()
    await clock.step(8)
    expect(head().l1Origin.number).toBe(1n)
    l1.cut(1)
    await clock.step()
    expect(head().number).toBe(8n)
    expect(events.at(-1)).toMatchObject({ kind: 'stalled', reason: expect.stringContaining('reorganized away') })

    const following = new L1Follower({ config, chain: node.chain, l1 }, { clock: new ManualClock(0) })
    const reset = new Promise((resolve) => following.onEvent((event) => event.kind === 'reset' && resolve(event)))
    following.start()
    await reset
    await following.stop()
    expect(head().number).toBe(5n)
    await clock.step(4)
    expect(head().number).toBeGreaterThan(7n)
    expect(head().l1Origin.number).toBe(0n)
  })

  it('when the safe head has fallen too far behind', async () => {
    const { events } = start({ confirmationDepth: 0, maxSafeLag: 3n })
    await clock.step(6)
    expect(head().number).toBe(3n)
    expect(events.at(-1)).toMatchObject({
      reason: expect.stringContaining('the safe head is 3 blocks behind (limit 3)'),
    })
  })

  it('leaves no wait behind when it is stopped', async () => {
    const { sequencer } = start()
    await clock.idle()
    await sequencer.stop()
    expect(clock.pending).toBe(0)
    expect(sequencer.status().running).toBe(false)
  })
})
