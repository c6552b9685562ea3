import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetChannelNonceParameters = {
  /** Who opens channels. */
  payer: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetChannelNonceReturnType = ContractFunctionReturnType<typeof channelsAbi, 'view', 'nonceOf'>
export type GetChannelNonceErrorType = NativeContractError | ReadContractErrorType

/**
 * How many channels a payer has opened: the nonce of the next one, whose id is `channelIdOf` of protocol/request.ts.
 *
 * @example
 * const nonce = await getChannelNonce(client, { payer })
 */
export async function getChannelNonce(
  client: NativeClient,
  parameters: GetChannelNonceParameters,
): Promise<GetChannelNonceReturnType> {
  const { payer, blockNumber } = parameters
  return namingErrors('channels', 'nonceOf', () =>
    readContract(client, {
      abi: channelsAbi,
      address: NATIVE.channels,
      functionName: 'nonceOf',
      args: [payer],
      blockNumber,
    }),
  )
}
