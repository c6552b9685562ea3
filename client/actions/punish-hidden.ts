import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type PunishHiddenParameters = WriteOptions & {
  /** The claim’s bytes, as its last `Claimed` log shows them. */
  claim: Hex
  /** The settled leaf, as its `Settled` log shows it (protocol/leaf.ts). */
  leaf: Leaf
}
export type PunishHiddenReturnType = Hash
export type PunishHiddenErrorType = NativeWriteErrorType

/**
 * Challenge 3: nobody has answered a demand by its deadline. Undoes the claim; half of the prover’s locked stake and the bond
 * are the demander’s, whoever sends.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await punishHidden(client, { claim, leaf })
 */
export async function punishHidden(
  client: NativeClient,
  parameters: PunishHiddenParameters,
): Promise<PunishHiddenReturnType> {
  const { claim, leaf, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'punishHidden', args: [claim, leaf] })
  return sendNative(client, options, { contract: 'attribution', data })
}
