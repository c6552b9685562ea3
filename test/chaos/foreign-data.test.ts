/**
 * What others write into the batch inbox, and what somebody writes there with the batcher's own key: garbage, batches of another
 * chain, frames amid the batcher's own, and a good batch that says otherwise than the sequencer.
 */
import { randomBytes } from 'node:crypto'
import { numberToHex, parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { developmentAccount, operatorAccounts } from '../../devnet/accounts.ts'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork } from './chaos-network.ts'
import { batchesOfAnotherChain, emptyBatchAfter, garbage, garbageBlobs, Intruder, payloadOf } from './foreign-data.ts'
import { until } from './polling.ts'

const STRANGER = developmentAccount('chaos stranger')

describe.skipIf(!hasAnvil)('data that the batcher did not write', () => {
  let network: ChaosNetwork
  let stranger: Intruder
  let batcher: Intruder
  beforeAll(async () => {
    network = await ChaosNetwork.start({ sequencer: ['--batch-data', 'calldata'] })
    const { l1, config } = network
    stranger = new Intruder({ l1, config, account: STRANGER })
    batcher = new Intruder({ l1, config, account: operatorAccounts().batcher })
    await l1.ask('anvil_setBalance', STRANGER.address, numberToHex(parseEther('100')))
    await network.startNodes()
    await network.agree()
  })
  afterAll(() => network.stop())

  const REPLACED = /L1 has another block/
  const refusals = () => network.verifier.log.split('\n').filter((line) => line.includes('refused')).length

  /** Mining waits while the account's transactions join what the batcher has pending: both stand in one block. */
  const besideTheBatcher = async (send: () => Promise<void>) => {
    await network.l1.mineEvery(0)
    await until('a batch that waits to be mined', async () => (await network.l1.hasPendingBatch()) || undefined)
    await send()
    await network.l1.mine()
    await network.l1.mineEvery(1)
  }

  it('from a stranger: garbage, foreign batches, and a good batch: none is even looked at', async () => {
    const { safe_l2 } = await network.verifier.status()
    const { config } = network
    const foreign = await batchesOfAnotherChain(config, safe_l2)
    const payloads = [...Object.values(await garbage()), ...Object.values(foreign)]
    await besideTheBatcher(() => stranger.sendCalldata([...payloads]))
    await stranger.sendBlobs(await garbageBlobs())
    await stranger.sendCalldata([await payloadOf(emptyBatchAfter(config, safe_l2))])
    await network.agree()
    expect(refusals()).toBe(0)
    expect(network.sequencer.log).not.toMatch(REPLACED)
  })

  it("garbage with the batcher's key, in calldata: each is refused, and the batcher goes on", async () => {
    const payloads = Object.values(await garbage())
    await besideTheBatcher(() => batcher.sendCalldata(payloads))
    await network.agree()
    expect(refusals()).toBeGreaterThanOrEqual(payloads.length / 2)
    expect(network.sequencer.log).not.toMatch(REPLACED)
  })

  it("garbage with the batcher's key, in blobs", async () => {
    const before = refusals()
    const blobs = await garbageBlobs()
    await network.l1.mineEvery(0)
    // The pool takes no blobs of an account that has another kind of transaction pending.
    await until('nothing pending', async () => {
      if (!(await network.l1.hasPendingBatch())) return true
      await network.l1.mine()
      return undefined
    })
    await network.withoutBatcher(async () => {
      await batcher.sendBlobs(blobs)
      await network.l1.mine()
      await network.l1.mineEvery(1)
    })
    await network.agree()
    expect(refusals()).toBeGreaterThan(before)
  })

  it("batches of another chain with the batcher's key", async () => {
    const before = refusals()
    const foreign = await batchesOfAnotherChain(network.config, (await network.verifier.status()).safe_l2)
    await besideTheBatcher(() => batcher.sendCalldata(Object.values(foreign)))
    await network.agree()
    expect(refusals()).toBeGreaterThan(before)
    expect(network.sequencer.log).not.toMatch(REPLACED)
  })

  it("a frame of another channel between two frames of the batcher's: its channel is lost and sent again", async () => {
    await network.l1.mineEvery(0)
    for (let count = 0; count < 6; count++)
      await network.includedIn(network.sequencer, await network.send(randomBytes(60_000)))
    const intrusion = (await garbage())['a channel that never ends']!
    await network.l1.untilChannelIsOpen()
    await until('the next frame', async () => (await network.l1.hasPendingBatch()) || undefined)
    // Before the frame that waits: it is taken out, and comes again behind this one.
    await network.l1.dropPending()
    await batcher.sendCalldata([intrusion])
    await network.l1.mine()
    await network.l1.mineEvery(1)
    await network.agree()
    expect(network.sequencer.log).not.toMatch(REPLACED)
  })

  it("a good batch with the batcher's key that leaves out what the sequencer has built: L1's word stands", async () => {
    await network.sequencer.kill()
    const { number } = await network.l1.head()
    await until(
      'all of L1 read',
      async () => (await network.verifier.status()).current_l1.number > number + 1 || undefined,
    )
    const { safe_l2 } = await network.verifier.status()
    await batcher.sendCalldata([await payloadOf(emptyBatchAfter(network.config, safe_l2))])
    const replaced = await network.safeAt(network.verifier, safe_l2.number + 1)
    await network.sequencer.start()
    await network.agree()
    expect(await network.sequencer.hashOf(replaced.number)).toBe(replaced.hash)
  })
})
