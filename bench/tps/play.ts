/** What a load generator does with signed transactions: sends them, has a block made, and fetches every receipt. */
import type { Hex } from 'viem'
import type { TpsContender } from './contenders.ts'

const BATCH = 100
const CONNECTIONS = 4

/** Sends the transactions, has a block made and fetches every receipt; throws where one failed. */
export async function play({ rpc, mine }: TpsContender, raws: Hex[]): Promise<void> {
  const hashes = await inBatches(raws, (batch) =>
    rpc.batch(batch.map((raw) => ({ method: 'eth_sendRawTransaction', params: [raw] }))),
  )
  await mine()
  const receipts = await inBatches(hashes, (batch) =>
    rpc.batch(batch.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] }))),
  )
  const succeeded = receipts.filter((receipt) => (receipt as { status?: string } | null)?.status === '0x1').length
  if (succeeded !== raws.length)
    throw new Error(`${raws.length - succeeded} of ${raws.length} transactions did not succeed`)
}

/** Works the items off in batches, a few at once and in order; results in the items' order. */
async function inBatches<Item>(items: Item[], work: (batch: Item[]) => Promise<unknown[]>): Promise<unknown[]> {
  const starts = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) => index * BATCH)
  const results: unknown[] = []
  const worker = async () => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      const found = await work(items.slice(start, start + BATCH))
      for (const [index, result] of found.entries()) results[start + index] = result
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  return results
}
