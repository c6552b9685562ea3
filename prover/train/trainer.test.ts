import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { CheckpointError, checkpointSteps, readCheckpoint } from './checkpoint.ts'
import { packDocuments } from './packing.ts'
import { bigramModel } from './testing/bigram-model.ts'
import { BIGRAM_DATA, bigramRecipe, COUNTING, runBigram } from './testing/bigram-run.ts'
import { DivergedError, type TrainEvent, train } from './trainer.ts'
import { documentData, sequenceData } from './training-data.ts'

const STEPS = 12
const recipe = bigramRecipe(STEPS)
const validation = { sequences: packDocuments(COUNTING, { length: 8, endId: 0, cut: 'windows' }), every: 5 }

let kernel: Kernel
beforeAll(async () => {
  kernel = await loadKernelFromFile()
})
afterAll(() => kernel.close())

async function all(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const taken: TrainEvent[] = []
  for await (const event of events) taken.push(event)
  return taken
}

describe('a training run', () => {
  it('learns, and tells each step', async () => {
    let time = 0
    const clock = () => time++
    const { events } = await runBigram(kernel, { recipe: bigramRecipe(100), validation, clock })
    expect(events.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(events[0]?.loss).toBeGreaterThan(2.5)
    expect(events.at(-1)?.validationLoss).toBeLessThan(0.8)
    const validated = events.filter(({ validationLoss }) => validationLoss !== undefined).map(({ step }) => step)
    expect(validated).toEqual(Array.from({ length: 20 }, (_, index) => 5 * (index + 1)))
    // Three sequences of at most 8 tokens a step, and the clock says one second.
    expect(events[9]?.tokensPerSecond).toBeCloseTo((events[9]?.tokens ?? 0) / 10)
    expect(events[9]?.secondsLeft).toBe(90)
    expect(events[99]?.secondsLeft).toBe(0)
  })

  it('gives back the memory of its moments', async () => {
    const model = bigramModel(kernel)
    const { top } = kernel.arena
    await all(train(model, BIGRAM_DATA, { recipe }))
    expect(kernel.arena.top).toBe(top)
  })

  it('has the same bits as often as it is run', async () => {
    const [first, second] = [await runBigram(kernel, { recipe }), await runBigram(kernel, { recipe })]
    expect(second.parameters).toEqual(first.parameters)
  })

  it('accumulates: a step over three sequences is the step over their targets together', async () => {
    const sequences = packDocuments(COUNTING.slice(0, 3), { length: 64, endId: 0, cut: 'windows' })
    const [joined] = sequences
    expect(sequences).toHaveLength(1)
    const parts = packDocuments(COUNTING.slice(0, 3), { length: 12, endId: 0, cut: 'windows' })
    const lossOf = async (data: typeof parts) => {
      const options = { recipe: { ...recipe, sequencesPerStep: data.length }, stopAfter: 1 }
      return (await all(train(bigramModel(kernel), sequenceData(data, 1n), options)))[0]
    }
    const [apart, together] = [await lossOf(parts), await lossOf([joined!])]
    expect(apart?.tokens).toBe(together?.tokens)
    expect(apart?.loss).toBeCloseTo(together?.loss ?? 0, 6)
    expect(apart?.gradientNorm).toBeCloseTo(together?.gradientNorm ?? 0, 6)
  })

  it('refuses options that cannot be, naming them', async () => {
    const run = (options: object) => all(train(bigramModel(kernel), BIGRAM_DATA, { recipe, ...options }))
    await expect(run({ recipe: { ...recipe, beta2: 1 } })).rejects.toThrow('beta2 is 1, must be from 0 to below 1')
    await expect(run({ recipe: { ...recipe, sequencesPerStep: 0 } })).rejects.toThrow('sequencesPerStep is 0')
    const schedule = { ...recipe.schedule, warmupSteps: 13 }
    await expect(run({ recipe: { ...recipe, schedule } })).rejects.toThrow('warmupSteps is 13')
    await expect(run({ validation: { sequences: [], every: 1 } })).rejects.toThrow('validation.sequences')
    await expect(run({ stopAfter: 0 })).rejects.toThrow('stopAfter is 0')
    expect(() => documentData([], { length: 8, endId: 0, cut: 'windows' }, 1n)).toThrow('there are none to train on')
  })
})

describe('a run that was cut', () => {
  it('goes on with the same bits, wherever and however often it was cut', async () => {
    const whole = await runBigram(kernel, { recipe, validation })
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: STEPS - 1 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(cuts, fc.integer({ min: 1, max: 5 }), async (stops, every) => {
        const directory = await temporaryDirectory()
        const run = (stopAfter: number) =>
          runBigram(kernel, { recipe, validation, stopAfter, checkpoints: { directory, every } })
        for (const stop of stops.toSorted((a, b) => a - b)) await run(stop)
        const rest = await run(STEPS)
        expect(rest.parameters).toEqual(whole.parameters)
        const losses = (events: TrainEvent[]) =>
          events.map(({ loss, validationLoss, tokens }) => ({ loss, validationLoss, tokens }))
        expect(losses(rest.events)).toEqual(losses(whole.events).slice(-rest.events.length))
      }),
      { numRuns: 15 },
    )
  })

  it('writes the same checkpoints, by their hashes', async () => {
    const [whole, cut] = [await temporaryDirectory(), await temporaryDirectory()]
    const keep = Number.POSITIVE_INFINITY
    await runBigram(kernel, { recipe, checkpoints: { directory: whole, every: 3, keep } })
    await runBigram(kernel, { recipe, stopAfter: 6, checkpoints: { directory: cut, every: 3, keep } })
    await runBigram(kernel, { recipe, checkpoints: { directory: cut, every: 3, keep } })
    expect(await checkpointSteps(whole)).toEqual([3, 6, 9, 12])
    for (const step of [3, 6, 9, 12]) {
      expect(await readCheckpoint(cut, step)).toEqual({
        ...(await readCheckpoint(whole, step)),
        path: join(cut, `step-${String(step).padStart(8, '0')}.safetensors`),
      })
    }
  })

  it('by kill -9 goes on with the same bits', { timeout: 60_000 }, async () => {
    const steps = 60
    const directory = await temporaryDirectory()
    const script = fileURLToPath(new URL('./testing/bigram-process.ts', import.meta.url))
    for (let kills = 0; kills < 2; kills++) {
      const child = spawn(process.execPath, [script, directory, String(steps)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const closed = once(child, 'close')
      let seen = 0
      for await (const line of createInterface({ input: child.stdout })) {
        if (line && ++seen === 10 + kills) child.kill('SIGKILL')
      }
      expect((await closed)[1]).toBe('SIGKILL')
    }
    const done = (await checkpointSteps(directory)).at(-1) ?? 0
    expect(done).toBeGreaterThanOrEqual(20)
    expect(done).toBeLessThan(steps)
    const rest = await runBigram(kernel, { recipe: bigramRecipe(steps), checkpoints: { directory, every: 1 } })
    expect(rest.events[0]?.step).toBe(done + 1)
    expect(rest.parameters).toEqual((await runBigram(kernel, { recipe: bigramRecipe(steps) })).parameters)
  })

  it('by its signal leaves a checkpoint of the last whole step, and throws the reason', async () => {
    const directory = await temporaryDirectory()
    const stop = new AbortController()
    const events = train(bigramModel(kernel), BIGRAM_DATA, {
      recipe,
      checkpoints: { directory, every: 100 },
      signal: stop.signal,
    })
    const run = async () => {
      for await (const { step } of events) if (step === 4) stop.abort(new Error('enough'))
    }
    await expect(run()).rejects.toThrow('enough')
    expect(await checkpointSteps(directory)).toEqual([4])
    const rest = await runBigram(kernel, { recipe, checkpoints: { directory, every: 100 } })
    expect(rest.parameters).toEqual((await runBigram(kernel, { recipe })).parameters)
  })
})

describe('a loss that is no number', () => {
  it('ends the run before the step, and keeps the last checkpoint', async () => {
    const directory = await temporaryDirectory()
    const model = bigramModel(kernel)
    let steps = 0
    const spoilt = {
      ...model,
      accumulate: (...args: Parameters<typeof model.accumulate>) => {
        const result = model.accumulate(...args)
        return steps === 3 ? { ...result, loss: Number.NaN } : result
      },
    }
    const run = async () => {
      for await (const { step } of train(spoilt, BIGRAM_DATA, { recipe, checkpoints: { directory, every: 1 } }))
        steps = step
    }
    await expect(run()).rejects.toThrow(DivergedError)
    await expect(run()).rejects.toThrow('step 4: loss is NaN; the step was not taken')
    expect((await checkpointSteps(directory)).at(-1)).toBe(3)
  })
})

describe('a checkpoint', () => {
  it('of another run is refused by the setting that differs', async () => {
    const directory = await temporaryDirectory()
    await runBigram(kernel, { recipe, checkpoints: { directory, every: 6 } })
    const run = runBigram(kernel, { recipe: { ...recipe, beta1: 0.8 }, checkpoints: { directory, every: 6 } })
    await expect(run).rejects.toThrow(
      'the checkpoint of step 12 is of another run: beta1 is 0.9 there and 0.8 here; use another directory',
    )
    const other = documentData(COUNTING, { length: 8, endId: 0, cut: 'anywhere' }, 6n)
    const options = { recipe, checkpoints: { directory, every: 6 } }
    await expect(all(train(bigramModel(kernel), other, options))).rejects.toThrow(CheckpointError)
  })

  it('that is damaged is refused, and says what to do', async () => {
    const directory = await temporaryDirectory()
    const options = { recipe, checkpoints: { directory, every: 6 } }
    await runBigram(kernel, options)
    const tensors = join(directory, 'step-00000012.safetensors')
    const bytes = await readFile(tensors)
    bytes[bytes.length - 9]! ^= 1
    await writeFile(tensors, bytes)
    await expect(runBigram(kernel, options)).rejects.toThrow('it is damaged')
    const json = join(directory, 'step-00000012.json')
    await writeFile(json, (await readFile(json, 'utf8')).replace('"step": 12', '"step": 11'))
    await expect(runBigram(kernel, options)).rejects.toThrow('remove it, and the run goes on from the one before')
    await writeFile(json, '{')
    await expect(runBigram(kernel, options)).rejects.toThrow('is not a checkpoint')
  })

  it('makes room: the newest two stay, and nothing of older or half-written ones', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, '.step-00000003.safetensors.99.tmp'), 'half')
    await runBigram(kernel, { recipe, checkpoints: { directory, every: 2 } })
    expect((await readdir(directory)).sort()).toEqual(
      ['step-00000010.json', 'step-00000010.safetensors', 'step-00000012.json', 'step-00000012.safetensors'].sort(),
    )
  })
})
