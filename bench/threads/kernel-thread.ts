/** One thread of bench/kernel.ts's peer: x·Wᵀ in plain TypeScript, rounded as the kernel rounds. */
import { parentPort } from 'node:worker_threads'

/** a: m × k, b: n × k (n a multiple of 4), row after row; to be done `times` times. */
export type PlainProduct = { a: Float32Array; b: Float32Array; m: number; n: number; k: number; times: number }
/** `elapsed`: seconds of all times together. */
export type PlainAnswer = { out: Float32Array; elapsed: number }

/** Four elements of a row at once: their sums do not wait for each other, which is twice as fast as one by one. */
function fourElements(row: Float32Array, b: Float32Array, first: number, out: Float32Array, target: number): void {
  const k = row.length
  let s0 = Math.fround(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  for (let t = 0; t < k; t++) {
    const x = row[t]!
    s0 = Math.fround(s0 + Math.fround(x * b[first + t]!))
    s1 = Math.fround(s1 + Math.fround(x * b[first + k + t]!))
    s2 = Math.fround(s2 + Math.fround(x * b[first + 2 * k + t]!))
    s3 = Math.fround(s3 + Math.fround(x * b[first + 3 * k + t]!))
  }
  out[target] = s0
  out[target + 1] = s1
  out[target + 2] = s2
  out[target + 3] = s3
}

function product({ a, b, m, n, k }: PlainProduct): Float32Array {
  const out = new Float32Array(m * n)
  for (let i = 0; i < m; i++) {
    const row = a.subarray(i * k, (i + 1) * k)
    for (let j = 0; j < n; j += 4) fourElements(row, b, j * k, out, i * n + j)
  }
  return out
}

// The engine compiles the loop, and compiles it again where its guesses fail: not on the clock.
const warm = new Float32Array(64 * 256).map((_, i) => 1 / (i + 1))
product({ a: warm, b: warm, m: 64, n: 64, k: 256, times: 1 })
product({ a: warm, b: warm, m: 64, n: 64, k: 256, times: 1 })

parentPort!.on('message', (task: PlainProduct) => {
  const start = performance.now()
  let out = product(task)
  for (let i = 1; i < task.times; i++) out = product(task)
  const answer: PlainAnswer = { out, elapsed: (performance.now() - start) / 1000 }
  parentPort!.postMessage(answer)
})
