/**
 * Raw scores by the WASM SIMD kernel (assembly/scores.ts), equal to protocol/score.ts in every integer.
 * Takes the module's bytes, so that it runs in Node and in the browser alike; scores-file.ts finds them on disk.
 *
 * Memory of an instance, each part at a multiple of 64 bytes:
 *     rows, interleaved by 16 ‖ one block of 16 rows as it comes, later one query ‖ tables ‖ scores
 */
export type SignMatrix = {
  rows: number
  /** A multiple of 64. */
  dims: number
  /** rows · dims/8 bytes, row after row; bits as in protocol/row.ts. */
  signs: Uint8Array
}

/** A matrix that lies in the kernel's memory, ready to be scored again and again. */
export type ResidentRows = {
  rows: number
  dims: number
  /** Raw score of every row. */
  scores(query: Int8Array): Int32Array
  /** The same for many queries at once: less memory traffic for each. */
  scoresOfAll(queries: readonly Int8Array[]): Int32Array[]
}

export type ScoresKernel = {
  /** Copies the matrix into memory of its own, at most 4 GiB; freed with the returned object. */
  load(matrix: SignMatrix): ResidentRows
  /** load and scores in one, for a matrix that is used once. */
  scores(matrix: SignMatrix, query: Int8Array): Int32Array
}

/** What the module exports; addresses and sizes in bytes. */
export type ScoresExports = {
  memory: WebAssembly.Memory
  interleave(source: number, target: number, bytes: number): void
  tabulate(query: number, target: number, dims: number): void
  scores(rows: number, blocks: number, tables: number, queries: number, target: number, dims: number): void
  readThrough(source: number, size: number): number
}

const BLOCK_ROWS = 16
const PAGE = 65_536
const MAX_PAGES = 65_536
/** Largest |coordinate|; the tables have no room for −128. */
const LEAST_COORDINATE = -127
/** Queries that one pass over the rows serves. */
const QUERIES_AT_ONCE = 64

/** Makes a kernel of the module's bytes; without them, fetches them from beside this file (in a browser). */
export async function loadScoresKernel(wasm?: BufferSource): Promise<ScoresKernel> {
  const bytes = wasm ?? (await fetchModule())
  const module = await WebAssembly.compile(bytes)
  const load = (matrix: SignMatrix) => residentRows(module, matrix)
  return { load, scores: (matrix, query) => load(matrix).scores(query) }
}

async function fetchModule(): Promise<ArrayBuffer> {
  const url = new URL('./build/scores.wasm', import.meta.url)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`scores kernel: ${url} answers ${response.status} ${response.statusText}`)
  return await response.arrayBuffer()
}

function residentRows(module: WebAssembly.Module, matrix: SignMatrix): ResidentRows {
  const { rows, dims, signs } = matrix
  const rowBytes = dims / 8
  if (dims <= 0 || dims % 64 !== 0) throw new RangeError(`dims is ${dims}, must be a positive multiple of 64`)
  if (signs.length !== rows * rowBytes)
    throw new RangeError(`signs has ${signs.length} bytes, expected ${rows * rowBytes}`)
  // The kernel takes blocks in pairs; rows beyond the last are zeros and their scores are dropped.
  const blocks = 2 * Math.ceil(rows / (2 * BLOCK_ROWS))
  const exports = new WebAssembly.Instance(module, {}).exports as ScoresExports
  const rowsAt = PAGE
  const scratchAt = rowsAt + blocks * BLOCK_ROWS * rowBytes
  const tablesAt = scratchAt + BLOCK_ROWS * rowBytes
  reserve(exports.memory, tablesAt)
  const memory = new Uint8Array(exports.memory.buffer)
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    const block = signs.subarray(row * rowBytes, (row + BLOCK_ROWS) * rowBytes)
    memory.fill(0, scratchAt, tablesAt)
    memory.set(block, scratchAt)
    exports.interleave(scratchAt, rowsAt + row * rowBytes, rowBytes)
  }

  const scoresOfSome = (queries: readonly Int8Array[]): Int32Array[] => {
    const scoresAt = tablesAt + queries.length * dims * 8
    const rowCount = blocks * BLOCK_ROWS
    reserve(exports.memory, scoresAt + queries.length * rowCount * 4)
    const buffer = exports.memory.buffer
    queries.forEach((query, i) => {
      checkCoordinates(query, dims)
      new Int8Array(buffer, scratchAt, dims).set(query)
      exports.tabulate(scratchAt, tablesAt + i * dims * 8, dims)
    })
    exports.scores(rowsAt, blocks, tablesAt, queries.length, scoresAt, dims)
    return queries.map((_, i) => new Int32Array(buffer, scoresAt + i * rowCount * 4, rows).slice())
  }

  const scoresOfAll = (queries: readonly Int8Array[]): Int32Array[] => {
    const results: Int32Array[] = []
    for (let i = 0; i < queries.length; i += QUERIES_AT_ONCE) {
      results.push(...scoresOfSome(queries.slice(i, i + QUERIES_AT_ONCE)))
    }
    return results
  }
  return { rows, dims, scores: (query) => scoresOfSome([query])[0]!, scoresOfAll }
}

function checkCoordinates(query: Int8Array, dims: number): void {
  if (query.length !== dims) throw new RangeError(`query has ${query.length} coordinates, expected ${dims}`)
  for (let k = 0; k < dims; k++) {
    if (query[k]! < LEAST_COORDINATE)
      throw new RangeError(`query coordinate ${k} is ${query[k]}, the least allowed is -127`)
  }
}

/** Grows the memory to at least `bytes`. Views of the old buffer are void afterwards. */
function reserve(memory: WebAssembly.Memory, bytes: number): void {
  const pages = Math.ceil(bytes / PAGE)
  if (pages > MAX_PAGES) throw new RangeError(`a matrix of ${bytes} bytes does not fit in 4 GiB: split its rows`)
  const missing = pages - memory.buffer.byteLength / PAGE
  if (missing > 0) memory.grow(missing)
}
