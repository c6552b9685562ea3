import { parseAbi } from 'viem'

/** Attribution (native contract 04): settlements, payouts. docs/protocol.md, "Attribution". */
export const attributionAbi = parseAbi([
  'struct Entry { uint32 row; uint64 cluster; int32 raw; uint16 scale; }',
  'struct Leaf { bytes32 channel; uint64 n; uint64 version; uint128 fee; uint32 promptTokens; uint32 outputTokens; bytes32 promptHash; bytes32 outputHash; bool openable; uint64 asOf; bytes32 queryHash; Entry[] entries; }',
  'struct Voucher { bytes32 channel; uint128 maxClaimableAmount; bytes signature; }',
  'struct Settlement { address prover; uint64 version; uint128 fee; bytes32 leafHash; uint64 settledAt; uint64 maturesAt; uint128 lockedStake; bool matured; }',

  'struct Receipt { bytes32 channel; uint64 n; uint64 version; uint128 fee; uint32 promptTokens; uint32 outputTokens; bytes32 promptHash; bytes32 outputHash; bool openable; }',
  'struct RowProof { bytes row; bytes32[] path; }',
  'struct Opening { bytes query; bytes promptIds; bytes outputIds; bytes32 promptSalt; bytes32 outputSalt; }',
  'struct Demand { address demander; uint128 bond; uint64 deadline; }',

  'function settle(Leaf[] leaves, Voucher[] vouchers) returns (uint256 settled)',
  'function withdrawIncome(uint64 datanet) returns (uint256 amount)',
  'function withdrawCuratorIncome(uint64 datanet) returns (uint256 amount)',
  'function commitChallenge(bytes32 commitment) payable',
  'function reclaimChallengeBond(bytes32 commitment)',
  'function challengeScore(bytes claim, Leaf leaf, uint32 entry, bytes query, RowProof evidence, bytes32 salt) returns (bool upheld)',
  'function challengeOmission(bytes claim, Leaf leaf, bytes query, RowProof evidence, bytes32 salt) returns (bool upheld)',
  'function challengeReceipt(bytes claim, Leaf leaf, Receipt receipt, bytes signature, bytes32 salt) returns (bool upheld)',
  'function challengeSame(uint64 version, RowProof one, RowProof other, bytes32 salt) returns (bool upheld)',
  'function demandOpening(bytes claim, Leaf leaf) payable',
  'function reveal(bytes claim, Leaf leaf, Opening opening)',
  'function punishHidden(bytes claim, Leaf leaf)',

  'function getSettlement(bytes32 request) view returns (Settlement)',
  'function claimOf(bytes32 request) view returns (bytes32 claimHash, uint8 status)',
  'function demandOf(bytes32 request) view returns (Demand)',
  'function challengeOf(address challenger, bytes32 commitment) view returns (uint64 committedIn, uint128 bond)',
  'function settlementCount() view returns (uint64)',
  'function requestAt(uint64 index) view returns (bytes32 request)',
  'function pendingOf(address recipient) view returns (uint256 amount)',
  'function earnedOf(address recipient) view returns (uint256 amount)',
  'function incomeOf(uint64 datanet, address holder) view returns (uint256 amount)',
  'function curatorIncomeOf(uint64 datanet, address curator) view returns (uint256 amount)',
  'function treasury() view returns (uint256 amount)',

  'event Settled(bytes32 indexed request, uint64 indexed version, address indexed prover, bytes leaf)',
  'event LeafSkipped(bytes32 indexed request, uint8 reason)',
  'event VoucherSkipped(bytes32 indexed channel, uint8 reason)',
  'event Credited(bytes32 indexed request, address indexed recipient, uint8 indexed role, uint64 cluster, uint128 amount)',
  'event Matured(address indexed recipient, uint128 amount)',
  'event IncomeWithdrawn(uint64 indexed datanet, address indexed holder, uint128 amount)',
  'event CuratorIncomeWithdrawn(uint64 indexed datanet, address indexed curator, uint128 amount)',
  'event Claimed(bytes32 indexed request, bytes claim)',
  'event ChallengeCommitted(bytes32 indexed commitment, address indexed challenger, uint128 bond)',
  'event ChallengeBondReturned(bytes32 indexed commitment, address indexed challenger, uint128 bond)',
  'event ChallengeUpheld(bytes32 indexed subject, address indexed challenger, uint8 indexed challenge, string fault)',
  'event ChallengeFailed(bytes32 indexed subject, address indexed challenger, uint8 indexed challenge, uint128 bondLost)',
  'event ClaimUndone(bytes32 indexed request, address indexed prover, address indexed challenger, uint128 slashed, uint128 reward)',
  'event OpeningDemanded(bytes32 indexed request, address indexed demander, uint64 deadline)',
  'event Revealed(bytes32 indexed request, address indexed revealer, bytes query, bytes promptIds, bytes outputIds)',

  'error InvalidField(string field, string reason)',
  'error NotProver(address caller)',
  'error NothingToWithdraw(uint64 datanet, address holder)',
  'error UnknownClaim(bytes32 request)',
  'error ClaimMatured(bytes32 request, uint64 maturedAt)',
  'error ClaimUndoneBefore(bytes32 request)',
  'error UnknownVersion(uint64 version)',
  'error VersionNotLive(uint64 version)',
  'error BondTooSmall(uint128 required, uint256 sent)',
  'error ChallengeTaken(bytes32 commitment)',
  'error UnknownChallenge(bytes32 commitment)',
  'error ChallengeTooYoung(bytes32 commitment, uint64 committedIn)',
  'error TooEarly(uint64 until)',
  'error AlreadyDemanded(bytes32 request)',
  'error NotDemanded(bytes32 request)',
  'error DeadlinePassed(bytes32 request, uint64 deadline)',
])

/** `Credited.role`: who is paid out of a fee. */
export const CREDIT_ROLE = {
  contributor: 0,
  datanet: 1,
  modelOwner: 2,
  compute: 3,
  stakers: 4,
  curators: 5,
  treasury: 6,
} as const

/** `LeafSkipped.reason`: why a leaf of a batch was not settled. */
export const LEAF_SKIP_REASON = {
  unknownChannel: 1,
  notReceiver: 2,
  alreadySettled: 3,
  overCeiling: 4,
  overDeposit: 5,
  unknownVersion: 6,
  versionNotLive: 7,
  staleAsOf: 8,
  badEntryOrder: 9,
  badEntryCluster: 10,
  belowThreshold: 11,
  tooManyEntries: 12,
  stakeTooSmall: 13,
  channelClosed: 14,
  badFee: 15,
  withdrawnCluster: 16,
  badScale: 17,
} as const

/** `VoucherSkipped.reason`. */
export const VOUCHER_SKIP_REASON = {
  unknownChannel: 1,
  badSignature: 2,
  signerNotAuthorized: 3,
  signerExpired: 4,
  overSignerCap: 5,
  notReceiver: 6,
} as const

/** `claimOf.status`: what has become of a settlement's credits. */
export const CLAIM_STATUS = { standing: 0, suspended: 1, opened: 2, undone: 3 } as const

/** `ChallengeUpheld.challenge`, as docs/protocol.md numbers them. */
export const CHALLENGE = { score: 1, omission: 2, hidden: 3, receipt: 5, same: 6 } as const
