import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ChallengeCurvatureParameters = WriteOptions & {
  /** Version’s id. */
  version: bigint
  /** Which block of the curvature; `WHOLE_CURVATURE` for all of it. */
  blockIndex: number
  /** The curvature’s header and the hash of each block, which hash to its curvatureHash; `0x` for the whole. */
  parts: Hex
  /** 32 bytes that the commitment to the subject was made with. */
  salt: Hex
}
export type ChallengeCurvatureReturnType = Hash
export type ChallengeCurvatureErrorType = NativeWriteErrorType

/**
 * Challenge 4 of a block of a version’s curvature: a committee will be drawn. The commitment’s subject is
 * `featureSubject(FEATURE_KIND.curvature, version, blockIndex)`.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await challengeCurvature(client, { version: 1n, blockIndex: WHOLE_CURVATURE, parts: '0x', salt })
 */
export async function challengeCurvature(
  client: NativeClient,
  parameters: ChallengeCurvatureParameters,
): Promise<ChallengeCurvatureReturnType> {
  const { version, blockIndex, parts, salt, ...options } = parameters
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'challengeCurvature',
    args: [version, blockIndex, parts, salt],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
