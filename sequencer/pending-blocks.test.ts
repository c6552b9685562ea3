import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../genesis/testing/sample-config.ts'
import { MemoryL1 } from '../node/derivation/testing/memory-l1.ts'
import { MemoryL2 } from '../node/derivation/testing/memory-l2.ts'
import { transactionOf } from '../node/derivation/testing/network.ts'
import { PendingBlocks } from './pending-blocks.ts'

function chainOf(l2: MemoryL2) {
  const asked: bigint[] = []
  const chain = {
    head: () => l2.head,
    blockByNumber: async (number: bigint) => {
      asked.push(number)
      return l2.blocks[Number(number)]
    },
  }
  return { asked, pending: new PendingBlocks(chain) }
}

const at = (l2: MemoryL2, number: number) => ({ to: BigInt(number), hash: l2.blocks[number]!.hash })
const numbers = (pending: PendingBlocks) => pending.blocks.map(({ block }) => Number(block.header.number))

async function sequenced(count: number) {
  const config = sampleConfig()
  const l1 = new MemoryL1(config)
  const l2 = new MemoryL2(config)
  const sequence = async (more: number, text = 'x'.repeat(100)) => {
    for (let block = 0; block < more; block++) await l2.sequence(l1, [transactionOf(text)])
  }
  await sequence(count)
  return { l2, sequence }
}

describe('the blocks that wait to be published', () => {
  it('are those after what was published; each is asked for once', async () => {
    const { l2, sequence } = await sequenced(4)
    const { asked, pending } = chainOf(l2)
    await pending.follow(at(l2, 1))
    expect(numbers(pending)).toEqual([2, 3, 4])
    const { bytes } = pending
    expect(bytes).toBeGreaterThan(3 * 190)
    await sequence(1)
    await pending.follow(at(l2, 3))
    expect(numbers(pending)).toEqual([4, 5])
    expect(pending.bytes).toBe((bytes / 3) * 2)
    expect(asked.filter((number) => number < 4n)).toEqual([2n, 3n])
  })

  it('are looked up again after a reorganization, or where publishing starts again further back', async () => {
    const { l2, sequence } = await sequenced(4)
    const { pending } = chainOf(l2)
    await pending.follow(at(l2, 2))
    await pending.follow(at(l2, 0))
    expect(numbers(pending)).toEqual([1, 2, 3, 4])
    l2.blocks.length = 3
    await sequence(3, 'another')
    await pending.follow(at(l2, 0))
    expect(pending.blocks.map(({ hash }) => hash)).toEqual(l2.blocks.slice(1).map(({ hash }) => hash))
    l2.blocks.length = 2
    await pending.follow(at(l2, 1))
    expect(numbers(pending)).toEqual([])
    expect(pending.bytes).toBe(0)
  })
})
