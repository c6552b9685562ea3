import type { Account, Address, Hex } from 'viem'
import { getChainId, type SignTypedDataErrorType, signTypedData } from 'viem/actions'
import { voucherTypedData } from '../../protocol/voucher.ts'
import { type NativeClient, type NoAccountError, signerOf } from '../native-transaction.ts'

export type SignVoucherParameters = {
  /** The payer or a key that it authorised; the client's account where absent. */
  account?: Account | Address
  /** Channel id. */
  channel: Hex
  /** Wei over the channel's whole life: the sum of all fees so far and of the next one at most. */
  maxClaimableAmount: bigint
}
export type SignedVoucher = { channel: Hex; maxClaimableAmount: bigint; signature: Hex }
export type SignVoucherReturnType = SignedVoucher
export type SignVoucherErrorType = NoAccountError | SignTypedDataErrorType

/**
 * Signs a voucher: a ceiling up to which the channel's receiver may settle (EIP-712, protocol/voucher.ts).
 * Nothing is sent.
 *
 * @example
 * const voucher = await signVoucher(client, { channel, maxClaimableAmount: parseEther('0.25') })
 */
export async function signVoucher(
  client: NativeClient,
  parameters: SignVoucherParameters,
): Promise<SignVoucherReturnType> {
  const { channel, maxClaimableAmount } = parameters
  const account = signerOf(client, parameters.account)
  const chainId = client.chain?.id ?? (await getChainId(client))
  const signature = await signTypedData(client, {
    account,
    ...voucherTypedData(chainId, { channel, maxClaimableAmount }),
  })
  return { channel, maxClaimableAmount, signature }
}
