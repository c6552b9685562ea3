import { type Hex, stringToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../protocol/hex.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { type ContentResponse, contentResponse } from './content-response.ts'
import { ContentError, contentHashes, readContent, takeContent } from './content-table.ts'

const text = stringToBytes('0123456789')
const hash = toHex(keccak256(text))

describe('contents by hash', () => {
  it('takes bytes that hash to what they are said to be, and gives them back', async () => {
    const store = new MemoryStore()
    await takeContent(store, hash, text)
    expect(readContent(store, hash)).toEqual(text)
  })

  it('refuses other bytes and writes nothing', async () => {
    const store = new MemoryStore()
    await expect(takeContent(store, hash, stringToBytes('other'))).rejects.toThrow(ContentError)
    expect(readContent(store, hash)).toBeUndefined()
  })

  it('lists hashes page by page', async () => {
    const store = new MemoryStore()
    const all: Hex[] = []
    for (const word of ['a', 'b', 'c', 'd', 'e']) {
      const bytes = stringToBytes(word)
      all.push(toHex(keccak256(bytes)))
      await takeContent(store, all.at(-1)!, bytes)
    }
    all.sort()
    const first = await contentHashes(store, { limit: 2 })
    expect(first).toEqual(all.slice(0, 2))
    expect(await contentHashes(store, { after: first[1]!, limit: 10 })).toEqual(all.slice(2))
  })
})

describe('contents over HTTP', () => {
  async function ask(
    range?: string,
    path: string = `/contents/${hash}`,
    method = 'GET',
  ): Promise<ContentResponse | undefined> {
    const store = new MemoryStore()
    await takeContent(store, hash, text)
    return contentResponse(store, { method, path, range })
  }
  const bodyOf = (response: ContentResponse | undefined): string => new TextDecoder().decode(response?.body)

  it('gives the whole content', async () => {
    const response = await ask()
    expect([response?.status, bodyOf(response)]).toEqual([200, '0123456789'])
    expect(response?.headers['content-length']).toBe('10')
  })

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=0-99', '0123456789', 'bytes 0-9/10'],
  ])('gives the range %s', async (range, body, contentRange) => {
    const response = await ask(range)
    expect([response?.status, bodyOf(response), response?.headers['content-range']]).toEqual([206, body, contentRange])
  })

  it.each(['bytes=10-', 'bytes=5-4', 'bytes=-0'])(
    'answers 416 to the range %s outside of the content',
    async (range) => {
      expect((await ask(range))?.status).toBe(416)
    },
  )

  it.each(['bytes=-', 'bytes=0-1,3-4', 'lines=1-2'])('ignores the range %s', async (range) => {
    expect((await ask(range))?.status).toBe(200)
  })

  it('answers 404 to an unknown hash, 405 to another method, and nothing to another path', async () => {
    expect((await ask(undefined, `/contents/0x${'11'.repeat(32)}`))?.status).toBe(404)
    expect((await ask(undefined, `/contents/${hash}`, 'POST'))?.status).toBe(405)
    expect(await ask(undefined, '/contents/../secrets')).toBeUndefined()
  })
})
