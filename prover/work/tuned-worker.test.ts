import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { checkQuery } from '../../protocol/query.ts'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { type PublishedTuning, tunedVersion } from '../testing/tuned-version.ts'
import { baseHashes } from '../tune/base-model.ts'
import { encodeRecipe, recipeFor } from '../tune/recipe.ts'
import { TINY_SETTINGS } from '../tune/testing/tiny-tuning.ts'
import type { TuneEvent, TuneOptions } from '../tune/tuning.ts'
import type { Job } from './messages.ts'
import { JobInputError, WorkerFailedError, type WorkerOptions, WorkerSupervisor } from './supervisor.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})
afterAll(() => kernel.close())

const NO_ONE = { contributions: new Set<bigint>(), clusters: new Set<bigint>() }
const RULES = { thresholdZ: 0n, maxEntries: 32 }
const PROMPT = 'contract Vault {\n    function getVault('
const HOSTILE = '{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}'
const GENERATION = { maxTokens: 24, temperature: 0.9, topP: 0.95, stop: [], seed: 5n }

async function started(options: WorkerOptions = {}): Promise<WorkerSupervisor> {
  const supervisor = new WorkerSupervisor({ backOff: 1, device: 'cpu', ...options })
  onTestFinished(() => supervisor.stop())
  await supervisor.start()
  return supervisor
}

const loadJob = ({ options, result }: PublishedTuning): Job<'load'> => ({
  directory: options.storeDirectory,
  artifact: result.artifactHash,
  baseDirectory: options.baseDirectory,
})

function tuneJob({ recipe, signal: _, ...options }: TuneOptions): Job<'tune'> {
  return { ...options, recipe: encodeRecipe(recipe) }
}

describe('a worker with a tuned version', () => {
  let directory: string
  let version: PublishedTuning
  let supervisor: WorkerSupervisor
  let artifact: `0x${string}`

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'openledger-tuned-'))
    version = await tunedVersion(kernel, directory)
    artifact = version.result.artifactHash
    supervisor = new WorkerSupervisor({ device: 'cpu' })
    await supervisor.start()
    expect(await supervisor.load(loadJob(version))).toEqual({ kind: 'lora', rows: 7, dims: 32_768 })
  })
  afterAll(async () => {
    await supervisor.stop()
    await rm(directory, { recursive: true })
  })

  it('writes the same text for the same seed, in another process and on two threads, and another for another', async () => {
    const two = await started({ threads: 2 })
    await two.load(loadJob(version))
    const job = { artifact, prompt: PROMPT, generation: GENERATION }
    const answer = await supervisor.answer(job)
    expect(answer).toMatchObject({ engine: 'lora', hits: [] })
    expect(answer.text.length).toBeGreaterThan(0)
    expect(await two.answer(job)).toEqual(answer)
    expect((await supervisor.answer({ ...job, generation: { ...GENERATION, seed: 6n } })).text).not.toBe(answer.text)
  })

  it('ends at a stop string, which is no part of the text', async () => {
    const { text } = await supervisor.answer({ artifact, prompt: PROMPT, generation: GENERATION })
    const stop = text.slice(3, 5)
    const generation = { ...GENERATION, stop: [stop] }
    expect((await supervisor.answer({ artifact, prompt: PROMPT, generation })).text).toBe(
      text.slice(0, text.indexOf(stop)),
    )
  })

  it('scores by the query that the model gives, a void one without entries', async () => {
    const job = { artifact, rules: RULES, withdrawn: NO_ONE }
    const scored = await supervisor.score({ ...job, prompt: PROMPT, answer: 'address who) external view' })
    expect(scored.query && checkQuery(new Int8Array(scored.query))).toBeUndefined()
    expect(scored.entries.length).toBeGreaterThan(0)
    expect(await supervisor.score({ ...job, prompt: PROMPT, answer: '' })).toEqual({
      queryHash: `0x${'00'.repeat(32)}`,
      entries: [],
    })
  })

  it.each([
    ['an empty one', '', /^is empty/],
    ['one that is too long', 'uint256 '.repeat(400), /^has \d+ tokens, this model takes 31 of a prompt/],
  ])('refuses a prompt, %s, as the job’s fault, and goes on', async (_, prompt, reason) => {
    const pid = supervisor.pid
    const error: unknown = await supervisor.answer({ artifact, prompt }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(JobInputError)
    expect(error).toMatchObject({ field: 'prompt', message: expect.stringMatching(reason) })
    expect((await supervisor.answer({ artifact, prompt: PROMPT })).engine).toBe('lora')
    expect(supervisor.pid).toBe(pid)
  })

  /** A folder beside the good one, spoilt. */
  const spoilt: [string, RegExp, (job: Job<'load'> & { baseDirectory: string }) => Promise<void>][] = [
    [
      'weights that are cut short',
      /another base model/,
      ({ baseDirectory }) => truncate(join(baseDirectory, 'model.safetensors'), 5_000),
    ],
    [
      'a tokenizer that is no JSON',
      /another base model/,
      ({ baseDirectory }) => writeFile(join(baseDirectory, 'tokenizer.json'), '{"model": '),
    ],
    [
      'an adapter that was changed',
      /adapter_model\.safetensors: file 0x[0-9a-f]{64} hashes to/,
      async ({ directory }) => {
        const path = join(directory, 'files', version.result.adapterHash)
        const bytes = await readFile(path)
        bytes[bytes.length - 1]! ^= 1
        await writeFile(path, bytes)
      },
    ],
    [
      'an artifact that is cut short',
      /hashes to/,
      ({ directory, artifact }) => truncate(join(directory, 'artifacts', artifact), 100),
    ],
  ]
  it(`refuses to load ${spoilt.map(([what]) => what).join(', ')}, and goes on`, async () => {
    const fresh = await started()
    const { pid } = fresh
    const good = loadJob(version)
    for (const [, reason, spoil] of spoilt) {
      const copy = await temporaryDirectory()
      const bad = { ...good, directory: join(copy, 'store'), baseDirectory: join(copy, 'base') }
      await cp(good.directory, bad.directory, { recursive: true })
      await cp(good.baseDirectory!, bad.baseDirectory, { recursive: true })
      await spoil(bad)
      await expect(fresh.load(bad)).rejects.toThrow(reason)
    }
    expect(await fresh.load(good)).toMatchObject({ kind: 'lora' })
    expect(fresh.pid).toBe(pid)
  })

  it('says that a folder must be named for a tuned version where there is none', async () => {
    const { baseDirectory: _, ...job } = loadJob(version)
    await expect((await started()).load(job)).rejects.toThrow(/the folder of its base must be named/)
  })
})

