/**
 * Publishes a retrieval version: reads the corpus as of a block, builds the artifact, puts it on disk, and
 * takes the four steps on chain (base, model, run, version). The client's account owns the model and is the
 * publisher. Nothing is sent before the artifact is whole.
 */
import { join } from 'node:path'
import type { Hex } from 'viem'
import { getBlockNumber } from 'viem/actions'
import { getParameter } from '../client/index.ts'
import type { ModelId, RunId, VersionId } from '../genesis/units.ts'
import { ArtifactStore } from './attribute/artifact-store.ts'
import { ChainCorpus } from './attribute/chain-corpus.ts'
import { CorpusError } from './attribute/corpus.ts'
import {
  buildRetrievalVersion,
  RETRIEVAL_ADAPTER_HASH,
  RETRIEVAL_ARCHITECTURE,
  RETRIEVAL_CURVATURE_HASH,
  RETRIEVAL_HYPERPARAMETERS_HASH,
  RETRIEVAL_TOKENIZER_HASH,
  RETRIEVAL_WEIGHTS_HASH,
} from './attribute/retrieval-run.ts'
import type { ProverClient } from './gateway/viem-prover-chain.ts'
import { newBase, newModel, newRun, newVersion, ownModel, type PublicationTerms } from './publication-steps.ts'

export type PublishRetrievalVersionParameters = PublicationTerms & {
  /** L2 block as of which contributions are read; the head where absent. */
  block?: bigint
}

export type PublishedRetrievalVersion = {
  model: ModelId | bigint
  run: RunId
  version: VersionId
  artifactHash: Hex
  featureRoot: Hex
  manifestRoot: Hex
  rows: number
}

/** Where a prover keeps artifacts under its data directory. */
export const artifactDirectory = (dataDir: string): string => join(dataDir, 'versions')

/** Throws {@link CorpusError} where the Datanets hold no text, and the SDK's errors where the chain refuses a step. */
export async function publishRetrievalVersion(
  client: ProverClient,
  dataDir: string,
  parameters: PublishRetrievalVersionParameters,
): Promise<PublishedRetrievalVersion> {
  const datanets = parameters.datanets.map(({ datanet }) => datanet)
  const block = parameters.block ?? (await getBlockNumber(client, { cacheTime: 0 }))
  const maxScaleFactor = await getParameter(client, { name: 'maxScaleFactor' })
  const { artifact, corpus } = await buildRetrievalVersion(new ChainCorpus({ client }), {
    datanets,
    block,
    maxScaleFactor,
  })
  if (artifact.rows.length === 0)
    throw new CorpusError(`Datanets ${datanets.join(', ')} hold no text as of block ${block}`)
  const store = await ArtifactStore.open(artifactDirectory(dataDir))
  const artifactHash = await store.put(artifact, corpus)

  const { manifestRoot, featureRoot, dims, medianScale } = artifact
  const model =
    parameters.model === undefined ? await retrievalModel(client, parameters) : await ownModel(client, parameters.model)
  const run = await newRun(client, {
    model,
    manifestRoot,
    hyperparametersHash: RETRIEVAL_HYPERPARAMETERS_HASH,
    seed: block,
    datanets: parameters.datanets,
  })
  const version = await newVersion(client, {
    run,
    adapterHash: RETRIEVAL_ADAPTER_HASH,
    curvatureHash: RETRIEVAL_CURVATURE_HASH,
    featureRoot,
    artifactHash,
    rows: artifact.rows.length,
    dims,
    medianScale,
  })
  return { model, run, version, artifactHash, featureRoot, manifestRoot, rows: artifact.rows.length }
}

async function retrievalModel(client: ProverClient, terms: PublicationTerms): Promise<ModelId> {
  const base = await newBase(client, {
    weightsHash: RETRIEVAL_WEIGHTS_HASH,
    architecture: RETRIEVAL_ARCHITECTURE,
    tokenizerHash: RETRIEVAL_TOKENIZER_HASH,
  })
  return newModel(client, base, terms)
}
