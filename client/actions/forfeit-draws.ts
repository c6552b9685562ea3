import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ForfeitDrawsParameters = WriteOptions & { batch: bigint }
export type ForfeitDrawsReturnType = Hash
export type ForfeitDrawsErrorType = NativeWriteErrorType

/**
 * Ends a batch whose prover has not settled all draws by the deadline: half of the stake behind them is the sender’s.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await forfeitDraws(client, { batch: 1n })
 */
export async function forfeitDraws(
  client: NativeClient,
  parameters: ForfeitDrawsParameters,
): Promise<ForfeitDrawsReturnType> {
  const { batch, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'forfeitDraws', args: [batch] })
  return sendNative(client, options, { contract: 'attribution', data })
}
