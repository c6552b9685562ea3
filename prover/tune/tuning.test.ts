import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VOID_ROW } from '../../protocol/lexical.ts'
import { decodeRow, encodeRow } from '../../protocol/row.ts'
import { artifactHash, decodeArtifact, encodeArtifact, isTuned } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { planName, planTuning } from './plan.ts'
import { tinyTuning, tuneUntil } from './testing/tiny-tuning.ts'
import { type TunedResult, type TuneOptions, tune } from './tuning.ts'
import { workPaths } from './tuning-run.ts'

let kernel: Kernel
/** What every run of these options must come to, and its events. */
let result: TunedResult
let types: string[]
beforeAll(async () => {
  kernel = await loadKernelFromFile()
  const directory = await mkdtemp(join(tmpdir(), 'openledger-tune-'))
  const run = await tuneUntil(kernel, await tinyTuning(kernel, directory))
  await rm(directory, { recursive: true })
  result = run.result!
  types = run.events.map(({ type }) => type)
})
afterAll(() => kernel.close())

async function finishedRun(): Promise<TuneOptions> {
  const options = await tinyTuning(kernel, await temporaryDirectory())
  await tuneUntil(kernel, options)
  return options
}

/** Where a run keeps what it has. */
async function workOf(options: TuneOptions) {
  return workPaths(join(options.workDirectory, planName(await planTuning(options)).slice(2, 18)))
}

describe('tuning', () => {
  it('plans, trains, makes the curvature and the rows, and tells every step of it', () => {
    expect([...new Set(types)]).toEqual(['planned', 'step', 'curvature', 'rows'])
    expect(types.filter((type) => type === 'step')).toHaveLength(5)
    expect(types.filter((type) => type === 'rows')).toHaveLength(7)
    expect(result.steps.map(({ step }) => step)).toEqual([2, 4, 5])
    expect(result.lossLast).toBeLessThan(result.lossFirst)
    expect(result).toMatchObject({ rows: 7, dims: 32_768 })
  })

  it('leaves an artifact whose rows and files are all in the store', async () => {
    const options = await finishedRun()
    const store = await ArtifactStore.open(options.storeDirectory)
    const artifact = await store.artifact(result.artifactHash)
    expect(artifact).toMatchObject({
      featureRoot: result.featureRoot,
      manifestRoot: result.manifestRoot,
      medianScale: result.medianScale,
      tuned: { adapterHash: result.adapterHash, recipeHash: result.recipeHash, checkpoints: result.steps },
    })
    if (!isTuned(artifact)) throw new Error('not tuned')
    expect(artifact.tuned.files.map(({ name }) => name)).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
      ...[2, 4, 5].flatMap((step) => [ARTIFACT_FILES.checkpointFields(step), ARTIFACT_FILES.checkpointTensors(step)]),
      'curvature',
      'recipe.json',
    ])
    for (const { name, size } of artifact.tuned.files) expect(await store.file(artifact, name)).toHaveLength(size)
    expect(artifact.rows.every(({ scale }) => scale <= artifact.tuned.maxScale)).toBe(true)
    // The last text's second window says what its first says, to this small model: it is void.
    expect(artifact.rows.map(({ scale }) => scale > 0)).toEqual([true, true, true, true, true, true, false])
    expect(artifact.rows[6]!.signs).toEqual(VOID_ROW.signs)
    expect(artifactHash(encodeArtifact(decodeArtifact(encodeArtifact(artifact))))).toBe(result.artifactHash)
    expect(decodeRow(encodeRow(artifact.rows[6]!))).toMatchObject({ index: 6, contribution: 6n })
  })

  it('has the same hashes with two threads', async () => {
    const other = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
    try {
      const options = await tinyTuning(other, await temporaryDirectory())
      expect((await tuneUntil(other, options)).result).toEqual(result)
    } finally {
      await other.close()
    }
  })

  it('has others with another block, as all seeds follow from it', async () => {
    const options = await tinyTuning(kernel, await temporaryDirectory())
    const other = { ...options, corpus: { ...options.corpus, block: 78n } }
    const { result: found } = await tuneUntil(kernel, other)
    expect(found!.manifestRoot).toBe(result.manifestRoot)
    expect(found!.adapterHash).not.toBe(result.adapterHash)
    expect(found!.featureRoot).not.toBe(result.featureRoot)
  })

  it('releases what it took of the arena, finished or dropped', async () => {
    const before = kernel.arena.mark()
    const options = await finishedRun()
    for (const cut of [4, 8, 15])
      await tuneUntil(kernel, { ...options, workDirectory: await temporaryDirectory() }, cut)
    expect(kernel.arena.mark()).toEqual(before)
  })
})

