import fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hexToBytes } from './bytes.ts'
import { knownSender } from './known-senders.ts'
import { SenderThreads } from './sender-threads.ts'
import { decodeTransaction, TransactionError } from './transaction.ts'

const account = privateKeyToAccount(`0x${'07'.repeat(32)}`)

async function signed(nonce: number): Promise<Uint8Array> {
  const fees = { maxFeePerGas: 10n, maxPriorityFeePerGas: 1n }
  return hexToBytes(
    await account.signTransaction({ type: 'eip1559', chainId: 901, nonce, gas: 21_000n, to: account.address, ...fees }),
  )
}

describe('threads that recover senders', () => {
  let threads: SenderThreads
  beforeAll(() => {
    threads = new SenderThreads({ chainId: 901n, threads: 2 })
  })
  afterAll(() => threads.close())

  it('know the senders that decoding finds', async () => {
    const raws = await Promise.all(Array.from({ length: 20 }, (_, nonce) => signed(nonce)))
    await threads.recover(raws)
    expect(raws.map(knownSender)).toEqual(raws.map(() => account.address.toLowerCase()))
    // The same bytes in another place are not known, and come to the same.
    const copies = raws.map((raw) => decodeTransaction(raw.slice(), 901n))
    expect(copies).toEqual(raws.map((raw) => decodeTransaction(raw, 901n)))
  })

  it('leave what cannot be read to whoever decodes it', async () => {
    const good = await Promise.all(Array.from({ length: 10 }, (_, nonce) => signed(nonce)))
    const bad = new Uint8Array([2, 0xc0])
    const deposit = new Uint8Array([0x7e])
    await threads.recover([...good.slice(0, 5), bad, deposit, ...good.slice(5)])
    expect(good.every((raw) => knownSender(raw) !== undefined)).toBe(true)
    expect(knownSender(bad)).toBeUndefined()
    expect(() => decodeTransaction(bad, 901n)).toThrow(TransactionError)
  })

  it('are not disturbed by any bytes', async () => {
    const raws = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 8, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(raws, async (all) => {
        await threads.recover(all)
        expect(all.every((raw) => knownSender(raw) === undefined)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('refuse work once they are closed', async () => {
    const other = new SenderThreads({ chainId: 901n, threads: 1 })
    await other.close()
    await expect(other.recover([await signed(1)])).rejects.toThrow(/are closed/)
  })
})
