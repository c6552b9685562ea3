/**
 * A corpus read from the chain through viem: Contributed and Withdrawn logs, and contents by
 * `openledger_getContent`. Logs alone say all that a corpus needs, so no historic state is asked for.
 */
import { type Hex, hexToBytes, isHex } from 'viem'
import { getBlockNumber, getContractEvents } from 'viem/actions'
import { getCluster, getContribution, type NativeClient } from '../../client/index.ts'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { DatanetId } from '../../genesis/units.ts'
import { type CorpusContribution, CorpusError, type CorpusReads, corpusContribution, type Withdrawn } from './corpus.ts'

/** Blocks of one log query: within what public endpoints allow. */
export const LOG_PAGE = 10_000n
/** Blocks below the head whose logs are read again each time: an unsafe head may be reorganised. */
const UNSETTLED_BLOCKS = 128n

/** Pages [start, end] of at most {@link LOG_PAGE} blocks over [from, to]. */
export function* logPages(from: bigint, to: bigint): Generator<{ fromBlock: bigint; toBlock: bigint }> {
  for (let start = from; start <= to; start += LOG_PAGE) {
    yield { fromBlock: start, toBlock: start + LOG_PAGE - 1n < to ? start + LOG_PAGE - 1n : to }
  }
}

type Withdrawal = { contribution: bigint; block: bigint }

export class ChainCorpus implements CorpusReads {
  readonly #client: NativeClient
  /** Withdrawals below `#scannedTo`, which no reorganisation reaches. */
  #settled: Withdrawal[] = []
  #scannedTo = 0n
  /** Cluster that a withdrawn contribution founded; undefined where it founded none. */
  readonly #founded = new Map<bigint, bigint | undefined>()

  constructor(modules: { client: NativeClient }) {
    this.#client = modules.client
  }

  async contributions(datanets: readonly bigint[], block: bigint): Promise<CorpusContribution[]> {
    const found: CorpusContribution[] = []
    for (const range of logPages(0n, block)) {
      const logs = await getContractEvents(this.#client, {
        address: NATIVE.datanets,
        abi: datanetsAbi,
        eventName: 'Contributed',
        args: { datanet: [...datanets] },
        strict: true,
        ...range,
      })
      for (const { args } of logs) found.push(corpusContribution({ ...args, datanet: DatanetId(args.datanet) }))
    }
    return found
  }

  async withdrawn(block: bigint): Promise<Withdrawn> {
    const withdrawals = (await this.#withdrawals(block)).filter((withdrawal) => withdrawal.block <= block)
    const contributions = new Set(withdrawals.map(({ contribution }) => contribution))
    const clusters = new Set<bigint>()
    for (const contribution of contributions) {
      const cluster = await this.#foundedBy(contribution)
      if (cluster !== undefined) clusters.add(cluster)
    }
    return { contributions, clusters }
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

  async #withdrawals(block: bigint): Promise<Withdrawal[]> {
    if (block < this.#scannedTo) return this.#settled
    const fresh: Withdrawal[] = []
    for (const range of logPages(this.#scannedTo, block)) {
      const logs = await getContractEvents(this.#client, {
        address: NATIVE.datanets,
        abi: datanetsAbi,
        eventName: 'Withdrawn',
        strict: true,
        ...range,
      })
      for (const log of logs) fresh.push({ contribution: log.args.contribution, block: log.blockNumber })
    }
    const head = await getBlockNumber(this.#client, { cacheTime: 0 })
    const settledTo = block < head - UNSETTLED_BLOCKS ? block + 1n : head - UNSETTLED_BLOCKS
    const all = [...this.#settled, ...fresh]
    if (settledTo > this.#scannedTo) {
      this.#settled = all.filter((withdrawal) => withdrawal.block < settledTo)
      this.#scannedTo = settledTo
    }
    return all
  }

  async #foundedBy(contribution: bigint): Promise<bigint | undefined> {
    if (!this.#founded.has(contribution)) {
      const { cluster } = await getContribution(this.#client, { contribution })
      const { founder } = await getCluster(this.#client, { cluster })
      this.#founded.set(contribution, founder === contribution ? cluster : undefined)
    }
    return this.#founded.get(contribution)
  }
}
