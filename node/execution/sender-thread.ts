/** One thread of {@link SenderThreads}. */
import { parentPort } from 'node:worker_threads'
import { hexToBytes } from './bytes.ts'
import { ADDRESS_BYTES, type SenderAnswer, type SenderRequest } from './sender-threads.ts'
import { decodeTransaction, TransactionError } from './transaction.ts'

function senderOf(raw: Uint8Array, chainId: bigint): Uint8Array | undefined {
  try {
    return hexToBytes(decodeTransaction(raw, chainId).sender)
  } catch (error) {
    // Whoever decodes it for a block says what is wrong with it.
    if (error instanceof TransactionError) return undefined
    throw error
  }
}

parentPort!.on('message', ({ id, chainId, lengths, envelopes }: SenderRequest) => {
  const senders = new Uint8Array(lengths.length * ADDRESS_BYTES)
  let at = 0
  for (const [index, length] of lengths.entries()) {
    const sender = senderOf(envelopes.subarray(at, at + length), chainId)
    if (sender !== undefined) senders.set(sender, index * ADDRESS_BYTES)
    at += length
  }
  const answer: SenderAnswer = { id, senders }
  parentPort!.postMessage(answer, [senders.buffer])
})
