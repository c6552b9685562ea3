/**
 * A run's state on disk, from which it goes on with the same bits. Two files for each checkpoint:
 *
 *   step-00000100.safetensors    parameters.NAME, mean.NAME, square.NAME for every trainable tensor, f32
 *   step-00000100.json           step, place in the data, recipe, and the hash of the other file
 *
 * Each is written beside its place, synced and renamed; the JSON comes last, and without it there is no checkpoint. The checkpoint's hash is keccak256
 * of the JSON's fields, the tensors' hash among them: what a run puts on record, and what an auditor who trained the interval again
 * compares.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { z } from 'zod'
import { keccak256 } from '../../protocol/keccak.ts'
import { KERNEL_VERSION, read, type Tensor, write } from '../kernel/f32.ts'
import { memorySource } from '../model/byte-source.ts'
import { encodeSafetensors, readSafetensors, type TensorToWrite } from '../model/safetensors.ts'
import { replaceFile } from '../model/small-file.ts'
import type { TrainableModel } from '../model/trainable.ts'
import type { Moments } from './optimizer.ts'
import { type Recipe, recipeFields } from './recipe.ts'
import type { DataPosition } from './training-data.ts'

/** Version of the JSON's fields. */
const FORMAT = 1

const hash = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value), 'must be 32 bytes')
const count = z.number().int().nonnegative()

const fieldsSchema = z.strictObject({
  format: z.literal(FORMAT),
  kernelVersion: count,
  /** Steps that are done. */
  step: count,
  position: z.strictObject({ epoch: count, sequence: count }),
  /** Targets counted so far. */
  tokens: count,
  recipe: z.record(z.string(), z.string()),
  dataHash: hash,
  tensorsHash: hash,
})

const fileSchema = z.strictObject({ ...fieldsSchema.shape, hash })

type Fields = z.output<typeof fieldsSchema>

export type Checkpoint = Fields & {
  hash: Hex
  /** The safetensors file. */
  path: string
}

/** A checkpoint that cannot be taken: damaged, or of another run. */
export class CheckpointError extends Error {
  override name = 'CheckpointError'
}

/** What a checkpoint is taken of, and restored into. */
export type RunState = { model: TrainableModel; moments: Moments }

export type RunPlace = { step: number; position: DataPosition; tokens: number; recipe: Recipe; dataHash: Hex }

const fileName = (step: number) => `step-${String(step).padStart(8, '0')}`

/** Paths of a checkpoint's two files. */
export function checkpointPaths(directory: string, step: number): { fields: string; tensors: string } {
  const path = join(directory, fileName(step))
  return { fields: `${path}.json`, tensors: `${path}.safetensors` }
}

/** Removes one checkpoint, its JSON first. */
export async function removeCheckpoint(directory: string, step: number): Promise<void> {
  const { fields, tensors } = checkpointPaths(directory, step)
  await rm(fields, { force: true })
  await rm(tensors, { force: true })
}

/** Writes a checkpoint. Throws ModelFileError, and leaves what was there, where a value is not finite. */
export async function saveCheckpoint(directory: string, state: RunState, place: RunPlace): Promise<Checkpoint> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, `${fileName(place.step)}.safetensors`)
  const bytes = encodeSafetensors(tensorsOf(state))
  const fields: Fields = {
    format: FORMAT,
    kernelVersion: KERNEL_VERSION,
    step: place.step,
    position: { epoch: place.position.epoch, sequence: place.position.sequence },
    tokens: place.tokens,
    recipe: recipeFields(place.recipe),
    dataHash: place.dataHash,
    tensorsHash: hashOf(bytes),
  }
  const whole = { ...fields, hash: fieldsHash(fields) }
  await replaceFile(path, [bytes])
  const json = new TextEncoder().encode(`${JSON.stringify(whole, undefined, 2)}\n`)
  await replaceFile(join(directory, `${fileName(place.step)}.json`), [json])
  return { ...whole, path }
}

/** Steps with a checkpoint, ascending; their files may be damaged. */
export async function checkpointSteps(directory: string): Promise<number[]> {
  const files = await readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  const steps = files.map((file) => /^step-(\d{8,})\.json$/.exec(file)?.[1])
  return steps.flatMap((step) => (step === undefined ? [] : [Number(step)])).sort((a, b) => a - b)
}

