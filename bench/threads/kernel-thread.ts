/** One thread of bench/kernel.ts's peer: x·Wᵀ in plain TypeScript, rounded as the kernel rounds. */
import { parentPort } from 'node:worker_threads'

/** a: m × k, b: n × k (n a multiple of 4), row after row; to be done `times` times. */
export type PlainProduct = { a: Float32Array; b: Float32Array; m: number; n: number; k: number; times: number }
/** `elapsed`: seconds of all times together. */
export type PlainAnswer = { out: Float32Array; elapsed: number }

/** Four columns at once: their sums do not wait for each other, which is twice as fast as one by one. */
function product({ a, b, m, n, k }: PlainProduct): Float32Array {
  const { fround } = Math
  const out = new Float32Array(m * n)
  for (let i = 0; i < m; i++) {
    const row = a.subarray(i * k, (i + 1) * k)
    for (let j = 0; j < n; j += 4) {
      const [b0, b1, b2, b3] = [j * k, (j + 1) * k, (j + 2) * k, (j + 3) * k]
      let [s0, s1, s2, s3] = [0, 0, 0, 0]
      for (let t = 0; t < k; t++) {
        const x = row[t]!
        s0 = fround(s0 + fround(x * b[b0 + t]!))
        s1 = fround(s1 + fround(x * b[b1 + t]!))
        s2 = fround(s2 + fround(x * b[b2 + t]!))
        s3 = fround(s3 + fround(x * b[b3 + t]!))
      }
      out.set([s0, s1, s2, s3], i * n + j)
    }
  }
  return out
}

// The engine compiles the loop, and compiles it again when its guesses fail: not on the clock.
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
