/**
 * Block 0: the allocations of genesis/allocations.ts and a header by the OP Stack's rules with every fork to
 * Jovian active from the start (specs.optimism.io, "L2 genesis", Holocene to Jovian, exec-engine). It holds no
 * transactions, and is named in the chain config by its hash.
 */
import type { Hex } from 'viem'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { type Allocation, genesisAllocations } from '../../genesis/allocations.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { Header } from '../execution/block.ts'
import { BLOOM_BYTES } from '../execution/bloom.ts'
import { bytesToHex, hexToBytes, wordHex } from '../execution/bytes.ts'
import { extraDataFor } from '../execution/extra-data.ts'
import { EMPTY_CODE_HASH, EMPTY_REQUESTS_HASH, EMPTY_ROOT, headerHash } from '../execution/header.ts'
import { type PreparedState, StateDatabase } from '../state/state-database.ts'
import { emptyDiff, type StateDiff } from '../state/state-diff.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { BlockRecord } from './block-store.ts'

/** Wei per gas of block 0: 1 gwei, as on Ethereum (EIP-1559's INITIAL_BASE_FEE). */
export const INITIAL_BASE_FEE = 1_000_000_000n

const ZERO_HASH: Hex = wordHex(0n)

export type GenesisRecord = BlockRecord & { state: PreparedState }

/** Block 0 over an empty state: computed, not written. Reads nothing of `config.genesis.l2.hash`. */
export function genesisBlock(config: ChainConfig, state: StateDatabase): GenesisRecord {
  const prepared = state.prepare(genesisDiff(config), 0n)
  const header = genesisHeader(config, prepared)
  return {
    hash: headerHash(header),
    block: { header, transactions: [] },
    transactions: [],
    receipts: [],
    state: prepared,
  }
}

/** Hash of block 0: what `genesis.l2.hash` of the chain config must be. */
export async function genesisHash(config: ChainConfig): Promise<Hex> {
  return genesisBlock(config, await StateDatabase.open({ store: new MemoryStore() })).hash
}

export function genesisDiff(config: ChainConfig): StateDiff {
  const diff = emptyDiff()
  for (const allocation of genesisAllocations(config)) addAllocation(diff, allocation)
  return diff
}

function addAllocation(diff: StateDiff, { address, balance, nonce, code, storage }: Allocation): void {
  let codeHash = EMPTY_CODE_HASH
  if (code !== undefined && code !== '0x') {
    const bytes = hexToBytes(code)
    codeHash = bytesToHex(keccak256(bytes))
    diff.codes.set(codeHash, bytes)
  }
  diff.accounts.set(address, { nonce, balance, codeHash })
  const slots = Object.entries(storage ?? {}).map(([slot, value]) => [wordHex(BigInt(slot)), BigInt(value)] as const)
  if (slots.length > 0) diff.storage.set(address, new Map(slots))
}

function genesisHeader(config: ChainConfig, state: PreparedState): Header {
  const { systemConfig, l2Time } = config.genesis
  return {
    parentHash: ZERO_HASH,
    beneficiary: PREDEPLOYS.sequencerFeeVault,
    stateRoot: state.stateRoot,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: `0x${'00'.repeat(BLOOM_BYTES)}`,
    number: 0n,
    gasLimit: BigInt(systemConfig.gasLimit),
    gasUsed: 0n,
    timestamp: BigInt(l2Time),
    extraData: extraDataFor(systemConfig.eip1559Params, systemConfig.minBaseFee),
    mixHash: ZERO_HASH,
    baseFeePerGas: INITIAL_BASE_FEE,
    withdrawalsRoot: state.storageRoot(PREDEPLOYS.l2ToL1MessagePasser),
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: ZERO_HASH,
    requestsHash: EMPTY_REQUESTS_HASH,
  }
}
