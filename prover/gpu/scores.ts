/**
 * Raw scores on a GPU, equal to protocol/score.ts in every integer (scores-shader.ts says how). Rows stay on the GPU, split into
 * pieces of at most 128 MiB, which is what every device binds:
 *
 *     piece: signs (rows · dims/8) ‖ selected sums (queries · rows · 4) ‖ the same again, to be read back
 *
 * WebGPU does not say how much memory there is, and drivers may fail silently where it ends: a budget bounds what is loaded,
 * and rows are used only after some of them have been scored and compared.
 */
import { rawScore } from '../../protocol/score.ts'
import type { SignMatrix } from '../kernel/scores.ts'
import { type GpuDevice, GpuFailedError } from './device.ts'
import { packQuery } from './query-words.ts'
import { LANES, PAIRS_PER_SLICE, ROWS_PER_GROUP, scoresShader } from './scores-shader.ts'
import { BUFFER_USAGE, MAP_READ } from './webgpu.ts'

export type GpuScoresOptions = {
  /** Bytes on the GPU, all matrices together. */
  memoryBudget?: number
  /** Bytes of one binding, at most 128 MiB. */
  bindingBytes?: number
}

/** A matrix that lies on the GPU. Both ways of asking reject with {@link GpuFailedError} when the GPU fails. */
export type GpuResidentRows = {
  rows: number
  dims: number
  /** Raw score of every row. */
  scores(query: Int8Array): Promise<Int32Array>
  /** The same for many queries, which costs less for each. */
  scoresOfAll(queries: readonly Int8Array[]): Promise<Int32Array[]>
  /** Frees the GPU's memory. */
  release(): void
}

/** The matrix does not fit into the budget beside those that are loaded. */
export class GpuMemoryError extends Error {
  override name = 'GpuMemoryError'
}

const MIB = 1_048_576
/** The least maxStorageBufferBindingSize that WebGPU promises. */
const MAX_BINDING = 128 * MIB
/** 4 GiB: a million rows of 32,768 dimensions. */
const MEMORY_BUDGET = 4096 * MIB
/** Bytes of an upload that wait in the driver's memory. */
const PORTION = 16 * MIB
/** The least maxComputeWorkgroupsPerDimension that WebGPU promises. */
const MAX_GROUPS = 65_535
/** Queries of one pass over the rows: it bounds the memory for sums. */
const QUERIES_AT_ONCE = 16
/** Queries that a workgroup serves: one, or as many as its registers hold. */
const WIDTHS = [1, 4] as const
type Width = (typeof WIDTHS)[number]
const COMPUTE_STAGE = 4

type Piece = {
  rows: number
  groups: GPUBindGroup
  sums: GPUBuffer
  readBack: GPUBuffer
}

export class GpuScores {
  readonly #gpu: GpuDevice
  readonly #layout: GPUBindGroupLayout
  readonly #pipelines: Record<Width, GPUComputePipeline>
  readonly #memoryBudget: number
  readonly #bindingBytes: number
  #used = 0

  private constructor(
    gpu: GpuDevice,
    compiled: { layout: GPUBindGroupLayout; pipelines: Record<Width, GPUComputePipeline> },
    options: GpuScoresOptions,
  ) {
    this.#gpu = gpu
    this.#layout = compiled.layout
    this.#pipelines = compiled.pipelines
    this.#memoryBudget = options.memoryBudget ?? MEMORY_BUDGET
    this.#bindingBytes = Math.min(options.bindingBytes ?? MAX_BINDING, MAX_BINDING)
  }

  /** Compiles the shaders. Rejects with {@link GpuFailedError} where the driver does not take them. */
  static async create(modules: { gpu: GpuDevice }, options: GpuScoresOptions = {}): Promise<GpuScores> {
    const { gpu } = modules
    return await guarded(gpu, async () => {
      const layout = gpu.device.createBindGroupLayout({
        entries: (['uniform', 'read-only-storage', 'read-only-storage', 'storage'] as const).map((type, binding) => ({
          binding,
          visibility: COMPUTE_STAGE,
          buffer: { type },
        })),
      })
      const [one, four] = await Promise.all(WIDTHS.map((width) => compile(gpu.device, layout, width)))
      return new GpuScores(gpu, { layout, pipelines: { 1: one!, 4: four! } }, options)
    })
  }

  /** Bytes on the GPU. */
  get used(): number {
    return this.#used
  }

