import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type DemandOpeningParameters = WriteOptions & {
  /** The claim’s bytes, as its last `Claimed` log shows them. */
  claim: Hex
  /** The settled leaf, as its `Settled` log shows it (protocol/leaf.ts). */
  leaf: Leaf
  /** Wei: at least the parameter `openingBond`. It is the revealer’s; where nobody reveals in time it returns. */
  bond: bigint
}
export type DemandOpeningReturnType = Hash
export type DemandOpeningErrorType = NativeWriteErrorType

/**
 * Demands that a settled request be opened, once, where its payer allows it (`openable`). The claim is suspended until `reveal` or
 * `punishHidden`; `getDemand` tells the deadline.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await demandOpening(client, { claim, leaf, bond: await getParameter(client, { name: 'openingBond' }) })
 */
export async function demandOpening(
  client: NativeClient,
  parameters: DemandOpeningParameters,
): Promise<DemandOpeningReturnType> {
  const { claim, leaf, bond, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'demandOpening', args: [claim, leaf] })
  return sendNative(client, options, { contract: 'attribution', data, value: bond })
}
