/**
 * How a retrieval version is described on chain, so that anybody can build its artifact again from the
 * contents alone. Its run's `seed` is the number of the L2 block as of which its corpus was read: the
 * publisher picks no other number, and the block says which contributions are in. There are no weights: base,
 * adapter and curvature carry the hash of a sentence that says so.
 */
import { type Hex, keccak256, stringToBytes } from 'viem'
import { WINDOW_TOKENS } from '../../protocol/manifest.ts'
import { MAX_NGRAM } from '../../protocol/ngrams.ts'
import { DIMS } from '../../protocol/row.ts'
import { type Artifact, buildArtifact } from './artifact.ts'
import { type Corpus, type CorpusReads, readCorpus } from './corpus.ts'

const hashOf = (text: string): Hex => keccak256(stringToBytes(text))

export const RETRIEVAL_ARCHITECTURE = 'retrieval-bm25'
export const RETRIEVAL_WEIGHTS_HASH = hashOf('openledger retrieval 1: no weights')
export const RETRIEVAL_TOKENIZER_HASH = hashOf('openledger lexical tokens 1')
export const RETRIEVAL_ADAPTER_HASH = hashOf('openledger retrieval 1: no adapter')
export const RETRIEVAL_CURVATURE_HASH = hashOf('openledger retrieval 1: no curvature')

/** Everything besides corpus and seed that a retrieval run is made with; its hash is the run's hyperparametersHash. */
export const RETRIEVAL_HYPERPARAMETERS = JSON.stringify({
  engine: RETRIEVAL_ARCHITECTURE,
  features: 'lexical-1',
  windowTokens: WINDOW_TOKENS,
  maxNgram: MAX_NGRAM,
  dims: DIMS,
})
export const RETRIEVAL_HYPERPARAMETERS_HASH = hashOf(RETRIEVAL_HYPERPARAMETERS)

export type RetrievalBuild = { corpus: Corpus; artifact: Artifact }

/** Builds a retrieval version from the chain's contents as of a block. */
export async function buildRetrievalVersion(
  reads: CorpusReads,
  request: { datanets: readonly bigint[]; block: bigint; maxScaleFactor: bigint },
): Promise<RetrievalBuild> {
  const corpus = await readCorpus(reads, request)
  return { corpus, artifact: buildArtifact(corpus, { seed: request.block, maxScaleFactor: request.maxScaleFactor }) }
}
