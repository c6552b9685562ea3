/**
 * Filters that clients install and poll. A filter remembers the next block that it has not told of; after a
 * reorg it tells of the replaced heights again (removed logs are not announced). A filter that nobody polls for
 * five minutes is dropped, and so is the longest unpolled one where there are too many.
 */
import { bytesToHex } from 'viem'
import type { ChainReads } from '../node/chain/reads.ts'
import type { Json } from './json.ts'
import { type LogFilter, type LogMatch, logsInRange, logsOf, MAX_LOG_RANGE, matchOf } from './log-filter.ts'
import { formatLog } from './log-format.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

const LIFETIME_MS = 5 * 60_000
const MAX_FILTERS = 1000

type Installed = {
  kind: 'logs' | 'blocks' | 'pending'
  filter: LogFilter
  match: LogMatch
  /** First block not yet told of. */
  next: bigint
  /** Last block of interest; undefined where there is no end. */
  last: bigint | undefined
  polledAt: number
}

export class FilterRegistry {
  readonly #chain: ChainReads
  readonly #now: () => number
  /** In order of their last poll. */
  readonly #filters = new Map<string, Installed>()
  #stop: (() => void) | undefined
  #lastHead: string | undefined

  /** `now` in milliseconds. */
  constructor(modules: { chain: ChainReads; now: () => number }) {
    this.#chain = modules.chain
    this.#now = modules.now
  }

  start(): void {
    this.#stop = this.#chain.onHead('unsafe', (block) => {
      const { parentHash, number } = block.block.header
      if (this.#lastHead !== undefined && parentHash !== this.#lastHead) this.#rewind(number)
      this.#lastHead = block.hash
    })
  }

  stop(): void {
    this.#stop?.()
    this.#filters.clear()
  }

  installLogs(filter: LogFilter): string {
    if (filter.blockHash)
      throw new RpcError(
        RPC_ERROR.invalidParams,
        'invalid argument 0 (filter.blockHash): a filter that is polled has no block hash',
      )
    const last = filter.toBlock && 'number' in filter.toBlock ? filter.toBlock.number : undefined
    const first = filter.fromBlock && 'number' in filter.fromBlock ? filter.fromBlock.number : 0n
    return this.#install({ kind: 'logs', filter, match: matchOf(filter), last, first })
  }

  installBlocks(): string {
    return this.#install({
      kind: 'blocks',
      filter: {},
      match: { addresses: [], topics: [] },
      last: undefined,
      first: 0n,
    })
  }

  /** Pending transactions are not told of: the pool is the sequencer's own. The filter exists for clients that ask. */
  installPending(): string {
    return this.#install({
      kind: 'pending',
      filter: {},
      match: { addresses: [], topics: [] },
      last: undefined,
      first: 0n,
    })
  }

  uninstall(id: string): boolean {
    return this.#filters.delete(id)
  }

  /** What is new since the last poll: block hashes or logs. */
  async changes(id: string): Promise<Json> {
    const installed = this.#poll(id)
    if (installed.kind === 'pending') return []
    const head = this.#chain.head('unsafe').block.header.number
    const end = installed.last !== undefined && installed.last < head ? installed.last : head
    const from = installed.next
    const to = end - from >= MAX_LOG_RANGE ? from + MAX_LOG_RANGE - 1n : end
    if (to < from) return []
    const found = installed.kind === 'logs' ? await this.#logs(installed.match, from, to) : await this.#hashes(from, to)
    // Unless a reorg has taken it back meanwhile.
    if (installed.next === from) installed.next = to + 1n
    return found
  }

  async #logs(match: LogMatch, from: bigint, to: bigint): Promise<Json[]> {
    return (await logsInRange(this.#chain, match, from, to)).map(formatLog)
  }

  async #hashes(from: bigint, to: bigint): Promise<Json[]> {
    const hashes: string[] = []
    for (let number = from; number <= to; number++) {
      const block = await this.#chain.blockByNumber(number)
      if (block !== undefined) hashes.push(block.hash)
    }
    return hashes
  }

  /** All logs of a log filter, told or not. */
  async logs(id: string): Promise<Json> {
    const installed = this.#poll(id)
    if (installed.kind !== 'logs') throw new RpcError(RPC_ERROR.server, `filter ${id} is no log filter`)
    return (await logsOf(this.#chain, installed.filter)).map(formatLog)
  }

  #install(wanted: Pick<Installed, 'kind' | 'filter' | 'match' | 'last'> & { first: bigint }): string {
    this.#expire()
    const oldest = this.#filters.keys().next()
    if (this.#filters.size >= MAX_FILTERS && !oldest.done) this.#filters.delete(oldest.value)
    const id = bytesToHex(crypto.getRandomValues(new Uint8Array(16)))
    const { kind, filter, match, last, first } = wanted
    const next = this.#chain.head('unsafe').block.header.number + 1n
    this.#filters.set(id, { kind, filter, match, last, next: first > next ? first : next, polledAt: this.#now() })
    return id
  }

  #poll(id: string): Installed {
    this.#expire()
    const installed = this.#filters.get(id)
    if (installed === undefined) throw new RpcError(RPC_ERROR.server, `filter not found: ${id}`)
    installed.polledAt = this.#now()
    this.#filters.delete(id)
    this.#filters.set(id, installed)
    return installed
  }

  #expire(): void {
    for (const [id, { polledAt }] of this.#filters) {
      if (this.#now() - polledAt < LIFETIME_MS) return
      this.#filters.delete(id)
    }
  }

  #rewind(number: bigint): void {
    for (const installed of this.#filters.values()) if (installed.next > number) installed.next = number
  }
}
