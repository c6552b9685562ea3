/**
 * One thread of bench/scores.ts: holds its own rows, in the kernel's memory and as they come, and scores
 * them on request. Only what is asked for runs; the asker takes the time.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { rawScore } from '../../protocol/score.ts'
import { loadScoresKernel, type ScoresExports } from '../../prover/kernel/scores.ts'
import { drawnBytes, drawnQueries } from '../drawn-bytes.ts'

export type ThreadData = { wasm: Uint8Array<ArrayBuffer>; rows: number; dims: number; queries: number; seed: number }
/** `rows` is how many of the thread's rows take part; the kernel and the memory always take all. */
export type ThreadTask = { way: 'kernel' | 'plain' | 'memory'; queries: number; rows: number }

const data: ThreadData = workerData
const rowBytes = data.dims / 8

const signs = drawnBytes(data.rows * rowBytes, data.seed)
const queries = drawnQueries(data.queries, data.dims)
const resident = (await loadScoresKernel(data.wasm)).load({ rows: data.rows, dims: data.dims, signs })
const plain = (rows: number, query: Int8Array) =>
  Int32Array.from({ length: rows }, (_, row) => rawScore(signs.subarray(row * rowBytes, (row + 1) * rowBytes), query))

/** A second instance over as many bytes, to read them as fast as the machine can. */
const reader = (await WebAssembly.instantiate(data.wasm)).instance.exports as ScoresExports
const start = reader.memory.buffer.byteLength
reader.memory.grow(Math.ceil(signs.length / 65_536))
new Uint8Array(reader.memory.buffer).set(signs, start)

function run(task: ThreadTask): void {
  const asked = queries.slice(0, task.queries)
  if (task.way === 'kernel') resident.scoresOfAll(asked)
  else if (task.way === 'memory') reader.readThrough(start, signs.length)
  else for (const query of asked) plain(task.rows, query)
}

const checked = Math.min(data.rows, 40)
const [expected, scores] = [plain(checked, queries[0]!), resident.scores(queries[0]!)]
if (expected.some((score, row) => score !== scores[row])) throw new Error('the kernel differs from protocol/score.ts')

parentPort!.on('message', (task: ThreadTask) => {
  run(task)
  parentPort!.postMessage('done')
})
parentPort!.postMessage('ready')
