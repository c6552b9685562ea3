import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AttestQualityParameters = WriteOptions & {
  /** Version id. */
  version: bigint
  /** Number of the record, as its `QualityRecorded` log shows it: no other one is attested by mistake. */
  record: bigint
}
export type AttestQualityReturnType = Hash
export type AttestQualityErrorType = NativeWriteErrorType

/**
 * A staked validator says that it has checked a version's last quality record.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await attestQuality(validator, { version: 1n, record: 1n })
 */
export async function attestQuality(
  client: NativeClient,
  parameters: AttestQualityParameters,
): Promise<AttestQualityReturnType> {
  const { version, record, ...options } = parameters
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'attestQuality', args: [version, record] })
  return sendNative(client, options, { contract: 'models', data })
}
