/**
 * `bench kernel`: matrix products x·Wᵀ of the f32 kernel against plain TypeScript on the same bytes, with as many threads on
 * both sides: a square one, a layer of a small model over a window of 512 tokens, and one token's. The peer takes some of
 * the rows, as its rate does not depend on their number; the results of both are compared, bit by bit.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { allocate, fillNormal, type Kernel, matmulTransposedB, read, slice } from '../prover/kernel/f32.ts'
import { loadKernelFromFile } from '../prover/kernel/f32-file.ts'
import { type BenchOptions, type BenchResult, compare, printResult, seconds } from './measure.ts'
import type { PlainAnswer, PlainProduct } from './threads/kernel-thread.ts'

const ROUNDS = 7
const THREADS = [1, 2]
const SHAPES = [
  { m: 1024, n: 1024, k: 1024, plainRows: 32, plainTimes: 1 },
  { m: 512, n: 688, k: 256, plainRows: 128, plainTimes: 1 },
  { m: 1, n: 1024, k: 1024, plainRows: 1, plainTimes: 32 },
]
/** Multiply-adds that one measurement of the kernel does at least, so that it lasts some 50 ms. */
const LEAST_WORK = 1e9

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const threads of THREADS) {
    const kernel = await loadKernelFromFile({ threads })
    const plain = Array.from(
      { length: threads },
      () => new Worker(new URL('./threads/kernel-thread.ts', import.meta.url)),
    )
    try {
      for (const shape of SHAPES) {
        const result = await compareWays(kernel, plain, shape)
        results.push(result)
        printResult(result, options)
      }
    } finally {
      await Promise.all([kernel.close(), ...plain.map((thread) => thread.terminate())])
    }
  }
  return results
}

async function compareWays(
  kernel: Kernel,
  plain: readonly Worker[],
  { m, n, k, plainRows, plainTimes }: (typeof SHAPES)[number],
): Promise<BenchResult> {
  const mark = kernel.arena.mark()
  const [a, b, out] = [allocate(kernel, [m, k]), allocate(kernel, [n, k]), allocate(kernel, [m, n])]
  fillNormal(kernel, a, { seed: 1n, deviation: 1 })
  fillNormal(kernel, b, { seed: 2n, deviation: 1 })
  const task: PlainProduct = {
    a: read(kernel, slice(a, 0, plainRows)),
    b: read(kernel, b),
    m: plainRows,
    n,
    k,
    times: plainTimes,
  }
  const times = Math.ceil(LEAST_WORK / (m * n * k))
  const flops = (rows: number, elapsed: number) => (2 * rows * n * k) / elapsed / 1e9
  const shape = `${m} × ${k} by ${k} × ${n}`
  const result = await compare({
    bench: 'kernel',
    metric: `x·Wᵀ, ${shape}, ${plain.length} thread${plain.length > 1 ? 's' : ''}`,
    unit: 'GFLOP/s',
    rounds: ROUNDS,
    subject: {
      name: 'kernel',
      run: async () => {
        const work = () => {
          for (let i = 0; i < times; i++) matmulTransposedB(kernel, { a, b, out })
        }
        return flops(times * m, await seconds(work))
      },
    },
    peer: {
      name: 'plain TypeScript',
      run: async () =>
        flops(
          plainTimes * plainRows * plain.length,
          await timePlain(plain, task, read(kernel, slice(out, 0, plainRows))),
        ),
    },
  })
  kernel.arena.release(mark)
  return result
}

/** Seconds that all threads take to do the same task at once; checks that the result is the kernel's. */
async function timePlain(plain: readonly Worker[], task: PlainProduct, expected: Float32Array): Promise<number> {
  // The slowest thread counts, without the copying of its operands.
  const answers = await Promise.all(
    plain.map(async (thread) => {
      const answer = once(thread, 'message')
      thread.postMessage(task)
      const { out, elapsed }: PlainAnswer = (await answer)[0]
      if (out.some((value, i) => value !== expected[i])) throw new Error('the kernel differs from the plain loop')
      return elapsed
    }),
  )
  return Math.max(...answers)
}
