import { encodeFunctionData, type Hash } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AdmitContributorParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
  contributor: Address
  /** False takes the admission back. */
  admitted: boolean
}
export type AdmitContributorReturnType = Hash
export type AdmitContributorErrorType = NativeWriteErrorType

/**
 * Says who may contribute to a permissioned Datanet; the sender must own it.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await admitContributor(owner, { datanet, contributor, admitted: true })
 */
export async function admitContributor(
  client: NativeClient,
  parameters: AdmitContributorParameters,
): Promise<AdmitContributorReturnType> {
  const { datanet, contributor, admitted, ...options } = parameters
  const data = encodeFunctionData({
    abi: datanetsAbi,
    functionName: 'admitContributor',
    args: [datanet, contributor, admitted],
  })
  return sendNative(client, options, { contract: 'datanets', data })
}