  /**
   * Copies the rows to the GPU and compares some of their scores with the protocol's.
   * Throws {@link GpuMemoryError} where they do not fit, {@link GpuFailedError} where the GPU fails.
   */
  async load(matrix: SignMatrix): Promise<GpuResidentRows> {
    checkMatrix(matrix)
    const bytes = bytesOf(matrix)
    if (this.#used + bytes > this.#memoryBudget) {
      const [needed, used, budget] = [bytes, this.#used, this.#memoryBudget].map((size) => (size / MIB).toFixed(0))
      throw new GpuMemoryError(`${matrix.rows} rows need ${needed} MiB, ${used} of ${budget} MiB are in use`)
    }
    this.#used += bytes
    const buffers: GPUBuffer[] = []
    const release = () => {
      for (const buffer of buffers.splice(0)) buffer.destroy()
      this.#used -= bytes
    }
    try {
      const resident = await guarded(this.#gpu, () => this.#place(matrix, buffers))
      await this.#check(matrix, resident)
      return { ...resident, release: once(release) }
    } catch (error) {
      release()
      throw error
    }
  }

  async #place(matrix: SignMatrix, buffers: GPUBuffer[]): Promise<Omit<GpuResidentRows, 'release'>> {
    const { device } = this.#gpu
    const { rows, dims, signs } = matrix
    const rowBytes = dims / 8
    const buffer = (size: number, ...usages: (keyof typeof BUFFER_USAGE)[]) => {
      const made = device.createBuffer({ size, usage: usages.reduce((flags, usage) => flags | BUFFER_USAGE[usage], 0) })
      buffers.push(made)
      return made
    }
    const queries = buffer(QUERIES_AT_ONCE * dims, 'storage', 'copyTarget')
    const pieces: Piece[] = []
    const most = this.#rowsOfPiece(dims)
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first)
      const shape = buffer(8, 'uniform', 'copyTarget')
      device.queue.writeBuffer(shape, 0, Uint32Array.of(count, dims / 64))
      const held = buffer(count * rowBytes, 'storage', 'copyTarget')
      await this.#upload(held, signs.subarray(first * rowBytes, (first + count) * rowBytes))
      const sums = buffer(QUERIES_AT_ONCE * count * 4, 'storage', 'copySource', 'copyTarget')
      const readBack = buffer(QUERIES_AT_ONCE * count * 4, 'mapRead', 'copyTarget')
      const bound = [shape, held, queries, sums]
      const entries = bound.map((bufferBound, binding) => ({ binding, resource: { buffer: bufferBound } }))
      pieces.push({ rows: count, sums, readBack, groups: device.createBindGroup({ layout: this.#layout, entries }) })
    }
    return this.#resident(matrix, pieces, queries)
  }

  #rowsOfPiece(dims: number): number {
    return Math.min(Math.max(1, Math.floor((8 * this.#bindingBytes) / dims)), MAX_GROUPS * ROWS_PER_GROUP)
  }

  /** In portions, each waited for: what is written lies in the driver's memory until the GPU has taken it. */
  async #upload(target: GPUBuffer, bytes: Uint8Array): Promise<void> {
    const { queue } = this.#gpu.device
    for (let at = 0; at < bytes.length; at += PORTION) {
      const size = Math.min(PORTION, bytes.length - at)
      queue.writeBuffer(target, at, bytes.buffer, bytes.byteOffset + at, size)
      await queue.onSubmittedWorkDone()
    }
  }

  #resident({ rows, dims }: SignMatrix, pieces: Piece[], queryBuffer: GPUBuffer) {
    const scoresOfSome = async (queries: readonly Int8Array[]): Promise<Int32Array[]> => {
      const width: Width = queries.length === 1 ? 1 : 4
      this.#writeQueries(queryBuffer, queries, dims)
      this.#submit(pieces, { width, count: queries.length, dims })
      return await readScores(pieces, queries, rows)
    }
    let turn: Promise<unknown> = Promise.resolve()
    // One after another: the pieces hold the sums of one pass.
    const inTurn = (queries: readonly Int8Array[]): Promise<Int32Array[]> => {
      const result = turn.then(() => guarded(this.#gpu, () => scoresOfSome(queries)))
      turn = result.catch(() => undefined)
      return result
    }
    const scoresOfAll = async (queries: readonly Int8Array[]): Promise<Int32Array[]> => {
      for (const query of queries) checkQuery(query, dims)
      const results: Int32Array[] = []
      for (let i = 0; i < queries.length; i += QUERIES_AT_ONCE)
        results.push(...(await inTurn(queries.slice(i, i + QUERIES_AT_ONCE))))
      return results
    }
    return { rows, dims, scores: async (query: Int8Array) => (await scoresOfAll([query]))[0]!, scoresOfAll }
  }

  #writeQueries(target: GPUBuffer, queries: readonly Int8Array[], dims: number): void {
    const packed = new Int8Array(queries.length * dims)
    queries.forEach((query, i) => {
      packQuery(query, packed, i * dims)
    })
    this.#gpu.device.queue.writeBuffer(target, 0, packed)
  }

  /** One pass of `count` queries over all pieces. Queries beyond `count`, up to a whole group, are scored too and dropped. */
  #submit(pieces: readonly Piece[], pass: { width: Width; count: number; dims: number }): void {
    const { device } = this.#gpu
    const groups = Math.ceil(pass.count / pass.width)
    const encoder = device.createCommandEncoder()
    for (const { sums, rows } of pieces) encoder.clearBuffer(sums, 0, groups * pass.width * rows * 4)
    const compute = encoder.beginComputePass()
    compute.setPipeline(this.#pipelines[pass.width])
    for (const piece of pieces) {
      compute.setBindGroup(0, piece.groups)
      const slices = Math.ceil(pass.dims / 64 / PAIRS_PER_SLICE)
      compute.dispatchWorkgroups(Math.ceil(piece.rows / ROWS_PER_GROUP), slices, groups)
    }
    compute.end()
    for (const { sums, readBack, rows } of pieces)
      encoder.copyBufferToBuffer(sums, 0, readBack, 0, pass.count * rows * 4)
    device.queue.submit([encoder.finish()])
  }

  /** First and last row of every piece, and queries for both shaders, against the protocol's loop. */
  async #check({ rows, dims, signs }: SignMatrix, resident: Omit<GpuResidentRows, 'release'>): Promise<void> {
    if (rows === 0) return
    const rowBytes = dims / 8
    const queries = [1, 2].map((n) => Int8Array.from({ length: dims }, (_, k) => ((n * k * 37 + (k >> 7)) % 255) - 127))
    const [alone, together] = [await resident.scores(queries[0]!), await resident.scoresOfAll(queries)]
    const most = this.#rowsOfPiece(dims)
    for (let first = 0; first < rows; first += most) {
      for (const row of [first, Math.min(first + most, rows) - 1]) {
        const bits = signs.subarray(row * rowBytes, (row + 1) * rowBytes)
        const [expected, second] = [rawScore(bits, queries[0]!), rawScore(bits, queries[1]!)]
        if (alone[row] !== expected || together[0]![row] !== expected || together[1]![row] !== second)
          throw new GpuFailedError(`${this.#gpu.name}: row ${row} scores ${alone[row]}, it should be ${expected}`)
      }
    }
  }
}

async function compile(device: GPUDevice, layout: GPUBindGroupLayout, width: Width): Promise<GPUComputePipeline> {
  return await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code: scoresShader(width) }), entryPoint: 'main' },
  })
}

