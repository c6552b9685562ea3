import { parseAbi } from 'viem'

/** Attribution (native contract 04): settlements, payouts. docs/protocol.md, "Attribution". */
export const attributionAbi = parseAbi([
  'struct Entry { uint32 row; uint64 cluster; int32 raw; uint16 scale; }',
  'struct Leaf { bytes32 channel; uint64 n; uint64 version; uint128 fee; uint32 promptTokens; uint32 outputTokens; bytes32 promptHash; bytes32 outputHash; bool openable; uint64 asOf; bytes32 queryHash; Entry[] entries; }',
  'struct Voucher { bytes32 channel; uint128 maxClaimableAmount; bytes signature; }',
  'struct Settlement { address prover; uint64 version; uint128 fee; bytes32 leafHash; uint64 settledAt; uint64 maturesAt; uint128 lockedStake; bool matured; }',

  'function settle(Leaf[] leaves, Voucher[] vouchers) returns (uint256 settled)',
  'function withdrawIncome(uint64 datanet) returns (uint256 amount)',

  'function getSettlement(bytes32 request) view returns (Settlement)',
  'function settlementCount() view returns (uint64)',
  'function requestAt(uint64 index) view returns (bytes32 request)',
  'function pendingOf(address recipient) view returns (uint256 amount)',
  'function earnedOf(address recipient) view returns (uint256 amount)',
  'function incomeOf(uint64 datanet, address holder) view returns (uint256 amount)',
  'function treasury() view returns (uint256 amount)',

  'event Settled(bytes32 indexed request, uint64 indexed version, address indexed prover, bytes leaf)',
  'event LeafSkipped(bytes32 indexed request, uint8 reason)',
  'event VoucherSkipped(bytes32 indexed channel, uint8 reason)',
  'event Credited(bytes32 indexed request, address indexed recipient, uint8 indexed role, uint64 cluster, uint128 amount)',
  'event Matured(address indexed recipient, uint128 amount)',
  'event IncomeWithdrawn(uint64 indexed datanet, address indexed holder, uint128 amount)',

  'error InvalidField(string field, string reason)',
  'error NotProver(address caller)',
  'error NothingToWithdraw(uint64 datanet, address holder)',
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
