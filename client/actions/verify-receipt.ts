import type { Address } from 'viem'
import { type GetChainIdErrorType, getChainId } from 'viem/actions'
import { receiptTypedData } from '../../protocol/receipt.ts'
import type { NativeClient } from '../native-transaction.ts'
import { typedDataSigner } from '../typed-data-signer.ts'
import type { SignedReceipt } from './sign-receipt.ts'

export type VerifyReceiptParameters = {
  receipt: SignedReceipt
  /** The channel's receiver. */
  receiver: Address
}
/** True where the receiver signed exactly this receipt. */
export type VerifyReceiptReturnType = boolean
export type VerifyReceiptErrorType = GetChainIdErrorType

/**
 * Checks a receipt's signature. A malformed signature is a false one.
 *
 * @example
 * if (!(await verifyReceipt(client, { receipt, receiver }))) throw new Error('keep the voucher, change the gateway')
 */
export async function verifyReceipt(
  client: NativeClient,
  parameters: VerifyReceiptParameters,
): Promise<VerifyReceiptReturnType> {
  const { receipt, receiver } = parameters
  const { signature, ...fields } = receipt
  const chainId = client.chain?.id ?? (await getChainId(client))
  return (await typedDataSigner(receiptTypedData(chainId, fields), signature)) === receiver.toLowerCase()
}
