/**
 * The versions that a gateway answers for: their artifact on disk, equal to what the chain committed to, and loaded
 * by the worker. A retrieval version whose artifact is not on disk is built again from the chain's contents; a tuned one is
 * fetched by hash from the sources that are named.
 */
import { ArtifactError, isTuned } from '../attribute/artifact.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import type { CorpusReads } from '../attribute/corpus.ts'
import { buildRetrievalVersion, RETRIEVAL_HYPERPARAMETERS_HASH } from '../attribute/retrieval-run.ts'
import type { JobResult } from '../work/messages.ts'
import type { AnswerWorkers } from '../work/supervisor.ts'
import { fetchArtifact } from './artifact-source.ts'
import type { Prices } from './price.ts'
import type { ProverChain, VersionState } from './prover-chain.ts'
import { versionDifferences } from './version-check.ts'

/** A version cannot be served: the message says which and why. */
export class VersionError extends Error {
  override name = 'VersionError'
}

type Modules = { chain: ProverChain; corpus: CorpusReads; store: ArtifactStore; workers: AnswerWorkers }

export type VersionKind = JobResult<'load'>['kind']

export type ServedVersionsOptions = {
  /** Where the artifact store lies, for the worker. */
  directory: string
  /** Folder of the base model of tuned versions. */
  baseDirectory?: string
  /** Base URLs of gateways from which artifacts of tuned versions are fetched. */
  sources?: readonly string[]
}

/** Looks between two tries of a version that cannot be served. */
const MOST_WAITS = 64

export class ServedVersions {
  readonly #modules: Modules
  readonly #options: ServedVersionsOptions
  readonly #versions = new Map<bigint, VersionState>()
  readonly #kinds = new Map<bigint, VersionKind>()
  /** Versions that could not be served: how many looks to leave out before the next try, and how many after that. */
  readonly #waits = new Map<bigint, { left: number; next: number }>()

  constructor(modules: Modules, options: ServedVersionsOptions) {
    this.#modules = modules
    this.#options = options
  }

  /** Serves a version from now on. Throws {@link VersionError}. */
  async add(version: bigint): Promise<VersionState> {
    const known = this.#versions.get(version)
    if (known) return known
    const state = await this.#modules.chain.version(version)
    if (!state) throw new VersionError(`version ${version} is not on chain`)
    if (state.hyperparametersHash !== RETRIEVAL_HYPERPARAMETERS_HASH) await this.#fetch(state)
    else if (!(await this.#modules.store.bytes(state.artifactHash))) await this.#rebuild(state)
    await this.#check(state)
    const { directory, baseDirectory } = this.#options
    const job = { directory, artifact: state.artifactHash, ...(baseDirectory && { baseDirectory }) }
    const { kind } = await this.#modules.workers.load(job).catch((error: Error) => {
      throw new VersionError(`version ${version}: ${error.message}`, { cause: error })
    })
    this.#kinds.set(version, kind)
    this.#versions.set(version, state)
    return state
  }

  /**
   * Serves every version of the publishers that this prover serves. Returns those that are new; what keeps one of them from being
   * served keeps no other. Such a version is tried again after 1, 2, 4 … looks.
   */
  async refresh(): Promise<{ added: VersionState[]; failed: Error[] }> {
    const published = await this.#modules.chain.publishedVersions()
    const fresh = published.filter((version) => !this.#versions.has(version))
    const added: VersionState[] = []
    const failed: Error[] = []
    for (const version of fresh) {
      if (this.#mustWait(version)) continue
      try {
        added.push(await this.add(version))
        this.#waits.delete(version)
      } catch (error) {
        if (!(error instanceof VersionError || error instanceof ArtifactError)) throw error
        failed.push(error)
        const { next } = this.#waits.get(version) ?? { next: 1 }
        this.#waits.set(version, { left: next, next: Math.min(2 * next, MOST_WAITS) })
      }
    }
    return { added, failed }
  }

  #mustWait(version: bigint): boolean {
    const wait = this.#waits.get(version)
    return wait !== undefined && wait.left-- > 0
  }

  /** Who writes the answers of a served version; retrieval where it is not served. */
  kindOf(version: bigint): VersionKind {
    return this.#kinds.get(version) ?? 'retrieval'
  }

  get(version: bigint): VersionState | undefined {
    return this.#versions.get(version)
  }

  /** Ascending by id. */
  list(): VersionState[] {
    return [...this.#versions.values()].sort((a, b) => Number(a.version - b.version))
  }

  /** The latest live version of a model. */
  async latestOf(model: bigint): Promise<VersionState | undefined> {
    for (const state of this.list().reverse()) {
      if (state.model === model && (await this.isLive(state.version))) return state
    }
    return undefined
  }

  /** Asked anew each time: a version ceases to be live when its publisher retires it, or a proof fails it. */
  isLive(version: bigint): Promise<boolean> {
    return this.#modules.chain.isLive(version)
  }

  /** What its model asks now. */
  prices({ model }: VersionState): Promise<Prices> {
    return this.#modules.chain.prices(model)
  }

  /** The artifact and the files of a tuned version, from where they can be had. */
  async #fetch({ version, artifactHash }: VersionState): Promise<void> {
    const { store } = this.#modules
    if (await store.bytes(artifactHash)) return
    const reasons: string[] = []
    for (const url of this.#options.sources ?? []) {
      try {
        return await fetchArtifact(store, artifactHash, { url })
      } catch (error) {
        // Of fetch itself: TypeError.
        if (!(error instanceof ArtifactError || error instanceof TypeError)) throw error
        reasons.push(`${url}: ${error.message}`)
      }
    }
    const tried = reasons.length > 0 ? reasons.join('; ') : 'no source to fetch it from is named'
    throw new VersionError(
      `version ${version} is tuned: its artifact ${artifactHash} is not on disk, and whoever trained it must give it (${tried})`,
    )
  }

  /** What the artifact says must be what the chain says, or nothing that is settled by it could be repeated. */
  async #check(state: VersionState): Promise<void> {
    const artifact = await this.#modules.store.artifact(state.artifactHash)
    if (isTuned(artifact) === (state.hyperparametersHash === RETRIEVAL_HYPERPARAMETERS_HASH))
      throw new VersionError(`version ${state.version}: its artifact is not of the kind that its run names`)
    const [first] = versionDifferences(state, artifact)
    if (!first) return
    const { what, onChain, inArtifact } = first
    throw new VersionError(`version ${state.version}: ${what} is ${onChain} on chain, its artifact says ${inArtifact}`)
  }

  async #rebuild(state: VersionState): Promise<void> {
    const { maxScaleFactor } = await this.#modules.chain.rules()
    const { datanets, seed: block } = state
    const { artifact, corpus } = await buildRetrievalVersion(this.#modules.corpus, { datanets, block, maxScaleFactor })
    const hash = await this.#modules.store.put(artifact, corpus)
    if (hash !== state.artifactHash) {
      throw new VersionError(
        `version ${state.version}: the contents give artifact ${hash}, the chain says ${state.artifactHash}`,
      )
    }
  }
}
