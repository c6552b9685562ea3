import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ReleaseClaimParameters = WriteOptions & {
  /** Bytes of the request’s latest claim, of its `Claimed` log. */
  claim: Hex
  /** The settled leaf. */
  leaf: Leaf
}
export type ReleaseClaimReturnType = Hash
export type ReleaseClaimErrorType = NativeWriteErrorType

/**
 * Credits a claim anew whose round has ended void.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await releaseClaim(client, { claim, leaf })
 */
export async function releaseClaim(
  client: NativeClient,
  parameters: ReleaseClaimParameters,
): Promise<ReleaseClaimReturnType> {
  const { claim, leaf, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'releaseClaim', args: [claim, leaf] })
  return sendNative(client, options, { contract: 'attribution', data })
}