describe('a tuning run that is cut', () => {
  it('comes to the same result wherever it was dropped, and tells its steps again', { timeout: 180_000 }, async () => {
    const shared = await tinyTuning(kernel, await temporaryDirectory())
    for (let cut = 1; cut <= types.length; cut++) {
      const options = { ...shared, workDirectory: join(shared.workDirectory, `${cut}`) }
      const first = await tuneUntil(kernel, options, cut)
      const second = await tuneUntil(kernel, options)
      expect(second.result, `dropped after event ${cut} (${types[cut - 1]})`).toEqual(result)
      const recorded = first.events.filter((event) => event.type === 'step' && event.recorded)
      expect(second.events).toEqual(expect.arrayContaining(recorded))
    }
  })

  it('comes to the same result through sittings of a few events each', async () => {
    const options = await tinyTuning(kernel, await temporaryDirectory())
    // A sitting tells again what was told before, so each goes a little further.
    for (let cut = 2; ; cut += 3) {
      const sitting = await tuneUntil(kernel, options, cut)
      if (!sitting.result) continue
      expect(sitting.result).toEqual(result)
      return
    }
  })

  it.each(['step', 'curvature', 'rows'])('stops when it is told to, at its first %s, and goes on', async (type) => {
    const options = await tinyTuning(kernel, await temporaryDirectory())
    const stop = new AbortController()
    const events = tune({ kernel }, { ...options, signal: stop.signal })
    const stopped = async () => {
      for await (const event of events) if (event.type === type) stop.abort(new Error('told to stop'))
    }
    await expect(stopped()).rejects.toThrow('told to stop')
    expect((await tuneUntil(kernel, options)).result).toEqual(result)
  })

  it('goes on after kill -9 in every stage', { timeout: 60_000 }, async () => {
    const directory = await temporaryDirectory()
    const script = fileURLToPath(new URL('./testing/tuning-process.ts', import.meta.url))
    for (const stage of ['step', 'curvature', 'rows']) {
      const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
      const closed = once(child, 'close')
      let seen = 0
      for await (const line of createInterface({ input: child.stdout })) {
        if (line === stage && ++seen === 3) child.kill('SIGKILL')
      }
      expect((await closed)[1]).toBe('SIGKILL')
    }
    expect((await tuneUntil(kernel, await tinyTuning(kernel, directory))).result).toEqual(result)
  })

  it('takes steps again whose lines were torn, and rows whose bytes were', async () => {
    const options = await finishedRun()
    const work = await workOf(options)
    const text = await readFile(work.journal, 'utf8')
    await writeFile(work.journal, text.slice(0, text.lastIndexOf('"step":4')))
    await truncate(work.rows, 38 + 4_106 * 3 + 1_000)
    const again = await tuneUntil(kernel, options)
    expect(again.result).toEqual(result)
    expect(again.events.filter(({ type }) => type === 'rows')).toHaveLength(4)
  })

  it('does not take a row whose bits have changed', async () => {
    const options = await finishedRun()
    const { rows } = await workOf(options)
    const bytes = await readFile(rows)
    await writeFile(rows, bytes.with(38 + 4_106 * 2 + 77, bytes[38 + 4_106 * 2 + 77]! ^ 1))
    const again = await tuneUntil(kernel, options)
    expect(again.result).toEqual(result)
    expect(again.events.filter(({ type }) => type === 'rows')).toHaveLength(5)
  })

  it('says which checkpoint is damaged', async () => {
    const options = await finishedRun()
    const { checkpoints } = await workOf(options)
    const newest = (await readdir(checkpoints)).filter((name) => name.endsWith('.safetensors')).at(-1)!
    await appendFile(join(checkpoints, newest), 'x')
    await expect(tuneUntil(kernel, options)).rejects.toThrow(/step-00000005\.safetensors: hash is .* it is damaged/)
  })
})
