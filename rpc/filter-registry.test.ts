import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FilterRegistry } from './filter-registry.ts'
import { RpcNode } from './testing/rpc-node.ts'

let node: RpcNode
let now: number
let filters: FilterRegistry
beforeEach(async () => {
  now = 0
  node = await RpcNode.start()
  filters = new FilterRegistry({ chain: node.chain, now: () => now })
  filters.start()
})
afterEach(async () => {
  filters.stop()
  await node.stop()
})

describe('polled filters', () => {
  it('tell of every block after their installation, once', async () => {
    await node.mine()
    const id = filters.installBlocks()
    expect(await filters.changes(id)).toEqual([])
    const blocks = [await node.mine(), await node.mine()]
    expect(await filters.changes(id)).toEqual(blocks.map(({ hash }) => hash))
    expect(await filters.changes(id)).toEqual([])
  })

  it('tell of replaced heights again after a reorg', async () => {
    await node.mine()
    const first = await node.mine()
    const id = filters.installBlocks()
    const old = await node.mine()
    expect(await filters.changes(id)).toEqual([old.hash])
    await node.chain.resetTo(1n)
    const replaced = await node.mine()
    expect(replaced.block.header.number).toBe(first.block.header.number)
    expect(await filters.changes(id)).toContain(replaced.hash)
  })

  it('begin and end where their filter says', async () => {
    const id = filters.installLogs({ fromBlock: { number: 3n }, toBlock: { number: 4n } })
    for (let i = 0; i < 6; i++) await node.mine()
    expect(await filters.changes(id)).toEqual([])
    expect(() => filters.installLogs({ blockHash: `0x${'00'.repeat(32)}` })).toThrow(/has no block hash/)
  })

  it('end five minutes after their last poll', async () => {
    const [polled, forgotten] = [filters.installBlocks(), filters.installPending()]
    now = 200_000
    await filters.changes(polled)
    now = 400_000
    expect(await filters.changes(polled)).toEqual([])
    await expect(filters.changes(forgotten)).rejects.toThrow(`filter not found: ${forgotten}`)
  })

  it('give way to new ones where there are too many', async () => {
    const first = filters.installBlocks()
    const kept = filters.installBlocks()
    await filters.changes(first)
    for (let i = 0; i < 999; i++) filters.installBlocks()
    expect(await filters.changes(first)).toEqual([])
    await expect(filters.changes(kept)).rejects.toThrow('filter not found')
  })
})
