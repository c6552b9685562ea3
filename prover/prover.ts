/**
 * A prover as one process runs it: worker, versions, gateway, settler, over one data directory and one
 * account, a client of the chain like any other.
 *
 *     dataDir/journal.jsonl      answered requests and what became of them
 *     dataDir/versions/          artifacts and contents by hash; the chain's contents build them again
 */
import { EventEmitter } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Account, type Address, type Chain, createWalletClient, http } from 'viem'
import { ArtifactStore } from './attribute/artifact-store.ts'
import { ChainCorpus } from './attribute/chain-corpus.ts'
import { AnswerBook, type BookCounts } from './gateway/answer-book.ts'
import { type BatchModules, BatchSettler, type BatchSettlerOptions } from './gateway/batch-settler.ts'
import { DrawSettler, type DrawSettlerEvents, type DrawSettlerOptions } from './gateway/draw-settler.ts'
import { GatewayServer } from './gateway/gateway-server.ts'
import { PaidAnswers } from './gateway/paid-answers.ts'
import { ServedVersions } from './gateway/served-versions.ts'
import { Settler, type SettlerEvents, type SettlerOptions } from './gateway/settler.ts'
import { ViemBatchChain } from './gateway/viem-batch-chain.ts'
import { type ProverClient, ViemProverChain } from './gateway/viem-prover-chain.ts'
import {
  artifactDirectory,
  type PublishedRetrievalVersion,
  type PublishRetrievalVersionParameters,
  publishRetrievalVersion,
} from './publish-retrieval-version.ts'
import {
  type PublishedTunedVersion,
  type PublishTunedVersionParameters,
  publishTunedVersion,
} from './publish-tuned-version.ts'
import { SHIPPED_BASE } from './tune/base-model.ts'
import { type WorkerOptions, WorkerSupervisor } from './work/supervisor.ts'
import type { WorkerDevice } from './work/worker-device.ts'

export type ProverOptions = {
  /** JSON-RPC endpoint of L2. */
  l2Rpc: string
  /** Chain definition of L2 (openledgerChain). */
  chain: Chain
  /** Signs receipts, settles, publishes; must be staked as a prover for channels to be opened to it. */
  account: Account
  dataDir: string
  /** The gateway's; 127.0.0.1 and any free port where absent. */
  host?: string
  port?: number
  /** Whose versions are served besides the own account's. */
  publishers?: readonly Address[]
  /** Milliseconds between two looks for versions published elsewhere. */
  versionInterval?: number
  worker?: WorkerOptions
  /** Folder of the base model of tuned versions; the one of this repository where absent. */
  baseDirectory?: string
  /** Base URLs of gateways from which artifacts of tuned versions are fetched. */
  artifactSources?: readonly string[]
  /** Whether answered requests are settled one by one (which is usual), or gathered into batches. */
  settleBy?: SettleBy
  settler?: SettlerOptions
  batchSettler?: Omit<BatchSettlerOptions, 'gather'>
  drawSettler?: DrawSettlerOptions
}

export const SETTLE_BY = ['single', 'batch'] as const
export type SettleBy = (typeof SETTLE_BY)[number]

export type ProverStatus = BookCounts & {
  versions: bigint[]
  workerPid: number | undefined
  workerBacklog: number
  /** What the worker computes scores on. */
  device: WorkerDevice | undefined
}

export type ProverEvents = {
  answered: [`0x${string}`]
  settled: SettlerEvents['settled']
  skipped: SettlerEvents['skipped']
  /** A batch is on chain: its requests are paid by draws. */
  batched: [{ batch: bigint; requests: readonly `0x${string}`[]; transaction: `0x${string}` }]
  /** A drawn leaf that the chain does not take: tried again until the deadline, then its wei and stake are lost. */
  drawRefused: DrawSettlerEvents['refused']
  drawsLost: DrawSettlerEvents['lost']
  /** A version is served from now on. */
  serving: [bigint]
  /** The worker process is gone (why), and another one is in use (its pid). */
  workerExited: [string]
  workerReady: [number]
  /** What the worker computes scores on is another device, or something must be known about it. */
  device: [WorkerDevice]
  /** Something failed that will be tried again. */
  failed: [Error]
}

const VERSION_INTERVAL = 1_000

/** Milliseconds between two looks for a receipt. */
const POLLING_INTERVAL = 250

export class Prover {
  readonly events = new EventEmitter<ProverEvents>()
  readonly #options: ProverOptions
  readonly #client: ProverClient
  readonly #workers: WorkerSupervisor
  #book!: AnswerBook
  #versions!: ServedVersions
  #settler!: Settler
  #batchSettler!: BatchSettler
  #drawSettler!: DrawSettler
  #gateway!: GatewayServer
  #timer: NodeJS.Timeout | undefined
  #refresh: Promise<void> | undefined
  #stopped = true

  constructor(options: ProverOptions) {
    const { l2Rpc, chain, account } = options
    this.#options = options
    this.#client = createWalletClient({ chain, account, transport: http(l2Rpc), pollingInterval: POLLING_INTERVAL })
    this.#workers = new WorkerSupervisor(options.worker)
    this.#workers.events.on('ready', (pid) => this.events.emit('workerReady', pid))
    this.#workers.events.on('device', (device) => this.events.emit('device', device))
    this.#workers.events.on('exited', (reason) => this.events.emit('workerExited', reason))
    this.#workers.events.on('failed', (reason) => this.events.emit('failed', new Error(`worker: ${reason}`)))
  }

