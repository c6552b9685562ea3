import { parseAbi } from 'viem'

/**
 * Agents (native contract 07): identity, balance, stake, jobs and reputation of autonomous agents. docs/protocol.md,
 * "Agents". The functions under "registry" are called by the Agent Registry (genesis/abi/agent-registry.ts) only; those
 * under "reputation" are ERC-8004's Reputation Registry.
 */
export const agentsAbi = parseAbi([
  'struct MetadataEntry { string metadataKey; bytes metadataValue; }',
  'struct Agent { address owner; address wallet; uint64 registeredAt; bool paused; uint128 balance; uint128 stake; uint128 locked; uint128 unstaking; uint64 withdrawableAt; uint128 limit; uint64 period; uint64 periodStart; uint128 spent; }',
  'struct Job { uint256 agentId; uint256 clientAgent; address client; uint8 status; uint64 deadline; uint64 completedAt; uint128 fee; uint128 forfeit; bytes32 jobHash; bytes32 resultHash; }',

  // registry
  'function register(address owner, string agentURI, MetadataEntry[] metadata) returns (uint256 agentId)',
  'function setAgentURI(address account, uint256 agentId, string newURI)',
  'function setMetadata(address account, uint256 agentId, string metadataKey, bytes metadataValue)',
  'function setAgentWallet(address account, uint256 agentId, address newWallet)',
  'function transferFrom(address account, address from, address to, uint256 agentId)',
  'function approve(address account, address approved, uint256 agentId) returns (address owner)',
  'function setApprovalForAll(address account, address operator, bool approved)',

  'function agentCount() view returns (uint64)',
  'function getAgent(uint256 agentId) view returns (Agent)',
  'function ownerOf(uint256 agentId) view returns (address)',
  'function balanceOf(address owner) view returns (uint256)',
  'function tokenURI(uint256 agentId) view returns (string)',
  'function getApproved(uint256 agentId) view returns (address)',
  'function isApprovedForAll(address owner, address operator) view returns (bool)',
  'function isAuthorizedOrOwner(address spender, uint256 agentId) view returns (bool)',
  'function getAgentWallet(uint256 agentId) view returns (address)',
  'function getMetadata(uint256 agentId, string metadataKey) view returns (bytes)',

  // balance
  'function payAgent(uint256 agentId, bytes32 memo) payable',
  'function withdraw(uint256 agentId, uint128 amount)',
  'function setSpendingLimit(uint256 agentId, uint128 limit, uint64 period)',
  'function setPaused(uint256 agentId, bool paused)',
  'function pay(uint256 agentId, address to, uint128 amount, bytes32 memo)',
  'function openChannel(uint256 agentId, address receiver, uint128 deposit) returns (bytes32 channel)',
  'function topUpChannel(uint256 agentId, bytes32 channel, uint128 amount)',
  'function closeChannel(uint256 agentId, bytes32 channel)',
  'function spendableOf(uint256 agentId) view returns (uint128)',

  // stake
  'function stake(uint256 agentId) payable',
  'function unstake(uint256 agentId, uint128 amount)',
  'function withdrawStake(uint256 agentId) returns (uint128 amount)',

  // jobs
  'function offerJob(uint256 agentId, uint64 deadline, bytes32 jobHash) payable returns (uint256 jobId)',
  'function offerJobFrom(uint256 clientAgent, uint256 agentId, uint64 deadline, bytes32 jobHash, uint128 fee) returns (uint256 jobId)',
  'function cancelJob(uint256 jobId)',
  'function acceptJob(uint256 jobId)',
  'function completeJob(uint256 jobId, bytes32 resultHash)',
  'function acceptResult(uint256 jobId)',
  'function rejectResult(uint256 jobId)',
  'function expireJob(uint256 jobId)',
  'function jobCount() view returns (uint64)',
  'function getJob(uint256 jobId) view returns (Job)',

  // reputation
  'function getIdentityRegistry() view returns (address)',
  'function giveFeedback(uint256 agentId, int128 value, uint8 valueDecimals, string tag1, string tag2, string endpoint, string feedbackURI, bytes32 feedbackHash)',
  'function revokeFeedback(uint256 agentId, uint64 feedbackIndex)',
  'function appendResponse(uint256 agentId, address clientAddress, uint64 feedbackIndex, string responseURI, bytes32 responseHash)',
  'function getSummary(uint256 agentId, address[] clientAddresses, string tag1, string tag2) view returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals)',
  'function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex) view returns (int128 value, uint8 valueDecimals, string tag1, string tag2, bool isRevoked)',
  'function readAllFeedback(uint256 agentId, address[] clientAddresses, string tag1, string tag2, bool includeRevoked) view returns (address[] clients, uint64[] feedbackIndexes, int128[] values, uint8[] valueDecimals, string[] tag1s, string[] tag2s, bool[] revokedStatuses)',
  'function getResponseCount(uint256 agentId, address clientAddress, uint64 feedbackIndex, address[] responders) view returns (uint64 count)',
  'function getClients(uint256 agentId) view returns (address[])',
  'function getLastIndex(uint256 agentId, address clientAddress) view returns (uint64)',

  'event AgentPaid(uint256 indexed agentId, address indexed from, uint128 amount, bytes32 memo)',
  'event Withdrawn(uint256 indexed agentId, address indexed to, uint128 amount)',
  'event SpendingLimitSet(uint256 indexed agentId, uint128 limit, uint64 period)',
  'event PausedSet(uint256 indexed agentId, bool paused)',
  'event Paid(uint256 indexed agentId, address indexed to, uint128 amount, bytes32 memo)',
  'event ChannelOpened(uint256 indexed agentId, bytes32 indexed channel, address indexed receiver, uint128 deposit)',
  'event ChannelRefunded(uint256 indexed agentId, bytes32 indexed channel, uint128 amount)',
  'event AgentStaked(uint256 indexed agentId, address indexed from, uint128 amount, uint128 total)',
  'event AgentUnstaking(uint256 indexed agentId, uint128 amount, uint64 withdrawableAt)',
  'event AgentStakeWithdrawn(uint256 indexed agentId, address indexed to, uint128 amount)',
  'event JobOffered(uint256 indexed jobId, uint256 indexed agentId, address indexed client, uint128 fee, uint64 deadline, bytes32 jobHash)',
  'event JobAccepted(uint256 indexed jobId, uint256 indexed agentId, uint128 forfeit)',
  'event JobCompleted(uint256 indexed jobId, uint256 indexed agentId, bytes32 resultHash)',
  'event JobEnded(uint256 indexed jobId, uint256 indexed agentId, uint8 status, uint128 toAgent, uint128 toClient)',
  'event NewFeedback(uint256 indexed agentId, address indexed clientAddress, uint64 feedbackIndex, int128 value, uint8 valueDecimals, string indexed indexedTag1, string tag1, string tag2, string endpoint, string feedbackURI, bytes32 feedbackHash)',
  'event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex)',
  'event ResponseAppended(uint256 indexed agentId, address indexed clientAddress, uint64 feedbackIndex, address indexed responder, string responseURI, bytes32 responseHash)',

  'error UnknownAgent(uint256 agentId)',
  'error UnknownJob(uint256 jobId)',
  'error UnknownFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)',
  'error InvalidField(string field, string reason)',
  'error NotRegistry(address caller)',
  'error NotAuthorized(address account, uint256 agentId)',
  'error NotOwner(address caller, address owner)',
  'error NotWallet(address caller, address wallet)',
  'error NotClient(address caller, uint256 jobId)',
  'error AgentPaused(uint256 agentId)',
  'error OverSpendingLimit(uint128 left, uint128 asked)',
  'error BalanceTooSmall(uint128 balance, uint128 asked)',
  'error NotChannelOfAgent(bytes32 channel, uint256 agentId)',
  'error ReceiverNotProver(address receiver)',
  'error ChannelIsClosing(bytes32 channel, uint64 closingAt)',
  'error StakeTooSmall(uint128 required, uint256 stake)',
  'error NotEnoughFreeStake(uint128 free, uint128 asked)',
  'error NothingToWithdraw(uint256 agentId)',
  'error TooEarly(uint64 notBefore)',
  'error TooLate(uint64 deadline)',
  'error WrongStatus(uint256 jobId, uint8 status)',
  'error SelfFeedback(address account, uint256 agentId)',
  'error AlreadyRevoked(uint256 agentId, uint64 feedbackIndex)',
])

/** 0 is no job. A job begins as offered; the last four are ends. */
export const JOB_STATUS = {
  offered: 1,
  accepted: 2,
  completed: 3,
  paid: 4,
  cancelled: 5,
  missed: 6,
  rejected: 7,
} as const
