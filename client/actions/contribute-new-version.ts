import { encodeFunctionData, type Hash, type Hex, toHex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ContributeNewVersionParameters = WriteOptions & {
  /** Contribution id of one’s own accepted contribution; it has no newer version yet. */
  previous: bigint
  /** UTF-8, at most `maxContentBytes`. */
  content: Uint8Array
  /** 32 bytes that the commitment was made with. */
  salt: Hex
  /** IPFS content id, where there is one. */
  cid?: string
}
export type ContributeNewVersionReturnType = Hash
export type ContributeNewVersionErrorType = NativeWriteErrorType

/**
 * Contributes a new version of an own contribution, after {@link commitContribution} was mined. A near-copy joins its
 * forerunner’s cluster and is minted nothing. `contributed`, in a curated Datanet `proposed`, reads the outcome from the receipt.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await contributeNewVersion(client, { previous: 7n, content, salt })
 */
export async function contributeNewVersion(
  client: NativeClient,
  parameters: ContributeNewVersionParameters,
): Promise<ContributeNewVersionReturnType> {
  const { previous, content, salt, cid, ...options } = parameters
  const data = encodeFunctionData({
    abi: datanetsAbi,
    functionName: 'newVersion',
    args: [previous, toHex(content), cid ?? '', salt],
  })
  return sendNative(client, options, { contract: 'datanets', data })
}
