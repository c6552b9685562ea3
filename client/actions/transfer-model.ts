import { encodeFunctionData, type Hash } from 'viem'
import { modelTokenAbi } from '../../genesis/abi/asset-faces.ts'
import { type Address, ASSET_FACES } from '../../genesis/addresses.ts'
import {
  type NativeClient,
  type NativeWriteErrorType,
  sendNative,
  signerOf,
  type WriteOptions,
} from '../native-transaction.ts'

export type TransferModelParameters = WriteOptions & {
  /** Model id. */
  model: bigint
  to: Address
}
export type TransferModelReturnType = Hash
export type TransferModelErrorType = NativeWriteErrorType

/**
 * Gives one’s own model to another owner, who receives the owner’s part of what is settled from then on. A receiver
 * that is a contract must take ERC-721 tokens. Returns the transaction’s hash.
 *
 * @example
 * const hash = await transferModel(client, { model: 1n, to })
 */
export async function transferModel(
  client: NativeClient,
  parameters: TransferModelParameters,
): Promise<TransferModelReturnType> {
  const { model, to, ...options } = parameters
  const from = signerOf(client, options.account).address
  const data = encodeFunctionData({ abi: modelTokenAbi, functionName: 'safeTransferFrom', args: [from, to, model] })
  const through = { address: ASSET_FACES.modelToken, functionName: 'transferModel' }
  return sendNative(client, options, { contract: 'models', data, through })
}
