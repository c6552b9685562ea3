/**
 * Publishes a retrieval version: reads the corpus as of a block, builds the artifact, puts it on disk, and
 * takes the four steps on chain (base, model, run, version). The client's account owns the model and is the
 * publisher. Nothing is sent before the artifact is whole.
 */
import { join } from 'node:path'
import { type Hex, isAddressEqual } from 'viem'
import { getBlockNumber } from 'viem/actions'
import {
  confirmTransaction,
  createdModel,
  createModel,
  getModel,
  getParameter,
  openedRun,
  openRun,
  publishedVersion,
  publishVersion,
  registerBase,
  registeredBase,
} from '../client/index.ts'
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

export type PublishRetrievalVersionParameters = {
  /** Datanets with their weights in basis points, which add up to 10,000. */
  datanets: readonly { datanet: bigint; weightBps: number }[]
  /** Name of the model, where none exists yet. */
  name: string
  /** Wei per 1,000 tokens of prompt and of answer, where no model exists yet. */
  pricePer1kIn: bigint
  pricePer1kOut: bigint
  /** A model of this account's to add the version to; a new one where absent. */
  model?: bigint
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
    parameters.model === undefined ? await newModel(client, parameters) : await ownModel(client, parameters.model)
  const runHash = await openRun(client, {
    model,
    manifestRoot,
    hyperparametersHash: RETRIEVAL_HYPERPARAMETERS_HASH,
    seed: block,
    datanets: parameters.datanets,
  })
  const run = openedRun(await confirmTransaction(client, { hash: runHash }))
  const versionHash = await publishVersion(client, {
    run,
    adapterHash: RETRIEVAL_ADAPTER_HASH,
    curvatureHash: RETRIEVAL_CURVATURE_HASH,
    featureRoot,
    artifactHash,
    rows: artifact.rows.length,
    dims,
    medianScale,
    bond: await getParameter(client, { name: 'versionBond' }),
  })
  const version = publishedVersion(await confirmTransaction(client, { hash: versionHash }))
  return { model, run, version, artifactHash, featureRoot, manifestRoot, rows: artifact.rows.length }
}

async function newModel(client: ProverClient, parameters: PublishRetrievalVersionParameters): Promise<ModelId> {
  const baseHash = await registerBase(client, {
    weightsHash: RETRIEVAL_WEIGHTS_HASH,
    architecture: RETRIEVAL_ARCHITECTURE,
    tokenizerHash: RETRIEVAL_TOKENIZER_HASH,
  })
  const base = registeredBase(await confirmTransaction(client, { hash: baseHash }))
  const { pricePer1kIn, pricePer1kOut, name } = parameters
  const datanets = parameters.datanets.map(({ datanet }) => datanet)
  const hash = await createModel(client, { base, datanets, pricePer1kIn, pricePer1kOut, name })
  return createdModel(await confirmTransaction(client, { hash }))
}

/** A model that the client's account owns; the chain would refuse the run only after the artifact was sent. */
async function ownModel(client: ProverClient, model: bigint): Promise<bigint> {
  const { owner } = await getModel(client, { model })
  if (!isAddressEqual(owner, client.account.address))
    throw new Error(`model ${model} belongs to ${owner}, not to ${client.account.address}`)
  return model
}
