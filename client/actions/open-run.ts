import { encodeFunctionData, type Hash, type Hex, type TransactionReceipt } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { RunId } from '../../genesis/units.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type OpenRunParameters = WriteOptions & {
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
export type OpenRunReturnType = Hash
export type OpenRunErrorType = NativeWriteErrorType

/**
 * Opens a training run and so fixes what it trains on. Returns the transaction's hash; {@link openedRun} reads the id from its receipt.
 *
 * @example
 * const hash = await openRun(client, { model, manifestRoot, hyperparametersHash, seed, datanets: [{ datanet, weightBps: 10_000 }] })
 * const run = openedRun(await confirmTransaction(client, { hash }))
 */
export async function openRun(client: NativeClient, parameters: OpenRunParameters): Promise<OpenRunReturnType> {
  const { model, manifestRoot, hyperparametersHash, seed, datanets, ...options } = parameters
  const ids = datanets.map(({ datanet }) => datanet)
  const weights = datanets.map(({ weightBps }) => weightBps)
  const args = [model, manifestRoot, hyperparametersHash, seed, ids, weights] as const
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'openRun', args })
  return sendNative(client, options, { contract: 'models', data })
}

/** Id of the run that an {@link openRun} transaction opened. */
export function openedRun(receipt: TransactionReceipt): RunId {
  const log = onlyEvent(receipt.logs, { abi: modelsAbi, contract: 'models', eventName: 'RunOpened' })
  return RunId(log.args.run)
}
