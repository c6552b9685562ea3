/** What the stages of a tuning run share. */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import type { ArtifactFile } from '../attribute/artifact-tuned.ts'
import type { LoraAdapter } from '../model/lora.ts'
import type { Transformer } from '../model/transformer.ts'
import type { TuningPlan } from './plan.ts'

export type TuningRun = {
  plan: TuningPlan
  store: ArtifactStore
  /** Of this plan alone. */
  directory: string
  signal: AbortSignal | undefined
}

export type RunModel = { transformer: Transformer; adapter: LoraAdapter }

/** Where the stages keep what they have. */
export const workPaths = (directory: string) => ({
  checkpoints: join(directory, 'checkpoints'),
  journal: join(directory, 'steps.jsonl'),
  adapter: join(directory, 'adapter'),
  curvature: join(directory, 'curvature'),
  rows: join(directory, 'rows'),
})

/** Puts a file into the store, under a name in the artifact. */
export async function keepFile(store: ArtifactStore, name: string, path: string): Promise<ArtifactFile> {
  return { name, ...(await store.putFile(createReadStream(path))) }
}
