/** What a worker can do, job by job: load a version, answer, score, tune, and prove that it computes right. */
import { setImmediate } from 'node:timers/promises'
import type { Hex } from 'viem'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import { type Artifact, isTuned } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import type { LaterScores, LaterScoresEngine, ScoredRows } from '../attribute/scores.ts'
import { entriesOf } from '../attribute/settlement-leaf.ts'
import type { Kernel } from '../kernel/f32.ts'
import type { Generation } from '../serve/generation.ts'
import { createRetrievalEngine } from '../serve/retrieval-engine.ts'
import { PromptError, writeAnswer } from '../serve/text-engine.ts'
import { parseRecipe } from '../tune/recipe.ts'
import { openTunedModel, tunedQuery } from '../tune/tuned-model.ts'
import { type TuneEvent, tune } from '../tune/tuning.ts'
import { computeKnownAnswers } from './known-answers.ts'
import type { Job, JobKind, JobRequest, JobResult } from './messages.ts'
import { JobInputError } from './worker-errors.ts'

/** A version in memory: how it answers, and what its answers ask of its rows. */
type Loaded = {
  kind: JobResult<'load'>['kind']
  artifact: ScoredRows
  scores: LaterScores
  answer(prompt: string, generation: Generation | undefined): Promise<JobResult<'answer'>>
  query(texts: { prompt: string; answer: string }): Int8Array | undefined
}

/** How a job that goes on for long is watched, and ended. */
export type JobWatch = { signal?: AbortSignal; progress?: (event: TuneEvent) => void }

export class WorkerJobs {
  readonly #scores: LaterScoresEngine
  readonly #kernel: Kernel
  readonly #loaded = new Map<Hex, Loaded>()

  /** Jobs share the kernel: one at a time. */
  constructor(modules: { scores: LaterScoresEngine; kernel: Kernel }) {
    this.#scores = modules.scores
    this.#kernel = modules.kernel
  }

  /** Does one job. Throws where it cannot be done; the next one can. */
  async perform(request: JobRequest, watch: JobWatch = {}): Promise<JobResult<JobKind>> {
    if (request.type === 'prove') return await computeKnownAnswers({ scores: this.#scores, kernel: this.#kernel })
    if (request.type === 'load') return this.load(request)
    if (request.type === 'answer') return this.answer(request)
    if (request.type === 'score') return this.score(request)
    return this.tune(request, watch)
  }

  async load({ directory, artifact: hash, baseDirectory }: Job<'load'>): Promise<JobResult<'load'>> {
    // Its name is its content: what is loaded is what would be.
    const version =
      this.#loaded.get(hash) ?? (await this.#open(await ArtifactStore.open(directory), hash, baseDirectory))
    this.#loaded.set(hash, version)
    const { kind, artifact } = version
    return { kind, rows: artifact.rows.length, dims: artifact.dims }
  }

  /** Throws {@link JobInputError} for a prompt that the model cannot go on from. */
  async answer({ artifact, prompt, generation }: Job<'answer'>): Promise<JobResult<'answer'>> {
    return await this.#version(artifact)
      .answer(prompt, generation)
      .catch((error: unknown) => {
        throw error instanceof PromptError ? new JobInputError('prompt', error.message) : error
      })
  }

  async score({ artifact: hash, prompt, answer, rules, withdrawn }: Job<'score'>): Promise<JobResult<'score'>> {
    const { artifact, scores, query: queryOf } = this.#version(hash)
    const query = queryOf({ prompt, answer })
    const queryHash = answerQueryHash(query)
    if (!query) return { queryHash, entries: [] }
    const entries = entriesOf(artifact, await scores(query), rules, withdrawn)
    return { query: new Uint8Array(query.buffer, query.byteOffset, query.byteLength), queryHash, entries }
  }

  /** The same directories go on from what an earlier worker has left there. */
  async tune({ recipe, ...job }: Job<'tune'>, { signal, progress }: JobWatch = {}): Promise<JobResult<'tune'>> {
    const { arena } = this.#kernel
    const mark = arena.mark()
    try {
      const options = { ...job, recipe: parseRecipe(recipe), ...(signal && { signal }) }
      const events = tune({ kernel: this.#kernel }, options)
      for (;;) {
        const next = await events.next()
        if (next.done) return next.value
        progress?.(next.value)
        // Messages get their turn, above all one that ends this.
        await setImmediate()
      }
    } finally {
      arena.release(mark)
    }
  }

  async #open(store: ArtifactStore, hash: Hex, baseDirectory: string | undefined): Promise<Loaded> {
    const artifact = await store.artifact(hash)
    if (!isTuned(artifact)) return this.#openRetrieval(store, artifact)
    if (!baseDirectory) throw new Error(`artifact ${hash} is a tuned model's: the folder of its base must be named`)
    return this.#openTuned(store, hash, baseDirectory)
  }

  async #openRetrieval(store: ArtifactStore, artifact: Artifact): Promise<Loaded> {
    const engine = await createRetrievalEngine(artifact, (content) => store.content(content))
    return {
      kind: 'retrieval',
      artifact,
      scores: await this.#scores(artifact),
      answer: async (prompt) => engine.answer(prompt),
      query: ({ prompt, answer }) =>
        answerQuery(artifact, { prompt: textTokenIds(prompt), answer: textTokenIds(answer) }),
    }
  }

  /** Stays in the kernel's arena, above what is loaded already; nothing of it does where it cannot be opened. */
  async #openTuned(store: ArtifactStore, artifactHash: Hex, baseDirectory: string): Promise<Loaded> {
    const { arena } = this.#kernel
    const mark = arena.mark()
    try {
      const model = await openTunedModel({ kernel: this.#kernel, store }, { artifactHash, baseDirectory })
      return {
        kind: 'lora',
        artifact: model.artifact,
        scores: await this.#scores(model.artifact),
        answer: (prompt, generation) => writeAnswer(model, prompt, generation),
        query: (texts) => tunedQuery(model, texts),
      }
    } catch (error) {
      arena.release(mark)
      throw error
    }
  }

  #version(hash: Hex): Loaded {
    const loaded = this.#loaded.get(hash)
    if (!loaded) throw new Error(`artifact ${hash} is not loaded`)
    return loaded
  }
}
