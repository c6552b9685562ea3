/** The quick part of chaos: one network, four small disturbances. The thorough ones run with `npm run test:long`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork } from './chaos-network.ts'
import { until } from './polling.ts'

/** Milliseconds, on a busy machine. */
const PATIENCE = 300_000

describe.skipIf(!hasAnvil)('small disturbances: both nodes agree on a new safe block afterwards', () => {
  let network: ChaosNetwork
  beforeAll(async () => {
    // Calldata: to load what blobs need takes either node seconds.
    network = await ChaosNetwork.start({ sequencer: ['--batch-data', 'calldata'] })
    await network.startNodes()
  }, PATIENCE)
  afterAll(() => network.stop(), PATIENCE)

  it('nothing happens', { timeout: PATIENCE }, async () => {
    expect((await network.agree()).number).toBeGreaterThan(0)
  })

  it('L1 reorganizes two blocks with a batch in them', { timeout: PATIENCE }, async () => {
    await until('a batch in the last two L1 blocks', async () => (await network.l1.batchesInLast(2)) || undefined)
    await network.l1.reorg(2)
    await network.agree()
  })

  it('L1 refuses every connection, until either node has failed three times', { timeout: PATIENCE }, async () => {
    const proxies = [network.views.sequencer.rpc, network.views.verifier.rpc]
    for (const proxy of proxies) proxy.fault = 'down'
    await until('three failures each', () => proxies.every(({ count }) => count.failed >= 3) || undefined)
    for (const proxy of proxies) proxy.fault = undefined
    await network.agree()
  })

  it('the sequencer is killed with -9', { timeout: PATIENCE }, async () => {
    const { unsafe_l2: last } = await network.sequencer.status()
    await network.sequencer.kill()
    await network.sequencer.start()
    expect(await network.sequencer.hashOf(last.number)).toBe(last.hash)
    await network.agree()
  })
})
