import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { minhashArgument } from '../minhash-argument.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ContributeElsewhereParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
  /** keccak256 of the content. */
  contentHash: Hex
  /** Bytes. */
  size: number
  /** Of the content: 32 values (protocol/minhash.ts). */
  minhash: Uint32Array
  /** 32 bytes that the commitment was made with. */
  salt: Hex
  /** IPFS content id, where there is one. */
  cid?: string
}
export type ContributeElsewhereReturnType = Hash
export type ContributeElsewhereErrorType = NativeWriteErrorType

/**
 * Contributes a content that lies elsewhere, after {@link commitContribution} was mined. What is said of it is a claim: it is
 * minted no share units. `contributed`, in a curated Datanet `proposed`, reads the outcome from the receipt.
 * Returns the transaction’s hash.
 *
 * @example
 * const contentHash = keccak256(content)
 * const hash = await contributeElsewhere(client, { datanet, contentHash, size: content.length, minhash: minhash(content), salt })
 */
export async function contributeElsewhere(
  client: NativeClient,
  parameters: ContributeElsewhereParameters,
): Promise<ContributeElsewhereReturnType> {
  const { datanet, contentHash, size, minhash, salt, cid, ...options } = parameters
  const data = encodeFunctionData({
    abi: datanetsAbi,
    functionName: 'contribute',
    args: [datanet, contentHash, cid ?? '', size, minhashArgument(minhash), salt],
  })
  return sendNative(client, options, { contract: 'datanets', data })
}
