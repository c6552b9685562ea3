import { encodeFunctionData, type Hash } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetCuratorsParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
  /** 1 to 32, all of them: who is not listed is none any more. */
  curators: readonly Address[]
  /** How many must agree: 1 to the number of curators. */
  quorum: number
}
export type SetCuratorsReturnType = Hash
export type SetCuratorsErrorType = NativeWriteErrorType

/**
 * Replaces the curators of a curated Datanet; the sender must own it. Votes that were cast count.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await setCurators(owner, { datanet, curators: [first, second, third], quorum: 2 })
 */
export async function setCurators(
  client: NativeClient,
  parameters: SetCuratorsParameters,
): Promise<SetCuratorsReturnType> {
  const { datanet, curators, quorum, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'setCurators', args: [datanet, curators, quorum] })
  return sendNative(client, options, { contract: 'datanets', data })
}
