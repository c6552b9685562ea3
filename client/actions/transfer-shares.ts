import { encodeFunctionData, type Hash } from 'viem'
import { shareTokenAbi } from '../../genesis/abi/asset-faces.ts'
import type { Address } from '../../genesis/addresses.ts'
import { shareTokenOf } from '../../protocol/share-token.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type TransferSharesParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
  to: Address
  amount: bigint
}
export type TransferSharesReturnType = Hash
export type TransferSharesErrorType = NativeWriteErrorType

/**
 * Transfers shares of a Datanet by its token, which must have been deployed ({@link createShareToken}). What they have
 * earned until then stays the sender’s. Returns the transaction’s hash.
 *
 * @example
 * const hash = await transferShares(client, { datanet: 1n, to, amount: 100n })
 */
export async function transferShares(
  client: NativeClient,
  parameters: TransferSharesParameters,
): Promise<TransferSharesReturnType> {
  const { datanet, to, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: shareTokenAbi, functionName: 'transfer', args: [to, amount] })
  const through = { address: shareTokenOf(datanet), functionName: 'transferShares' }
  return sendNative(client, options, { contract: 'datanets', data, through })
}
