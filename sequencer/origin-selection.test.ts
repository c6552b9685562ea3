import { describe, expect, it } from 'vitest'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { MemoryL1 } from '../node/chain/testing/memory-l1.ts'
import type { L2BlockRef } from '../node/execution/block.ts'
import type { L1BlockRef } from '../node/l1/source.ts'
import { chooseOrigin, type OriginChoice } from './origin-selection.ts'

const config = { blockTime: 2, maxSequencerDrift: 1800 } as ChainConfig

function on(origin: L1BlockRef, timestamp: bigint): L2BlockRef {
  const l1Origin = { hash: origin.hash, number: origin.number }
  return { hash: '0x11', number: 5n, parentHash: '0x10', timestamp, l1Origin, sequenceNumber: 0n }
}

function choose(l1: MemoryL1, parent: L2BlockRef, confirmationDepth = 0): Promise<OriginChoice> {
  return chooseOrigin({ config, l1 }, parent, { confirmationDepth })
}

describe('the L1 origin of the next block', () => {
  it('stays while L1 has no next block', async () => {
    const l1 = new MemoryL1(1000n)
    expect(await choose(l1, on(l1.head, 1000n))).toEqual({ kind: 'build', origin: l1.head, empty: false })
  })

  it('moves on exactly when the block time reaches the next L1 block', async () => {
    const l1 = new MemoryL1(1000n)
    const next = l1.mine()
    expect(await choose(l1, on(l1.block(0n), 1008n))).toMatchObject({ origin: l1.block(0n) })
    expect(await choose(l1, on(l1.block(0n), 1010n))).toMatchObject({ origin: next })
  })

  it('waits for confirmations', async () => {
    const l1 = new MemoryL1(1000n)
    const next = l1.mine()
    const parent = on(l1.block(0n), 1020n)
    l1.mine()
    expect(await choose(l1, parent, 2)).toMatchObject({ origin: l1.block(0n) })
    l1.mine()
    expect(await choose(l1, parent, 2)).toMatchObject({ origin: next })
  })

  it('does not wait for confirmations once the drift is exceeded', async () => {
    const l1 = new MemoryL1(1000n)
    const next = l1.mine()
    expect(await choose(l1, on(l1.block(0n), 2800n), 4)).toEqual({ kind: 'build', origin: next, empty: false })
  })

  it('stalls past the drift while L1 has no next block: it might have to be adopted', async () => {
    const l1 = new MemoryL1(1000n)
    expect(await choose(l1, on(l1.head, 2798n))).toMatchObject({ kind: 'build' })
    expect(await choose(l1, on(l1.head, 2800n))).toMatchObject({ kind: 'stall' })
  })

  it('builds empty blocks past the drift up to a next origin that lies in their future', async () => {
    const l1 = new MemoryL1(1000n)
    l1.mine({ timestamp: 5000n })
    expect(await choose(l1, on(l1.block(0n), 2800n))).toEqual({ kind: 'build', origin: l1.block(0n), empty: true })
    expect(await choose(l1, on(l1.block(0n), 4998n))).toEqual({ kind: 'build', origin: l1.head, empty: false })
  })

  it('stalls where the origin was reorganized away, or L1 is shorter', async () => {
    const l1 = new MemoryL1(1000n)
    const origin = l1.mine()
    l1.cut(1)
    expect(await choose(l1, on(origin, 1020n))).toMatchObject({ kind: 'stall' })
    l1.mine()
    expect(await choose(l1, on(origin, 1020n))).toMatchObject({ kind: 'stall' })
  })

  it('lets a failing L1 be a temporary error', async () => {
    const l1 = new MemoryL1(1000n)
    l1.failure = 'endpoint is down'
    await expect(choose(l1, on(l1.head, 1000n))).rejects.toMatchObject({ severity: 'temporary' })
  })

  describe('while L1 does not answer', () => {
    it('stays the one that is known, to the end of its drift', async () => {
      const l1 = new RememberingL1(1000n)
      l1.failure = 'endpoint is down'
      expect(await choose(l1, on(l1.head, 1000n))).toEqual({ kind: 'build', origin: l1.head, empty: false })
      expect(await choose(l1, on(l1.head, 2798n))).toEqual({ kind: 'build', origin: l1.head, empty: false })
      await expect(choose(l1, on(l1.head, 2800n))).rejects.toMatchObject({ message: 'endpoint is down' })
    })

    it('does not wait for it, unless only L1 can say how to go on', async () => {
      const l1 = new RememberingL1(1000n)
      const answer = l1.fallSilent()
      const choice = chooseOrigin({ config, l1 }, on(l1.head, 1000n), { confirmationDepth: 0, patience: 5 })
      expect(await choice).toEqual({ kind: 'build', origin: l1.head, empty: false })
      const late = chooseOrigin({ config, l1 }, on(l1.head, 2800n), { confirmationDepth: 0, patience: 5 })
      answer()
      expect(await late).toMatchObject({ kind: 'stall' })
    })
  })
})

/** Knows blocks by hash without asking, as JsonRpcL1Source does those that it has seen. */
class RememberingL1 extends MemoryL1 {
  private silence: Promise<void> = Promise.resolve()

  /** Nothing is answered until the returned function is called. */
  fallSilent(): () => void {
    let end = () => {}
    this.silence = new Promise((resolve) => {
      end = resolve
    })
    return end
  }

  override async blockByNumber(number: bigint) {
    await this.silence
    return super.blockByNumber(number)
  }

  override async blockByHash(hash: L1BlockRef['hash']) {
    return this.head.hash === hash ? this.head : super.blockByHash(hash)
  }
}
