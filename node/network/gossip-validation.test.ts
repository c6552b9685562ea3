import { describe, expect, it } from 'vitest'
import type { HashedBlock } from '../execution/block.ts'
import { signEnvelope } from './block-signature.ts'
import { pack } from './compression.ts'
import { encodeEnvelope } from './execution-payload.ts'
import { encodeMessage } from './gossip-message.ts'
import { type GossipView, judgeMessage } from './gossip-validation.ts'
import { SeenBlocks } from './seen-blocks.ts'
import {
  BLOCK_TIME,
  blockOn,
  chainOf,
  GENESIS_TIME,
  hashed,
  networkConfig,
  SIGNER_KEY,
} from './testing/memory-chain.ts'

const OTHER_KEY = `0x${'22'.repeat(32)}` as const
const blocks = chainOf(100)
const at = (number: number) => blocks[number]!

/** Given our head at block 50, safe at 40, and the moment at which block 51 is due. */
function view(changes: Partial<GossipView> = {}): GossipView {
  return {
    config: networkConfig,
    now: BigInt(GENESIS_TIME + 51 * BLOCK_TIME),
    unsafeHead: 50n,
    safeHead: 40n,
    hashAt: async (height) => at(Number(height)).hash,
    seen: new SeenBlocks(),
    ...changes,
  }
}

const message = (block: HashedBlock, key: `0x${string}` = SIGNER_KEY) => {
  const envelope = encodeEnvelope(block)
  return encodeMessage(signEnvelope(networkConfig.l2ChainId, envelope, key), envelope)
}
const sibling = (number: number, mark: number) => blockOn(at(number - 1), [Uint8Array.of(2, mark)])
const changed = (number: number, header: Partial<HashedBlock['block']['header']>) =>
  hashed({ ...at(number).block, header: { ...at(number).block.header, ...header } })

describe('judgeMessage', () => {
  it('accepts the next block, and one further ahead that is due', async () => {
    expect(await judgeMessage(message(at(51)), view())).toEqual({ kind: 'accept', block: at(51) })
    expect(await judgeMessage(message(at(53)), view())).toMatchObject({ kind: 'accept' })
  })

  it('accepts another block at an unsafe height: the sequencer may replace it', async () => {
    expect(await judgeMessage(message(sibling(50, 9)), view())).toMatchObject({ kind: 'accept' })
  })

  it('accepts old blocks above the head: a sequencer that stood still catches up', async () => {
    const now = BigInt(GENESIS_TIME + 10_000)
    expect(await judgeMessage(message(at(51)), view({ now }))).toMatchObject({ kind: 'accept' })
  })

  it('ignores what it has', async () => {
    expect(await judgeMessage(message(at(50)), view())).toMatchObject({ kind: 'ignore' })
    expect(await judgeMessage(message(at(30)), view())).toMatchObject({ kind: 'ignore' })
    const seen = new SeenBlocks()
    seen.add(51n, at(51).hash)
    expect(await judgeMessage(message(at(51)), view({ seen }))).toMatchObject({ kind: 'ignore' })
  })

  it('rejects a wrong signer', async () => {
    expect(await judgeMessage(message(at(51), OTHER_KEY), view())).toEqual({
      kind: 'reject',
      reason: expect.stringContaining('not by the sequencer'),
    })
  })

  it('rejects a payload hash that its fields do not have', async () => {
    const lying = { hash: at(52).hash, block: at(51).block }
    expect(await judgeMessage(message(lying), view())).toEqual({
      kind: 'reject',
      reason: `block 51 does not hash to ${at(52).hash}`,
    })
  })

  it('rejects a height that does not go with its timestamp', async () => {
    const block = changed(51, { number: 60n })
    expect(await judgeMessage(message(block), view())).toMatchObject({
      kind: 'reject',
      reason: expect.stringContaining('its height says'),
    })
  })

  it('rejects a block of the future', async () => {
    expect(await judgeMessage(message(at(54)), view())).toMatchObject({ kind: 'reject' })
    expect(await judgeMessage(message(at(90)), view())).toMatchObject({ kind: 'reject' })
  })

  it('ignores a competitor of a safe block, and a late one of an unsafe block: its sender may know more of L1', async () => {
    expect(await judgeMessage(message(sibling(40, 9)), view())).toMatchObject({
      kind: 'ignore',
      reason: expect.stringContaining('safe'),
    })
    const now = BigInt(GENESIS_TIME + 45 * BLOCK_TIME + 61)
    expect(await judgeMessage(message(sibling(45, 9)), view({ now }))).toMatchObject({ kind: 'ignore' })
  })

  it('ignores more than five different blocks at one height: the sequencer signed them all', async () => {
    const seen = new SeenBlocks()
    for (let mark = 0; mark < 5; mark++) {
      const block = sibling(51, mark)
      expect(await judgeMessage(message(block), view({ seen }))).toMatchObject({ kind: 'accept' })
      seen.add(51n, block.hash)
    }
    expect(await judgeMessage(message(sibling(51, 6)), view({ seen }))).toMatchObject({
      kind: 'ignore',
      reason: 'block 51 is one more than 5 at its height',
    })
    expect(await judgeMessage(message(sibling(51, 0)), view({ seen }))).toMatchObject({ kind: 'ignore' })
  })

  it('rejects bytes that are no message', async () => {
    for (const data of [new Uint8Array(), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f), pack(new Uint8Array(10))]) {
      expect(await judgeMessage(data, view())).toMatchObject({ kind: 'reject' })
    }
    const envelope = encodeEnvelope(at(51)).slice(0, -1)
    const short = encodeMessage(signEnvelope(networkConfig.l2ChainId, envelope, SIGNER_KEY), envelope)
    expect(await judgeMessage(short, view())).toMatchObject({
      kind: 'reject',
      reason: expect.stringContaining('begin at'),
    })
  })
})

describe('SeenBlocks', () => {
  it('remembers a thousand heights', () => {
    const seen = new SeenBlocks()
    for (let height = 0n; height <= 1000n; height++) seen.add(height, '0x01')
    expect([seen.has(0n, '0x01'), seen.has(1n, '0x01'), seen.count(1000n)]).toEqual([false, true, 1])
  })
})
