/** Our side of `bench import`: a sequencer's chain on disk, and verifiers that import it block by block. */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { Chain } from '../../node/chain/chain.ts'
import { buildOn } from '../../node/chain/testing/building.ts'
import { MemoryL1 } from '../../node/chain/testing/memory-l1.ts'
import { testConfig } from '../../node/chain/testing/test-chain.ts'
import { SenderThreads } from '../../node/execution/sender-threads.ts'
import { createLedger } from '../../node/ledger/ledger.ts'
import { StateDatabase } from '../../node/state/state-database.ts'
import { openLevelStore } from '../../node/store/level-store.ts'
import type { Verifier } from '../import.ts'
import { ADDRESSES, BALANCE } from '../tps/workload.ts'

const GENESIS_TIME = 1_700_000_000n
const GAS_LIMIT = 2_000_000_000

/** Blocks under way at once: one executes while the senders of the others are recovered. */
const AHEAD = 4

type Node = { chain: Chain; close(): Promise<void> }

async function openNode(config: ChainConfig, folder: string, senders?: SenderThreads): Promise<Node> {
  const store = await openLevelStore(folder)
  const state = await StateDatabase.open({ store })
  const modules = { config, store, state, natives: createLedger(), ...(senders && { senders }) }
  const chain = await Chain.open(modules, {})
  const close = async () => {
    await chain.close()
    await state.close()
    await store.close()
  }
  return { chain, close }
}

export class OpenledgerImport {
  readonly name = 'openledger'
  readonly config = `gas limit ${GAS_LIMIT}, block time 2 s, DA footprint scalar 1, level at its own settings, no sync`
  readonly #config: ChainConfig
  readonly #source: Node
  readonly #senders: SenderThreads

  private constructor(config: ChainConfig, source: Node) {
    this.#config = config
    this.#source = source
    this.#senders = new SenderThreads({ chainId: BigInt(config.l2ChainId) })
  }

  /** Builds the chain with these transactions, block by block. */
  static async prepare(folder: string, blocks: Uint8Array[][]): Promise<OpenledgerImport> {
    const l1 = new MemoryL1(GENESIS_TIME)
    const base = (await testConfig(l1.head)).genesis
    const config = await testConfig(l1.head, {
      genesis: {
        ...base,
        balances: Object.fromEntries(ADDRESSES.map((address) => [address, BALANCE])),
        systemConfig: { ...base.systemConfig, gasLimit: GAS_LIMIT, daFootprintGasScalar: 1 },
      },
    })
    const source = await openNode(config, folder)
    for (const transactions of blocks) await buildOn({ config, l1, chain: source.chain }, transactions)
    await source.close()
    return new OpenledgerImport(config, await openNode(config, folder))
  }

  async open(folder: string): Promise<Verifier> {
    const node = await openNode(this.#config, folder, this.#senders)
    return { import: () => this.#import(node.chain), close: node.close }
  }

  async #import(chain: Chain): Promise<void> {
    const from = this.#source.chain
    const last = from.head('unsafe').block.header.number
    const inserted: Promise<unknown>[] = []
    for (let number = 1n; number <= last; number++) {
      if (inserted.length === AHEAD) await inserted.shift()
      const { block } = (await from.blockByNumber(number))!
      // The copy knows nothing of senders: a verifier reads bytes.
      const copy = { ...block, transactions: block.transactions.map((raw) => raw.slice()) }
      inserted.push(chain.insertUnsafe(copy))
    }
    await Promise.all(inserted)
  }

  async close(): Promise<void> {
    await this.#senders.close()
    await this.#source.close()
  }
}