  /** Resumes from the data directory and serves. Rejects with the reason, everything stopped again, where it cannot. */
  async start(): Promise<{ url: string }> {
    this.#stopped = false
    await mkdir(this.#options.dataDir, { recursive: true })
    await this.#workers.start()
    try {
      return await this.#assemble()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async #assemble(): Promise<{ url: string }> {
    const { dataDir, host, port } = this.#options
    const directory = artifactDirectory(dataDir)
    const store = await ArtifactStore.open(directory)
    const chain = new ViemProverChain({ client: this.#client }, { publishers: this.#options.publishers ?? [] })
    const corpus = new ChainCorpus({ client: this.#client })
    const workers = this.#workers
    this.#book = await AnswerBook.open(join(dataDir, 'journal.jsonl'))
    const book = this.#book
    const { baseDirectory = SHIPPED_BASE, artifactSources: sources = [] } = this.#options
    this.#versions = new ServedVersions({ chain, corpus, store, workers }, { directory, baseDirectory, sources })
    await this.#refreshVersions()
    const ascending = this.#options.settleBy === 'batch'
    const answers = new PaidAnswers({ chain, book, versions: this.#versions, workers }, { ascending })
    answers.events.on('answered', (request) => this.events.emit('answered', request))
    this.#openSettlers({ chain, corpus, book, workers, batches: new ViemBatchChain({ client: this.#client }) })
    const health = () => ({
      workerReady: workers.pid !== undefined,
      workerBacklog: workers.backlog,
      device: workers.device,
    })
    this.#gateway = new GatewayServer(
      { answers, book, versions: this.#versions, store, health },
      { ...(host && { host }), ...(port && { port }) },
    )
    const { url } = await this.#gateway.start()
    for (const settler of this.#settlers()) settler.start()
    this.#watchVersions()
    return { url }
  }

  /** Whatever way is chosen, batches that an earlier life began are finished. */
  #openSettlers(modules: BatchModules): void {
    const { settleBy = 'single', settler, batchSettler, drawSettler } = this.#options
    const gather = settleBy === 'batch'
    const failed = (error: Error) => this.events.emit('failed', error)
    this.#batchSettler = new BatchSettler(modules, { ...batchSettler, gather })
    const { choice, events: batches } = this.#batchSettler
    batches.on('committed', (batch) => this.events.emit('batched', batch))
    batches.on('dropped', ({ root, reason }) => failed(new Error(`batch ${root} was dropped: ${reason}`)))
    batches.on('failed', failed)
    this.#settler = new Settler(modules, { ...settler, ...(gather && { choose: () => choice.singles() }) })
    this.#settler.events.on('settled', (batch) => this.events.emit('settled', batch))
    this.#settler.events.on('skipped', (skip) => this.events.emit('skipped', skip))
    this.#settler.events.on('failed', failed)
    this.#drawSettler = new DrawSettler(modules, drawSettler)
    const { events: draws } = this.#drawSettler
    draws.on('settled', ({ request, transaction }) => this.events.emit('settled', { requests: [request], transaction }))
    draws.on('refused', (refused) => this.events.emit('drawRefused', refused))
    draws.on('lost', (lost) => this.events.emit('drawsLost', lost))
    draws.on('failed', failed)
  }

  #settlers() {
    return [this.#settler, this.#batchSettler, this.#drawSettler].filter((settler) => settler !== undefined)
  }

  /** Stops taking requests, finishes what is under way, ends the worker. What is unsettled is settled after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#gateway?.stop()
    await Promise.all(this.#settlers().map((settler) => settler.stop()))
    await this.#refresh
    await this.#workers.stop()
    await this.#book?.close()
  }

  /** Publishes a retrieval version by this prover's account and serves it. It answers once validators have attested it. */
  async publishRetrievalVersion(parameters: PublishRetrievalVersionParameters): Promise<PublishedRetrievalVersion> {
    const published = await publishRetrievalVersion(this.#client, this.#options.dataDir, parameters)
    await this.#versions.add(published.version)
    this.events.emit('serving', published.version)
    return published
  }

  /**
   * Tunes the base on Datanets in a worker of its own, publishes the version by this prover's account and serves it. Answers of
   * other versions go on meanwhile. After a crash the same parameters go on from what is on disk and on chain.
   */
  async publishTunedVersion(parameters: PublishTunedVersionParameters): Promise<PublishedTunedVersion> {
    const { dataDir, baseDirectory, worker } = this.#options
    const published = await publishTunedVersion(this.#client, dataDir, {
      ...(baseDirectory && { baseDirectory }),
      ...(worker?.threads && { worker: { threads: worker.threads } }),
      ...parameters,
    })
    await this.#versions.add(published.version)
    this.events.emit('serving', published.version)
    return published
  }

  /** Settles what waits, now: what is drawn, what makes a batch, and what is settled one by one. */
  async settleAll(): Promise<void> {
    await this.#drawSettler.settleAll()
    await this.#batchSettler.settleAll()
    await this.#settler.settleAll()
  }

  status(): ProverStatus {
    return {
      ...this.#book.counts(),
      versions: this.#versions.list().map(({ version }) => version),
      workerPid: this.#workers.pid,
      workerBacklog: this.#workers.backlog,
      device: this.#workers.device,
    }
  }

  async #refreshVersions(): Promise<void> {
    const { added, failed } = await this.#versions.refresh()
    for (const { version } of added) this.events.emit('serving', version)
    for (const error of failed) this.events.emit('failed', error)
  }

  #watchVersions(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#refresh = this.#refreshVersions()
        .catch((error: Error) => {
          this.events.emit('failed', error)
        })
        .finally(() => this.#watchVersions())
    }, this.#options.versionInterval ?? VERSION_INTERVAL)
  }
}
