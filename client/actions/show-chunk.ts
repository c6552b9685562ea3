import { encodeFunctionData, type Hash, toHex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import type { ChunkedContent } from '../../protocol/chunks.ts'
import { minhashArgument } from '../minhash-argument.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ShowChunkParameters = WriteOptions & {
  /** Contribution id. */
  contribution: bigint
  /** Which chunk, from 0. */
  index: number
  /** Its bytes, MinHash, and path to the content’s root. */
  chunk: ChunkedContent['chunks'][number]
}
export type ShowChunkReturnType = Hash
export type ShowChunkErrorType = NativeWriteErrorType

/**
 * Shows a chunk of a large content; anybody may. Half of the bond is the sender’s where the chunk disproves what was declared.
 * Returns the transaction’s hash.
 *
 * @example
 * for (const [index, chunk] of content.chunks.entries()) await showChunk(client, { contribution, index, chunk })
 */
export async function showChunk(client: NativeClient, parameters: ShowChunkParameters): Promise<ShowChunkReturnType> {
  const { contribution, index, chunk, ...options } = parameters
  const data = encodeFunctionData({
    abi: datanetsAbi,
    functionName: 'showChunk',
    args: [contribution, index, toHex(chunk.bytes), minhashArgument(chunk.minhash), chunk.proof],
  })
  return sendNative(client, options, { contract: 'datanets', data })
}
