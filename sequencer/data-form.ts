/**
 * The two ways in which a channel goes to L1, and which of them costs less at the present fees.
 *
 *   blobs      one frame a blob, several blobs a transaction: 131,072 blob gas each (EIP-4844) and 21,000 gas for the
 *              transaction, however full the blobs are
 *   calldata   one frame a transaction: at least 10 gas a token, a zero byte being one token and any other four (EIP-7623)
 */
import { bytesToHex, type Hex } from 'viem'
import { encodeBlob, MAX_BLOB_DATA } from '../node/derivation/blob.ts'
import { channelFrames } from '../node/derivation/channel.ts'
import { BLOB_BYTES, FRAME_OVERHEAD } from '../node/derivation/constants.ts'
import { encodeFrames } from '../node/derivation/frame.ts'

export type DataForm = 'blobs' | 'calldata'

/** Wei of L1: per gas, tip included, and per unit of blob gas. */
export type L1Prices = { gas: bigint; blobGas: bigint }

/** The version byte of the payload goes before the frame. */
const BLOB_FRAME_BYTES = MAX_BLOB_DATA - 1
/** Pools take transactions of 128 KiB; this leaves room for the rest of one. */
const CALLDATA_FRAME_BYTES = 120_000
const TRANSACTION_GAS = 21_000n
const FLOOR_GAS_PER_TOKEN = 10n

/** Bytes of a channel that fill so many blobs. */
export function capacityOf(blobs: number): number {
  return blobs * (BLOB_FRAME_BYTES - FRAME_OVERHEAD)
}

/** The payload of each L1 transaction, in order. */
export type DataTransaction = { blobs: Uint8Array[] } | { data: Hex }

export function dataTransactions(
  channel: { id: Hex; compressed: Uint8Array },
  form: DataForm,
  maxBlobs: number,
): DataTransaction[] {
  if (form === 'calldata')
    return channelFrames(channel.id, channel.compressed, CALLDATA_FRAME_BYTES).map((frame) => ({
      data: bytesToHex(encodeFrames([frame])),
    }))
  const blobs = channelFrames(channel.id, channel.compressed, BLOB_FRAME_BYTES).map((frame) =>
    encodeBlob(encodeFrames([frame])),
  )
  const count = Math.ceil(blobs.length / maxBlobs)
  return Array.from({ length: count }, (_, at) => ({ blobs: blobs.slice(at * maxBlobs, (at + 1) * maxBlobs) }))
}

/** Wei that the channel costs in a form, as far as fees stay as they are. */
export function costOf(compressed: Uint8Array, form: DataForm, maxBlobs: number, prices: L1Prices): bigint {
  const bytes = compressed.length
  if (form === 'blobs') {
    const blobs = BigInt(Math.max(1, Math.ceil(bytes / capacityOf(1))))
    const transactions = (blobs + BigInt(maxBlobs) - 1n) / BigInt(maxBlobs)
    return blobs * BigInt(BLOB_BYTES) * prices.blobGas + transactions * TRANSACTION_GAS * prices.gas
  }
  let zeros = 0
  for (const byte of compressed) if (byte === 0) zeros++
  const tokens = BigInt(zeros + 4 * (bytes - zeros))
  const transactions = BigInt(Math.max(1, Math.ceil(bytes / (CALLDATA_FRAME_BYTES - FRAME_OVERHEAD))))
  const framing = transactions * BigInt(4 * (FRAME_OVERHEAD + 1))
  return (transactions * TRANSACTION_GAS + FLOOR_GAS_PER_TOKEN * (tokens + framing)) * prices.gas
}

/** The cheaper form; blobs where both cost the same. */
export function cheaperForm(compressed: Uint8Array, maxBlobs: number, prices: L1Prices): DataForm {
  const [blobs, calldata] = (['blobs', 'calldata'] as const).map((form) => costOf(compressed, form, maxBlobs, prices))
  return calldata! < blobs! ? 'calldata' : 'blobs'
}
