import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import type { ChunkedContent } from '../../protocol/chunks.ts'
import { minhashArgument } from '../minhash-argument.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ContributeChunkedParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
  /** Root over its chunks, bytes and MinHash of the whole: `chunkContent` of protocol/chunks.ts. 2 to 4,096 chunks. */
  content: Pick<ChunkedContent, 'root' | 'size' | 'minhash'>
  /** 32 bytes that the commitment was made with. */
  salt: Hex
  /** IPFS content id, where there is one. */
  cid?: string
}
export type ContributeChunkedReturnType = Hash
export type ContributeChunkedErrorType = NativeWriteErrorType

/**
 * Declares a content too large for one call, after {@link commitContribution} of a commitment to its root was mined. It is seen,
 * and its bond returns, when all chunks were shown by {@link showChunk}; a chunk that disproves what is declared ends it.
 * Returns the transaction’s hash.
 *
 * @example
 * const content = chunkContent(bytes)
 * const hash = await contributeChunked(client, { datanet, content, salt })
 */
export async function contributeChunked(
  client: NativeClient,
  parameters: ContributeChunkedParameters,
): Promise<ContributeChunkedReturnType> {
  const { datanet, content, salt, cid, ...options } = parameters
  const data = encodeFunctionData({
    abi: datanetsAbi,
    functionName: 'contributeChunked',
    args: [datanet, content.root, cid ?? '', content.size, minhashArgument(content.minhash), salt],
  })
  return sendNative(client, options, { contract: 'datanets', data })
}
