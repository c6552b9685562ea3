/**
 * L1 reorganizes, 1 to 64 blocks deep, with batches in what is gone. L2 blocks whose L1 origin stands come back as they were;
 * the others are replaced, alike on both nodes, and their transactions go into new blocks.
 *
 * The depths 1, 2, 7, 33 and 64 always, and EXTRA more between them by SEED.
 */
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork } from './chaos-network.ts'
import { randomFrom, until } from './polling.ts'

const SEED = Number(process.env.SEED ?? 20_260_101)
const EXTRA = Number(process.env.EXTRA ?? 3)
const random = randomFrom(SEED)
const drawn = Array.from({ length: EXTRA }, () => 2 + Math.floor(random() * 40))
const DEPTHS = [1, 2, 7, ...drawn.toSorted((a, b) => a - b), 33, 64]

describe.skipIf(!hasAnvil)(`L1 reorganizes (depths by seed ${SEED})`, () => {
  let network: ChaosNetwork
  beforeAll(async () => {
    network = await ChaosNetwork.start()
    await network.startNodes({ gossip: true })
    await network.agree()
  })
  afterAll(() => network.stop())

  /** Until L1 is long enough, and a batch is in what will be gone. */
  const ripe = (depth: number) =>
    until(`a batch in the last ${depth} blocks above the chain's own first`, async () => {
      const { number } = await network.l1.head()
      if (number - depth <= network.config.genesis.l1.number) return undefined
      return (await network.l1.batchesInLast(depth)) || undefined
    })

  for (const depth of DEPTHS)
    it(`${depth} deep`, async () => {
      await ripe(depth)
      const hash = await network.send()
      await network.includedIn(network.sequencer, hash)
      const before = await network.l1.head()
      await network.l1.reorg(depth)
      expect((await network.l1.block(before.number))?.hash).not.toBe(before.hash)
      await network.agree()
      await keeps(hash)
    })

  it('20 deep, and is shorter than before for a while', async () => {
    await ripe(20)
    const hash = await network.send()
    await network.includedIn(network.sequencer, hash)
    await network.l1.rollBack(20)
    await network.agree()
    await keeps(hash)
  })

  it('twice in a row, the second time while nodes still repair what the first one did', async () => {
    await ripe(12)
    await network.l1.reorg(6)
    await network.l1.mine()
    await network.l1.reorg(12)
    await network.agree()
  })

  it('10 deep while both nodes are dead', async () => {
    await ripe(10)
    const hash = await network.send()
    await network.includedIn(network.sequencer, hash)
    await network.sequencer.kill()
    await network.verifier.kill()
    await network.l1.reorg(10)
    await network.startNodes({ gossip: true })
    await network.agree()
  })

  it('has turned no peer against another', () => {
    expect(network.verifier.log).not.toMatch(/its score is now/)
  })

  /** A transaction that was in a block before comes back where that block was taken away. */
  async function keeps(hash: Hex): Promise<void> {
    const number = await network.includedIn(network.sequencer, hash)
    await network.safeAt(network.verifier, number)
    expect(await network.includedIn(network.verifier, hash)).toBe(await network.includedIn(network.sequencer, hash))
  }
})
