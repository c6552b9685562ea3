/** Computes what an answered request owes to whom: the worker's scores as of a recent block, into the journal. */
import { bytesToHex } from 'viem'
import type { CorpusReads } from '../attribute/corpus.ts'
import type { AnswerWorkers } from '../work/supervisor.ts'
import type { AnswerBook, BookedRequest } from './answer-book.ts'
import type { ProverChain } from './prover-chain.ts'

export type AttributionModules = { chain: ProverChain; corpus: CorpusReads; book: AnswerBook; workers: AnswerWorkers }

/** Attributes a request as of the chain's head. A request that is attributed already gets a younger attribution. */
export async function attribute(modules: AttributionModules, request: BookedRequest): Promise<void> {
  const { chain, corpus, book, workers } = modules
  const { prompt, answer, artifact } = await book.answered(request)
  const { number: asOf } = await chain.head()
  const { thresholdZ, maxEntries } = await chain.rules()
  const { contributions, clusters, merged } = await corpus.withdrawn(asOf)
  const rules = { thresholdZ, maxEntries }
  const withdrawn = { contributions: new Set(contributions), clusters: new Set(clusters), merged: new Map(merged) }
  const { query, queryHash, entries } = await workers.score({ artifact, prompt, answer, rules, withdrawn })
  await book.record({
    type: 'attributed',
    request: request.request,
    asOf,
    queryHash,
    ...(query && { query: bytesToHex(query) }),
    entries,
  })
}
