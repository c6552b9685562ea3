import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RecordStepParameters = WriteOptions & {
  /** Run id; the sender must own its model. */
  run: bigint
  /** Optimizer steps done, u32: more than at the last recorded step. 0 is the state before training. */
  step: number
  /** Training loss in millionths of a nat, u64. */
  lossMicro: bigint
  /** Hash of the checkpoint after this step: parameters and optimizer. */
  checkpointHash: Hex
}
export type RecordStepReturnType = Hash
export type RecordStepErrorType = NativeWriteErrorType

/**
 * Puts a checkpoint of a training run on record, so that whoever doubts the run replays one interval between two of
 * them. Returns the transaction's hash.
 *
 * @example
 * const hash = await recordStep(client, { run, step: 100, lossMicro: 2_310_000n, checkpointHash })
 */
export async function recordStep(
  client: NativeClient,
  parameters: RecordStepParameters,
): Promise<RecordStepReturnType> {
  const { run, step, lossMicro, checkpointHash, ...options } = parameters
  const args = [run, step, lossMicro, checkpointHash] as const
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'recordStep', args })
  return sendNative(client, options, { contract: 'models', data })
}
