import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ReclaimBondParameters = WriteOptions & {
  /** Who committed, and gets the bond back, whoever sends. */
  owner: Address
  /** 32 bytes that {@link commitContribution} was given. */
  commitment: Hex
}
export type ReclaimBondReturnType = Hash
export type ReclaimBondErrorType = NativeWriteErrorType

/**
 * Sends the bond of a commitment that was never used, and has expired, back to its owner.
 * Returns the transaction's hash.
 *
 * @example
 * const hash = await reclaimBond(client, { owner: account.address, commitment })
 */
export async function reclaimBond(
  client: NativeClient,
  parameters: ReclaimBondParameters,
): Promise<ReclaimBondReturnType> {
  const { owner, commitment, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'reclaimBond', args: [owner, commitment] })
  return sendNative(client, options, { contract: 'datanets', data })
}
