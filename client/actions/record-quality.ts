import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RecordQualityParameters = WriteOptions & {
  /** Version id. */
  version: bigint
  /** 95 % lower bound of the LDS, in basis points. */
  qualityBps: number
  /** Of the record: what was drawn, trained and measured. */
  recordHash: Hex
  /** The retrainings: 1 to 64 runs of the model, ascending, opened since the draw, each with a recorded step. */
  runs: readonly bigint[]
}
export type RecordQualityReturnType = Hash
export type RecordQualityErrorType = NativeWriteErrorType

/**
 * Puts a version's measured quality on record, by its publisher. It is in force once validators with two thirds of the stake have
 * attested it; until then what was in force before stays.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await recordQuality(publisher, { version: 1n, qualityBps: 6_200, recordHash, runs: [7n, 8n, 9n] })
 */
export async function recordQuality(
  client: NativeClient,
  parameters: RecordQualityParameters,
): Promise<RecordQualityReturnType> {
  const { version, qualityBps, recordHash, runs, ...options } = parameters
  const data = encodeFunctionData({
    abi: modelsAbi,
    functionName: 'recordQuality',
    args: [version, qualityBps, recordHash, runs],
  })
  return sendNative(client, options, { contract: 'models', data })
}
