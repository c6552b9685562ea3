import { encodeFunctionData, type Hash } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetDatanetWeightParameters = WriteOptions & {
  datanet: bigint
  /** 0 to 10,000; 0 until it is set. */
  weightBps: number
}
export type SetDatanetWeightReturnType = Hash
export type SetDatanetWeightErrorType = NativeWriteErrorType

/**
 * Gives a Datanet its weight in the subsidy; the sender must be the governor. {@link datanetWeightCall} is the same for
 * a proposal. Returns the transaction's hash.
 *
 * @example
 * const hash = await setDatanetWeight(governor, { datanet: 1n, weightBps: 10_000 })
 */
export async function setDatanetWeight(
  client: NativeClient,
  parameters: SetDatanetWeightParameters,
): Promise<SetDatanetWeightReturnType> {
  const { datanet, weightBps, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'setWeight', args: [datanet, weightBps] })
  return sendNative(client, options, { contract: 'datanets', data })
}
