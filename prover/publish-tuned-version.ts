/**
 * Publishes a tuned version: reads the corpus as of a block, trains an adapter and computes rows in a worker of its own, and takes
 * the steps on chain: base, model, run before the training; checkpoints as they come; the version at the end.
 *
 *     dataDir/tuning/KEY/publication.json    the block as of which the corpus was read; the version once there is one
 *     dataDir/tuning/KEY/block-N/            checkpoints, curvature and rows in the making; gone when the version is published
 *
 * A kill at any place loses at most the steps since the last checkpoint: the next call with the same parameters finds the block
 * on disk (or in a run without a version), the rest on chain, and goes on. KEY names Datanets, recipe and model.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hex, keccak256, stringToBytes } from 'viem'
import { getBlockNumber } from 'viem/actions'
import { z } from 'zod'
import { ArtifactStore } from './attribute/artifact-store.ts'
import { ChainCorpus } from './attribute/chain-corpus.ts'
import { parameterAt } from './attribute/chain-parameters.ts'
import { CorpusError, readCorpus } from './attribute/corpus.ts'
import type { ProverClient } from './gateway/viem-prover-chain.ts'
import { replaceFile } from './model/small-file.ts'
import { type FoundRun, findBase, findModel, findRuns, ownTransactionsMined, PublicationError } from './publication.ts'
import { newBase, newModel, newRun, newVersion, ownModel, type PublicationTerms } from './publication-steps.ts'
import { artifactDirectory } from './publish-retrieval-version.ts'
import { StepRecorder } from './step-recorder.ts'
import { baseHashes, SHIPPED_BASE } from './tune/base-model.ts'
import { type CorpusOutline, outlineOf } from './tune/corpus-outline.ts'
import { planTuning } from './tune/plan.ts'
import { encodeRecipe, recipeFor, recipeHash, type TuneRecipe, type TuneSettings } from './tune/recipe.ts'
import type { TunedResult, TuneEvent } from './tune/tuning.ts'
import { type WorkerOptions, WorkerSupervisor } from './work/supervisor.ts'

/** A model of the account's by the name of these terms, over the same base and Datanets, is taken where there is one. */
export type PublishTunedVersionParameters = PublicationTerms & {
  /** L2 block as of which contributions are read; where absent that of an unfinished run, or the head. */
  block?: bigint
  /** How to train. */
  settings: TuneSettings
  /** Hugging Face folder of the base; the one of this repository where absent. */
  baseDirectory?: string
  /** Of the process that trains. */
  worker?: Pick<WorkerOptions, 'threads' | 'jobTimeout' | 'entry'>
  progress?: (event: TuneEvent) => void
  /** Ends the training; the next call goes on. */
  signal?: AbortSignal
}

export type PublishedTunedVersion = {
  model: bigint
  run: bigint
  version: bigint
  artifactHash: Hex
  featureRoot: Hex
  manifestRoot: Hex
  rows: number
  steps: TunedResult['steps']
}

/** Milliseconds without progress after which a worker that trains is taken for stuck. */
const SILENCE = 300_000

const publicationSchema = z.object({
  block: z.string().regex(/^\d+$/).transform(BigInt),
  version: z.string().optional(),
})

/**
 * Throws {@link CorpusError} where the Datanets hold no text, {@link PublicationError} where chain and training do not go together,
 * WorkerFailedError where the training failed, the signal's reason, and the SDK's errors where the chain refuses a step.
 */
export async function publishTunedVersion(
  client: ProverClient,
  dataDir: string,
  parameters: PublishTunedVersionParameters,
): Promise<PublishedTunedVersion> {
  const baseDirectory = parameters.baseDirectory ?? SHIPPED_BASE
  const recipe = recipeFor(await baseHashes(baseDirectory), parameters.settings)
  await ownTransactionsMined(client)
  const model = await ensureModel(client, parameters, recipe)
  const runs = await findRuns(client, model, recipeHash(recipe))
  const directory = join(dataDir, 'tuning', keyOf(parameters, recipe))
  await mkdir(directory, { recursive: true })
  const block = parameters.block ?? (await unfinishedBlock(directory, runs)) ?? (await headBlock(client))
  await writePublication(directory, { block })

  const storeDirectory = artifactDirectory(dataDir)
  const corpus = await storedCorpus(client, storeDirectory, parameters, block)
  const { manifestRoot } = await planTuning({ baseDirectory, storeDirectory, recipe, corpus })
  const known = runs.find(({ seed }) => seed === block)
  if (known && known.manifestRoot !== manifestRoot)
    throw new PublicationError(
      `run ${known.run} has manifest root ${known.manifestRoot}, these contents ${manifestRoot}`,
    )
  const run =
    known?.run ??
    (await newRun(client, {
      model,
      manifestRoot,
      hyperparametersHash: recipeHash(recipe),
      seed: block,
      datanets: parameters.datanets,
    }))

  const workDirectory = join(directory, `block-${block}`)
  const maxScaleFactor = await parameterAt(client, 'maxScaleFactor', block)
  const job = { baseDirectory, storeDirectory, workDirectory, recipe: encodeRecipe(recipe), corpus, maxScaleFactor }
  const tuned = await tuneOnRecord(client, run, job, parameters)
  if (tuned.manifestRoot !== manifestRoot)
    throw new PublicationError(`the worker planned manifest root ${tuned.manifestRoot}, run ${run} has ${manifestRoot}`)
  const version = known?.version ?? (await newVersion(client, { run, ...tuned }))
  await writePublication(directory, { block, version })
  await rm(workDirectory, { recursive: true, force: true })
  const { artifactHash, featureRoot, rows, steps } = tuned
  return { model, run, version, artifactHash, featureRoot, manifestRoot, rows, steps }
}

