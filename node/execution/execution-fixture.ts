/** A chain in memory for tests: a config, a state with given accounts, block 0, and attributes for the blocks after it. */
import type { Hex } from 'viem'
import { type Address, PREDEPLOYS } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { StateDatabase } from '../state/state-database.ts'
import { emptyDiff } from '../state/state-diff.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import type { HashedBlock, Header, PayloadAttributes } from './block.ts'
import { bytesToHex, EMPTY_BYTES, wordHex } from './bytes.ts'
import type { BlockModules, ExecutedBlock } from './execute-block.ts'
import { encodeExtraData } from './extra-data.ts'
import { EMPTY_CODE_HASH, EMPTY_REQUESTS_HASH, EMPTY_ROOT, headerHash } from './header.ts'
import { NO_NATIVES } from './native.ts'

export const ZERO_HASH = wordHex(0n)
const ZERO_ADDRESS: Address = '0x0000000000000000000000000000000000000000'
export const CHAIN_ID = 901n

export type FixtureAccount = { balance?: bigint; nonce?: bigint; code?: Uint8Array; storage?: Record<Hex, bigint> }
export type FixtureAccounts = Record<Address, FixtureAccount>

export const FIXTURE_CONFIG: ChainConfig = {
  name: 'fixture',
  protocolVersion: 1,
  network: 'development',
  l1ChainId: 900,
  l2ChainId: Number(CHAIN_ID),
  blockTime: 2,
  maxSequencerDrift: 600,
  seqWindowSize: 3600,
  channelTimeout: 50,
  genesis: {
    l1: { number: 0, hash: ZERO_HASH },
    l2: { number: 0, hash: ZERO_HASH },
    l2Time: 1_700_000_000,
    systemConfig: {
      batcherAddr: ZERO_ADDRESS,
      scalar: ZERO_HASH,
      gasLimit: 30_000_000,
      eip1559Params: '0x000000fa00000006',
      operatorFeeScalar: 0,
      operatorFeeConstant: 0n,
      minBaseFee: 0n,
      daFootprintGasScalar: 0,
    },
    balances: {},
    parameters: {},
    governor: ZERO_ADDRESS,
    feeRecipient: ZERO_ADDRESS,
  },
  batchInboxAddress: ZERO_ADDRESS,
  depositContractAddress: ZERO_ADDRESS,
  l1SystemConfigAddress: ZERO_ADDRESS,
  l2OutputOracleAddress: ZERO_ADDRESS,
  openTokenAddress: ZERO_ADDRESS,
  l1CrossDomainMessengerAddress: ZERO_ADDRESS,
  l1StandardBridgeAddress: ZERO_ADDRESS,
  unsafeBlockSigner: ZERO_ADDRESS,
}

export type FixtureChain = BlockModules & { store: Store; head: HashedBlock }

/** A new chain at block 0 with these accounts. */
export async function fixtureChain(accounts: FixtureAccounts, natives = NO_NATIVES): Promise<FixtureChain> {
  const store = new MemoryStore()
  const state = await StateDatabase.open({ store })
  const diff = emptyDiff()
  for (const [key, account] of Object.entries(accounts)) {
    const address = key as Address
    const { nonce = 0n, balance = 0n, code = EMPTY_BYTES, storage = {} } = account
    const codeHash = code.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(code))
    diff.accounts.set(address, { nonce, balance, codeHash })
    if (code.length > 0) diff.codes.set(codeHash, code)
    diff.storage.set(address, new Map(Object.entries(storage) as [Hex, bigint][]))
  }
  const prepared = state.prepare(diff, 0n)
  await store.write(prepared.operations)
  state.applied(prepared)
  const header = fixtureHeader({ stateRoot: prepared.stateRoot })
  const head = { hash: headerHash(header), block: { header, transactions: [] } }
  return { config: FIXTURE_CONFIG, natives, state, store, head }
}

/** Makes an executed block the head. */
export async function advance(chain: FixtureChain, executed: ExecutedBlock): Promise<void> {
  await chain.store.write(executed.state.operations)
  chain.state.applied(executed.state)
  chain.head = { hash: executed.hash, block: executed.block }
}

export function fixtureHeader(fields: Partial<Header>): Header {
  return {
    parentHash: ZERO_HASH,
    beneficiary: PREDEPLOYS.sequencerFeeVault,
    stateRoot: EMPTY_ROOT,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: `0x${'00'.repeat(256)}`,
    number: 0n,
    gasLimit: 30_000_000n,
    gasUsed: 0n,
    timestamp: 1_700_000_000n,
    extraData: encodeExtraData({ denominator: 250, elasticity: 6, minBaseFee: 0n }),
    mixHash: ZERO_HASH,
    baseFeePerGas: 1_000_000_000n,
    withdrawalsRoot: EMPTY_ROOT,
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: ZERO_HASH,
    requestsHash: EMPTY_REQUESTS_HASH,
    ...fields,
  }
}

/** Attributes of the block after `parent`, two seconds later. */
export function fixtureAttributes(parent: HashedBlock, fields: Partial<PayloadAttributes> = {}): PayloadAttributes {
  return {
    timestamp: parent.block.header.timestamp + 2n,
    prevRandao: wordHex(parent.block.header.number + 7n),
    suggestedFeeRecipient: PREDEPLOYS.sequencerFeeVault,
    parentBeaconBlockRoot: wordHex(parent.block.header.number + 11n),
    gasLimit: 30_000_000n,
    eip1559Params: '0x000000fa00000006',
    minBaseFee: 0n,
    transactions: [],
    noTxPool: true,
    ...fields,
  }
}
