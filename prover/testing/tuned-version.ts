/** A tiny tuned version over the in-memory chain's contents: trained in this process, and published there as version 1. */
import { readCorpus } from '../attribute/corpus.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import type { Kernel } from '../kernel/f32.ts'
import { recipeHash } from '../tune/recipe.ts'
import { TINY_TEXTS, tinyTuning, tuneUntil } from '../tune/testing/tiny-tuning.ts'
import type { TunedResult, TuneOptions } from '../tune/tuning.ts'
import { InMemoryChain } from './in-memory-chain.ts'

export type PublishedTuning = { chain: InMemoryChain; options: TuneOptions; result: TunedResult; state: VersionState }

/** `directory` gets the base, the store and the training's own folder. */
export async function tunedVersion(kernel: Kernel, directory: string): Promise<PublishedTuning> {
  const chain = new InMemoryChain(TINY_TEXTS)
  const corpus = await readCorpus(chain, { datanets: [1n], block: chain.block })
  const options = await tinyTuning(kernel, directory, { corpus })
  const result = (await tuneUntil(kernel, options)).result!
  const { manifestRoot, adapterHash, curvatureHash, featureRoot, artifactHash, rows, medianScale } = result
  chain.published = {
    ...(await chain.publish()),
    ...{ manifestRoot, adapterHash, curvatureHash, featureRoot, artifactHash, rows, medianScale },
    hyperparametersHash: recipeHash(options.recipe),
    base: { id: 1n, ...options.recipe.base },
  }
  return { chain, options, result, state: chain.published }
}
