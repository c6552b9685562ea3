/**
 * The sequencer, its batcher with it, killed with -9 again and again at moments that a seed chooses: while it starts, while it
 * catches up, while it builds and batches under load. No block that it told of is ever lost, and every so often
 * everything becomes safe.
 *
 * CHAOS_KILLS and SEED in the environment run it shorter, or otherwise.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { freePort } from '../fixtures/command-line.ts'
import { ChaosNetwork } from './chaos-network.ts'
import type { L2Ref } from './chaos-node.ts'
import { randomFrom } from './polling.ts'

const KILLS = Number(process.env.CHAOS_KILLS ?? 200)
const SEED = Number(process.env.SEED ?? 20_260_101)
/** Kills between two times that everything must become safe. */
const ROUND = 20
/** Of all kills: those that fall before the node is ready. */
const EARLY_SHARE = 0.25
/** Milliseconds: the longest that a node may serve. */
const LONGEST_LIFE = 2_500

/** The moment of a kill is chance, not a wait for something. */
const chance = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Milliseconds. */
async function timeOf(work: () => Promise<void>): Promise<number> {
  const began = Date.now()
  await work()
  return Date.now() - began
}

describe.skipIf(!hasAnvil)(`the sequencer is killed ${KILLS} times (seed ${SEED})`, () => {
  let network: ChaosNetwork
  beforeAll(async () => {
    const port = await freePort()
    network = await ChaosNetwork.start({ sequencer: ['--p2p-port', String(port)] })
    await network.startNodes({ gossip: true })
    await network.agree()
  })
  afterAll(() => network.stop())

  it('and each time holds what it told of before', { timeout: 7_200_000 }, async () => {
    const random = randomFrom(SEED)
    const { sequencer } = network
    let told: L2Ref = (await sequencer.status()).unsafe_l2
    await sequencer.kill()
    const startTime = await timeOf(() => sequencer.start())
    await sequencer.kill()
    const began = Date.now()
    for (let kill = 1; kill <= KILLS; kill++) {
      const early = random() < EARLY_SHARE
      const moment = random()
      if (early) {
        await sequencer.dieStarting(() => chance(moment * startTime))
      } else {
        await sequencer.start()
        expect(await sequencer.hashOf(told.number), `block ${told.number} at kill ${kill} of seed ${SEED}`).toBe(
          told.hash,
        )
        // Most lives are short: the blocks of the dead time are being caught up with, and batches are under way.
        for (let transfers = Math.floor(random() * 5); transfers > 0; transfers--) await network.send()
        await chance(moment ** 2 * LONGEST_LIFE)
        told = (await sequencer.status()).unsafe_l2
        await sequencer.kill()
      }
      if (kill % ROUND !== 0 && kill !== KILLS) continue
      await sequencer.start()
      const { number } = await network.agree()
      console.log(`${kill} kills in ${Math.round((Date.now() - began) / 1000)} s, safe block ${number}`)
      told = (await sequencer.status()).unsafe_l2
      await sequencer.kill()
    }
    await sequencer.start()
    await network.agree()
    expect(network.verifier.log).not.toMatch(/replaces ours/)
  })
})
