/**
 * What an auditor computes again of a tuned version, and compares: the training between two checkpoints on record, the curvature,
 * and rows. Equal hashes and bits, or not equal; the reference kernel leaves nothing between.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Hex, zeroHash } from 'viem'
import { VOID_ROW } from '../../protocol/lexical.ts'
import type { Row } from '../../protocol/row.ts'
import { repeats } from '../../protocol/same-rows.ts'
import type { TunedArtifact } from '../attribute/artifact.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import { keccakOfFile } from '../attribute/keccak-stream.ts'
import type { CurvatureEvent } from '../features/curvature-run.ts'
import { rowFeatures } from '../features/features.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ADAPTER_CONFIG_FILE } from '../model/adapter-config.ts'
import { adapterCopy, type LoraAdapter, withAdapter } from '../model/lora.ts'
import { ADAPTER_WEIGHTS_FILE, writeAdapter } from '../model/peft.ts'
import type { Transformer } from '../model/transformer.ts'
import {
  type Checkpoint,
  CheckpointError,
  checkpointPaths,
  checkSameRun,
  readCheckpoint,
  restoreCheckpoint,
} from '../train/checkpoint.ts'
import { createMoments } from '../train/optimizer.ts'
import { train } from '../train/trainer.ts'
import { curvatureOf } from './curvature-stage.ts'
import type { TuningPlan } from './plan.ts'
import { featureText } from './row-stage.ts'
import { firstAdapter, lossMicro } from './training-stage.ts'
import type { TunedModel } from './tuned-model.ts'
import { loadBase } from './tuning.ts'
import { type WindowText, windowTexts } from './window-texts.ts'

/** A checkpoint's two files, and its hash as it is on record. */
export type CheckpointFiles = { step: number; checkpointHash: Hex; fields: Uint8Array; tensors: Uint8Array }

/** Of an artifact's list. Throws ArtifactError that names the file where the store does not hold it. */
export async function checkpointFiles(
  store: ArtifactStore,
  artifact: TunedArtifact,
  { step, checkpointHash }: { step: number; checkpointHash: Hex },
): Promise<CheckpointFiles> {
  const fields = await store.file(artifact, ARTIFACT_FILES.checkpointFields(step))
  const tensors = await store.file(artifact, ARTIFACT_FILES.checkpointTensors(step))
  return { step, checkpointHash, fields, tensors }
}

export type ReplayOptions = {
  baseDirectory: string
  plan: TuningPlan
  /** The checkpoint before; the beginning of the run where absent. */
  from?: CheckpointFiles
  /** The step of the checkpoint that is doubted. */
  to: number
  /** Told of each step that was taken. */
  progress?: (step: number) => void
  signal?: AbortSignal
}

export type Replayed = {
  checkpointHash: Hex
  lossMicro: number
  /** Of the adapter that the checkpoint's parameters make: the version's, where it is the last. */
  adapterHash: Hex
}

/**
 * Trains an interval again. Throws CheckpointError where `from` is damaged or not the one on record, RangeError where there is nothing between; and as
 * train does.
 */
export async function replayInterval({ kernel }: { kernel: Kernel }, options: ReplayOptions): Promise<Replayed> {
  const { plan, from, to } = options
  const begin = from?.step ?? 0
  if (!(Number.isSafeInteger(to) && begin < to && to <= plan.steps))
    throw new RangeError(`to is ${to}, must be a step after ${begin} and at most ${plan.steps}`)
  return inFolder(kernel, async (directory) => {
    if (from) await layOut(directory, from)
    return trainAgain(kernel, directory, options)
  })
}

/** What a checkpoint's parameters make, as PEFT has it: hashes of the two files. */
export type CheckpointAdapter = { adapterHash: Hex; adapterConfigHash: Hex }

/** Throws CheckpointError where the checkpoint is damaged, not the one on record, or of another run. */
export async function checkpointAdapter(
  { kernel }: { kernel: Kernel },
  { baseDirectory, plan, checkpoint }: Pick<ReplayOptions, 'baseDirectory' | 'plan'> & { checkpoint: CheckpointFiles },
): Promise<CheckpointAdapter> {
  return inFolder(kernel, async (directory) => {
    const found = await layOut(directory, checkpoint)
    checkSameRun(found, { recipe: plan.recipe.training, dataHash: plan.data.hash })
    const transformer = await loadBase(kernel, baseDirectory)
    const adapter = firstAdapter(transformer, plan)
    const model = withAdapter(transformer, adapter)
    await restoreCheckpoint(found, { model, moments: createMoments(model) })
    return writtenAdapter(directory, transformer, adapter)
  })
}

/** A folder and what the work allocates, for the work only. */
async function inFolder<Result>(kernel: Kernel, work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-replay-'))
  const mark = kernel.arena.mark()
  try {
    return await work(directory)
  } finally {
    kernel.arena.release(mark)
    await rm(directory, { recursive: true, force: true })
  }
}

