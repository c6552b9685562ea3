import { encodeFunctionData, type Hash, type Hex, type TransactionReceipt } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { BaseId } from '../../genesis/units.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RegisterBaseParameters = WriteOptions & {
  weightsHash: Hex
  architecture: string
  tokenizerHash: Hex
  /** Where the weights lie. */
  uri?: string
}
export type RegisterBaseReturnType = Hash
export type RegisterBaseErrorType = NativeWriteErrorType

/**
 * Registers a base model. Returns the transaction's hash; {@link registeredBase} reads the id from its receipt.
 *
 * @example
 * const hash = await registerBase(client, { weightsHash, architecture: 'llama', tokenizerHash })
 * const base = registeredBase(await confirmTransaction(client, { hash }))
 */
export async function registerBase(
  client: NativeClient,
  parameters: RegisterBaseParameters,
): Promise<RegisterBaseReturnType> {
  const { weightsHash, architecture, tokenizerHash, uri, ...options } = parameters
  const args = [weightsHash, architecture, tokenizerHash, uri ?? ''] as const
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'registerBase', args })
  return sendNative(client, options, { contract: 'models', data })
}

/** Id of the base that a {@link registerBase} transaction registered. */
export function registeredBase(receipt: TransactionReceipt): BaseId {
  const log = onlyEvent(receipt.logs, { abi: modelsAbi, contract: 'models', eventName: 'BaseRegistered' })
  return BaseId(log.args.base)
}
