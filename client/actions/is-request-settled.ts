import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type IsRequestSettledParameters = {
  /** Channel id. */
  channel: Hex
  /** Number of the request in the channel. */
  n: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type IsRequestSettledReturnType = ContractFunctionReturnType<typeof channelsAbi, 'view', 'isSettled'>
export type IsRequestSettledErrorType = NativeContractError | ReadContractErrorType

/**
 * Whether a request’s id is spent: it was settled, even where the claim was undone since.
 *
 * @example
 * const settled = await isRequestSettled(client, { channel, n: 1n })
 */
export async function isRequestSettled(
  client: NativeClient,
  parameters: IsRequestSettledParameters,
): Promise<IsRequestSettledReturnType> {
  const { channel, n, blockNumber } = parameters
  return namingErrors('channels', 'isSettled', () =>
    readContract(client, {
      abi: channelsAbi,
      address: NATIVE.channels,
      functionName: 'isSettled',
      args: [channel, n],
      blockNumber,
    }),
  )
}
