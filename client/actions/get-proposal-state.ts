import type { ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { governorAbi, PROPOSAL_STATES } from '../../genesis/abi/governance.ts'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetProposalStateParameters = {
  proposal: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetProposalStateReturnType = (typeof PROPOSAL_STATES)[number]
export type GetProposalStateErrorType = ReadContractErrorType

/**
 * Where a proposal stands.
 *
 * @example
 * if ((await getProposalState(client, { proposal })) === 'succeeded') await queueProposal(client, { calls, description })
 */
export async function getProposalState(
  client: NativeClient,
  parameters: GetProposalStateParameters,
): Promise<GetProposalStateReturnType> {
  const { proposal, blockNumber } = parameters
  const state = await readContract(client, {
    abi: governorAbi,
    address: PREDEPLOYS.governor,
    functionName: 'state',
    args: [proposal],
    blockNumber,
  })
  const known = PROPOSAL_STATES[state]
  if (!known) throw new RangeError(`a proposal's state is 0 to ${PROPOSAL_STATES.length - 1}, got ${state}`)
  return known
}
