/** The actions of Channels (native contract 03), and what is signed for them, with their types: part of client/index.ts. */
export {
  type AuthorizeSignerErrorType,
  type AuthorizeSignerParameters,
  type AuthorizeSignerReturnType,
  authorizeSigner,
} from '../actions/authorize-signer.ts'
export {
  type CloseChannelErrorType,
  type CloseChannelParameters,
  type CloseChannelReturnType,
  closeChannel,
} from '../actions/close-channel.ts'
export {
  type GetChannelErrorType,
  type GetChannelParameters,
  type GetChannelReturnType,
  getChannel,
} from '../actions/get-channel.ts'
export {
  type GetChannelBeneficiaryErrorType,
  type GetChannelBeneficiaryParameters,
  type GetChannelBeneficiaryReturnType,
  getChannelBeneficiary,
} from '../actions/get-channel-beneficiary.ts'
export {
  type GetChannelNonceErrorType,
  type GetChannelNonceParameters,
  type GetChannelNonceReturnType,
  getChannelNonce,
} from '../actions/get-channel-nonce.ts'
export {
  type GetSignerErrorType,
  type GetSignerParameters,
  type GetSignerReturnType,
  getSigner,
} from '../actions/get-signer.ts'
export {
  type IsRequestSettledErrorType,
  type IsRequestSettledParameters,
  type IsRequestSettledReturnType,
  isRequestSettled,
} from '../actions/is-request-settled.ts'
export {
  type OpenChannelErrorType,
  type OpenChannelParameters,
  type OpenChannelReturnType,
  openChannel,
  openedChannel,
} from '../actions/open-channel.ts'
export {
  type RefundChannelErrorType,
  type RefundChannelParameters,
  type RefundChannelReturnType,
  refundChannel,
} from '../actions/refund-channel.ts'
export {
  type SignedReceipt,
  type SignReceiptErrorType,
  type SignReceiptParameters,
  type SignReceiptReturnType,
  signReceipt,
} from '../actions/sign-receipt.ts'
export {
  type SignedVoucher,
  type SignVoucherErrorType,
  type SignVoucherParameters,
  type SignVoucherReturnType,
  signVoucher,
} from '../actions/sign-voucher.ts'
export {
  type TopUpChannelErrorType,
  type TopUpChannelParameters,
  type TopUpChannelReturnType,
  topUpChannel,
} from '../actions/top-up-channel.ts'
export {
  type VerifyReceiptErrorType,
  type VerifyReceiptParameters,
  type VerifyReceiptReturnType,
  verifyReceipt,
} from '../actions/verify-receipt.ts'
