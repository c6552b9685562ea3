// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title Agents (native contract 07): identity, balance, stake, jobs and reputation of autonomous agents.
/// @notice A native contract: no Solidity lies behind it, the node executes it (docs/protocol.md). It answers at
///         0x4f50454E00000000000000000000000000000007, by CALL and STATICCALL only; DELEGATECALL meets code 0xfe.
///         The functions under "registry" answer the Agent Registry only; those under "reputation" are ERC-8004's
///         Reputation Registry. Kept equal to genesis/abi/agents.ts by a test.
interface IAgents {
    struct MetadataEntry {
        string metadataKey;
        bytes metadataValue;
    }

    struct Agent {
        address owner;
        address wallet;
        uint64 registeredAt;
        bool paused;
        uint128 balance;
        uint128 stake;
        uint128 locked;
        uint128 unstaking;
        uint64 withdrawableAt;
        uint128 limit;
        uint64 period;
        uint64 periodStart;
        uint128 spent;
    }

    struct Job {
        uint256 agentId;
        uint256 clientAgent;
        address client;
        uint8 status;
        uint64 deadline;
        uint64 completedAt;
        uint128 fee;
        uint128 forfeit;
        bytes32 jobHash;
        bytes32 resultHash;
    }

    // registry
    function register(
        address owner,
        string calldata agentURI,
        MetadataEntry[] calldata metadata
    ) external returns (uint256 agentId);
    function setAgentURI(address account, uint256 agentId, string calldata newURI) external;
    function setMetadata(
        address account,
        uint256 agentId,
        string calldata metadataKey,
        bytes calldata metadataValue
    ) external;
    function setAgentWallet(address account, uint256 agentId, address newWallet) external;
    function transferFrom(address account, address from, address to, uint256 agentId) external;
    function approve(address account, address approved, uint256 agentId) external returns (address owner);
    function setApprovalForAll(address account, address operator, bool approved) external;
    function agentCount() external view returns (uint64);
    function getAgent(uint256 agentId) external view returns (Agent memory);
    function ownerOf(uint256 agentId) external view returns (address);
    function balanceOf(address owner) external view returns (uint256);
    function tokenURI(uint256 agentId) external view returns (string memory);
    function getApproved(uint256 agentId) external view returns (address);
    function isApprovedForAll(address owner, address operator) external view returns (bool);
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool);
    function getAgentWallet(uint256 agentId) external view returns (address);
    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory);

    // balance
    function payAgent(uint256 agentId, bytes32 memo) external payable;
    function withdraw(uint256 agentId, uint128 amount) external;
    function setSpendingLimit(uint256 agentId, uint128 limit, uint64 period) external;
    function setPaused(uint256 agentId, bool paused) external;
    function pay(uint256 agentId, address to, uint128 amount, bytes32 memo) external;
    function openChannel(uint256 agentId, address receiver, uint128 deposit) external returns (bytes32 channel);
    function topUpChannel(uint256 agentId, bytes32 channel, uint128 amount) external;
    function closeChannel(uint256 agentId, bytes32 channel) external;
    function spendableOf(uint256 agentId) external view returns (uint128);

    // stake
    function stake(uint256 agentId) external payable;
    function unstake(uint256 agentId, uint128 amount) external;
    function withdrawStake(uint256 agentId) external returns (uint128 amount);

    // jobs
    function offerJob(uint256 agentId, uint64 deadline, bytes32 jobHash) external payable returns (uint256 jobId);
    function offerJobFrom(
        uint256 clientAgent,
        uint256 agentId,
        uint64 deadline,
        bytes32 jobHash,
        uint128 fee
    ) external returns (uint256 jobId);
    function cancelJob(uint256 jobId) external;
    function acceptJob(uint256 jobId) external;
    function completeJob(uint256 jobId, bytes32 resultHash) external;
    function acceptResult(uint256 jobId) external;
    function rejectResult(uint256 jobId) external;
    function expireJob(uint256 jobId) external;
    function jobCount() external view returns (uint64);
    function getJob(uint256 jobId) external view returns (Job memory);

    // reputation
    function getIdentityRegistry() external view returns (address);
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external;
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external;
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external;
    function getSummary(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2
    ) external view returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals);
    function readFeedback(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex
    ) external view returns (int128 value, uint8 valueDecimals, string memory tag1, string memory tag2, bool isRevoked);
    function readAllFeedback(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2,
        bool includeRevoked
    ) external view returns (
        address[] memory clients,
        uint64[] memory feedbackIndexes,
        int128[] memory values,
        uint8[] memory valueDecimals,
        string[] memory tag1s,
        string[] memory tag2s,
        bool[] memory revokedStatuses
    );
    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count);
    function getClients(uint256 agentId) external view returns (address[] memory);
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64);
    event AgentPaid(uint256 indexed agentId, address indexed from, uint128 amount, bytes32 memo);
    event Withdrawn(uint256 indexed agentId, address indexed to, uint128 amount);
    event SpendingLimitSet(uint256 indexed agentId, uint128 limit, uint64 period);
    event PausedSet(uint256 indexed agentId, bool paused);
    event Paid(uint256 indexed agentId, address indexed to, uint128 amount, bytes32 memo);
    event ChannelOpened(uint256 indexed agentId, bytes32 indexed channel, address indexed receiver, uint128 deposit);
    event ChannelRefunded(uint256 indexed agentId, bytes32 indexed channel, uint128 amount);
    event AgentStaked(uint256 indexed agentId, address indexed from, uint128 amount, uint128 total);
    event AgentUnstaking(uint256 indexed agentId, uint128 amount, uint64 withdrawableAt);
    event AgentStakeWithdrawn(uint256 indexed agentId, address indexed to, uint128 amount);
    event JobOffered(
        uint256 indexed jobId,
        uint256 indexed agentId,
        address indexed client,
        uint128 fee,
        uint64 deadline,
        bytes32 jobHash
    );
    event JobAccepted(uint256 indexed jobId, uint256 indexed agentId, uint128 forfeit);
    event JobCompleted(uint256 indexed jobId, uint256 indexed agentId, bytes32 resultHash);
    event JobEnded(uint256 indexed jobId, uint256 indexed agentId, uint8 status, uint128 toAgent, uint128 toClient);
    event NewFeedback(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        int128 value,
        uint8 valueDecimals,
        string indexed indexedTag1,
        string tag1,
        string tag2,
        string endpoint,
        string feedbackURI,
        bytes32 feedbackHash
    );
    event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex);
    event ResponseAppended(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        address indexed responder,
        string responseURI,
        bytes32 responseHash
    );
    error UnknownAgent(uint256 agentId);
    error UnknownJob(uint256 jobId);
    error UnknownFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex);
    error InvalidField(string field, string reason);
    error NotRegistry(address caller);
    error NotAuthorized(address account, uint256 agentId);
    error NotOwner(address caller, address owner);
    error NotWallet(address caller, address wallet);
    error NotClient(address caller, uint256 jobId);
    error AgentPaused(uint256 agentId);
    error OverSpendingLimit(uint128 left, uint128 asked);
    error BalanceTooSmall(uint128 balance, uint128 asked);
    error NotChannelOfAgent(bytes32 channel, uint256 agentId);
    error ReceiverNotProver(address receiver);
    error ChannelIsClosing(bytes32 channel, uint64 closingAt);
    error StakeTooSmall(uint128 required, uint256 stake);
    error NotEnoughFreeStake(uint128 free, uint128 asked);
    error NothingToWithdraw(uint256 agentId);
    error TooEarly(uint64 notBefore);
    error TooLate(uint64 deadline);
    error WrongStatus(uint256 jobId, uint8 status);
    error SelfFeedback(address account, uint256 agentId);
    error AlreadyRevoked(uint256 agentId, uint64 feedbackIndex);
}
