import { parseAbi } from 'viem'

/** Channels (native contract 03): escrow for paid requests. docs/protocol.md, "Channels". */
export const channelsAbi = parseAbi([
  'struct Channel { address payer; address receiver; uint128 deposit; uint128 settled; uint128 ceiling; uint64 closingAt; bool closed; }',

  'function open(address receiver) payable returns (bytes32 channel)',
  'function topUp(bytes32 channel) payable',
  'function close(bytes32 channel)',
  'function refund(bytes32 channel)',
  'function authorizeSigner(bytes32 channel, address key, uint128 cap, uint64 expiry)',

  'function getChannel(bytes32 channel) view returns (Channel)',
  'function channelId(address payer, address receiver, uint64 nonce) view returns (bytes32)',
  'function nonceOf(address payer) view returns (uint64)',
  'function signerOf(bytes32 channel, address key) view returns (uint128 cap, uint64 expiry)',
  'function beneficiaryOf(bytes32 channel) view returns (uint256 agentId)',
  'function isSettled(bytes32 channel, uint64 n) view returns (bool)',

  'event Opened(bytes32 indexed channel, address indexed payer, address indexed receiver, uint128 deposit)',
  'event ToppedUp(bytes32 indexed channel, uint128 amount, uint128 deposit)',
  'event Closing(bytes32 indexed channel, uint64 closingAt)',
  'event Refunded(bytes32 indexed channel, address indexed payer, uint128 amount)',
  'event SignerAuthorized(bytes32 indexed channel, address indexed key, uint128 cap, uint64 expiry)',

  'error UnknownChannel(bytes32 channel)',
  'error InvalidField(string field, string reason)',
  'error NotPayer(address caller, address payer)',
  'error ReceiverNotProver(address receiver)',
  'error ChannelIsClosing(bytes32 channel, uint64 closingAt)',
  'error ChannelClosed(bytes32 channel)',
  'error NotClosing(bytes32 channel)',
  'error TooEarly(bytes32 channel, uint64 closingAt)',
])
