import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { areSame } from '../../protocol/same-rows.ts'
import { isTuned, type TunedArtifact } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { CheckpointError } from '../train/checkpoint.ts'
import { planTuning, type TuningPlan } from './plan.ts'
import {
  checkpointAdapter,
  checkpointFiles,
  recomputeCurvature,
  recomputePublishedRow,
  recomputeRows,
  replayInterval,
} from './replay.ts'
import { tinyTuning, tuneUntil } from './testing/tiny-tuning.ts'
import { openTunedModel } from './tuned-model.ts'
import type { TunedResult, TuneOptions } from './tuning.ts'

let kernel: Kernel
let directory: string
let options: TuneOptions
let result: TunedResult
let plan: TuningPlan
let store: ArtifactStore
let artifact: TunedArtifact
beforeAll(async () => {
  kernel = await loadKernelFromFile()
  directory = await mkdtemp(join(tmpdir(), 'openledger-replay-test-'))
  options = await tinyTuning(kernel, directory)
  result = (await tuneUntil(kernel, options)).result!
  store = await ArtifactStore.open(options.storeDirectory)
  plan = await planTuning(options)
  const found = await store.artifact(result.artifactHash)
  if (!isTuned(found)) throw new Error('not tuned')
  artifact = found
})
afterAll(async () => {
  await kernel.close()
  await rm(directory, { recursive: true })
})

const replay = (to: number, from?: Parameters<typeof replayInterval>[1]['from']) =>
  replayInterval({ kernel }, { baseDirectory: options.baseDirectory, plan, to, ...(from && { from }) })

describe('an interval of the training, replayed', () => {
  it('ends in the checkpoint on record, from the beginning and from every checkpoint to the next', async () => {
    const [first, second, third] = result.steps as [Step, Step, Step]
    expect(await replay(2)).toMatchObject({ checkpointHash: first.checkpointHash, lossMicro: first.lossMicro })
    expect(await replay(4, await checkpointFiles(store, artifact, first))).toMatchObject({
      checkpointHash: second.checkpointHash,
      lossMicro: second.lossMicro,
    })
    expect(await replay(5, await checkpointFiles(store, artifact, second))).toEqual({
      checkpointHash: third.checkpointHash,
      lossMicro: third.lossMicro,
      adapterHash: result.adapterHash,
    })
  })

  it('has in every checkpoint an adapter, and in the last one the version’s', async () => {
    const { baseDirectory } = options
    const made = async (step: Step, of = plan) =>
      checkpointAdapter(
        { kernel },
        { baseDirectory, plan: of, checkpoint: await checkpointFiles(store, artifact, step) },
      )
    const [first, , third] = result.steps as [Step, Step, Step]
    const config = artifact.tuned.files.find(({ name }) => name === ARTIFACT_FILES.adapterConfig)!
    expect(await made(third)).toEqual({ adapterHash: result.adapterHash, adapterConfigHash: config.hash })
    expect((await made(first)).adapterHash).not.toBe(result.adapterHash)
    const other = { ...plan, data: { ...plan.data, hash: result.adapterHash } }
    await expect(made(third, other)).rejects.toThrow('the checkpoint of step 5 is of another run: data is')
  })

  it('ends elsewhere where the run was another', async () => {
    const other = { ...plan, seeds: { ...plan.seeds, adapter: plan.seeds.adapter + 1n } }
    const found = await replayInterval({ kernel }, { baseDirectory: options.baseDirectory, plan: other, to: 2 })
    expect(found.checkpointHash).not.toBe(result.steps[0]!.checkpointHash)
  })

  it('does not begin from a checkpoint that is not the one on record, or is damaged', async () => {
    const files = await checkpointFiles(store, artifact, result.steps[0]!)
    const { checkpointHash } = result.steps[1]!
    await expect(replay(4, { ...files, checkpointHash })).rejects.toThrow(/step 2 has the hash .*, on record is/)
    const tensors = files.tensors.with(200, files.tensors[200]! ^ 1)
    await expect(replay(4, { ...files, tensors: new Uint8Array(tensors) })).rejects.toThrow(CheckpointError)
  })

  it('says what steps there are', async () => {
    await expect(replay(6)).rejects.toThrow('to is 6, must be a step after 0 and at most 5')
    await expect(replay(2, await checkpointFiles(store, artifact, result.steps[0]!))).rejects.toThrow('a step after 2')
  })
})

type Step = TunedResult['steps'][number]

describe('features, computed again', () => {
  it('are the rows of the artifact, in every bit, whichever are asked for; the one that repeats another is void there', async () => {
    const mark = kernel.arena.mark()
    const model = await openTunedModel({ kernel, store }, { ...options, artifactHash: result.artifactHash })
    for await (const { index, row } of recomputeRows(model, [5, 0, 3])) expect(row).toEqual(artifact.rows[index])
    const all: number[] = []
    for await (const { index, row } of recomputeRows(model, [...artifact.rows.keys()])) {
      if (index < 6) expect(row).toEqual(artifact.rows[index])
      else expect([areSame(row, artifact.rows[5]!), artifact.rows[index]!.scale]).toEqual([true, 0])
      all.push(index)
    }
    expect(all).toEqual([0, 1, 2, 3, 4, 5, 6])
    await expect(recomputeRows(model, [7]).next()).rejects.toThrow('row 7 of 7')
    for (const index of [0, 5, 6]) expect(await recomputePublishedRow(model, index)).toEqual(artifact.rows[index])
    kernel.arena.release(mark)
  })

  it('have the curvature that the artifact names', async () => {
    const mark = kernel.arena.mark()
    const model = await openTunedModel({ kernel, store }, { ...options, artifactHash: result.artifactHash })
    expect(await recomputeCurvature(model, { plan })).toBe(result.curvatureHash)
    kernel.arena.release(mark)
  })
})
