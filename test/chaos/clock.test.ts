/**
 * Clocks that disagree: the sequencer's is ahead of L1's or behind, L1's leaps, or creeps. The sequencer's process has its own clock
 * (Date.now moved by a preload), L1's is anvil's. Whatever happens, every block keeps the rules of drift, so that no batch is
 * refused: its time is not before its L1 origin's, and past the drift it holds deposits alone.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork } from './chaos-network.ts'
import type { L2Ref } from './chaos-node.ts'
import { until } from './polling.ts'

/** Seconds. */
const DRIFT = 30
const DEPOSIT = '0x7e'

const blockSchema = z.object({ transactions: z.array(z.object({ type: z.string() })) })

describe.skipIf(!hasAnvil)(`clocks that disagree, with a drift of ${DRIFT} s`, () => {
  let network: ChaosNetwork
  beforeEach(async () => {
    network = await ChaosNetwork.start({ rules: { maxSequencerDrift: DRIFT } })
  })
  afterEach(async () => {
    await network.stop()
  })

  const starts = async (clockShift: number) => {
    await network.sequencer.start({ clockShift: clockShift * 1_000 })
    await network.verifier.start()
  }

  /** No batch was refused, and the rules hold in every safe block. */
  const keepsTheRules = async (last: L2Ref) => {
    expect(network.verifier.log).not.toMatch(/refused/)
    expect(network.sequencer.log).not.toMatch(/refused|replaces ours/)
    for (let number = 1; number <= last.number; number++) {
      const { timestamp, l1origin } = await network.verifier.refAt(number)
      const origin = (await network.l1.block(l1origin.number))!
      expect(timestamp).toBeGreaterThanOrEqual(origin.timestamp)
      if (timestamp <= origin.timestamp + DRIFT) continue
      const block = blockSchema.parse(
        await network.verifier.ask('eth_getBlockByNumber', `0x${number.toString(16)}`, true),
      )
      expect(block.transactions.every(({ type }) => type === DEPOSIT)).toBe(true)
    }
  }

  it("the sequencer's is 15 s ahead", async () => {
    await starts(15)
    const head = await network.agree()
    expect((await network.sequencer.status()).unsafe_l2.timestamp).toBeGreaterThan((await network.l1.head()).timestamp)
    await keepsTheRules(head)
  })

  it("the sequencer's is ahead by twice the drift: it stays at the drift's end, and transactions flow", async () => {
    await starts(2 * DRIFT)
    const head = await network.agree()
    await keepsTheRules(head)
    await keepsTheRules(await network.agree())
  })

  it("the sequencer's is 15 s behind", async () => {
    await starts(-15)
    await keepsTheRules(await network.agree())
  })

  it("the sequencer's was 10 s ahead, and is set right", async () => {
    await starts(10)
    await network.agree()
    await network.sequencer.stop()
    await network.sequencer.start()
    await keepsTheRules(await network.agree())
  })

  it("L1's leaps 20 s ahead: its blocks are adopted when their time has come", async () => {
    await starts(0)
    await network.agree()
    await network.l1.setTime((await network.l1.head()).timestamp + 20)
    await network.l1.mine()
    const { number } = await network.l1.head()
    await keepsTheRules(await network.agree())
    await until('an origin after the leap', async () => {
      const { safe_l2 } = await network.verifier.status()
      return safe_l2.l1origin.number >= number || undefined
    })
    await keepsTheRules(await network.agree())
  })

  it("L1's leaps ten minutes ahead: blocks go on with the last origin before", async () => {
    await starts(0)
    await network.agree()
    await network.l1.setTime((await network.l1.head()).timestamp + 600)
    await network.l1.mine()
    await keepsTheRules(await network.agree())
  })

  it("L1's creeps at a quarter of the speed, past the drift, and is set right", async () => {
    await starts(0)
    await network.agree()
    await network.l1.mineEvery(0)
    const { timestamp } = await network.l1.head()
    const { unsafe_l2: first } = await network.sequencer.status()
    // L1 falls behind by three seconds with every four, until its own clock is far enough from L2's.
    for (let step = 1; (await network.sequencer.status()).unsafe_l2.timestamp < timestamp + step + DRIFT - 2; step++) {
      await network.l1.ask('evm_setNextBlockTimestamp', timestamp + step)
      await network.l1.mine()
      await network.unsafeAt(network.sequencer, first.number + 4 * step)
    }
    await until('a stall at the drift', () => /s past L1 origin/.test(network.sequencer.log) || undefined)
    await network.l1.setTime(Math.floor(Date.now() / 1_000))
    await network.l1.mineEvery(1)
    await keepsTheRules(await network.agree())
  })
})
