import { encodeFunctionData, type Hash } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type BuyLicenceParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
  /** Model id; anybody may buy for any model. */
  model: bigint
  /** How many rows more it covers, above 0. */
  rows: bigint
  /** Wei: exactly the Datanet’s feePerRow times the rows. */
  price: bigint
}
export type BuyLicenceReturnType = Hash
export type BuyLicenceErrorType = NativeWriteErrorType

/**
 * Buys a model a licence to train on a Datanet, on the terms of this moment. A further purchase adds rows, and takes its own terms
 * and time. The price becomes income of the Datanet’s share holders.
 * Returns the transaction’s hash.
 *
 * @example
 * const { licence } = await getDatanet(client, { datanet })
 * const hash = await buyLicence(client, { datanet, model, rows: 500n, price: 500n * licence.feePerRow })
 */
export async function buyLicence(
  client: NativeClient,
  parameters: BuyLicenceParameters,
): Promise<BuyLicenceReturnType> {
  const { datanet, model, rows, price, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'buyLicence', args: [datanet, model, rows] })
  return sendNative(client, options, { contract: 'datanets', data, value: price })
}
