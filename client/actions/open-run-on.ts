import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type OpenRunOnParameters = WriteOptions & {
  /** Id of a live version, of whatever model: its model’s owner has a part of what the new one earns. */
  parent: bigint
  /** Model id; the sender must own it. */
  model: bigint
  /** Root over what each row speaks of (protocol/manifest.ts). */
  manifestRoot: Hex
  hyperparametersHash: Hex
  /** u64. */
  seed: bigint
  /** Datanets of the run with their weights in basis points, which add up to 10,000. */
  datanets: readonly { datanet: bigint; weightBps: number }[]
}
export type OpenRunOnReturnType = Hash
export type OpenRunOnErrorType = NativeWriteErrorType

/**
 * Opens a training run on top of a live version, otherwise as `openRun` does.
 * Returns the transaction’s hash; `openedRun` reads the run’s id from its receipt.
 *
 * @example
 * const hash = await openRunOn(client, { parent: version, model, manifestRoot, hyperparametersHash, seed, datanets })
 * const run = openedRun(await confirmTransaction(client, { hash }))
 */
export async function openRunOn(client: NativeClient, parameters: OpenRunOnParameters): Promise<OpenRunOnReturnType> {
  const { parent, model, manifestRoot, hyperparametersHash, seed, datanets, ...options } = parameters
  const ids = datanets.map(({ datanet }) => datanet)
  const weights = datanets.map(({ weightBps }) => weightBps)
  const data = encodeFunctionData({
    abi: modelsAbi,
    functionName: 'openRunOn',
    args: [parent, model, manifestRoot, hyperparametersHash, seed, ids, weights],
  })
  return sendNative(client, options, { contract: 'models', data })
}
