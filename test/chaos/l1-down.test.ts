/**
 * L1 out of reach. "Minutes" are shortened to OUTAGE blocks of a second, which the sequencer builds without L1; followers go
 * through seven pauses meanwhile, each twice as long as the one before, up to the longest but one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork } from './chaos-network.ts'
import type { Fault } from './l1-proxy.ts'
import { until } from './polling.ts'

/** Seconds. */
const OUTAGE = Number(process.env.OUTAGE ?? 30)

describe.skipIf(!hasAnvil)('L1 is out of reach', () => {
  let network: ChaosNetwork
  beforeAll(async () => {
    network = await ChaosNetwork.start()
    await network.startNodes()
    await network.agree()
  })
  afterAll(() => network.stop())

  const proxies = () => Object.values(network.views).flatMap(({ rpc, beacons }) => [rpc, ...beacons])
  const all = (fault: Fault | undefined) => {
    for (const proxy of proxies()) proxy.fault = fault
  }
  const l1Blocks = async (count: number) => {
    const { number } = await network.l1.head()
    await until(`${count} L1 blocks`, async () => (await network.l1.head()).number >= number + count || undefined)
  }

  for (const fault of ['down', 'silent'] as const)
    it(`for ${OUTAGE} s, every connection ${fault === 'down' ? 'cut' : 'taken and never answered'}`, async () => {
      const failed = proxies().map(({ count }) => count.failed)
      all(fault)
      const { unsafe_l2 } = await network.sequencer.status()
      await network.unsafeAt(network.sequencer, unsafe_l2.number + OUTAGE)
      expect(network.views.sequencer.rpc.count.failed - failed[0]!).toBeGreaterThan(3)
      all(undefined)
      await network.agree()
      expect(network.sequencer.running && network.verifier.running).toBe(true)
    })

  it('comes and goes: six times for two blocks, slow in between', async () => {
    for (let round = 0; round < 6; round++) {
      all('down')
      await l1Blocks(2)
      all(undefined)
      for (const proxy of proxies()) proxy.delay = 100 * round
      await l1Blocks(2)
    }
    for (const proxy of proxies()) proxy.delay = 0
    await network.agree()
  })
})

describe.skipIf(!hasAnvil)('L1 answers and makes no blocks', () => {
  const DRIFT = 12
  let network: ChaosNetwork
  beforeAll(async () => {
    network = await ChaosNetwork.start({ rules: { maxSequencerDrift: DRIFT } })
    await network.startNodes()
    await network.agree()
  })
  afterAll(() => network.stop())

  it('the sequencer builds to the end of its drift and no further, and goes on with L1', async () => {
    await network.l1.mineEvery(0)
    const { timestamp } = await network.l1.head()
    const stalled = await until('a stall', async () =>
      /L1 has no next block/.test(network.sequencer.log) ? network.sequencer.status() : undefined,
    )
    expect(stalled.unsafe_l2.timestamp).toBeGreaterThan(timestamp)
    expect(stalled.unsafe_l2.timestamp).toBeLessThanOrEqual(timestamp + DRIFT)
    await network.l1.mineEvery(1)
    await network.agree()
    expect(network.verifier.log).not.toMatch(/refused/)
  })
})
