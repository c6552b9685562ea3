// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IAgents} from "../../../genesis/solidity/interfaces/IAgents.sol";

interface IAgentRegistry {
    function register(string calldata agentURI, IAgents.MetadataEntry[] calldata metadata) external returns (uint256);
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external;
    function safeTransferFrom(address from, address to, uint256 agentId) external;
}

/// @title A contract that owns an agent, lets itself be its wallet, and works, for test/native/agents.test.ts.
contract AgentKeeper {
    IAgents constant AGENTS = IAgents(0x4f50454E00000000000000000000000000000007);
    IAgentRegistry constant REGISTRY = IAgentRegistry(0x4200000000000000000000000000000000000060);

    error Undone(uint256 agentId, uint256 jobId);

    /// Whether it takes ERC-721 tokens, and what it says to signatures shown to it (ERC-1271).
    bool public takesTokens;
    bytes32 public signedDigest;
    uint256 public received;

    receive() external payable {
        received += msg.value;
    }

    function takeTokens(bool takes) external {
        takesTokens = takes;
    }

    function sign(bytes32 digest) external {
        signedDigest = digest;
    }

    function onERC721Received(address, address, uint256, bytes calldata) external view returns (bytes4) {
        require(takesTokens, "no tokens");
        return this.onERC721Received.selector;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == signedDigest ? bytes4(0x1626ba7e) : bytes4(0);
    }

    /// Registers an agent, pays into its balance, stakes for it and lets its wallet, itself, spend half of the balance.
    function found(string calldata uri) public payable returns (uint256 agentId) {
        IAgents.MetadataEntry[] memory metadata = new IAgents.MetadataEntry[](1);
        metadata[0] = IAgents.MetadataEntry("keeper", abi.encode(address(this)));
        agentId = REGISTRY.register(uri, metadata);
        AGENTS.payAgent{value: msg.value / 2}(agentId, "own");
        AGENTS.stake{value: msg.value / 2}(agentId);
        AGENTS.setSpendingLimit(agentId, uint128(msg.value / 4), 1 hours);
    }

    function foundAndRevert(string calldata uri, uint256 worker) external payable {
        uint256 agentId = found(uri);
        uint256 jobId = AGENTS.offerJobFrom(agentId, worker, uint64(block.timestamp + 100), "job", 1);
        revert Undone(agentId, jobId);
    }

    function pay(uint256 agentId, address to, uint128 amount) external {
        AGENTS.pay(agentId, to, amount, "paid");
    }

    function work(uint256 jobId) external {
        AGENTS.acceptJob(jobId);
        AGENTS.completeJob(jobId, keccak256("done"));
    }

    function withdraw(uint256 agentId, uint128 amount) external {
        AGENTS.withdraw(agentId, amount);
    }

    function handOver(uint256 agentId, address to) external {
        REGISTRY.safeTransferFrom(address(this), to, agentId);
    }

    function balance(uint256 agentId) external view returns (uint128) {
        return AGENTS.getAgent(agentId).balance;
    }
}