async function writtenAdapter(
  directory: string,
  transformer: Transformer,
  adapter: LoraAdapter,
): Promise<CheckpointAdapter> {
  await writeAdapter(directory, transformer.config, adapterCopy(transformer, adapter))
  const { hash: adapterHash } = await keccakOfFile(join(directory, ADAPTER_WEIGHTS_FILE))
  const { hash: adapterConfigHash } = await keccakOfFile(join(directory, ADAPTER_CONFIG_FILE))
  return { adapterHash, adapterConfigHash }
}

async function layOut(
  directory: string,
  { step, checkpointHash, fields, tensors }: CheckpointFiles,
): Promise<Checkpoint> {
  const paths = checkpointPaths(directory, step)
  await writeFile(paths.tensors, tensors)
  await writeFile(paths.fields, fields)
  const checkpoint = await readCheckpoint(directory, step)
  if (checkpoint.hash !== checkpointHash)
    throw new CheckpointError(
      `the checkpoint of step ${step} has the hash ${checkpoint.hash}, on record is ${checkpointHash}`,
    )
  return checkpoint
}

async function trainAgain(
  kernel: Kernel,
  directory: string,
  { baseDirectory, plan, to, progress, signal }: ReplayOptions,
): Promise<Replayed> {
  const transformer = await loadBase(kernel, baseDirectory)
  const adapter = firstAdapter(transformer, plan)
  const events = train(withAdapter(transformer, adapter), plan.data, {
    recipe: plan.recipe.training,
    checkpoints: { directory, every: to },
    stopAfter: to,
    ...(signal && { signal }),
  })
  let replayed: Omit<Replayed, 'adapterHash'> | undefined
  for await (const { step, loss, checkpoint } of events) {
    progress?.(step)
    if (checkpoint) replayed = { checkpointHash: checkpoint.hash, lossMicro: lossMicro(loss) }
  }
  if (!replayed) throw new Error(`step ${to} was not reached`)
  const { adapterHash } = await writtenAdapter(directory, transformer, adapter)
  return { ...replayed, adapterHash }
}

/** The curvatureHash of a version's model by the plan. Throws as buildCurvature does. */
export async function recomputeCurvature(
  { featurizer }: Pick<TunedModel, 'featurizer'>,
  { plan, progress, signal }: { plan: TuningPlan; progress?: (event: CurvatureEvent) => void; signal?: AbortSignal },
): Promise<Hex> {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-curvature-'))
  try {
    const options = { directory, subject: zeroHash, ...(signal && { signal }) }
    const events = curvatureOf(featurizer.model, plan, options)
    for (;;) {
      const next = await events.next()
      if (next.done) return next.value.hash
      progress?.(next.value)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/**
 * Rows of a version by their indices, from the contents in its store: what rows of the artifact must equal, scale and all, but for those that are
 * void because they repeat an earlier one. Throws RangeError for an
 * index beyond the rows, ArtifactError for a content that is absent or has no such window.
 */
export async function* recomputeRows(
  model: TunedModel,
  indices: readonly number[],
): AsyncGenerator<{ index: number; row: Row }, void, void> {
  const { artifact, featurizer } = model
  const beyond = indices.find((index) => !artifact.manifest[index])
  if (beyond !== undefined) throw new RangeError(`row ${beyond} of ${artifact.manifest.length}`)
  const windows = windowReader(model)
  const source = {
    count: indices.length,
    read: async (at: number) => featureText(await windows(indices[at]!), artifact.rarity),
  }
  for await (const { index: at, feature } of rowFeatures(featurizer, source)) {
    const index = indices[at]!
    const { scale, signs } = feature ?? VOID_ROW
    const { contribution, cluster } = artifact.rows[index]!
    yield { index, row: { index, contribution, cluster, scale: Math.min(scale, artifact.tuned.maxScale), signs } }
  }
}

/**
 * A row as the version must hold it: void where it repeats an earlier one of its cluster, all of which are computed again too. Throws as
 * {@link recomputeRows}.
 */
export async function recomputePublishedRow(model: TunedModel, index: number): Promise<Row> {
  const { rows } = model.artifact
  const earlier = rows.filter((row) => row.index < index && row.cluster === rows[index]?.cluster)
  const computed: Row[] = []
  for await (const { row } of recomputeRows(model, [...earlier.map((row) => row.index), index])) computed.push(row)
  const row = computed.at(-1)!
  return repeats(computed).at(-1) ? { ...row, ...VOID_ROW } : row
}

/** Windows by row; the content read last is kept. */
function windowReader({ artifact, store, rules }: TunedModel): (index: number) => Promise<WindowText> {
  let current: { hash: Hex; windows: WindowText[] } | undefined
  return async (index) => {
    const { contentHash, start, end } = artifact.manifest[index]!
    if (current?.hash !== contentHash)
      current = { hash: contentHash, windows: windowTexts(await store.content(contentHash), rules) }
    const window = current.windows.find((other) => other.start === start && other.end === end)
    if (!window) throw new RangeError(`item ${index}: content ${contentHash} has no window [${start}, ${end})`)
    return window
  }
}
