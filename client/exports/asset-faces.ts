/** The actions of share tokens, models as tokens and payouts’ proofs, with their types: part of client/index.ts. */
export {
  type CreateShareTokenErrorType,
  type CreateShareTokenParameters,
  type CreateShareTokenReturnType,
  createShareToken,
} from '../actions/create-share-token.ts'
export {
  type GetOwnedModelCountErrorType,
  type GetOwnedModelCountParameters,
  type GetOwnedModelCountReturnType,
  getOwnedModelCount,
} from '../actions/get-owned-model-count.ts'
export {
  type GetReleaseErrorType,
  type GetReleaseParameters,
  type GetReleaseReturnType,
  getRelease,
} from '../actions/get-release.ts'
export {
  type GetRoyaltyErrorType,
  type GetRoyaltyParameters,
  type GetRoyaltyReturnType,
  getRoyalty,
} from '../actions/get-royalty.ts'
export {
  type GetShareAccountErrorType,
  type GetShareAccountParameters,
  type GetShareAccountReturnType,
  getShareAccount,
} from '../actions/get-share-account.ts'
export {
  type GetShareTokenErrorType,
  type GetShareTokenParameters,
  type GetShareTokenReturnType,
  getShareToken,
} from '../actions/get-share-token.ts'
export {
  type ProvedPayout,
  type ProvePayoutErrorType,
  type ProvePayoutParameters,
  type ProvePayoutReturnType,
  provePayout,
} from '../actions/prove-payout.ts'
export {
  type ReleaseSharesErrorType,
  type ReleaseSharesParameters,
  type ReleaseSharesReturnType,
  releaseShares,
} from '../actions/release-shares.ts'
export {
  type SetRoyaltyErrorType,
  type SetRoyaltyParameters,
  type SetRoyaltyReturnType,
  setRoyalty,
} from '../actions/set-royalty.ts'
export {
  type TransferModelErrorType,
  type TransferModelParameters,
  type TransferModelReturnType,
  transferModel,
} from '../actions/transfer-model.ts'
export {
  type TransferSharesErrorType,
  type TransferSharesParameters,
  type TransferSharesReturnType,
  transferShares,
} from '../actions/transfer-shares.ts'
