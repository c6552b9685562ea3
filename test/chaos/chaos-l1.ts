/** anvil as a test moves it: blocks, reorgs, clock, and what the batcher has put there. */
import { type Hex, hexToBytes, hexToNumber, numberToHex } from 'viem'
import { z } from 'zod'
import type { Address } from '../../genesis/addresses.ts'
import { decodeFrames, type Frame } from '../../node/derivation/frame.ts'
import { askRpc } from '../fixtures/ask-rpc.ts'
import { until } from './polling.ts'

const quantity = z.templateLiteral(['0x', z.string()]).transform((text) => hexToNumber(text))
const blockSchema = z.object({
  number: quantity,
  hash: z.string(),
  timestamp: quantity,
  transactions: z.array(z.object({ from: z.string(), to: z.string().nullable(), hash: z.string(), input: z.string() })),
})
export type ChaosL1Block = z.output<typeof blockSchema>

/** anvil's first account, whose key it has. */
const PAYER = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'

export class ChaosL1 {
  readonly url: string
  readonly #batches: { from: Address; to: Address }
  #payments = 0

  constructor(url: string, batches: { from: Address; to: Address }) {
    this.url = url
    this.#batches = batches
  }

  ask(method: string, ...params: unknown[]): Promise<unknown> {
    return askRpc(this.url, method, ...params)
  }

  async block(which: number | 'latest' | 'pending'): Promise<ChaosL1Block | undefined> {
    const tag = typeof which === 'number' ? numberToHex(which) : which
    const block = await this.ask('eth_getBlockByNumber', tag, true)
    return block === null ? undefined : blockSchema.parse(block)
  }

  async head(): Promise<ChaosL1Block> {
    return (await this.block('latest'))!
  }

  /** Batcher transactions among the newest so many blocks. */
  async batchesInLast(depth: number): Promise<number> {
    const head = await this.head()
    let found = 0
    for (let number = head.number; number > head.number - depth; number--)
      found += this.#batchesOf(await this.block(number))
    return found
  }

  #batchesOf(block: ChaosL1Block | undefined): number {
    const { from, to } = this.#batches
    return block?.transactions.filter((transaction) => transaction.from === from && transaction.to === to).length ?? 0
  }

  /** Whether the pool holds a transaction of the batcher's. */
  async hasPendingBatch(): Promise<boolean> {
    const [mined, pending] = await Promise.all(
      (['latest', 'pending'] as const).map((tag) => this.ask('eth_getTransactionCount', this.#batches.from, tag)),
    )
    return quantity.parse(pending) > quantity.parse(mined)
  }

  /** Everything that waits to be mined is gone. */
  async dropPending(): Promise<void> {
    await this.ask('anvil_dropAllTransactions')
  }

  /**
   * Mines the batcher's transactions one by one (calldata, one frame each) until a frame is on L1 that does not end its
   * channel. Returns the frame.
   */
  async untilChannelIsOpen(): Promise<Frame> {
    return until("a frame of the batcher's that does not end its channel", async () => {
      if (!(await this.hasPendingBatch())) return undefined
      await this.mine()
      const { transactions } = await this.head()
      const batch = transactions.findLast(({ from, to }) => from === this.#batches.from && to === this.#batches.to)
      if (batch === undefined) return undefined
      const frame = decodeFrames(hexToBytes(batch.input as Hex)).at(-1)
      return frame === undefined || frame.isLast ? undefined : frame
    })
  }

  /**
   * The newest `depth` blocks give way to as many others; what was in them is gone. The first of them holds a payment like no
   * other: anvil sets its clock back, and might make the very blocks of an earlier branch again.
   */
  async reorg(depth: number): Promise<void> {
    await this.ask('anvil_reorg', depth, [[this.#payment(), 0]])
  }

  /** The newest `depth` blocks are gone, and L1 is shorter; another payment makes the next block unlike the old one. */
  async rollBack(depth: number): Promise<void> {
    await this.ask('anvil_rollback', depth)
    await this.ask('eth_sendTransaction', this.#payment())
  }

  #payment() {
    return { from: PAYER, to: PAYER, value: numberToHex(++this.#payments), gas: numberToHex(21_000) }
  }

  async mine(): Promise<void> {
    await this.ask('evm_mine')
  }

  /** Seconds between blocks; 0 leaves mining to the test. */
  async mineEvery(seconds: number): Promise<void> {
    await this.ask('evm_setIntervalMining', seconds)
  }

  /** Seconds since 1970 that L1's clock shows from now on. */
  async setTime(seconds: number): Promise<void> {
    await this.ask('anvil_setTime', seconds)
  }

  async isCanonical(ref: { number: number; hash: string }): Promise<boolean> {
    const block = await this.ask('eth_getBlockByNumber', numberToHex(ref.number), false)
    return z.object({ hash: z.string() }).nullable().parse(block)?.hash === ref.hash
  }

  async send(raw: Hex): Promise<void> {
    await this.ask('eth_sendRawTransaction', raw)
  }
}
