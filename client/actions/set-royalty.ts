import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetRoyaltyParameters = WriteOptions & {
  /** Model id. */
  model: bigint
  /** Basis points of a sale’s price, at most `maxRoyaltyBps`. */
  royaltyBps: number
}
export type SetRoyaltyReturnType = Hash
export type SetRoyaltyErrorType = NativeWriteErrorType

/**
 * Chooses, once and for ever, what a resale of one’s own model owes its creator (ERC-2981). Returns the transaction’s hash.
 *
 * @example
 * const hash = await setRoyalty(client, { model: 1n, royaltyBps: 500 })
 */
export async function setRoyalty(
  client: NativeClient,
  parameters: SetRoyaltyParameters,
): Promise<SetRoyaltyReturnType> {
  const { model, royaltyBps, ...options } = parameters
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'setRoyalty', args: [model, royaltyBps] })
  return sendNative(client, options, { contract: 'models', data })
}
