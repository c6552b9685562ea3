/** A small development chain for tests: config over an in-memory L1, funded keys, opening, batches posted as calldata. */
import { type Hex, hexToBytes } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Address } from '../../../genesis/addresses.ts'
import { type ChainConfig, parseChainConfig } from '../../../genesis/chain-config.ts'
import type { ParameterValues } from '../../../genesis/parameters.ts'
import { batchOfBlock } from '../../derivation/batch.ts'
import { channelFrames, channelItem, compressChannel } from '../../derivation/channel.ts'
import { encodeFeeScalars } from '../../derivation/fee-scalar.ts'
import { encodeFrames } from '../../derivation/frame.ts'
import type { HashedBlock } from '../../execution/block.ts'
import type { NativeContracts } from '../../execution/native.ts'
import type { L1BlockRef, L1Transaction } from '../../l1/source.ts'
import { createLedger } from '../../ledger/ledger.ts'
import { StateDatabase, type StateOptions } from '../../state/state-database.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import type { Store } from '../../store/store.ts'
import { Chain, type ChainModules, type ChainOptions } from '../chain.ts'
import { genesisHash } from '../genesis-block.ts'

export const ONE_OPEN = 10n ** 18n

/** Accounts with 1,000 OPEN each at block 0. */
export const ACCOUNTS = [1, 2, 3, 4].map((key) => privateKeyToAccount(`0x${key.toString(16).padStart(64, '0')}`))

export const BATCHER: Address = '0x00000000000000000000000000000000000ba7c4'

const contract = (last: number): Address => `0x${last.toString(16).padStart(40, '0')}`
const addressOf = (index: number): Address => ACCOUNTS[index]!.address.toLowerCase() as Address

/** What a test changes of a config; `parameters` are the ledger's, by name. */
export type ConfigChanges = Partial<ChainConfig> & { parameters?: Partial<ParameterValues> }

/** A config whose genesis is this L1 block, with the hash of its own block 0. */
export async function testConfig(l1: L1BlockRef, given: ConfigChanges = {}): Promise<ChainConfig> {
  const { parameters = {}, ...changes } = given
  const text = JSON.stringify({
    name: 'test',
    protocolVersion: 1,
    network: 'development',
    l1ChainId: 900,
    l2ChainId: 901,
    blockTime: 2,
    maxSequencerDrift: 1800,
    seqWindowSize: 50,
    channelTimeout: 10,
    genesis: {
      l1: { number: Number(l1.number), hash: l1.hash },
      l2: { number: 0, hash: `0x${'00'.repeat(32)}` },
      l2Time: Number(l1.timestamp),
      systemConfig: {
        batcherAddr: BATCHER,
        scalar: encodeFeeScalars({ baseFeeScalar: 1_000, blobBaseFeeScalar: 1_000 }),
        gasLimit: 30_000_000,
        eip1559Params: '0x000000fa00000006',
        operatorFeeScalar: 0,
        operatorFeeConstant: '0',
        minBaseFee: '0',
        daFootprintGasScalar: 400,
      },
      balances: Object.fromEntries(ACCOUNTS.map((_, index) => [addressOf(index), (1_000n * ONE_OPEN).toString()])),
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, value.toString()])),
      feeRecipient: contract(0xfe),
    },
    batchInboxAddress: contract(0xb0),
    depositContractAddress: contract(0xb1),
    l1SystemConfigAddress: contract(0xb2),
    l2OutputOracleAddress: contract(0xb3),
    openTokenAddress: contract(0xb4),
    l1CrossDomainMessengerAddress: contract(0xb5),
    l1StandardBridgeAddress: contract(0xb6),
    unsafeBlockSigner: contract(0xb7),
  })
  const config = { ...parseChainConfig(text), ...changes }
  config.genesis.l2.hash = await genesisHash(config)
  return config
}

export type TestNode = { chain: Chain; store: Store; state: StateDatabase }

export async function openNode(
  config: ChainConfig,
  given: { store?: Store; natives?: NativeContracts; senders?: ChainModules['senders'] } & StateOptions &
    ChainOptions = {},
): Promise<TestNode> {
  const { store = new MemoryStore(), natives = createLedger(), senders, history, liveNodes, ...options } = given
  const stateOptions = { ...(history !== undefined && { history }), ...(liveNodes !== undefined && { liveNodes }) }
  const state = await StateDatabase.open({ store }, stateOptions)
  return {
    chain: await Chain.open({ config, store, state, natives, ...(senders && { senders }) }, options),
    store,
    state,
  }
}

export type Transfer = {
  from?: number
  to?: number
  nonce: number
  value?: bigint
  tip?: bigint
  cap?: bigint
  gas?: bigint
  data?: Hex
}

/** A signed type 2 transaction between two of {@link ACCOUNTS}. */
export async function transfer(options: Transfer): Promise<Uint8Array> {
  const { from = 0, to = 1, nonce, value = 1n, tip = 1_000_000n, cap = 10_000_000_000n, gas = 21_000n, data } = options
  const signed = await ACCOUNTS[from]!.signTransaction({
    type: 'eip1559',
    chainId: 901,
    to: addressOf(to),
    nonce,
    value,
    gas,
    maxFeePerGas: cap,
    maxPriorityFeePerGas: tip,
    ...(data && { data }),
  })
  return hexToBytes(signed)
}

/** The batcher's L1 transaction that carries these blocks in one channel. */
export async function batchTransaction(config: ChainConfig, blocks: HashedBlock[]): Promise<L1Transaction> {
  const items = blocks.map((block) => channelItem(batchOfBlock(config, block)))
  const channel: Hex = `0x${blocks[0]!.hash.slice(2, 34)}`
  return {
    hash: blocks.at(-1)!.hash,
    from: BATCHER,
    to: config.batchInboxAddress,
    type: 2,
    input: encodeFrames(channelFrames(channel, await compressChannel(items, 'zlib'), 100_000)),
    blobVersionedHashes: [],
  }
}
