import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetPricesParameters = WriteOptions & {
  /** Model id. */
  model: bigint
  /** Wei per 1,000 tokens of prompt. */
  pricePer1kIn: bigint
  /** Wei per 1,000 tokens of answer. */
  pricePer1kOut: bigint
}
export type SetPricesReturnType = Hash
export type SetPricesErrorType = NativeWriteErrorType

/**
 * Announces a model's prices, by its owner. They stand once the parameter `priceNotice` has passed; a later announcement replaces
 * one that has not taken effect. `getPrices` tells from when on.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await setPrices(owner, { model: 1n, pricePer1kIn: parseEther('0.02'), pricePer1kOut: parseEther('0.05') })
 */
export async function setPrices(client: NativeClient, parameters: SetPricesParameters): Promise<SetPricesReturnType> {
  const { model, pricePer1kIn, pricePer1kOut, ...options } = parameters
  const data = encodeFunctionData({
    abi: modelsAbi,
    functionName: 'setPrices',
    args: [model, pricePer1kIn, pricePer1kOut],
  })
  return sendNative(client, options, { contract: 'models', data })
}
