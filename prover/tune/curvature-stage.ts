/** Second stage: the curvature of the tuned model over a drawn sample of its rows (prover/features), taken up again where it was cut. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { concat, type Hex, keccak256 } from 'viem'
import { z } from 'zod'
import { ARTIFACT_FILES, type ArtifactFile } from '../attribute/artifact-tuned.ts'
import { type Curvature, encodeCurvature } from '../features/curvature.ts'
import { loadCurvature } from '../features/curvature-file.ts'
import {
  buildCurvature,
  type CurvatureEvent,
  type CurvatureOptions,
  type StoredCurvature,
} from '../features/curvature-run.ts'
import type { ObservedModel } from '../features/observed-model.ts'
import { fileExists } from '../model/byte-source.ts'
import { readSmallFile, replaceFile } from '../model/small-file.ts'
import { parseFields, parseJson } from '../model/strict-json.ts'
import { planName, type TuningPlan } from './plan.ts'
import { type TuningRun, workPaths } from './tuning-run.ts'

export type CurvatureStageEvent = { type: 'curvature' } & CurvatureEvent

const hash = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value), 'must be 32 bytes')
const doneSchema = z.strictObject({ subject: hash, curvatureHash: hash })
const DONE_FILE = 'done.json'
const MAX_DONE_BYTES = 4_096

/** Groups of rows between two saves; the sample is small. */
const SAVE_EVERY = 8

export type CurvatureMade = { curvature: Curvature; hash: Hex; file: ArtifactFile }

export async function* makeCurvature(
  { plan, store, directory, signal }: TuningRun,
  { model, adapterHash }: { model: ObservedModel; adapterHash: Hex },
): AsyncGenerator<CurvatureStageEvent, CurvatureMade, void> {
  const { curvature: place } = workPaths(directory)
  await mkdir(place, { recursive: true })
  const subject = keccak256(concat([planName(plan), adapterHash]))
  let made = await madeBefore(place, subject)
  if (!made) {
    const options = { directory: place, subject, saveEvery: SAVE_EVERY, ...(signal && { signal }) }
    made = yield* told(curvatureOf(model, plan, options))
    const done = JSON.stringify({ subject, curvatureHash: made.hash })
    await replaceFile(join(place, DONE_FILE), [new TextEncoder().encode(done)])
  }
  const file = await store.putFile(encodeCurvature(made.curvature))
  return { ...made, file: { name: ARTIFACT_FILES.curvature, ...file } }
}

/** The process's other work has its turn before every event. */
async function* told(
  events: AsyncGenerator<CurvatureEvent, StoredCurvature, void>,
): AsyncGenerator<CurvatureStageEvent, StoredCurvature, void> {
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    await nextTurn()
    yield { type: 'curvature', ...next.value }
  }
}

/** As the recipe has it. */
export function curvatureOf(
  model: ObservedModel,
  { recipe, seeds, windows, curvatureRows }: TuningPlan,
  options: Pick<CurvatureOptions, 'directory' | 'subject' | 'saveEvery' | 'signal'>,
): AsyncGenerator<CurvatureEvent, StoredCurvature, void> {
  const source = {
    count: curvatureRows.length,
    read: async (index: number) => windows[curvatureRows[index]!]!,
  }
  return buildCurvature(model, source, { ...options, labelSeed: seeds.labels, passTokens: recipe.curvature.passTokens })
}

/** Throws ModelFileError or CurvatureError where what was finished is damaged. */
async function madeBefore(directory: string, subject: Hex): Promise<StoredCurvature | undefined> {
  const path = join(directory, DONE_FILE)
  if (!(await fileExists(path))) return undefined
  const done = parseFields(doneSchema, parseJson(await readSmallFile(path, MAX_DONE_BYTES), DONE_FILE), DONE_FILE)
  if (done.subject !== subject) return undefined
  return { curvature: await loadCurvature(directory, done.curvatureHash), hash: done.curvatureHash }
}
