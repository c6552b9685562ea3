import { type Hash, parseEventLogs, type TransactionReceipt } from 'viem'
import { governorAbi } from '../../genesis/abi/governance.ts'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { callLists, type GovernanceWriteErrorType, type Proposal, sendGovernance } from '../governance-transaction.ts'
import { logsOf } from '../native-event.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type ProposeCallsParameters = WriteOptions & Proposal
export type ProposeCallsReturnType = Hash
export type ProposeCallsErrorType = GovernanceWriteErrorType

/**
 * Proposes that the timelock make some calls. The account needs `proposalThreshold` of votes a second before.
 * Returns the transaction's hash; {@link proposedCalls} reads the proposal's id from its receipt.
 *
 * @example
 * const calls = [parameterCall('computeBps', 1_400n), grantCall(account, parseEther('5')), datanetWeightCall(1n, 10_000)]
 * const hash = await proposeCalls(client, { calls, description: 'Pay for the first Datanet' })
 * const proposal = proposedCalls(await confirmTransaction(client, { hash }))
 */
export async function proposeCalls(
  client: NativeClient,
  parameters: ProposeCallsParameters,
): Promise<ProposeCallsReturnType> {
  const { calls, description, ...options } = parameters
  const args = [...callLists(calls), description]
  return sendGovernance(client, options, { contract: 'governor', functionName: 'propose', args })
}

/** Id of the proposal that a {@link proposeCalls} transaction made; undefined where the receipt has none. */
export function proposedCalls(receipt: Pick<TransactionReceipt, 'logs'>): bigint | undefined {
  const logs = logsOf(receipt.logs, PREDEPLOYS.governor)
  return parseEventLogs({ abi: governorAbi, eventName: 'ProposalCreated', logs })[0]?.args.proposalId
}
