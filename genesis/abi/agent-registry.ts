import { parseAbi } from 'viem'

/**
 * The Agent Registry (genesis/solidity/l2/AgentRegistry.sol): ERC-8004's Identity Registry, an ERC-721 over the native
 * contract Agents. docs/protocol.md, "Agents". Agents' own errors come through it as they are (genesis/abi/agents.ts).
 */
export const agentRegistryAbi = parseAbi([
  'struct MetadataEntry { string metadataKey; bytes metadataValue; }',

  'function register() returns (uint256)',
  'function register(string agentURI) returns (uint256)',
  'function register(string agentURI, MetadataEntry[] metadata) returns (uint256)',
  'function setAgentURI(uint256 agentId, string newURI)',
  'function setMetadata(uint256 agentId, string metadataKey, bytes metadataValue)',
  'function getMetadata(uint256 agentId, string metadataKey) view returns (bytes)',
  'function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes signature)',
  'function unsetAgentWallet(uint256 agentId)',
  'function getAgentWallet(uint256 agentId) view returns (address)',
  'function isAuthorizedOrOwner(address spender, uint256 agentId) view returns (bool)',

  'function name() pure returns (string)',
  'function symbol() pure returns (string)',
  'function tokenURI(uint256 agentId) view returns (string)',
  'function balanceOf(address owner) view returns (uint256)',
  'function ownerOf(uint256 agentId) view returns (address)',
  'function getApproved(uint256 agentId) view returns (address)',
  'function isApprovedForAll(address owner, address operator) view returns (bool)',
  'function approve(address to, uint256 agentId)',
  'function setApprovalForAll(address operator, bool approved)',
  'function transferFrom(address from, address to, uint256 agentId)',
  'function safeTransferFrom(address from, address to, uint256 agentId)',
  'function safeTransferFrom(address from, address to, uint256 agentId, bytes data)',
  'function supportsInterface(bytes4 interfaceId) pure returns (bool)',

  'event Registered(uint256 indexed agentId, string agentURI, address indexed owner)',
  'event MetadataSet(uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue)',
  'event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy)',
  'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
  'event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)',
  'event ApprovalForAll(address indexed owner, address indexed operator, bool approved)',

  'error ZeroWallet()',
  'error SignatureExpired(uint256 deadline)',
  'error DeadlineTooFar(uint256 deadline)',
  'error InvalidWalletSignature(address wallet)',
])
