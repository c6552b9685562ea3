import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type GrantFromTreasuryParameters = WriteOptions & {
  recipient: Address
  /** Wei. */
  amount: bigint
}
export type GrantFromTreasuryReturnType = Hash
export type GrantFromTreasuryErrorType = NativeWriteErrorType

/**
 * Pays out of the treasury what has matured there; the sender must be the governor. {@link grantCall} is the same for
 * a proposal. Returns the transaction's hash.
 *
 * @example
 * const hash = await grantFromTreasury(governor, { recipient, amount: parseEther('5') })
 */
export async function grantFromTreasury(
  client: NativeClient,
  parameters: GrantFromTreasuryParameters,
): Promise<GrantFromTreasuryReturnType> {
  const { recipient, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'grant', args: [recipient, amount] })
  return sendNative(client, options, { contract: 'attribution', data })
}
