import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetChannelBeneficiaryParameters = {
  /** Channel id. */
  channel: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetChannelBeneficiaryReturnType = ContractFunctionReturnType<typeof channelsAbi, 'view', 'beneficiaryOf'>
export type GetChannelBeneficiaryErrorType = NativeContractError | ReadContractErrorType

/**
 * The agent to whose balance a channel returns what is left; 0n where it returns to its payer.
 *
 * @example
 * const agent = await getChannelBeneficiary(client, { channel })
 */
export async function getChannelBeneficiary(
  client: NativeClient,
  parameters: GetChannelBeneficiaryParameters,
): Promise<GetChannelBeneficiaryReturnType> {
  const { channel, blockNumber } = parameters
  return namingErrors('channels', 'beneficiaryOf', () =>
    readContract(client, {
      abi: channelsAbi,
      address: NATIVE.channels,
      functionName: 'beneficiaryOf',
      args: [channel],
      blockNumber,
    }),
  )
}
