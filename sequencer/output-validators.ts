/**
 * The L1 contract of bonded validators (genesis/solidity/l1/OutputValidators.sol), as a node speaks to it: the output
 * oracle's proposer and challenger in one. An oracle whose proposer is an ordinary account has no such contract.
 * docs/protocol.md, "Output roots".
 */
import { type Hex, type PublicClient, parseAbi } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Address } from '../genesis/addresses.ts'

export const oracleAbi = parseAbi([
  'function PROPOSER() view returns (address)',
  'function CHALLENGER() view returns (address)',
  'function FINALIZATION_PERIOD_SECONDS() view returns (uint256)',
  'function SUBMISSION_INTERVAL() view returns (uint256)',
  'function nextBlockNumber() view returns (uint256)',
  'function nextOutputIndex() view returns (uint256)',
  'function getL2Output(uint256 index) view returns ((bytes32 outputRoot, uint128 timestamp, uint128 l2BlockNumber))',
  'function proposeL2Output(bytes32 outputRoot, uint256 l2BlockNumber, bytes32 l1BlockHash, uint256 l1BlockNumber) payable',
])

export const validatorsAbi = parseAbi([
  'function dispute() view returns (uint256 l2Block, bytes32 deletedRoot, bytes32 claimedRoot, address proposer, address challenger)',
  'function activeCount() view returns (uint256)',
  'function isActive(address account) view returns (bool)',
  'function isBonded(address account) view returns (bool)',
  'function proposer() view returns (address)',
  'function settledRoot(uint256 l2Block) view returns (bytes32)',
  'function accounts(address account) view returns (uint128 bond, uint64 withdrawableAt, bool admitted)',
  'function bond(address account, uint128 amount)',
  'function propose(bytes32 outputRoot, uint256 l2Block, bytes32 l1Hash, uint256 l1Number, bytes[] signatures)',
  'function challenge(uint256 outputIndex, bytes32 claimedRoot)',
  'function slashSigner(bytes32 outputRoot, uint256 l2Block, bytes signature)',
  'event Proposed(uint256 indexed l2Block, bytes32 indexed outputRoot, address indexed proposer, address[] signers)',
  'event Challenged(uint256 indexed l2Block, bytes32 deletedRoot, bytes32 claimedRoot, address indexed challenger)',
  'event Settled(uint256 indexed l2Block, bytes32 outputRoot, bool proposerWasWrong, bool challengerWasWrong)',
  'event Slashed(address indexed account, uint256 bond, address indexed rewarded, uint256 reward)',
  'error NotOwner(address caller, address owner)',
  'error NotProposer(address caller, address proposer)',
  'error NotValidator(address account)',
  'error BondTooSmall(address account, uint256 bond, uint256 required)',
  'error DisputeOpen(uint256 l2Block)',
  'error TooFewSignatures(uint256 signatures, uint256 validators)',
  'error SignersNotAscending(address signer)',
  'error AlreadySettled(uint256 l2Block)',
  'error SameRoot(bytes32 outputRoot)',
  'error NothingToSlash(address signer)',
  'error TooEarly(uint256 withdrawableAt)',
  'error InvalidField(string field, string reason)',
])

/** A block's output root, as a node derived it. */
export type Output = { outputRoot: Hex; l2Block: bigint }

/** EIP-712: what a validator signs, for one contract on one L1. */
export function outputTypedData(contract: Address, l1ChainId: number, { outputRoot, l2Block }: Output) {
  return {
    domain: { name: 'OpenLedger Outputs', version: '1', chainId: l1ChainId, verifyingContract: contract },
    types: {
      Output: [
        { name: 'outputRoot', type: 'bytes32' },
        { name: 'l2BlockNumber', type: 'uint256' },
      ],
    },
    primaryType: 'Output',
    message: { outputRoot, l2BlockNumber: l2Block },
  } as const
}

export function signOutput(
  account: PrivateKeyAccount,
  contract: Address,
  l1ChainId: number,
  output: Output,
): Promise<Hex> {
  return account.signTypedData(outputTypedData(contract, l1ChainId, output))
}

/** Signatures that decide a dispute: two thirds of the validators, rounded up. */
export function quorumOf(validators: bigint): bigint {
  return (validators * 2n + 2n) / 3n
}

/** The contract behind an oracle's role; undefined where an ordinary account has it. */
export async function contractInRole(
  client: PublicClient,
  oracle: Address,
  role: 'PROPOSER' | 'CHALLENGER',
): Promise<Address | undefined> {
  const holder = await client.readContract({ address: oracle, abi: oracleAbi, functionName: role })
  const code = await client.getCode({ address: holder })
  return code === undefined ? undefined : (holder.toLowerCase() as Address)
}
