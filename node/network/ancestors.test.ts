import { describe, expect, it } from 'vitest'
import type { HashedBlock } from '../execution/block.ts'
import { fetchAncestors } from './ancestors.ts'
import { pack } from './compression.ts'
import { encodeEnvelope } from './execution-payload.ts'
import { answerRequest, encodeRequest, ResponseError, readResponse } from './payload-by-number.ts'
import { blockOn, chainOf } from './testing/memory-chain.ts'

const blocks = chainOf(700)
const honest = async (height: bigint) => [blocks[Number(height)]!]

describe('fetchAncestors', () => {
  it('brings the blocks between head and block, lowest first', async () => {
    for (const [number, head] of [
      [1, 0],
      [2, 0],
      [60, 41],
      [513, 0],
    ] as const) {
      const found = await fetchAncestors(blocks[number]!, BigInt(head), honest)
      expect(found).toEqual({ kind: 'complete', blocks: blocks.slice(head + 1, number) })
    }
  })

  it('asks for nothing where nothing is missing', async () => {
    const asked: bigint[] = []
    const request = async (height: bigint): Promise<HashedBlock[]> => {
      asked.push(height)
      return []
    }
    expect(await fetchAncestors(blocks[5]!, 4n, request)).toEqual({ kind: 'complete', blocks: [] })
    expect(await fetchAncestors(blocks[5]!, 9n, request)).toEqual({ kind: 'complete', blocks: [] })
    expect(asked).toEqual([])
  })

  it('takes the candidate that the chain of hashes names, whoever gave it', async () => {
    const request = async (height: bigint) => [blockOn(undefined, []), ...(await honest(height))]
    expect(await fetchAncestors(blocks[20]!, 0n, request)).toMatchObject({ kind: 'complete' })
  })

  it('is incomplete where no peer has the right block, or the gap is too long', async () => {
    const forked = async (height: bigint) => (height === 7n ? [blockOn(blocks[6], [])] : honest(height))
    expect(await fetchAncestors(blocks[20]!, 0n, forked)).toEqual({
      kind: 'incomplete',
      reason: `no peer has block 7 with hash ${blocks[7]!.hash}`,
    })
    expect(await fetchAncestors(blocks[600]!, 0n, honest)).toMatchObject({
      kind: 'incomplete',
      reason: expect.stringContaining('599 blocks are missing'),
    })
  })
})

describe('payload by number', () => {
  const answer = (request: Uint8Array, admit = true) =>
    answerRequest(
      request,
      () => admit,
      async (height) => blocks[Number(height)],
    )

  it('answers with the block', async () => {
    expect(readResponse(await answer(encodeRequest(7n)))).toEqual(blocks[7])
  })

  it('answers that it has none, or that the asker asks too much', async () => {
    expect(readResponse(await answer(encodeRequest(100_000n)))).toBeUndefined()
    expect(readResponse(await answer(encodeRequest(7n), false))).toBeUndefined()
  })

  it('refuses a request of another size', async () => {
    expect(await answer(new Uint8Array(7))).toEqual(Uint8Array.of(2))
    expect(() => readResponse(Uint8Array.of(2))).toThrow(ResponseError)
  })

  it('holds a broken answer against its sender', () => {
    const envelope = encodeEnvelope({ hash: blocks[8]!.hash, block: blocks[7]!.block })
    for (const response of [
      new Uint8Array(),
      Uint8Array.of(9),
      Uint8Array.of(0, 1, 0, 0, 0),
      Uint8Array.of(0, 0, 0, 0, 0, 0xff),
      Uint8Array.of(0, 0, 0, 0, 0, ...pack(envelope.slice(5))),
      Uint8Array.of(0, 0, 0, 0, 0, ...pack(envelope)),
    ]) {
      expect(() => readResponse(response)).toThrow(ResponseError)
    }
  })
})
