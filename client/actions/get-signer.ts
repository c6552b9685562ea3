import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetSignerParameters = {
  /** Channel id. */
  channel: Hex
  /** Who may sign vouchers for the payer. */
  key: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetSignerReturnType = ContractFunctionReturnType<typeof channelsAbi, 'view', 'signerOf'>
export type GetSignerErrorType = NativeContractError | ReadContractErrorType

/**
 * What a key may sign for a channel’s payer: [highest ceiling in wei, until when (seconds since 1970)]; zeros where nothing.
 *
 * @example
 * const [cap, expiry] = await getSigner(client, { channel, key })
 */
export async function getSigner(client: NativeClient, parameters: GetSignerParameters): Promise<GetSignerReturnType> {
  const { channel, key, blockNumber } = parameters
  return namingErrors('channels', 'signerOf', () =>
    readContract(client, {
      abi: channelsAbi,
      address: NATIVE.channels,
      functionName: 'signerOf',
      args: [channel, key],
      blockNumber,
    }),
  )
}
