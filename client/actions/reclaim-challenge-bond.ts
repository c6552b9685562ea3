import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ReclaimChallengeBondParameters = WriteOptions & {
  /** 32 bytes that {@link commitChallenge} was given. */
  commitment: Hex
}
export type ReclaimChallengeBondReturnType = Hash
export type ReclaimChallengeBondErrorType = NativeWriteErrorType

/**
 * Takes back the bond of an own challenge that was not made, from the block after its commitment on.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await reclaimChallengeBond(client, { commitment })
 */
export async function reclaimChallengeBond(
  client: NativeClient,
  parameters: ReclaimChallengeBondParameters,
): Promise<ReclaimChallengeBondReturnType> {
  const { commitment, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'reclaimChallengeBond', args: [commitment] })
  return sendNative(client, options, { contract: 'attribution', data })
}
