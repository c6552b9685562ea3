import type { Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetCommitmentParameters = {
  owner: Address
  /** 32 bytes that {@link commitContribution} was given. */
  commitment: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetCommitmentReturnType =
  | {
      /** Seconds since 1970. */
      committedAt: bigint
      /** Wei. */
      bond: bigint
    }
  | undefined
export type GetCommitmentErrorType = NativeContractError | ReadContractErrorType

/**
 * An owner’s open commitment; undefined where there is none (never made, used, or reclaimed).
 *
 * @example
 * const open = await getCommitment(client, { owner: account.address, commitment })
 */
export async function getCommitment(
  client: NativeClient,
  parameters: GetCommitmentParameters,
): Promise<GetCommitmentReturnType> {
  const { owner, commitment, blockNumber } = parameters
  const [committedAt, bond] = await namingErrors('datanets', 'commitmentOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'commitmentOf',
      args: [owner, commitment],
      blockNumber,
    }),
  )
  return committedAt === 0n ? undefined : { committedAt, bond }
}
