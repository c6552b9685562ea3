import { encodeFunctionData, type Hash } from 'viem'
import { shareFactoryAbi } from '../../genesis/abi/asset-faces.ts'
import { ASSET_FACES } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CreateShareTokenParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
}
export type CreateShareTokenReturnType = Hash
export type CreateShareTokenErrorType = NativeWriteErrorType

/**
 * Deploys the share token (ERC-20) of a Datanet; does nothing where it stands. Returns the transaction’s hash.
 *
 * @example
 * const hash = await createShareToken(client, { datanet: 1n })
 */
export async function createShareToken(
  client: NativeClient,
  parameters: CreateShareTokenParameters,
): Promise<CreateShareTokenReturnType> {
  const { datanet, ...options } = parameters
  const data = encodeFunctionData({ abi: shareFactoryAbi, functionName: 'create', args: [datanet] })
  const through = { address: ASSET_FACES.shareFactory, functionName: 'create' }
  return sendNative(client, options, { contract: 'datanets', data, through })
}
