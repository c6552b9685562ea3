import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testAdapters } from '../gpu/testing/adapters.ts'
import { InMemoryChain, TEST_TEXTS } from '../testing/in-memory-chain.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { versionOnDisk } from '../testing/version-on-disk.ts'
import {
  WorkerBusyError,
  WorkerDeviceError,
  WorkerFailedError,
  type WorkerOptions,
  WorkerSupervisor,
} from './supervisor.ts'

const entry = (name: string) => fileURLToPath(new URL(`../testing/${name}.ts`, import.meta.url))

async function started(options: WorkerOptions = {}): Promise<WorkerSupervisor> {
  const supervisor = new WorkerSupervisor({ backOff: 1, ...options })
  onTestFinished(() => supervisor.stop())
  await supervisor.start()
  return supervisor
}

async function withVersion(options: WorkerOptions = {}) {
  const directory = await temporaryDirectory()
  const { hash: artifact } = await versionOnDisk(new InMemoryChain(), directory)
  const supervisor = await started(options)
  await supervisor.load({ directory, artifact })
  return { supervisor, artifact }
}

const NO_ONE = { contributions: new Set<bigint>(), clusters: new Set<bigint>() }
const RULES = { thresholdZ: 5n, maxEntries: 32 }

for (const { name, missing, within } of await testAdapters()) {
  describe.skipIf(missing !== undefined)(`a worker process on ${name}${missing ? ` (${missing})` : ''}`, () => {
    it('gives the entries that a worker on the CPU gives', async () => {
      const [gpu, cpu] = [await within(() => withVersion({ device: 'gpu' })), await withVersion({ device: 'cpu' })]
      expect(gpu.supervisor.device?.kind).toBe('gpu')
      const { artifact } = gpu
      const job = { artifact, prompt: 'timelock', answer: TEST_TEXTS[1]!, rules: RULES, withdrawn: NO_ONE }
      const { entries } = await gpu.supervisor.score(job)
      expect(entries).toEqual((await cpu.supervisor.score(job)).entries)
      expect(entries.length).toBeGreaterThan(0)
      await gpu.supervisor.stop()
    })
  })
}

describe('a supervised worker process', () => {
  it('is another process, and answers and scores from the artifact that it was given', async () => {
    const { supervisor, artifact } = await withVersion()
    expect(supervisor.pid).not.toBe(process.pid)
    const prompt = 'Why does a timelock delay operations?'
    const { text } = await supervisor.answer({ artifact, prompt })
    expect(text).toBe(TEST_TEXTS[1])
    const { entries, query } = await supervisor.score({
      artifact,
      prompt,
      answer: text,
      rules: RULES,
      withdrawn: NO_ONE,
    })
    expect(entries[0]).toMatchObject({ row: 1, cluster: 2n })
    expect(query).toHaveLength(32_768)
  })

  it('leaves rows of withdrawn clusters out of the entries, not those of members who left a cluster that stands', async () => {
    const { supervisor, artifact } = await withVersion()
    const listed = async (clusters: bigint[]) => {
      const withdrawn = { contributions: new Set([2n]), clusters: new Set(clusters) }
      const job = { artifact, prompt: 'timelock', answer: TEST_TEXTS[1]!, rules: RULES, withdrawn }
      return (await supervisor.score(job)).entries.map(({ cluster }) => cluster)
    }
    expect(await listed([2n])).not.toContain(2n)
    expect(await listed([])).toContain(2n)
  })

  it('is replaced when it is killed, and the new one knows the artifacts', async () => {
    const { supervisor, artifact } = await withVersion()
    const first = supervisor.pid!
    const ready = once(supervisor.events, 'ready')
    process.kill(first, 'SIGKILL')
    const [second] = await ready
    expect(second).not.toBe(first)
    expect((await supervisor.answer({ artifact, prompt: 'vesting' })).text).toBe(TEST_TEXTS[5])
  })

  it('gives a job whose worker was killed to the next one', async () => {
    const { supervisor, artifact } = await withVersion()
    const answer = supervisor.answer({ artifact, prompt: 'vesting' })
    process.kill(supervisor.pid!, 'SIGKILL')
    expect((await answer).text).toBe(TEST_TEXTS[5])
  })

  it('fails a job that takes two workers with it', async () => {
    const supervisor = await started({ entry: entry('worker-that-dies') })
    const job = { artifact: `0x${'11'.repeat(32)}` as const, prompt: 'anything' }
    await expect(supervisor.answer(job)).rejects.toThrow(/died 2 times over a job/)
  })

  it('says what is wrong with a job, and goes on', async () => {
    const { supervisor, artifact } = await withVersion()
    const unknown = `0x${'11'.repeat(32)}` as const
    await expect(supervisor.answer({ artifact: unknown, prompt: 'x' })).rejects.toThrow(
      `artifact ${unknown} is not loaded`,
    )
    expect((await supervisor.answer({ artifact, prompt: 'vesting' })).text).toBe(TEST_TEXTS[5])
  })

  it('refuses a job when its queue is full', async () => {
    const { supervisor, artifact } = await withVersion({ maxQueue: 2 })
    const jobs = Array.from({ length: 4 }, () => supervisor.answer({ artifact, prompt: 'vesting' }))
    const outcomes = await Promise.allSettled(jobs)
    // One in hand and two that wait; the fourth was refused at once.
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    await expect(jobs[3]).rejects.toThrow(WorkerBusyError)
  })

  it('is never used when its known answers are wrong', async () => {
    const supervisor = new WorkerSupervisor({ entry: entry('worker-that-errs') })
    await expect(supervisor.start()).rejects.toThrow(/failed its known-answer test: features: computed 0x0000/)
    expect(supervisor.pid).toBeUndefined()
  })

  it('says what it computes scores on', async () => {
    const supervisor = await started({ device: 'cpu' })
    expect(supervisor.device).toEqual({ kind: 'cpu', name: 'WASM SIMD' })
  })

  it('fails to start, saying why, where it must have a device that it cannot have', async () => {
    const supervisor = new WorkerSupervisor({ entry: entry('worker-without-its-device'), device: 'gpu' })
    await expect(supervisor.start()).rejects.toThrow(new WorkerDeviceError('no adapter answers'))
  })

  it('is started on the CPU when the look for a GPU took its process', async () => {
    const supervisor = await started({ entry: entry('worker-with-a-bad-driver') })
    expect(supervisor.device).toEqual({
      ...{ kind: 'cpu', name: 'toy' },
      notice: 'no GPU is tried any more: the worker left while it was starting: code 3',
    })
  })

  it('is followed by one on the CPU when it died over a job on a GPU', async () => {
    const supervisor = await started({ entry: entry('worker-with-a-bad-gpu') })
    expect(supervisor.device).toEqual({ kind: 'gpu', name: 'toy' })
    const { text } = await supervisor.answer({ artifact: `0x${'11'.repeat(32)}`, prompt: 'anything' })
    expect(text).toBe('by the CPU')
    expect(supervisor.device?.kind).toBe('cpu')
    expect(supervisor.device?.notice).toMatch(/^no GPU is tried any more: a worker died over a job: SIGKILL/)
  })

  it('is refused when it speaks another protocol version', async () => {
    const supervisor = new WorkerSupervisor({ entry: entry('worker-of-another-age') })
    await expect(supervisor.start()).rejects.toThrow(/worker message: v:/)
  })

  it('is gone after stop, and jobs fail', async () => {
    const { supervisor, artifact } = await withVersion()
    const pid = supervisor.pid!
    await supervisor.stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await expect(supervisor.answer({ artifact, prompt: 'x' })).rejects.toThrow(WorkerFailedError)
  })
})
