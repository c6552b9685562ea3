import { hexToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { decodeBlob } from '../node/derivation/blob.ts'
import { decodeFrames } from '../node/derivation/frame.ts'
import { capacityOf, cheaperForm, costOf, dataTransactions } from './data-form.ts'

const GWEI = 1_000_000_000n
const channel = (bytes: number) => ({
  id: `0x${'ab'.repeat(16)}` as const,
  compressed: Uint8Array.from({ length: bytes }, (_, index) => (index % 255) + 1),
})

describe("a channel's way to L1", () => {
  it.each([
    ['blobs', 3, 1],
    ['blobs', 1, 3],
    ['calldata', 3, 4],
  ] as const)('as %s, %i a transaction: %i transactions of the same frames', (form, maxBlobs, count) => {
    const { id, compressed } = channel(form === 'blobs' ? capacityOf(3) : 400_000)
    const transactions = dataTransactions({ id, compressed }, form, maxBlobs)
    expect(transactions).toHaveLength(count)
    const payloads = transactions.flatMap((part) =>
      'data' in part ? [hexToBytes(part.data)] : part.blobs.map(decodeBlob),
    )
    for (const payload of payloads) expect(payload.length).toBeLessThan(131_072)
    const frames = payloads.flatMap(decodeFrames)
    expect(frames.at(-1)!.isLast).toBe(true)
    expect(Buffer.compare(Buffer.concat(frames.map(({ data }) => data)), compressed)).toBe(0)
  })

  it('costs what the EIPs say', () => {
    const prices = { gas: 2n, blobGas: 3n }
    const { compressed } = channel(1_000)
    expect(costOf(compressed, 'blobs', 6, prices)).toBe(131_072n * 3n + 21_000n * 2n)
    expect(costOf(compressed, 'calldata', 6, prices)).toBe((21_000n + 40n * 1_024n) * 2n)
    expect(costOf(new Uint8Array(1_000), 'calldata', 6, prices)).toBe((21_000n + 10n * (1_000n + 96n)) * 2n)
    expect(costOf(channel(capacityOf(7)).compressed, 'blobs', 6, prices)).toBe(7n * 131_072n * 3n + 2n * 42_000n)
  })

  it('is the cheaper one: calldata for a few bytes, or when blobs are dear', () => {
    const calm = { gas: 10n * GWEI, blobGas: GWEI }
    expect(cheaperForm(channel(100_000).compressed, 6, calm)).toBe('blobs')
    expect(cheaperForm(channel(200).compressed, 6, calm)).toBe('calldata')
    expect(cheaperForm(channel(100_000).compressed, 6, { gas: 10n * GWEI, blobGas: 1_000n * GWEI })).toBe('calldata')
    expect(cheaperForm(channel(1).compressed, 6, { gas: GWEI, blobGas: 0n })).toBe('blobs')
  })
})
