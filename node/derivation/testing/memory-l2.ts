/** An L2 chain in memory whose blocks are made from attributes without being executed: enough for derivation and batcher. */
import { createHash } from 'node:crypto'
import type { Hex } from 'viem'
import type { ChainConfig, SystemConfig } from '../../../genesis/chain-config.ts'
import type { HashedBlock, Header, L2BlockRef, PayloadAttributes } from '../../execution/block.ts'
import { bytesToHex } from '../../execution/bytes.ts'
import { extraDataFor } from '../../execution/extra-data.ts'
import type { L1Source } from '../../l1/source.ts'
import { prepareAttributes } from '../attributes.ts'
import { l2BlockRef } from '../block-ref.ts'
import type { L2View } from '../l2-view.ts'
import { systemConfigFromBlock } from '../system-config.ts'

const ZERO: Hex = `0x${'00'.repeat(32)}`

export class MemoryL2 implements L2View {
  readonly config: ChainConfig
  readonly blocks: HashedBlock[]

  constructor(config: ChainConfig) {
    this.config = config
    const { eip1559Params, minBaseFee, gasLimit } = config.genesis.systemConfig
    const header = headerOf(ZERO, 0n, {
      timestamp: BigInt(config.genesis.l2Time),
      prevRandao: ZERO,
      suggestedFeeRecipient: `0x${'00'.repeat(20)}`,
      parentBeaconBlockRoot: ZERO,
      gasLimit: BigInt(gasLimit),
      eip1559Params,
      minBaseFee,
      transactions: [],
      noTxPool: true,
    })
    this.blocks = [{ hash: config.genesis.l2.hash, block: { header, transactions: [] } }]
  }

  get head(): HashedBlock {
    return this.blocks.at(-1)!
  }

  get headRef(): L2BlockRef {
    return l2BlockRef(this.config, this.head)
  }

  append(attributes: PayloadAttributes): HashedBlock {
    const { hash: parentHash, block: parent } = this.head
    const header = headerOf(parentHash, parent.header.number + 1n, attributes)
    const hash = createHash('sha256').update(parentHash).update(String(header.timestamp))
    for (const transaction of attributes.transactions) hash.update(transaction)
    this.blocks.push({ hash: bytesToHex(hash.digest()), block: { header, transactions: attributes.transactions } })
    return this.head
  }

  /** The sequencer's next block: adopts the next L1 block as soon as time allows. */
  async sequence(l1: L1Source, transactions: Uint8Array[] = []): Promise<HashedBlock> {
    const parent = this.headRef
    const next = await l1.blockByNumber(parent.l1Origin.number + 1n)
    const adopts = next !== undefined && parent.timestamp + BigInt(this.config.blockTime) >= next.timestamp
    const attributes = await prepareAttributes(
      { config: this.config, l1 },
      parent,
      await this.systemConfigOf(parent.number),
      adopts ? next : parent.l1Origin,
    )
    return this.append({ ...attributes, transactions: [...attributes.transactions, ...transactions] })
  }

  async blockRef(number: bigint): Promise<L2BlockRef> {
    return l2BlockRef(this.config, this.at(number))
  }

  async systemConfigOf(number: bigint): Promise<SystemConfig> {
    return systemConfigFromBlock(this.config, this.at(number).block)
  }

  at(number: bigint): HashedBlock {
    const block = this.blocks[Number(number)]
    if (block === undefined) throw new RangeError(`no L2 block ${number}`)
    return block
  }
}

function headerOf(parentHash: Hex, number: bigint, attributes: PayloadAttributes): Header {
  return {
    parentHash,
    beneficiary: attributes.suggestedFeeRecipient,
    stateRoot: ZERO,
    transactionsRoot: ZERO,
    receiptsRoot: ZERO,
    logsBloom: `0x${'00'.repeat(256)}`,
    number,
    gasLimit: attributes.gasLimit,
    gasUsed: 0n,
    timestamp: attributes.timestamp,
    extraData: extraDataFor(attributes.eip1559Params, attributes.minBaseFee),
    mixHash: attributes.prevRandao,
    baseFeePerGas: 0n,
    withdrawalsRoot: ZERO,
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: attributes.parentBeaconBlockRoot,
    requestsHash: ZERO,
  }
}