/** Runs work on the GPU; whatever goes wrong there is a {@link GpuFailedError}, also what was told outside of the call. */
async function guarded<T>(gpu: GpuDevice, work: () => Promise<T>): Promise<T> {
  if (gpu.failure) throw gpu.failure
  let result: T
  try {
    result = await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw gpu.failure ?? new GpuFailedError(`${gpu.name}: ${reason}`, { cause: error })
  }
  if (gpu.failure) throw gpu.failure
  return result
}

/** Waits for the pass and turns its sums into raw scores: 2·selected − all. */
async function readScores(
  pieces: readonly Piece[],
  queries: readonly Int8Array[],
  rows: number,
): Promise<Int32Array[]> {
  const totals = queries.map((query) => query.reduce((sum, coordinate) => sum + coordinate, 0))
  const results = queries.map(() => new Int32Array(rows))
  await Promise.all(pieces.map((piece) => piece.readBack.mapAsync(MAP_READ, 0, queries.length * piece.rows * 4)))
  let first = 0
  for (const { readBack, rows: count } of pieces) {
    const selected = new Int32Array(readBack.getMappedRange(0, queries.length * count * 4))
    results.forEach((result, query) => {
      for (let row = 0; row < count; row++) result[first + row] = 2 * selected[query * count + row]! - totals[query]!
    })
    readBack.unmap()
    first += count
  }
  return results
}

/** Signs, sums twice, queries; a piece's shape is not worth counting. */
function bytesOf({ rows, dims }: SignMatrix): number {
  return rows * (dims / 8 + 2 * QUERIES_AT_ONCE * 4) + QUERIES_AT_ONCE * dims
}

function checkMatrix({ rows, dims, signs }: SignMatrix): void {
  if (dims <= 0 || dims % 64 !== 0) throw new RangeError(`dims is ${dims}, must be a positive multiple of 64`)
  if (dims > 64 * LANES * MAX_GROUPS) throw new RangeError(`dims is ${dims}, too many for a GPU`)
  if (signs.length !== (rows * dims) / 8)
    throw new RangeError(`signs has ${signs.length} bytes, expected ${(rows * dims) / 8}`)
}

function checkQuery(query: Int8Array, dims: number): void {
  if (query.length !== dims) throw new RangeError(`query has ${query.length} coordinates, expected ${dims}`)
  const forbidden = query.indexOf(-128)
  if (forbidden >= 0) throw new RangeError(`query coordinate ${forbidden} is -128, the least allowed is -127`)
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (!done) action()
    done = true
  }
}
