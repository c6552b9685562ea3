import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AttestVersionParameters = WriteOptions & {
  /** Version id. */
  version: bigint
}
export type AttestVersionReturnType = Hash
export type AttestVersionErrorType = NativeWriteErrorType

/**
 * A staked validator says that it holds a version’s rows and artifact. Two thirds of the validators’ stake make it live.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await attestVersion(validator, { version: 1n })
 */
export async function attestVersion(
  client: NativeClient,
  parameters: AttestVersionParameters,
): Promise<AttestVersionReturnType> {
  const { version, ...options } = parameters
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'attest', args: [version] })
  return sendNative(client, options, { contract: 'models', data })
}