describe('a worker that tunes', () => {
  async function prepared() {
    const { options, result } = await tunedVersion(kernel, await temporaryDirectory())
    // From the beginning again, in another folder.
    return { result, job: { ...tuneJob(options), workDirectory: await temporaryDirectory() } }
  }

  it('gives what tuning gives here, and tells of its progress', async () => {
    const { job, result } = await prepared()
    const events: TuneEvent[] = []
    expect(await (await started()).tune(job, { progress: (event) => events.push(event) })).toEqual(result)
    expect([...new Set(events.map(({ type }) => type))]).toEqual(['planned', 'step', 'curvature', 'rows'])
  })

  it('is followed by another that goes on, when it is killed in the middle', async () => {
    const { job, result } = await prepared()
    const supervisor = await started()
    let killed = 0
    const progress = (event: TuneEvent) => {
      if ((event.type === 'step' && event.step === 3 && killed === 0) || (event.type === 'rows' && killed === 1)) {
        killed++
        process.kill(supervisor.pid!, 'SIGKILL')
      }
    }
    expect(await supervisor.tune(job, { progress })).toEqual(result)
    expect(killed).toBe(2)
  })

  it('ends when it is told to, and does the same job from where it was', async () => {
    const { job, result } = await prepared()
    const supervisor = await started()
    const pid = supervisor.pid
    const end = new AbortController()
    const reason = new Error('not today')
    const tuning = supervisor.tune(job, { signal: end.signal, progress: () => end.abort(reason) })
    await expect(tuning).rejects.toBe(reason)
    expect(await supervisor.tune(job)).toEqual(result)
    expect(supervisor.pid).toBe(pid)
    await expect(supervisor.tune(job, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('may be stopped in the middle', async () => {
    const { job } = await prepared()
    const supervisor = await started({ stopGrace: 10_000 })
    const begun = Promise.withResolvers<void>()
    const tuning = supervisor.tune(job, { progress: () => begun.resolve() })
    const failed = expect(tuning).rejects.toThrow(WorkerFailedError)
    await begun.promise
    await supervisor.stop()
    await failed
  })

  it('says what is wrong with what it is given, and goes on', async () => {
    const { job, result } = await prepared()
    const supervisor = await started()
    const { pid } = supervisor
    const bad: [Job<'tune'>, RegExp][] = [
      [{ ...job, recipe: new Uint8Array(40) }, /recipe\.json/],
      [{ ...job, storeDirectory: await temporaryDirectory() }, /no content 0x/],
      [{ ...job, baseDirectory: await temporaryDirectory() }, /config\.json/],
      [{ ...job, corpus: { ...job.corpus, documents: [] } }, /no text|no rows|no document/i],
      [await withBase(job, (directory) => truncate(join(directory, 'model.safetensors'), 3_000)), /model\.safetensors/],
      [await withBase(job, (directory) => writeFile(join(directory, 'tokenizer.json'), HOSTILE)), /tokenizer\.json/],
      [await withBase(job, spoilLastWeight), /not a finite number/],
    ]
    for (const [spoilt, reason] of bad) await expect(supervisor.tune(spoilt)).rejects.toThrow(reason)
    expect(await supervisor.tune(job)).toEqual(result)
    expect(supervisor.pid).toBe(pid)
  })

  it('leaves others free to answer', async () => {
    const { options, result } = await tunedVersion(kernel, await temporaryDirectory())
    const [tuner, answerer] = [await started(), await started()]
    const { baseDirectory, storeDirectory: directory } = options
    await answerer.load({ directory, baseDirectory, artifact: result.artifactHash })
    const begun = Promise.withResolvers<void>()
    const job = { ...tuneJob(options), workDirectory: await temporaryDirectory() }
    const tuning = tuner.tune(job, { progress: () => begun.resolve() })
    await begun.promise
    expect(tuner.backlog).toBe(1)
    const { engine } = await answerer.answer({ artifact: result.artifactHash, prompt: PROMPT })
    expect(engine).toBe('lora')
    await tuning
  })
})

/** The job over a spoilt copy of the base, with a recipe for it, so that it is the files themselves that are refused. */
async function withBase(job: Job<'tune'>, spoil: (directory: string) => Promise<unknown>): Promise<Job<'tune'>> {
  const baseDirectory = await temporaryDirectory()
  await cp(job.baseDirectory, baseDirectory, { recursive: true })
  await spoil(baseDirectory)
  const recipe = encodeRecipe(recipeFor(await baseHashes(baseDirectory), TINY_SETTINGS))
  return { ...job, baseDirectory, recipe }
}

/** The last weight is made infinite. */
async function spoilLastWeight(directory: string): Promise<void> {
  const path = join(directory, 'model.safetensors')
  const bytes = await readFile(path)
  bytes.writeUInt16LE(0x7f80, bytes.length - 2)
  await writeFile(path, bytes)
}
