import { beforeAll, describe, expect, it } from 'vitest'
import { read } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { createAdapter, withAdapter } from '../model/lora.ts'
import { tinyConfig } from '../model/testing/tiny-checkpoint.ts'
import { randomTransformer, weightValues } from '../model/transformer.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { checkpointSteps, readCheckpoint } from './checkpoint.ts'
import { packDocuments } from './packing.ts'
import { USUAL_ADAMW } from './recipe.ts'
import { lossOf, type TrainOptions, train } from './trainer.ts'
import { documentData } from './training-data.ts'

const STEPS = 10
const DOCUMENTS = Array.from({ length: 6 }, (_, first) =>
  Uint32Array.from({ length: 20 }, (_, index) => 10 + ((first + 3 * index) % 40)),
)
const PACKING = { length: 32, endId: 0, cut: 'windows' } as const

const recipe = {
  schedule: { steps: STEPS, warmupSteps: 2, peakRate: 0.02, floorRate: 0.002 },
  sequencesPerStep: 2,
  ...USUAL_ADAMW,
}

/** Tunes a fresh adapter on a tiny random LLaMA; what it is then, how the loss was before and after, and the base's weights. */
async function tune(threads: number, options: Partial<TrainOptions> = {}) {
  // Every operation is shared where there is a thread to share it with.
  const kernel = await loadKernelFromFile({ threads, shareFrom: 0 })
  try {
    const transformer = randomTransformer(kernel, tinyConfig('llama'), 1n)
    const adapter = createAdapter(transformer, { rank: 4, alpha: 8, seed: 2n })
    const model = withAdapter(transformer, adapter)
    const sequences = packDocuments(DOCUMENTS, PACKING)
    const base = weightValues(transformer)
    const before = await lossOf(model, sequences)
    for await (const _ of train(model, documentData(DOCUMENTS, PACKING, 3n), { recipe, ...options }));
    const after = await lossOf(model, sequences)
    return {
      adapter: new Map(model.parameters.map(({ name, value }) => [name, read(kernel, value)])),
      isBaseUntouched: [...weightValues(transformer)].every(([name, values]) => sameBytes(values, base.get(name)!)),
      ...{ before, after },
    }
  } finally {
    await kernel.close()
  }
}

const sameBytes = (a: Float32Array, b: Float32Array) => Buffer.from(a.buffer).equals(Buffer.from(b.buffer))

describe('an adapter, trained by the same trainer', () => {
  let whole: Awaited<ReturnType<typeof tune>>
  beforeAll(async () => {
    whole = await tune(1)
  })

  it('learns, while the base stays as it was', () => {
    expect(whole.after.loss).toBeLessThan(whole.before.loss * 0.95)
    expect(whole.isBaseUntouched).toBe(true)
    const [first] = whole.adapter.keys()
    expect(first).toBe('base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight')
  })

  it('has the same bits with two threads', async () => {
    expect((await tune(2)).adapter).toEqual(whole.adapter)
  })

  it('goes on from its checkpoint with the same bits, which a second trainer of the interval finds too', async () => {
    const [directory, other] = [await temporaryDirectory(), await temporaryDirectory()]
    const checkpoints = { directory, every: 4, keep: Number.POSITIVE_INFINITY }
    await tune(1, { checkpoints, stopAfter: 4 })
    expect((await tune(1, { checkpoints })).adapter).toEqual(whole.adapter)
    await tune(1, { checkpoints: { directory: other, every: 4 }, stopAfter: 8 })
    expect(await checkpointSteps(directory)).toEqual([4, 8, 10])
    expect((await readCheckpoint(other, 8)).hash).toBe((await readCheckpoint(directory, 8)).hash)
  })
})
