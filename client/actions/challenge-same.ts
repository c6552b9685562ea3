import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import { type RowProof, rowProofArgument } from '../row-proof.ts'

export type ChallengeSameParameters = WriteOptions & {
  /** Id of a live version. */
  version: bigint
  /** A row of it. */
  one: RowProof
  /** Another one, of another cluster of the same Datanet. */
  other: RowProof
  /** 32 bytes that the commitment to `sameSubject(version, one.row.index, other.row.index)` was made with. */
  salt: Hex
}
export type ChallengeSameReturnType = Hash
export type ChallengeSameErrorType = NativeWriteErrorType

/**
 * Challenge 6: two rows agree in 85 % of their signs or more. Upheld, their clusters become one, and the later founder’s kept
 * bond is the challenger’s; where the rows are of one cluster, the version fails, and half of its bond is the challenger’s.
 * Returns the transaction’s hash; `challengeOutcome` reads from its receipt whether it was upheld.
 *
 * @example
 * const hash = await challengeSame(client, { version: 1n, one, other, salt })
 */
export async function challengeSame(
  client: NativeClient,
  parameters: ChallengeSameParameters,
): Promise<ChallengeSameReturnType> {
  const { version, one, other, salt, ...options } = parameters
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'challengeSame',
    args: [version, rowProofArgument(one), rowProofArgument(other), salt],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