/** The corpus with its contents in the store. */
async function storedCorpus(
  client: ProverClient,
  storeDirectory: string,
  parameters: PublishTunedVersionParameters,
  block: bigint,
): Promise<CorpusOutline> {
  const datanets = parameters.datanets.map(({ datanet }) => datanet)
  const corpus = await readCorpus(new ChainCorpus({ client }), { datanets, block })
  if (corpus.documents.length === 0)
    throw new CorpusError(`Datanets ${datanets.join(', ')} hold no text as of block ${block}`)
  const store = await ArtifactStore.open(storeDirectory)
  await store.putContents(corpus)
  return outlineOf(corpus)
}

/** Trains in a worker process, and records the checkpoints meanwhile. */
async function tuneOnRecord(
  client: ProverClient,
  run: bigint,
  job: Parameters<WorkerSupervisor['tune']>[0],
  { worker, signal, progress }: PublishTunedVersionParameters,
): Promise<TunedResult> {
  const failure = new AbortController()
  const recorder = await StepRecorder.open(client, run, { onFailure: (error) => failure.abort(error) })
  const supervisor = new WorkerSupervisor({ device: 'cpu', jobTimeout: SILENCE, ...worker })
  await supervisor.start()
  try {
    const signals = signal ? [signal, failure.signal] : [failure.signal]
    const tuned = await supervisor.tune(job, {
      signal: AbortSignal.any(signals),
      progress: (event) => {
        if (event.type === 'step' && event.recorded) recorder.record({ step: event.step, ...event.recorded })
        progress?.(event)
      },
    })
    // Also those that were taken before a restart, wherever it was.
    for (const step of tuned.steps) recorder.record(step)
    await recorder.recorded()
    return tuned
  } finally {
    await supervisor.stop()
  }
}

async function ensureModel(
  client: ProverClient,
  parameters: PublishTunedVersionParameters,
  recipe: TuneRecipe,
): Promise<bigint> {
  if (parameters.model !== undefined) return ownModel(client, parameters.model)
  const { name } = parameters
  const datanets = parameters.datanets.map(({ datanet }) => datanet)
  const base = (await findBase(client, recipe.base)) ?? (await newBase(client, recipe.base))
  return (await findModel(client, { base, name, datanets })) ?? (await newModel(client, base, parameters))
}

/** Of a publication that was begun here and is not done, or of a run that has no version. */
async function unfinishedBlock(directory: string, runs: readonly FoundRun[]): Promise<bigint | undefined> {
  const begun = await readPublication(directory)
  if (begun && begun.version === undefined) return begun.block
  return runs.find(({ version }) => version === undefined)?.seed
}

const headBlock = (client: ProverClient) => getBlockNumber(client, { cacheTime: 0 })

function keyOf({ datanets, name, model }: PublishTunedVersionParameters, recipe: TuneRecipe): string {
  const parts = [
    recipeHash(recipe),
    model ?? name,
    ...datanets.map(({ datanet, weightBps }) => `${datanet}:${weightBps}`),
  ]
  return keccak256(stringToBytes(JSON.stringify(parts.map(String)))).slice(2, 18)
}

const publicationPath = (directory: string) => join(directory, 'publication.json')

async function readPublication(directory: string) {
  const text = await readFile(publicationPath(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : publicationSchema.parse(JSON.parse(text))
}

function writePublication(directory: string, { block, version }: { block: bigint; version?: bigint }): Promise<void> {
  const fields = { block: block.toString(), ...(version !== undefined && { version: version.toString() }) }
  return replaceFile(publicationPath(directory), [new TextEncoder().encode(`${JSON.stringify(fields)}\n`)])
}
