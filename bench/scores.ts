/**
 * `bench scores`: one-bit rows against int8 queries at 32,768 dimensions, the WASM kernel against plain
 * TypeScript (protocol/score.ts) on the same bytes, with as many threads on both sides. The peer takes
 * part of the rows, as its rate does not depend on their number. Beside the figures stands how fast the threads only read
 * the rows: no kernel that keeps one bit per dimension can pass that for one query. Where a GPU answers, scores-gpu.ts adds its lines.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { readScoresModule } from '../prover/kernel/scores-file.ts'
import { type BenchOptions, type BenchResult, compare, median, printNote, printResult, seconds } from './measure.ts'
import { runOnGpu } from './scores-gpu.ts'
import type { ThreadData, ThreadTask } from './threads/scores-thread.ts'

const DIMS = 32_768
/** 64 MiB of rows: more than a processor's cache. */
const ROWS = 16_384
const PLAIN_ROWS = 256
const ROUNDS = 7
const QUERIES = [1, 64]
const THREADS = [1, 2]

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const count of THREADS) {
    const threads = await startThreads(count)
    try {
      const bytesPerSecond = await readingSpeed(threads)
      printNote(
        `${count} thread${count > 1 ? 's' : ''} read rows at ${(bytesPerSecond / 1e9).toFixed(1)} GB/s: ` +
          `at most ${((8 * bytesPerSecond) / 1e9).toFixed(0)} G multiply-adds/s for one query`,
        options,
      )
      for (const queries of QUERIES) {
        const result = await compareWays(threads, queries)
        results.push(result)
        printResult(result, options)
        printNote(
          `${Math.round((result.value * 1e9) / DIMS).toLocaleString('en-GB')} rows × queries per second`,
          options,
        )
      }
    } finally {
      await Promise.all(threads.map((thread) => thread.terminate()))
    }
  }
  return [...results, ...(await runOnGpu(options))]
}

/** Threads that share {@link ROWS} rows evenly, all ready. */
async function startThreads(count: number): Promise<Worker[]> {
  const wasm = await readScoresModule()
  const starting = Array.from({ length: count }, async (_, i) => {
    const data: ThreadData = { wasm, rows: ROWS / count, dims: DIMS, queries: Math.max(...QUERIES), seed: 7 + i }
    const thread = new Worker(new URL('./threads/scores-thread.ts', import.meta.url), { workerData: data })
    await once(thread, 'message')
    return thread
  })
  return await Promise.all(starting)
}

/** Has all threads do a task at once; resolves with its seconds. */
async function timeTask(threads: readonly Worker[], task: ThreadTask): Promise<number> {
  return await seconds(() =>
    Promise.all(
      threads.map((thread) => {
        const done = once(thread, 'message')
        thread.postMessage(task)
        return done
      }),
    ),
  )
}

async function readingSpeed(threads: readonly Worker[]): Promise<number> {
  const speeds: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const elapsed = await timeTask(threads, { way: 'memory', queries: 0, rows: 0 })
    if (round > 0) speeds.push((ROWS * DIMS) / 8 / elapsed)
  }
  return median(speeds)
}

async function compareWays(threads: readonly Worker[], queries: number): Promise<BenchResult> {
  const plainRows = Math.max(1, PLAIN_ROWS / queries)
  const rate = (rows: number, elapsed: number) => (rows * queries * DIMS) / elapsed / 1e9
  return await compare({
    bench: 'scores',
    metric: `wasm, ${queries} quer${queries > 1 ? 'ies' : 'y'}, ${threads.length} thread${threads.length > 1 ? 's' : ''}`,
    unit: 'G multiply-adds/s',
    rounds: ROUNDS,
    subject: {
      name: 'kernel',
      run: async () => rate(ROWS, await timeTask(threads, { way: 'kernel', queries, rows: 0 })),
    },
    peer: {
      name: 'plain TypeScript',
      run: async () =>
        rate(plainRows * threads.length, await timeTask(threads, { way: 'plain', queries, rows: plainRows })),
    },
  })
}
