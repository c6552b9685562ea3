/** What a worker can do, job by job: load an artifact, answer, score, and prove that it computes right. */
import type { Hex } from 'viem'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import type { Artifact } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import type { LaterScores, LaterScoresEngine } from '../attribute/scores.ts'
import { entriesOf } from '../attribute/settlement-leaf.ts'
import { createRetrievalEngine, type RetrievalEngine } from '../serve/retrieval-engine.ts'
import { computeKnownAnswers } from './known-answers.ts'
import type { Job, JobKind, JobResult, WorkerRequest } from './messages.ts'

type Loaded = { artifact: Artifact; engine: RetrievalEngine; scores: LaterScores }

export class WorkerJobs {
  readonly #scores: LaterScoresEngine
  readonly #loaded = new Map<Hex, Loaded>()

  constructor(modules: { scores: LaterScoresEngine }) {
    this.#scores = modules.scores
  }

  /** Does one job. Throws where it cannot be done. */
  async perform(request: Exclude<WorkerRequest, { type: 'bye' }>): Promise<JobResult<JobKind>> {
    if (request.type === 'prove') return await computeKnownAnswers(this.#scores)
    if (request.type === 'load') return this.load(request)
    if (request.type === 'answer') return this.answer(request)
    return this.score(request)
  }

  async load({ directory, artifact: hash }: Job<'load'>): Promise<JobResult<'load'>> {
    const known = this.#loaded.get(hash)
    // Its name is its content: what is loaded is what would be.
    if (known) return { rows: known.artifact.rows.length, dims: known.artifact.dims }
    const store = await ArtifactStore.open(directory)
    const artifact = await store.artifact(hash)
    const engine = await createRetrievalEngine(artifact, (content) => store.content(content))
    this.#loaded.set(hash, { artifact, engine, scores: await this.#scores(artifact) })
    return { rows: artifact.rows.length, dims: artifact.dims }
  }

  async answer({ artifact, prompt }: Job<'answer'>): Promise<JobResult<'answer'>> {
    return this.#version(artifact).engine.answer(prompt)
  }

  async score({ artifact: hash, prompt, answer, rules, withdrawn }: Job<'score'>): Promise<JobResult<'score'>> {
    const { artifact, scores } = this.#version(hash)
    const query = answerQuery(artifact, { prompt: textTokenIds(prompt), answer: textTokenIds(answer) })
    const queryHash = answerQueryHash(query)
    if (!query) return { queryHash, entries: [] }
    const entries = entriesOf(artifact, await scores(query), rules, withdrawn)
    return { query: new Uint8Array(query.buffer, query.byteOffset, query.byteLength), queryHash, entries }
  }

  #version(hash: Hex): Loaded {
    const loaded = this.#loaded.get(hash)
    if (!loaded) throw new Error(`artifact ${hash} is not loaded`)
    return loaded
  }
}
