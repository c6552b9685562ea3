/**
 * The worker process: loads artifacts, answers, scores. It is started by WorkerSupervisor, speaks messages.ts
 * over IPC, handles one job after another in the order of arrival, and leaves when its prover is gone.
 */
import type { Hex } from 'viem'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import type { Artifact } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { kernelScores, type RowScores, type ScoresEngine } from '../attribute/scores.ts'
import { entriesOf } from '../attribute/settlement-leaf.ts'
import { createRetrievalEngine, type RetrievalEngine } from '../serve/retrieval-engine.ts'
import { computeKnownAnswers } from './known-answers.ts'
import {
  type Job,
  type JobKind,
  type JobResult,
  parseMessage,
  requestSchema,
  WORKER_PROTOCOL,
  type WorkerRequest,
  type WorkerResponse,
} from './messages.ts'

type Loaded = { artifact: Artifact; engine: RetrievalEngine; scores: RowScores }

class Worker {
  readonly #scores: ScoresEngine
  readonly #loaded = new Map<Hex, Loaded>()

  constructor(modules: { scores: ScoresEngine }) {
    this.#scores = modules.scores
  }

  /** Does one job. Throws where it cannot be done. */
  async perform(request: Exclude<WorkerRequest, { type: 'bye' }>): Promise<JobResult<JobKind>> {
    if (request.type === 'prove') return computeKnownAnswers(this.#scores)
    if (request.type === 'load') return this.#load(request)
    if (request.type === 'answer') return this.#version(request.artifact).engine.answer(request.prompt)
    return this.#score(request)
  }

  async #load({ directory, artifact: hash }: Job<'load'>): Promise<JobResult<'load'>> {
    const store = await ArtifactStore.open(directory)
    const artifact = await store.artifact(hash)
    const engine = await createRetrievalEngine(artifact, (content) => store.content(content))
    this.#loaded.set(hash, { artifact, engine, scores: this.#scores(artifact) })
    return { rows: artifact.rows.length, dims: artifact.dims }
  }

  #score({ artifact: hash, prompt, answer, rules, withdrawn }: Job<'score'>): JobResult<'score'> {
    const { artifact, scores } = this.#version(hash)
    const query = answerQuery(artifact, { prompt: textTokenIds(prompt), answer: textTokenIds(answer) })
    const queryHash = answerQueryHash(query)
    if (!query) return { queryHash, entries: [] }
    const entries = entriesOf(artifact, scores(query), rules, withdrawn)
    return { query: new Uint8Array(query.buffer, query.byteOffset, query.byteLength), queryHash, entries }
  }

  #version(hash: Hex): Loaded {
    const loaded = this.#loaded.get(hash)
    if (!loaded) throw new Error(`artifact ${hash} is not loaded`)
    return loaded
  }
}

function say(message: WorkerResponse): void {
  process.send?.(message)
}

async function handle(worker: Worker, request: WorkerRequest): Promise<void> {
  if (request.type === 'bye') process.exit(0)
  const { id } = request
  try {
    say({ v: WORKER_PROTOCOL, type: 'done', id, result: await worker.perform(request) })
  } catch (error) {
    say({ v: WORKER_PROTOCOL, type: 'failed', id, message: error instanceof Error ? error.message : String(error) })
  }
}

const worker = new Worker({ scores: await kernelScores() })
// One after another: the supervisor bounds how many wait.
let turn = Promise.resolve()
process.on('message', (message) => {
  const request = parseMessage(requestSchema, message)
  turn = turn.then(() => handle(worker, request))
})
process.on('disconnect', () => process.exit(0))
say({ v: WORKER_PROTOCOL, type: 'hello', pid: process.pid })
