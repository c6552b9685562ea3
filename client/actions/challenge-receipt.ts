import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import type { SignedReceipt } from './sign-receipt.ts'

export type ChallengeReceiptParameters = WriteOptions & {
  /** The claim’s bytes, as its last `Claimed` log shows them. */
  claim: Hex
  /** The settled leaf, as its `Settled` log shows it (protocol/leaf.ts). */
  leaf: Leaf
  /** A receipt of the same request with the prover’s signature. */
  receipt: SignedReceipt
  /** 32 bytes that the challenge’s commitment was made with. */
  salt: Hex
}
export type ChallengeReceiptReturnType = Hash
export type ChallengeReceiptErrorType = NativeWriteErrorType

/**
 * Challenge 5: the prover has signed a receipt of the request that differs from the leaf. Upheld, the claim is undone and half of
 * the prover’s locked stake is the challenger’s.
 * Returns the transaction’s hash; `challengeOutcome` reads from its receipt whether it was upheld.
 *
 * @example
 * const hash = await challengeReceipt(client, { claim, leaf, receipt, salt })
 */
export async function challengeReceipt(
  client: NativeClient,
  parameters: ChallengeReceiptParameters,
): Promise<ChallengeReceiptReturnType> {
  const { claim, leaf, receipt, salt, ...options } = parameters
  const { signature, ...fields } = receipt
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'challengeReceipt',
    args: [claim, leaf, fields, signature, salt],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
