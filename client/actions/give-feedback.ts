import { encodeFunctionData, type Hash, type Hex, zeroHash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type GiveFeedbackParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** With `valueDecimals` decimals. */
  value: bigint
  /** 0 to 18; 0 where absent. */
  valueDecimals?: number
  tag1?: string
  tag2?: string
  /** Logged only. */
  endpoint?: string
  /** Logged only. */
  feedbackURI?: string
  /** keccak256 of what the URI leads to; logged only. */
  feedbackHash?: Hex
}
export type GiveFeedbackReturnType = Hash
export type GiveFeedbackErrorType = NativeWriteErrorType

/**
 * Gives feedback to an agent (ERC-8004); its owner and who may act for it may not. Returns the transaction’s hash.
 *
 * @example
 * const hash = await giveFeedback(client, { agent, value: 87n, tag1: 'starred' })
 */
export async function giveFeedback(
  client: NativeClient,
  parameters: GiveFeedbackParameters,
): Promise<GiveFeedbackReturnType> {
  const {
    agent,
    value,
    valueDecimals = 0,
    tag1 = '',
    tag2 = '',
    endpoint = '',
    feedbackURI = '',
    feedbackHash = zeroHash,
    ...options
  } = parameters
  const data = encodeFunctionData({
    abi: agentsAbi,
    functionName: 'giveFeedback',
    args: [agent, value, valueDecimals, tag1, tag2, endpoint, feedbackURI, feedbackHash],
  })
  return sendNative(client, options, { contract: 'agents', data })
}
