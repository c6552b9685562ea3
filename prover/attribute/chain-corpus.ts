/**
 * A corpus read from the chain through viem: Datanets' logs (cluster-history.ts), and contents by
 * `openledger_getContent`. Logs alone say all that a corpus needs, so no historic state is asked for.
 */
import { type Hex, hexToBytes, isHex } from 'viem'
import { getBlockNumber, getContractEvents } from 'viem/actions'
import type { NativeClient } from '../../client/index.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { CLUSTER_EVENTS, type ClusterEvent, ClusterHistory, clusterEvent } from './cluster-history.ts'
import { type CorpusContribution, CorpusError, type CorpusReads, type Withdrawn } from './corpus.ts'

/** Blocks of one log query: within what public endpoints allow. */
export const LOG_PAGE = 10_000n
/** Blocks below the head whose logs are read again each time: an unsafe head may be reorganised. */
export const UNSETTLED_BLOCKS = 128n

/** Pages [start, end] of at most {@link LOG_PAGE} blocks over [from, to]. */
export function* logPages(from: bigint, to: bigint): Generator<{ fromBlock: bigint; toBlock: bigint }> {
  for (let start = from; start <= to; start += LOG_PAGE) {
    yield { fromBlock: start, toBlock: start + LOG_PAGE - 1n < to ? start + LOG_PAGE - 1n : to }
  }
}

/** An event with where it stands. A block's hash fixes all that came before it. */
type SeenEvent = { event: ClusterEvent; block: bigint; place: string }

export class ChainCorpus implements CorpusReads {
  readonly #client: NativeClient
  /** Events below `#scannedTo`, which no reorganisation reaches. */
  #settled: SeenEvent[] = []
  #scannedTo = 0n
  /** The history that was asked for last, and the event that it ends with: kept, because most requests ask for the same. */
  #last: { place: string | undefined; history: ClusterHistory } | undefined

  constructor(modules: { client: NativeClient }) {
    this.#client = modules.client
  }

  async contributions(datanets: readonly bigint[], block: bigint): Promise<CorpusContribution[]> {
    return (await this.#history(block)).contributions(datanets)
  }

  async withdrawn(block: bigint): Promise<Withdrawn> {
    return (await this.#history(block)).withdrawn()
  }

  async content(hash: Hex): Promise<Uint8Array | undefined> {
    // The method is ours, so viem's schema of RPC methods does not know it.
    const result: unknown = await this.#client.transport.request({ method: 'openledger_getContent', params: [hash] })
    if (result === null || result === undefined) return undefined
    if (!isHex(result))
      throw new CorpusError(
        `openledger_getContent of ${hash} returned no bytes: ${JSON.stringify(result)?.slice(0, 80)}`,
      )
    return hexToBytes(result)
  }

  /** What the events up to and with the block make of contributions and clusters. */
  async #history(block: bigint): Promise<ClusterHistory> {
    const events = (await this.#events(block)).filter((seen) => seen.block <= block)
    const place = events.at(-1)?.place
    if (this.#last?.place !== place || !this.#last)
      this.#last = { place, history: new ClusterHistory(events.map(({ event }) => event)) }
    return this.#last.history
  }

  async #events(block: bigint): Promise<SeenEvent[]> {
    if (block < this.#scannedTo) return this.#settled
    const all = this.#settled.slice()
    for (const range of logPages(this.#scannedTo, block)) {
      const logs = await getContractEvents(this.#client, {
        address: NATIVE.datanets,
        abi: CLUSTER_EVENTS,
        strict: true,
        ...range,
      })
      for (const log of logs) {
        all.push({ event: clusterEvent(log), block: log.blockNumber, place: `${log.blockHash} ${log.logIndex}` })
      }
    }
    const head = await getBlockNumber(this.#client, { cacheTime: 0 })
    const settledTo = block < head - UNSETTLED_BLOCKS ? block + 1n : head - UNSETTLED_BLOCKS
    if (settledTo > this.#scannedTo) {
      this.#settled = all.filter((seen) => seen.block < settledTo)
      this.#scannedTo = settledTo
    }
    return all
  }
}
