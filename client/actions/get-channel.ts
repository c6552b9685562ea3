import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetChannelParameters = {
  /** Channel id (32 bytes). */
  channel: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetChannelReturnType = ContractFunctionReturnType<typeof channelsAbi, 'view', 'getChannel'>
export type GetChannelErrorType = NativeContractError | ReadContractErrorType

/**
 * A payment channel: payer, receiver, deposit, settled wei, highest ceiling seen, and when it may be refunded.
 *
 * @example
 * const { deposit, settled } = await getChannel(client, { channel })
 */
export async function getChannel(
  client: NativeClient,
  parameters: GetChannelParameters,
): Promise<GetChannelReturnType> {
  const { channel, blockNumber } = parameters
  return namingErrors('channels', 'getChannel', () =>
    readContract(client, {
      abi: channelsAbi,
      address: NATIVE.channels,
      functionName: 'getChannel',
      args: [channel],
      blockNumber,
    }),
  )
}
