/**
 * The versions that a gateway answers for: their artifact on disk, equal to what the chain committed to, and loaded
 * by the worker. An artifact that is not on disk is built again from the chain's contents.
 */
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import type { CorpusReads } from '../attribute/corpus.ts'
import { buildRetrievalVersion, RETRIEVAL_HYPERPARAMETERS_HASH } from '../attribute/retrieval-run.ts'
import type { AnswerWorkers } from '../work/supervisor.ts'
import type { ProverChain, VersionState } from './prover-chain.ts'

/** A version cannot be served: the message says which and why. */
export class VersionError extends Error {
  override name = 'VersionError'
}

type Modules = { chain: ProverChain; corpus: CorpusReads; store: ArtifactStore; workers: AnswerWorkers }

export class ServedVersions {
  readonly #modules: Modules
  readonly #directory: string
  readonly #versions = new Map<bigint, VersionState>()
  /** A version never ceases to be live. */
  readonly #live = new Set<bigint>()

  /** `directory`: where the artifact store lies, for the worker. */
  constructor(modules: Modules, options: { directory: string }) {
    this.#modules = modules
    this.#directory = options.directory
  }

  /** Serves a version from now on. Throws {@link VersionError}. */
  async add(version: bigint): Promise<VersionState> {
    const known = this.#versions.get(version)
    if (known) return known
    const state = await this.#modules.chain.version(version)
    if (!state) throw new VersionError(`version ${version} is not on chain`)
    if (!(await this.#modules.store.bytes(state.artifactHash))) await this.#rebuild(state)
    await this.#modules.workers.load({ directory: this.#directory, artifact: state.artifactHash })
    this.#versions.set(version, state)
    return state
  }

  /** Serves every version of the publishers that this prover serves; returns those that are new. */
  async refresh(): Promise<VersionState[]> {
    const published = await this.#modules.chain.publishedVersions()
    const fresh = published.filter((version) => !this.#versions.has(version))
    const added: VersionState[] = []
    for (const version of fresh) added.push(await this.add(version))
    return added
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

  async isLive(version: bigint): Promise<boolean> {
    if (!this.#live.has(version) && (await this.#modules.chain.isLive(version))) this.#live.add(version)
    return this.#live.has(version)
  }

  async #rebuild(state: VersionState): Promise<void> {
    if (state.hyperparametersHash !== RETRIEVAL_HYPERPARAMETERS_HASH) {
      throw new VersionError(
        `version ${state.version} is not a retrieval version of this program, and its artifact is not on disk`,
      )
    }
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
