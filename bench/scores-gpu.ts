/**
 * The lines of `bench scores` for a GPU: the WGSL kernel against plain TypeScript (protocol/score.ts) on one thread and the same
 * bytes, from the query in our memory to the scores in our memory. An adapter in software (SwiftShader, lavapipe) is
 * measured over few rows: its figures say that the kernel runs, and no more.
 */
import { rawScore } from '../protocol/score.ts'
import { GpuDevice } from '../prover/gpu/device.ts'
import { type GpuResidentRows, GpuScores } from '../prover/gpu/scores.ts'
import { GpuUnavailableError } from '../prover/gpu/webgpu.ts'
import { drawnBytes, drawnQueries } from './drawn-bytes.ts'
import { gpuReadingSpeed } from './gpu-reading-speed.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'

const DIMS = 32_768
const ROW_BYTES = DIMS / 8
/** 1 GiB of rows: far more than a GPU's cache. */
const ROWS = 262_144
/** Rows that are drawn; the others repeat them. */
const DRAWN_ROWS = 16_384
const SOFTWARE_ROWS = 256
const PLAIN_ROWS = 256
const QUERIES = [1, 64]
const ROUNDS = { hardware: 7, software: 3 }

export async function runOnGpu(options: BenchOptions): Promise<BenchResult[]> {
  let gpu: GpuDevice
  try {
    gpu = await GpuDevice.open({ software: true })
  } catch (error) {
    if (!(error instanceof GpuUnavailableError)) throw error
    printNote(`no line for WGSL: ${error.message}`, options)
    return []
  }
  try {
    return await measure(gpu, options)
  } finally {
    await gpu.close()
  }
}

async function measure(gpu: GpuDevice, options: BenchOptions): Promise<BenchResult[]> {
  const rows = gpu.software ? SOFTWARE_ROWS : ROWS
  const rounds = gpu.software ? ROUNDS.software : ROUNDS.hardware
  const signs = repeated(drawnBytes(Math.min(rows, DRAWN_ROWS) * ROW_BYTES, 7), rows * ROW_BYTES)
  printNote(`${gpu.name}${gpu.software ? ', in software' : ''}: ${rows.toLocaleString('en-GB')} rows`, options)
  const resident = await (await GpuScores.create({ gpu })).load({ rows, dims: DIMS, signs })
  // Software reads no memory of its own; what it could read says nothing.
  const limit = gpu.software ? undefined : await readingLimit(gpu, { rounds, options })
  const results: BenchResult[] = []
  for (const count of QUERIES) {
    const result = await compareWays({ gpu, resident, signs, rounds }, drawnQueries(count, DIMS))
    results.push(result)
    printResult(result, options)
    if (count === 1 && limit) printNote(`${(result.value / limit).toFixed(2)} of the limit that reading sets`, options)
  }
  return results
}

/** G multiply-adds per second that one query could have at the speed of reading. */
async function readingLimit(gpu: GpuDevice, { rounds, options }: { rounds: number; options: BenchOptions }) {
  const bytesPerSecond = await gpuReadingSpeed(gpu, { buffers: 8, size: 128 * 1_048_576, rounds })
  const limit = (8 * bytesPerSecond) / 1e9
  printNote(
    `${gpu.name} reads rows at ${(bytesPerSecond / 1e9).toFixed(1)} GB/s: at most ${limit.toFixed(0)} G multiply-adds/s for one query`,
    options,
  )
  return limit
}

type Measured = { gpu: GpuDevice; resident: GpuResidentRows; signs: Uint8Array; rounds: number }

async function compareWays({ gpu, resident, signs, rounds }: Measured, queries: Int8Array[]): Promise<BenchResult> {
  const plainRows = Math.max(1, PLAIN_ROWS / queries.length)
  const rate = (rows: number, elapsed: number) => (rows * queries.length * DIMS) / elapsed / 1e9
  const plain = () => {
    for (const query of queries)
      for (let row = 0; row < plainRows; row++) rawScore(signs.subarray(row * ROW_BYTES, (row + 1) * ROW_BYTES), query)
  }
  return await compare({
    bench: 'scores',
    metric: `wgsl${gpu.software ? ' in software' : ''}, ${queries.length} quer${queries.length > 1 ? 'ies' : 'y'}`,
    unit: 'G multiply-adds/s',
    rounds,
    subject: {
      name: gpu.name,
      run: async () => rate(resident.rows, await seconds(() => resident.scoresOfAll(queries))),
    },
    peer: { name: 'plain TypeScript', run: async () => rate(plainRows, await seconds(plain)) },
  })
}

function repeated(bytes: Uint8Array, size: number): Uint8Array {
  const all = new Uint8Array(size)
  for (let at = 0; at < size; at += bytes.length) all.set(bytes.subarray(0, size - at), at)
  return all
}
