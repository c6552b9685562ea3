import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type OfferJobFromAgentParameters = WriteOptions & {
  /** The agent that pays, under its limit: its wallet sends this. */
  clientAgent: bigint
  /** The agent that is to work. */
  agent: bigint
  /** Seconds since 1970: the last moment for a result, at most a year off. */
  deadline: bigint
  /** Commits to what is to be done (32 bytes). */
  jobHash: Hex
  /** Wei. */
  fee: bigint
}
export type OfferJobFromAgentReturnType = Hash
export type OfferJobFromAgentErrorType = NativeWriteErrorType

/**
 * Offers an agent a job in the name of another agent, out of its balance. Returns the transaction’s hash.
 *
 * @example
 * const hash = await offerJobFromAgent(client, { clientAgent, agent, deadline, jobHash, fee: parseEther('3') })
 */
export async function offerJobFromAgent(
  client: NativeClient,
  parameters: OfferJobFromAgentParameters,
): Promise<OfferJobFromAgentReturnType> {
  const { clientAgent, agent, deadline, jobHash, fee, ...options } = parameters
  const data = encodeFunctionData({
    abi: agentsAbi,
    functionName: 'offerJobFrom',
    args: [clientAgent, agent, deadline, jobHash, fee],
  })
  return sendNative(client, options, { contract: 'agents', data })
}
