/** The peer of `bench import`: the same transactions in blocks of Ethereum, executed by @ethereumjs/vm over a trie on level. */
import { type Block, createBlock, createBlockFromRLP } from '@ethereumjs/block'
import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createMPT } from '@ethereumjs/mpt'
import { Caches, MerkleStateManager } from '@ethereumjs/statemanager'
import { createTxFromRLP } from '@ethereumjs/tx'
import {
  Account,
  type BatchDBOp,
  createAddressFromString,
  type DB,
  hexToBytes,
  type PrefixedHexString,
  ValueEncoding,
} from '@ethereumjs/util'
import { buildBlock, createVM, runBlock, type VM } from '@ethereumjs/vm'
import { Level } from 'level'
import { runtimeCode } from '../../genesis/contracts.ts'
import type { Verifier } from '../import.ts'
import { ADDRESSES, BALANCE, CHAIN_ID, TOKEN } from '../tps/workload.ts'

const GAS_LIMIT = 2_000_000_000n
const GENESIS_TIME = 1_700_000_000n

/** What @ethereumjs/mpt asks of a database; it names keys by unprefixed hex. */
class TrieDatabase implements DB<string, Uint8Array> {
  readonly #level: Level<string, Uint8Array>

  constructor(level: Level<string, Uint8Array>) {
    this.#level = level
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#level.getSync(key)
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#level.put(key, value)
  }

  async del(key: string): Promise<void> {
    await this.#level.del(key)
  }

  async batch(operations: BatchDBOp<string, Uint8Array>[]): Promise<void> {
    const batch = this.#level.batch()
    for (const operation of operations) {
      if (operation.type === 'put') batch.put(operation.key, operation.value)
      else batch.del(operation.key)
    }
    await batch.write()
  }

  async open(): Promise<void> {}

  shallowCopy(): DB<string, Uint8Array> {
    return new TrieDatabase(this.#level)
  }
}

export class EthereumjsImport {
  readonly name = '@ethereumjs/vm'
  readonly config = `Prague, gas limit ${GAS_LIMIT}, MerkleStateManager with its caches over level`
  readonly #common: Common
  readonly #blocks: Level<string, Uint8Array>
  readonly #count: number

  private constructor(common: Common, blocks: Level<string, Uint8Array>, count: number) {
    this.#common = common
    this.#blocks = blocks
    this.#count = count
  }

  /** Builds the blocks and writes them to disk. */
  static async prepare(folder: string, transactions: Uint8Array[][]): Promise<EthereumjsImport> {
    const common = createCustomCommon({ chainId: Number(CHAIN_ID) }, Mainnet, { hardfork: Hardfork.Prague })
    const blocks = new Level<string, Uint8Array>(`${folder}-blocks`, { valueEncoding: 'view' })
    const { vm, close } = await openVm(common, `${folder}-state`)
    let parent = createBlock(
      { header: { gasLimit: GAS_LIMIT, timestamp: GENESIS_TIME, baseFeePerGas: 1_000n } },
      { common },
    )
    for (const [index, raws] of transactions.entries()) {
      parent = await buildOn(vm, parent, raws)
      await blocks.put(`${index}`, parent.serialize())
    }
    await close()
    return new EthereumjsImport(common, blocks, transactions.length)
  }

  async open(folder: string): Promise<Verifier> {
    const { vm, close } = await openVm(this.#common, folder)
    return { import: () => this.#import(vm), close }
  }

  async #import(vm: VM): Promise<void> {
    for (let index = 0; index < this.#count; index++) {
      const bytes = await this.#blocks.get(`${index}`)
      const block = createBlockFromRLP(bytes!, { common: this.#common })
      // Throws where gas, bloom, receipts' root or state root are not the header's.
      await runBlock(vm, { block, skipBlockValidation: true, skipHardForkValidation: true })
    }
  }

  async close(): Promise<void> {
    await this.#blocks.close()
  }
}

async function openVm(common: Common, folder: string): Promise<{ vm: VM; close(): Promise<void> }> {
  const level = new Level<string, Uint8Array>(folder, { keyEncoding: 'hex', valueEncoding: 'view' })
  await level.open()
  const db = new TrieDatabase(level)
  const trie = await createMPT({ db, useKeyHashing: true, common, valueEncoding: ValueEncoding.Bytes })
  const stateManager = new MerkleStateManager({ common, trie, caches: new Caches() })
  const vm = await createVM({ common, stateManager })
  await stateManager.checkpoint()
  for (const address of ADDRESSES) {
    await stateManager.putAccount(createAddressFromString(address), new Account(0n, BALANCE))
  }
  await stateManager.putCode(createAddressFromString(TOKEN), hexToBytes(runtimeCode('WOPEN') as PrefixedHexString))
  await stateManager.commit()
  await stateManager.flush()
  return { vm, close: () => level.close() }
}

async function buildOn(vm: VM, parentBlock: Block, raws: Uint8Array[]): Promise<Block> {
  const { timestamp } = parentBlock.header
  const builder = await buildBlock(vm, {
    parentBlock,
    headerData: { timestamp: timestamp + 2n, gasLimit: GAS_LIMIT, baseFeePerGas: parentBlock.header.calcNextBaseFee() },
    blockOpts: { putBlockIntoBlockchain: false, common: vm.common },
  })
  for (const raw of raws) await builder.addTransaction(createTxFromRLP(raw, { common: vm.common }))
  return (await builder.build()).block
}
