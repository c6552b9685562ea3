import { parseAbi } from 'viem'

/** Datanets (native contract 01): domain networks, contributions, clusters of near-duplicates. docs/protocol.md, "Datanets". */
export const datanetsAbi = parseAbi([
  'struct Licence { uint128 feePerRow; uint16 revenueShareBps; bool commercialUse; uint64 expiry; bool attributionDuty; }',
  'struct DatanetConfig { string name; string domain; uint8 policy; address[] curators; uint16 quorum; Licence licence; uint128 bond; string uri; }',
  'struct Datanet { address owner; string name; string domain; uint8 policy; uint16 quorum; Licence licence; uint128 bond; string uri; uint64 contributions; uint64 clusters; uint256 totalShares; }',
  'struct Contribution { uint64 datanet; uint64 cluster; address contributor; uint8 status; uint64 blockNumber; uint64 committedAt; uint32 size; bytes32 contentHash; string cid; }',
  'struct Cluster { uint64 datanet; uint64 founder; uint64 members; address payee; bool withdrawn; }',

  'function create(DatanetConfig config) returns (uint64 datanet)',
  'function commit(bytes32 commitment) payable',
  'function contribute(uint64 datanet, bytes32 contentHash, string cid, uint32 size, uint32[32] minhash, bytes32 salt) returns (uint64 contribution, uint64 cluster)',
  'function contributeContent(uint64 datanet, bytes content, string cid, bytes32 salt) returns (uint64 contribution, uint64 cluster)',
  'function withdraw(uint64 contribution)',
  'function reclaimBond(address owner, bytes32 commitment)',

  'function getDatanet(uint64 datanet) view returns (Datanet)',
  'function getContribution(uint64 contribution) view returns (Contribution)',
  'function getCluster(uint64 cluster) view returns (Cluster)',
  'function getMinhash(uint64 contribution) view returns (uint32[32])',
  'function datanetCount() view returns (uint64)',
  'function contributionCount() view returns (uint64)',
  'function clusterCount() view returns (uint64)',
  'function commitmentOf(address owner, bytes32 commitment) view returns (uint64 committedAt, uint128 bond)',
  'function sharesOf(uint64 datanet, address holder) view returns (uint256 shares, uint256 totalShares)',

  'event DatanetCreated(uint64 indexed datanet, address indexed owner, string name, string domain)',
  'event Committed(bytes32 indexed commitment, address indexed owner, uint128 bond)',
  'event Contributed(uint64 indexed datanet, uint64 indexed contribution, address indexed contributor, uint64 cluster, bool founder, bytes32 contentHash, uint32 size, string cid)',
  'event Withdrawn(uint64 indexed contribution)',
  'event BondReturned(bytes32 indexed commitment, address indexed owner, uint128 bond)',

  'error UnknownDatanet(uint64 datanet)',
  'error UnknownContribution(uint64 contribution)',
  'error UnknownCluster(uint64 cluster)',
  'error UnknownCommitment(bytes32 commitment)',
  'error InvalidField(string field, string reason)',
  'error CommitmentTaken(bytes32 commitment)',
  'error CommitmentExpired(bytes32 commitment, uint64 expiredAt)',
  'error CommitmentStillOpen(bytes32 commitment, uint64 expiresAt)',
  'error BondTooSmall(uint128 required, uint256 sent)',
  'error ContentTooLarge(uint256 size, uint256 limit)',
  'error DuplicateContent(bytes32 contentHash, uint64 contribution)',
  'error NotContributor(address caller, address contributor)',
  'error AlreadyWithdrawn(uint64 contribution)',
])

/** `DatanetConfig.policy`. Only open Datanets take contributions yet; the others are refused by `create`. */
export const DATANET_POLICY = { open: 0, curated: 1, permissioned: 2 } as const
/** `Contribution.status`. */
export const CONTRIBUTION_STATUS = { accepted: 1, withdrawn: 2 } as const