/** A checkpoint's fields, checked against its hash; its tensors are checked when they are restored. Throws {@link CheckpointError}. */
export async function readCheckpoint(directory: string, step: number): Promise<Checkpoint> {
  const file = `${fileName(step)}.json`
  const damaged = (what: string, cause?: unknown) =>
    new CheckpointError(`${file}: ${what}; remove it, and the run goes on from the one before`, { cause })
  const text = await readFile(join(directory, file), 'utf8')
  let parsed: z.output<typeof fileSchema>
  try {
    parsed = fileSchema.parse(JSON.parse(text))
  } catch (error) {
    throw damaged('is not a checkpoint', error)
  }
  const { hash, ...fields } = parsed
  if (fieldsHash(fields) !== hash) throw damaged(`hash is ${fieldsHash(fields)}, must be ${hash} by the file itself`)
  if (fields.step !== step) throw damaged(`step is ${fields.step}, must be ${step} by the file's name`)
  return { ...parsed, path: join(directory, `${fileName(step)}.safetensors`) }
}

/** Puts a checkpoint's tensors into model and moments, exactly. Throws {@link CheckpointError}; then nothing was changed. */
export async function restoreCheckpoint(checkpoint: Checkpoint, { model, moments }: RunState): Promise<void> {
  const bytes = await readFile(checkpoint.path).catch((cause: unknown) => {
    throw new CheckpointError(`${checkpoint.path}: cannot be read`, { cause })
  })
  const found = hashOf(bytes)
  if (found !== checkpoint.tensorsHash)
    throw new CheckpointError(`${checkpoint.path}: hash is ${found}, must be ${checkpoint.tensorsHash}: it is damaged`)
  const file = await readSafetensors(memorySource(new Uint8Array(bytes), checkpoint.path))
  const places = placesOf({ model, moments })
  const differing = places.filter(({ name, tensor }) => file.tensors.get(name)?.shape.join() !== tensor.shape.join())
  if (differing.length > 0 || places.length !== file.tensors.size)
    throw new CheckpointError(
      `${checkpoint.path}: holds the tensors of another model (${differing[0]?.name ?? 'it has more'})`,
    )
  for (const { name, tensor } of places) write(model.kernel, tensor, await file.read(name))
}

/** Throws {@link CheckpointError} naming the first difference where a checkpoint is of another run. */
export function checkSameRun(checkpoint: Checkpoint, run: { recipe: Recipe; dataHash: Hex }): void {
  const mine = {
    ...recipeFields(run.recipe),
    data: run.dataHash,
    kernelVersion: String(KERNEL_VERSION),
  }
  const theirs: Record<string, string> = {
    ...checkpoint.recipe,
    data: checkpoint.dataHash,
    kernelVersion: String(checkpoint.kernelVersion),
  }
  for (const [field, value] of Object.entries(mine)) {
    if (theirs[field] === value) continue
    throw new CheckpointError(
      `the checkpoint of step ${checkpoint.step} is of another run: ${field} is ${theirs[field]} there and ${value} here; ` +
        'use another directory, or the settings it was begun with',
    )
  }
}

/** Removes all but the newest `keep`, and what a crash left half written. The JSON goes first: a checkpoint is never half there. */
export async function removeOldCheckpoints(directory: string, keep: number): Promise<void> {
  const kept = new Set((await checkpointSteps(directory)).slice(-keep).map(fileName))
  const files = (await readdir(directory)).filter((file) =>
    /^step-\d+\.(json|safetensors)$|^\.step-.*\.tmp$/.test(file),
  )
  for (const file of files.sort()) {
    if (!kept.has(file.replace(/\..*/, ''))) await rm(join(directory, file), { force: true })
  }
}

function placesOf({ model, moments }: RunState): { name: string; tensor: Tensor }[] {
  return model.parameters.flatMap(({ name, value }, index) => [
    { name: `parameters.${name}`, tensor: value },
    { name: `mean.${name}`, tensor: moments[index]!.mean },
    { name: `square.${name}`, tensor: moments[index]!.square },
  ])
}

function tensorsOf(state: RunState): TensorToWrite[] {
  return placesOf(state).map(({ name, tensor }) => ({
    name,
    shape: tensor.shape,
    dtype: 'F32',
    values: read(state.model.kernel, tensor),
  }))
}

/** Of the fields in the schema's order, whatever order they were read in. */
function fieldsHash(fields: Fields): Hex {
  const { epoch, sequence } = fields.position
  const recipe = Object.entries(fields.recipe).sort(([a], [b]) => (a < b ? -1 : 1))
  const ordered = [
    fields.format,
    fields.kernelVersion,
    fields.step,
    [epoch, sequence],
    fields.tokens,
    recipe,
    fields.dataHash,
    fields.tensorsHash,
  ]
  return hashOf(new TextEncoder().encode(JSON.stringify(ordered)))
}

function hashOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(keccak256(bytes)).toString('hex')}`
}
