/** A chain for network tests: blocks that nobody executes, in memory, with true hashes and due timestamps. */
import type { ChainConfig } from '../../../genesis/chain-config.ts'
import { chainConfigSchema } from '../../../genesis/chain-config.ts'
import type { HeadLabel } from '../../chain/reads.ts'
import type { Block, HashedBlock } from '../../execution/block.ts'
import { EMPTY_REQUESTS_HASH, headerHash } from '../../execution/header.ts'
import { orderedTrieRoot } from '../../state/trie.ts'
import type { NetworkChain } from '../network.ts'

export const SIGNER_KEY = `0x${'11'.repeat(32)}` as const
/** Address of {@link SIGNER_KEY}. */
export const SIGNER = '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a'
export const GENESIS_TIME = 1_700_000_000
export const BLOCK_TIME = 2

const account = `0x${'a1'.repeat(20)}`
const hash = `0x${'00'.repeat(32)}`

export const networkConfig: ChainConfig = chainConfigSchema.parse({
  name: 'network test',
  protocolVersion: 1,
  network: 'development',
  l1ChainId: 900,
  l2ChainId: 901,
  blockTime: BLOCK_TIME,
  maxSequencerDrift: 1800,
  seqWindowSize: 3600,
  channelTimeout: 50,
  genesis: {
    l1: { number: 0, hash },
    l2: { number: 0, hash },
    l2Time: GENESIS_TIME,
    systemConfig: {
      batcherAddr: account,
      scalar: hash,
      gasLimit: 30_000_000,
      eip1559Params: `0x${'00'.repeat(8)}`,
      operatorFeeScalar: 0,
      operatorFeeConstant: '0',
      minBaseFee: '0',
      daFootprintGasScalar: 0,
    },
    balances: {},
    parameters: {},
    governor: account,
    feeRecipient: account,
  },
  batchInboxAddress: account,
  depositContractAddress: account,
  l1SystemConfigAddress: account,
  l2OutputOracleAddress: account,
  openTokenAddress: account,
  l1CrossDomainMessengerAddress: account,
  l1StandardBridgeAddress: account,
  unsafeBlockSigner: SIGNER,
})

/** A block on a parent (or block 0), told apart from its siblings by its transactions. */
export function blockOn(
  parent: HashedBlock | undefined,
  transactions: Uint8Array[] = [Uint8Array.of(2, 0xc0)],
): HashedBlock {
  const number = parent === undefined ? 0n : parent.block.header.number + 1n
  return hashed({
    header: {
      parentHash: parent?.hash ?? `0x${'00'.repeat(32)}`,
      beneficiary: '0x4200000000000000000000000000000000000011',
      stateRoot: `0x${'51'.repeat(32)}`,
      transactionsRoot: orderedTrieRoot(transactions),
      receiptsRoot: `0x${'52'.repeat(32)}`,
      logsBloom: `0x${'00'.repeat(256)}`,
      number,
      gasLimit: 30_000_000n,
      gasUsed: 21_000n,
      timestamp: BigInt(GENESIS_TIME) + number * BigInt(BLOCK_TIME),
      extraData: '0x01000000fa000000060000000000000000',
      mixHash: `0x${'53'.repeat(32)}`,
      baseFeePerGas: 1_000_000_007n,
      withdrawalsRoot: `0x${'54'.repeat(32)}`,
      blobGasUsed: 40_000n,
      excessBlobGas: 0n,
      parentBeaconBlockRoot: `0x${'55'.repeat(32)}`,
      requestsHash: EMPTY_REQUESTS_HASH,
    },
    transactions,
  })
}

/** The block with its hash. */
export function hashed(block: Block): HashedBlock {
  return { hash: headerHash(block.header), block }
}

/** Blocks 0 … length − 1. */
export function chainOf(length: number): HashedBlock[] {
  const blocks: HashedBlock[] = []
  for (let i = 0; i < length; i++) blocks.push(blockOn(blocks.at(-1)))
  return blocks
}

export class MemoryChain implements NetworkChain {
  readonly blocks: HashedBlock[]
  safe: HashedBlock

  constructor(blocks: readonly HashedBlock[]) {
    this.blocks = [...blocks]
    this.safe = blocks[0]!
  }

  head(label: HeadLabel): HashedBlock {
    return label === 'unsafe' ? this.blocks.at(-1)! : this.safe
  }

  async blockByNumber(number: bigint): Promise<HashedBlock | undefined> {
    return this.blocks[Number(number)]
  }
}
