import { encodeFunctionData, type Hash } from 'viem'
import { parametersAbi } from '../../genesis/abi/parameters.ts'
import { PARAMETERS, type ParameterName } from '../../genesis/parameters.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetParameterParameters = WriteOptions & {
  name: ParameterName
  /** In the parameter’s unit (genesis/parameters.ts), within its bounds: `OutOfRange` names the rule that it breaks. */
  value: bigint
}
export type SetParameterReturnType = Hash
export type SetParameterErrorType = NativeWriteErrorType

/**
 * Sets a governed number; the sender must be the governor.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await setParameter(governor, { name: 'commitBond', value: parseEther('0.002') })
 */
export async function setParameter(
  client: NativeClient,
  parameters: SetParameterParameters,
): Promise<SetParameterReturnType> {
  const { name, value, ...options } = parameters
  const data = encodeFunctionData({ abi: parametersAbi, functionName: 'set', args: [PARAMETERS[name].id, value] })
  return sendNative(client, options, { contract: 'parameters', data })
}
