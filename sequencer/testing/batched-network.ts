/** A chain for tests of the batcher: L2 blocks are made without execution, batched to a real L1 (anvil), and derived back from it. */
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { systemClock } from '../../node/chain/clock.ts'
import { DerivationPipeline } from '../../node/derivation/pipeline.ts'
import { MemoryL2 } from '../../node/derivation/testing/memory-l2.ts'
import { transactionOf } from '../../node/derivation/testing/network.ts'
import type { HashedBlock } from '../../node/execution/block.ts'
import { JsonRpcL1Source } from '../../node/l1/json-rpc-source.ts'
import type { L1BlockRef } from '../../node/l1/source.ts'
import { ANVIL_CHAIN_ID, ANVIL_KEY, type TestAnvil } from '../../node/l1/testing/anvil.ts'
import { Batcher, type BatcherEvent, type BatcherOptions } from '../batcher.ts'

export const batcherAddr = privateKeyToAccount(ANVIL_KEY).address.toLowerCase() as Hex

/** A sequencer's chain, whose safe head is what a verifier has derived from L1. */
export class BatchedNetwork {
  readonly config: ChainConfig
  readonly l1: JsonRpcL1Source
  readonly unsafe: MemoryL2
  readonly verifier: MemoryL2
  readonly events: BatcherEvent[] = []
  currentL1: L1BlockRef
  readonly #waiting = new Set<() => void>()
  readonly #pipeline: DerivationPipeline

  constructor(config: ChainConfig, l1: JsonRpcL1Source, currentL1: L1BlockRef) {
    this.config = config
    this.l1 = l1
    this.currentL1 = currentL1
    this.unsafe = new MemoryL2(config)
    this.verifier = new MemoryL2(config)
    this.#pipeline = new DerivationPipeline({ config, l1, l2: this.verifier })
  }

  static async on(anvil: TestAnvil, changes: Partial<ChainConfig> = {}): Promise<BatchedNetwork> {
    const l1 = new JsonRpcL1Source({
      rpc: [anvil.url],
      beacon: [anvil.url],
      blobId: 'block-number',
      l1ChainId: ANVIL_CHAIN_ID,
    })
    const block = (await l1.blockByTag('latest'))!
    const sample = sampleConfig()
    const genesis = {
      ...sample.genesis,
      l1: { number: Number(block.number), hash: block.hash },
      l2Time: Number(block.timestamp),
      systemConfig: { ...sample.genesis.systemConfig, batcherAddr },
    }
    const network = new BatchedNetwork(
      { ...sample, genesis, batchInboxAddress: `0x${'b0'.repeat(20)}`, ...changes },
      l1,
      block,
    )
    await network.#pipeline.reset(network.verifier.headRef)
    return network
  }

  head(label: string): HashedBlock {
    if (label === 'unsafe') return this.unsafe.head
    return this.unsafe.blocks[this.verifier.blocks.length - 1] ?? this.unsafe.head
  }

  async blockByNumber(number: bigint): Promise<HashedBlock | undefined> {
    return this.unsafe.blocks[Number(number)]
  }

  async syncStatus() {
    const ref = this.unsafe.headRef
    return { currentL1: this.currentL1, headL1: undefined, unsafeL2: ref, safeL2: ref, finalizedL2: ref }
  }

  /** Reads all of L1 and makes safe what it holds. */
  async derive(): Promise<void> {
    for (;;) {
      const derived = await this.#pipeline.next(this.verifier.headRef)
      this.currentL1 = this.#pipeline.origin
      if (derived === undefined) return
      this.verifier.append(derived.attributes)
    }
  }

  async sequence(count: number, transaction = transactionOf('')): Promise<void> {
    for (let index = 0; index < count; index++) await this.unsafe.sequence(this.l1, [transaction])
  }

  /** By default its clock is an hour ahead of L2's time, so that every block has waited long enough for its channel. */
  batcher(options: Partial<BatcherOptions> & { l1Rpc: string[] }, now = () => Date.now() + 3_600_000): Batcher {
    const clock = { ...systemClock, now }
    const batcher = new Batcher(
      { config: this.config, chain: this, clock },
      { privateKey: ANVIL_KEY, pollInterval: 10, ...options },
    )
    batcher.onEvent((event) => {
      this.events.push(event)
      for (const wake of this.#waiting) wake()
    })
    return batcher
  }

  /** The first event of the kind from index `from` on. */
  async event<K extends BatcherEvent['kind']>(kind: K, from = 0): Promise<Extract<BatcherEvent, { kind: K }>> {
    return this.#eventThat((event) => event.kind === kind, from)
  }

  /** The publication of all blocks up to `to`. */
  async publishedTo(to: bigint, from = 0): Promise<Extract<BatcherEvent, { kind: 'published' }>> {
    return this.#eventThat((event) => event.kind === 'published' && event.to === to, from)
  }

  async #eventThat<K extends BatcherEvent['kind']>(
    passes: (event: BatcherEvent) => boolean,
    from: number,
  ): Promise<Extract<BatcherEvent, { kind: K }>> {
    for (;;) {
      const found = this.events.slice(from).find(passes)
      if (found !== undefined) return found as Extract<BatcherEvent, { kind: K }>
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }
}
