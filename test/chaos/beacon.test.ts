/** Beacons that have lost blobs, or lie, in front of one that has them; and all of them at once, for a while. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork, type View } from './chaos-network.ts'
import type { Fault } from './l1-proxy.ts'
import { until } from './polling.ts'

describe.skipIf(!hasAnvil)('beacons', () => {
  let network: ChaosNetwork
  beforeAll(async () => {
    network = await ChaosNetwork.start({ beacons: 2, sequencer: ['--batch-data', 'blobs'] })
    await network.startNodes()
    await network.agree()
  })
  afterAll(() => network.stop())

  const views = (): View[] => Object.values(network.views)
  const set = (which: 0 | 1, fault: Fault | undefined) => {
    for (const { beacons } of views()) beacons[which]!.fault = fault
  }
  /** A node asks the beacon that answered last: a new life begins with the first. */
  const restart = async () => {
    await network.verifier.kill()
    await network.sequencer.kill()
    await network.startNodes()
  }

  for (const fault of ['lost blobs', 'wrong blobs', 'down'] as const)
    it(`the first: ${fault}; the second has them`, async () => {
      set(0, fault)
      const before = views().map(({ beacons }) => [beacons[0]!.count.failed, beacons[1]!.count.blobs])
      await restart()
      await network.agree()
      for (const [index, { beacons }] of views().entries()) {
        expect(beacons[0]!.count.failed).toBeGreaterThan(before[index]![0]!)
        expect(beacons[1]!.count.blobs).toBeGreaterThan(before[index]![1]!)
      }
      set(0, undefined)
    })

  it('all have lost them: blocks go on unsafe, and become safe when one has them again', async () => {
    set(0, 'lost blobs')
    set(1, 'wrong blobs')
    const safe = (await network.sequencer.status()).safe_l2
    const failed = () => views().map(({ beacons }) => beacons[0]!.count.failed + beacons[1]!.count.failed)
    const before = failed()
    await until(
      'six failed tries of either node',
      () => failed().every((count, at) => count >= before[at]! + 6) || undefined,
    )
    const hash = await network.send()
    const number = await network.includedIn(network.sequencer, hash)
    expect(number).toBeGreaterThan(safe.number)
    // What was on its way when they lost their blobs may have become safe, and no more.
    expect((await network.verifier.status()).safe_l2.number).toBeLessThan(number)
    set(1, undefined)
    await network.safeAt(network.verifier, number)
    await network.agree()
    set(0, undefined)
  })

  it('a new verifier whose first beacon lies derives the same chain from block 0', async () => {
    network.views.verifier.beacons[0]!.fault = 'wrong blobs'
    await network.verifier.kill()
    network.eraseVerifier()
    await network.verifier.start()
    await network.agree()
    expect(network.views.verifier.beacons[0]!.count.failed).toBeGreaterThan(0)
  })
})
