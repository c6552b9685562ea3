import type { Account, Address, Hex } from 'viem'
import { getChainId, type SignTypedDataErrorType, signTypedData } from 'viem/actions'
import { type AnswerReceipt, receiptTypedData } from '../../protocol/receipt.ts'
import { type NativeClient, type NoAccountError, signerOf } from '../native-transaction.ts'

export type SignReceiptParameters = {
  /** The channel's receiver; the client's account where absent. */
  account?: Account | Address
  receipt: AnswerReceipt
}
/** A receipt and the receiver's EIP-712 signature under it. */
export type SignedReceipt = AnswerReceipt & { signature: Hex }
export type SignReceiptReturnType = SignedReceipt
export type SignReceiptErrorType = NoAccountError | SignTypedDataErrorType

/**
 * Signs what was answered and for which fee (EIP-712, protocol/receipt.ts). Nothing is sent.
 *
 * @example
 * const signed = await signReceipt(prover, { receipt })
 */
export async function signReceipt(
  client: NativeClient,
  parameters: SignReceiptParameters,
): Promise<SignReceiptReturnType> {
  const account = signerOf(client, parameters.account)
  const chainId = client.chain?.id ?? (await getChainId(client))
  const signature = await signTypedData(client, { account, ...receiptTypedData(chainId, parameters.receipt) })
  return { ...parameters.receipt, signature }
}
