import { encodeFunctionData, type Hash, type TransactionReceipt } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { ModelId } from '../../genesis/units.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CreateModelParameters = WriteOptions & {
  /** Base id. */
  base: bigint
  /** Datanet ids that its runs may draw on. */
  datanets: readonly bigint[]
  /** Wei per 1,000 tokens of prompt. */
  pricePer1kIn: bigint
  /** Wei per 1,000 tokens of answer. */
  pricePer1kOut: bigint
  name: string
}
export type CreateModelReturnType = Hash
export type CreateModelErrorType = NativeWriteErrorType

/**
 * Creates a model; the sender owns it. Returns the transaction's hash; {@link createdModel} reads the id from its receipt.
 *
 * @example
 * const prices = { pricePer1kIn: parseEther('0.01'), pricePer1kOut: parseEther('0.03') }
 * const hash = await createModel(client, { base, datanets: [datanet], name: 'solidity', ...prices })
 * const model = createdModel(await confirmTransaction(client, { hash }))
 */
export async function createModel(
  client: NativeClient,
  parameters: CreateModelParameters,
): Promise<CreateModelReturnType> {
  const { base, datanets, pricePer1kIn, pricePer1kOut, name, ...options } = parameters
  const args = [base, datanets, pricePer1kIn, pricePer1kOut, name] as const
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'createModel', args })
  return sendNative(client, options, { contract: 'models', data })
}

/** Id of the model that a {@link createModel} transaction created. */
export function createdModel(receipt: TransactionReceipt): ModelId {
  const log = onlyEvent(receipt.logs, { abi: modelsAbi, contract: 'models', eventName: 'ModelCreated' })
  return ModelId(log.args.model)
}
