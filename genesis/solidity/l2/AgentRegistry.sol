// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {ERC721Utils} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Utils.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IAgents} from "../interfaces/IAgents.sol";

/// @title ERC-8004's Identity Registry: agents as ERC-721 tokens, over the native contract Agents.
/// @notice Agents keeps owner, approvals, URI, metadata and wallet, and decides who may change them; this contract says
///         for whom it calls, logs the standards' events, asks receivers of safe transfers, and checks the signature by
///         which a new wallet agrees (EIP-712; of a contract ERC-1271). It holds no storage and no wei.
contract AgentRegistry is IERC721Metadata {
    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);
    event MetadataSet(
        uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue
    );
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);

    error ZeroWallet();
    error SignatureExpired(uint256 deadline);
    error DeadlineTooFar(uint256 deadline);
    error InvalidWalletSignature(address wallet);

    IAgents private constant AGENTS = IAgents(0x4f50454E00000000000000000000000000000007);

    string private constant WALLET_KEY = "agentWallet";
    uint256 private constant MAX_DEADLINE_DELAY = 5 minutes;
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant WALLET_TYPEHASH =
        keccak256("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)");

    // ---- ERC-8004 ----

    function register() external returns (uint256) {
        return _register("", new IAgents.MetadataEntry[](0));
    }

    function register(string calldata agentURI) external returns (uint256) {
        return _register(agentURI, new IAgents.MetadataEntry[](0));
    }

    function register(string calldata agentURI, IAgents.MetadataEntry[] calldata metadata) external returns (uint256) {
        return _register(agentURI, metadata);
    }

    function setAgentURI(uint256 agentId, string calldata newURI) external {
        AGENTS.setAgentURI(msg.sender, agentId, newURI);
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external {
        AGENTS.setMetadata(msg.sender, agentId, metadataKey, metadataValue);
        emit MetadataSet(agentId, metadataKey, metadataKey, metadataValue);
    }

    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory) {
        return AGENTS.getMetadata(agentId, metadataKey);
    }

    /// The signature of `newWallet` under AgentWalletSet names the agent's owner, so it is of no use after a transfer.
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external {
        if (newWallet == address(0)) revert ZeroWallet();
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (deadline > block.timestamp + MAX_DEADLINE_DELAY) revert DeadlineTooFar(deadline);
        bytes32 message =
            keccak256(abi.encode(WALLET_TYPEHASH, agentId, newWallet, AGENTS.ownerOf(agentId), deadline));
        bytes32 digest = MessageHashUtils.toTypedDataHash(_domainSeparator(), message);
        // An account under an EIP-7702 delegation has code and a key: its key is asked first.
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        bool signed = failure == ECDSA.RecoverError.NoError && recovered == newWallet;
        if (!signed && !SignatureChecker.isValidERC1271SignatureNow(newWallet, digest, signature)) {
            revert InvalidWalletSignature(newWallet);
        }
        _setWallet(agentId, newWallet);
    }

    function unsetAgentWallet(uint256 agentId) external {
        _setWallet(agentId, address(0));
    }

    function getAgentWallet(uint256 agentId) external view returns (address) {
        return AGENTS.getAgentWallet(agentId);
    }

    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return AGENTS.isAuthorizedOrOwner(spender, agentId);
    }

    // ---- ERC-721 ----

    function name() external pure returns (string memory) {
        return "OpenLedger Agents";
    }

    function symbol() external pure returns (string memory) {
        return "AGENT";
    }

    function tokenURI(uint256 agentId) external view returns (string memory) {
        return AGENTS.tokenURI(agentId);
    }

    function balanceOf(address owner) external view returns (uint256) {
        return AGENTS.balanceOf(owner);
    }

    function ownerOf(uint256 agentId) external view returns (address) {
        return AGENTS.ownerOf(agentId);
    }

    function getApproved(uint256 agentId) external view returns (address) {
        return AGENTS.getApproved(agentId);
    }

    function isApprovedForAll(address owner, address operator) external view returns (bool) {
        return AGENTS.isApprovedForAll(owner, operator);
    }

    function approve(address to, uint256 agentId) external {
        emit Approval(AGENTS.approve(msg.sender, to, agentId), to, agentId);
    }

    function setApprovalForAll(address operator, bool approved) external {
        AGENTS.setApprovalForAll(msg.sender, operator, approved);
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 agentId) public {
        AGENTS.transferFrom(msg.sender, from, to, agentId);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, "");
        emit Transfer(from, to, agentId);
    }

    function safeTransferFrom(address from, address to, uint256 agentId) external {
        safeTransferFrom(from, to, agentId, "");
    }

    function safeTransferFrom(address from, address to, uint256 agentId, bytes memory data) public {
        transferFrom(from, to, agentId);
        ERC721Utils.checkOnERC721Received(msg.sender, from, to, agentId, data);
    }

    // ---- ERC-165 ----

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC721).interfaceId
            || interfaceId == type(IERC721Metadata).interfaceId;
    }

    function _register(string memory agentURI, IAgents.MetadataEntry[] memory metadata) private returns (uint256 agentId) {
        agentId = AGENTS.register(msg.sender, agentURI, metadata);
        emit Transfer(address(0), msg.sender, agentId);
        emit Registered(agentId, agentURI, msg.sender);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, abi.encodePacked(msg.sender));
        for (uint256 i; i < metadata.length; i++) {
            emit MetadataSet(agentId, metadata[i].metadataKey, metadata[i].metadataKey, metadata[i].metadataValue);
        }
    }

    function _setWallet(uint256 agentId, address wallet) private {
        AGENTS.setAgentWallet(msg.sender, agentId, wallet);
        bytes memory value = wallet == address(0) ? bytes("") : abi.encodePacked(wallet);
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, value);
    }

    function _domainSeparator() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPEHASH, keccak256("ERC8004IdentityRegistry"), keccak256("1"), block.chainid, address(this)
            )
        );
    }
}
