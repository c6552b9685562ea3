import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import type { SumNode } from '../../protocol/sum-tree.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SettleDrawsParameters = WriteOptions & {
  batch: bigint
  /** All draws that one of the leaf’s wei was drawn by: what is left out of them cannot be settled later. */
  draws: readonly number[]
  leaf: Leaf
  /** The leaf’s place in the batch, from 0, and its path (protocol/sum-tree.ts, `sumProof`). */
  index: number
  proof: readonly SumNode[]
}
export type SettleDrawsReturnType = Hash
export type SettleDrawsErrorType = NativeWriteErrorType

/**
 * Settles a leaf of a batch that was drawn: each of its draws pays the same part of the batch’s fees. The sender made the batch.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await settleDraws(prover, { batch: 1n, draws: [0, 5], leaf, index: 7, proof: sumProof(nodes, 7) })
 */
export async function settleDraws(
  client: NativeClient,
  parameters: SettleDrawsParameters,
): Promise<SettleDrawsReturnType> {
  const { batch, draws, leaf, index, proof, ...options } = parameters
  const path = { index, hashes: proof.map(({ hash }) => hash), sums: proof.map(({ sum }) => sum) }
  const args = [batch, draws, leaf, path] as const
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'settleDraws', args })
  return sendNative(client, options, { contract: 'attribution', data })
}
