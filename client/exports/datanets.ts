/** The actions of Datanets (native contract 01), with their types: part of client/index.ts. */
export {
  type AdmitContributorErrorType,
  type AdmitContributorParameters,
  type AdmitContributorReturnType,
  admitContributor,
} from '../actions/admit-contributor.ts'
export {
  type AppealClusterErrorType,
  type AppealClusterParameters,
  type AppealClusterReturnType,
  appealCluster,
  appealedCluster,
} from '../actions/appeal-cluster.ts'
export {
  type BuyLicenceErrorType,
  type BuyLicenceParameters,
  type BuyLicenceReturnType,
  buyLicence,
} from '../actions/buy-licence.ts'
export {
  type CommitContributionErrorType,
  type CommitContributionParameters,
  type CommitContributionReturnType,
  commitContribution,
} from '../actions/commit-contribution.ts'
export {
  type Contributed,
  type ContributeErrorType,
  type ContributeParameters,
  type ContributeReturnType,
  commitmentOf,
  contribute,
  contributed,
  type Proposed,
  proposed,
} from '../actions/contribute.ts'
export {
  type ContributeChunkedErrorType,
  type ContributeChunkedParameters,
  type ContributeChunkedReturnType,
  contributeChunked,
} from '../actions/contribute-chunked.ts'
export {
  type ContributeElsewhereErrorType,
  type ContributeElsewhereParameters,
  type ContributeElsewhereReturnType,
  contributeElsewhere,
} from '../actions/contribute-elsewhere.ts'
export {
  type ContributeNewVersionErrorType,
  type ContributeNewVersionParameters,
  type ContributeNewVersionReturnType,
  contributeNewVersion,
} from '../actions/contribute-new-version.ts'
export {
  type CreateDatanetErrorType,
  type CreateDatanetParameters,
  type CreateDatanetReturnType,
  createDatanet,
  createdDatanet,
  type Licence,
  OPEN_LICENCE,
} from '../actions/create-datanet.ts'
export {
  type GetCanonicalClusterErrorType,
  type GetCanonicalClusterParameters,
  type GetCanonicalClusterReturnType,
  getCanonicalCluster,
} from '../actions/get-canonical-cluster.ts'
export {
  type GetChunksErrorType,
  type GetChunksParameters,
  type GetChunksReturnType,
  getChunks,
} from '../actions/get-chunks.ts'
export {
  type GetClusterErrorType,
  type GetClusterParameters,
  type GetClusterReturnType,
  getCluster,
} from '../actions/get-cluster.ts'
export {
  type GetClusterCountErrorType,
  type GetClusterCountParameters,
  type GetClusterCountReturnType,
  getClusterCount,
} from '../actions/get-cluster-count.ts'
export {
  type GetCommitmentErrorType,
  type GetCommitmentParameters,
  type GetCommitmentReturnType,
  getCommitment,
} from '../actions/get-commitment.ts'
export {
  type GetContributionErrorType,
  type GetContributionParameters,
  type GetContributionReturnType,
  getContribution,
} from '../actions/get-contribution.ts'
export {
  type GetContributionCountErrorType,
  type GetContributionCountParameters,
  type GetContributionCountReturnType,
  getContributionCount,
} from '../actions/get-contribution-count.ts'
export {
  type GetContributionVersionsErrorType,
  type GetContributionVersionsParameters,
  type GetContributionVersionsReturnType,
  getContributionVersions,
} from '../actions/get-contribution-versions.ts'
export {
  type GetCuratorsErrorType,
  type GetCuratorsParameters,
  type GetCuratorsReturnType,
  getCurators,
} from '../actions/get-curators.ts'
export {
  type GetDatanetErrorType,
  type GetDatanetParameters,
  type GetDatanetReturnType,
  getDatanet,
} from '../actions/get-datanet.ts'
export {
  type GetDatanetCountErrorType,
  type GetDatanetCountParameters,
  type GetDatanetCountReturnType,
  getDatanetCount,
} from '../actions/get-datanet-count.ts'
export {
  type GetLicenceErrorType,
  type GetLicenceParameters,
  type GetLicenceReturnType,
  getLicence,
} from '../actions/get-licence.ts'
export {
  type GetMinhashErrorType,
  type GetMinhashParameters,
  type GetMinhashReturnType,
  getMinhash,
} from '../actions/get-minhash.ts'
export {
  type GetReviewErrorType,
  type GetReviewParameters,
  type GetReviewReturnType,
  getReview,
} from '../actions/get-review.ts'
export {
  type GetSharesErrorType,
  type GetSharesParameters,
  type GetSharesReturnType,
  getShares,
} from '../actions/get-shares.ts'
export {
  type IsAdmittedErrorType,
  type IsAdmittedParameters,
  type IsAdmittedReturnType,
  isAdmitted,
} from '../actions/is-admitted.ts'
export {
  type ProveContributionErrorType,
  type ProveContributionParameters,
  type ProveContributionReturnType,
  type ProvedContribution,
  proveContribution,
} from '../actions/prove-contribution.ts'
export {
  type ReclaimBondErrorType,
  type ReclaimBondParameters,
  type ReclaimBondReturnType,
  reclaimBond,
} from '../actions/reclaim-bond.ts'
export {
  type ReviewProposalErrorType,
  type ReviewProposalParameters,
  type ReviewProposalReturnType,
  reviewProposal,
} from '../actions/review-proposal.ts'
export {
  type SetCuratorsErrorType,
  type SetCuratorsParameters,
  type SetCuratorsReturnType,
  setCurators,
} from '../actions/set-curators.ts'
export {
  type ShowChunkErrorType,
  type ShowChunkParameters,
  type ShowChunkReturnType,
  showChunk,
} from '../actions/show-chunk.ts'
export {
  type WithdrawContributionErrorType,
  type WithdrawContributionParameters,
  type WithdrawContributionReturnType,
  withdrawContribution,
} from '../actions/withdraw-contribution.ts'
