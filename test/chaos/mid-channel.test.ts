/**
 * The batcher dies in the middle of a channel: some frames of it on L1 (calldata, one frame to a transaction), the next one
 * waiting to be mined, or lost. Its next life begins at the safe head with a channel of its own.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork } from './chaos-network.ts'
import { until } from './polling.ts'

/** Incompressible, one to a block: six make three or four frames. */
const TRANSACTION_BYTES = 60_000
const CHANNEL_TIMEOUT = 8

describe.skipIf(!hasAnvil)('the batcher dies with a channel half on L1', () => {
  let network: ChaosNetwork
  beforeAll(async () => {
    network = await ChaosNetwork.start({
      sequencer: ['--batch-data', 'calldata'],
      rules: { channelTimeout: CHANNEL_TIMEOUT },
    })
    await network.startNodes()
    await network.agree()
  })
  afterAll(() => network.stop())

  /** Dead, some frames of its channel mined, one more perhaps waiting. Returns the highest block that the user saw. */
  const dieMidChannel = async () => {
    await network.l1.mineEvery(0)
    let seen = 0
    for (let count = 0; count < 6; count++)
      seen = await network.includedIn(network.sequencer, await network.send(randomBytes(TRANSACTION_BYTES)))
    const frame = await network.l1.untilChannelIsOpen()
    expect(frame.isLast).toBe(false)
    const held = await network.sequencer.hashOf(seen)
    return { seen, held, die: () => network.sequencer.kill() }
  }

  it('the next frame was never sent', async () => {
    const { seen, held, die } = await dieMidChannel()
    await die()
    await network.l1.dropPending()
    await network.l1.mineEvery(1)
    await network.sequencer.start()
    await network.agree()
    expect(await network.verifier.hashOf(seen)).toBe(held)
  })

  it('the next frame waits in the pool and is mined in the next life, between frames of a new channel', async () => {
    const { seen, held, die } = await dieMidChannel()
    await until('the next frame', async () => (await network.l1.hasPendingBatch()) || undefined)
    await die()
    await network.sequencer.start()
    await network.l1.mineEvery(1)
    await network.agree()
    expect(await network.verifier.hashOf(seen)).toBe(held)
  })

  it('the next frame is mined while it is dead, and the channel times out', async () => {
    const { seen, held, die } = await dieMidChannel()
    await until('the next frame', async () => (await network.l1.hasPendingBatch()) || undefined)
    await die()
    for (let block = 0; block < CHANNEL_TIMEOUT + 2; block++) await network.l1.mine()
    await network.l1.mineEvery(1)
    await network.sequencer.start()
    await network.agree()
    expect(await network.verifier.hashOf(seen)).toBe(held)
  })

  it('both nodes die', async () => {
    const { seen, held, die } = await dieMidChannel()
    await die()
    await network.verifier.kill()
    await network.l1.mineEvery(1)
    await network.startNodes()
    await network.agree()
    expect(await network.verifier.hashOf(seen)).toBe(held)
  })
})
