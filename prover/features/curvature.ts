/**
 * EK-FAC curvature of a fine-tuned model over its training rows (George et al. 2018, 1806.03884), block by block of gradient-blocks.ts:
 * the Fisher matrix is taken as U·diag(moments)·Uᵀ with U = left ⊗ right, where `left` and `right` are the eigenvectors of the second moments of
 * a block's left and right vectors, and moments[i][j] is the mean over the rows of (leftᵢᵀ·G·rightⱼ)², G a row's gradient.
 *
 * Bytes, all whole numbers big endian, floats little endian:
 *
 *     'OLCV' ‖ format u16 = 1 ‖ kernelVersion u32 ‖ passTokens u32 ‖ labelSeed u64 ‖ examples u32 ‖ blocks u32 ‖
 *     for each block:  name length u16 ‖ name ‖ rows u32 ‖ columns u32 ‖
 *                      left rows² × f32 ‖ right columns² × f32 ‖ moments rows·columns × f32
 *
 * curvatureHash = keccak256(header ‖ keccak256(block 0) ‖ keccak256(block 1) ‖ …), so that one layer's factor is proved without the
 * others.
 */
import type { Hex } from 'viem'
import { ByteReader, ByteWriter } from '../../protocol/byte-cursor.ts'
import { toHex } from '../../protocol/hex.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { GradientLayout } from './gradient-blocks.ts'

const MAGIC = new TextEncoder().encode('OLCV')
const FORMAT = 1
const HEADER_BYTES = 30
/** A block's sides; a factor of 64 Ki² floats is 16 GiB. */
const MOST_SIDE = 65_536

export type BlockCurvature = {
  name: string
  rows: number
  columns: number
  /** [rows × rows], an eigenvector a row, as `right` [columns × columns]. */
  left: Float32Array
  right: Float32Array
  /** [rows × columns] */
  moments: Float32Array
}

export type Curvature = {
  kernelVersion: number
  /** Tokens of a run of the model, which the sums of second moments depend on. */
  passTokens: number
  /** What targets were drawn by (sampled-targets.ts). */
  labelSeed: bigint
  /** Rows that were counted. */
  examples: number
  blocks: BlockCurvature[]
}

/** Bytes that are not the curvature that they were said to be, or numbers that void it. */
export class CurvatureError extends Error {
  override name = 'CurvatureError'
}

function encodeHeader({ kernelVersion, passTokens, labelSeed, examples, blocks }: Curvature): Uint8Array {
  return new ByteWriter()
    .raw(MAGIC)
    .uint(FORMAT, 2)
    .uint(kernelVersion, 4)
    .uint(passTokens, 4)
    .uint(labelSeed, 8)
    .uint(examples, 4)
    .uint(blocks.length, 4)
    .finish()
}

function encodeBlock({ name, rows, columns, left, right, moments }: BlockCurvature): Uint8Array {
  const text = new TextEncoder().encode(name)
  return new ByteWriter()
    .uint(text.length, 2)
    .raw(text)
    .uint(rows, 4)
    .uint(columns, 4)
    .raw(floatBytes(left))
    .raw(floatBytes(right))
    .raw(floatBytes(moments))
    .finish()
}

/** The artifact part by part: the header, then block after block; no more than one block is held as bytes. */
export function* encodeCurvature(curvature: Curvature): Generator<Uint8Array> {
  yield encodeHeader(curvature)
  for (const block of curvature.blocks) yield encodeBlock(block)
}

export function curvatureHash(curvature: Curvature): Hex {
  const [header, ...blocks] = partHashes(curvature)
  const writer = new ByteWriter().raw(header!)
  for (const hash of blocks) writer.raw(hash)
  return toHex(keccak256(writer.finish()))
}

/** The header itself, then the hash of each block. */
function partHashes(curvature: Curvature): Uint8Array[] {
  return Array.from(encodeCurvature(curvature), (part, index) => (index === 0 ? part : keccak256(part)))
}

/** Inverse of {@link encodeCurvature}, its parts joined. Throws {@link CurvatureError} on anything that it would not write. */
export function decodeCurvature(bytes: Uint8Array): Curvature {
  try {
    return decode(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw new CurvatureError(`not a curvature: ${error.message}`, { cause: error })
    throw error
  }
}

function decode(bytes: Uint8Array): Curvature {
  const head = new ByteReader(bytes.subarray(0, HEADER_BYTES))
  if (head.raw(MAGIC.length).some((byte, i) => byte !== MAGIC[i])) throw new RangeError('it does not begin with OLCV')
  const format = head.number(2)
  if (format !== FORMAT) throw new RangeError(`format is ${format}, this program reads ${FORMAT}`)
  const [kernelVersion, passTokens] = [head.number(4), head.number(4)]
  const labelSeed = head.uint(8)
  const [examples, count] = [head.number(4), head.number(4)]
  const blocks: BlockCurvature[] = []
  const places = new PartReader(bytes, HEADER_BYTES)
  for (let i = 0; i < count; i++) blocks.push(decodeBlock(places))
  places.end()
  return { kernelVersion, passTokens, labelSeed, examples, blocks }
}

function decodeBlock(places: PartReader): BlockCurvature {
  const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(places.take(places.number(2)))
  const [rows, columns] = [places.number(4), places.number(4)]
  for (const side of [rows, columns]) {
    if (side < 1 || side > MOST_SIDE) throw new RangeError(`${name} is ${rows} × ${columns}`)
  }
  const floats = (part: string, n: number) => readFloats(`${name}, ${part}`, places.take(4 * n))
  return {
    name,
    rows,
    columns,
    left: floats('left', rows * rows),
    right: floats('right', columns * columns),
    moments: checkMoments(name, floats('moments', rows * columns)),
  }
}

/** Walks along bytes without copying them; every length is checked against what is there. */
class PartReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  take(size: number): Uint8Array {
    if (this.#at + size > this.#bytes.length)
      throw new RangeError(`it ends at byte ${this.#bytes.length}, needs ${this.#at + size}`)
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }

  number(size: 2 | 4): number {
    return new ByteReader(this.take(size)).number(size)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError(`${this.#bytes.length - this.#at} bytes are left over`)
  }
}

function floatBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true)
  return bytes
}

function readFloats(what: string, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float32Array(bytes.length / 4)
  for (let i = 0; i < values.length; i++) {
    const value = view.getFloat32(4 * i, true)
    if (!Number.isFinite(value)) throw new RangeError(`${what}: element ${i} is ${value}`)
    values[i] = value
  }
  return values
}

function checkMoments(name: string, moments: Float32Array): Float32Array {
  const wrong = moments.findIndex((value) => value < 0)
  if (wrong >= 0) throw new RangeError(`${name}, moments: element ${wrong} is ${moments[wrong]}, below 0`)
  return moments
}

/** Throws {@link CurvatureError} naming the first block that differs from the model's. */
export function checkLayout({ blocks }: Curvature, layout: GradientLayout): void {
  for (let i = 0; i < blocks.length || i < layout.blocks.length; i++) {
    const [mine, theirs] = [layout.blocks[i], blocks[i]].map(
      (block) => block && `${block.name} [${block.rows} × ${block.columns}]`,
    )
    if (mine !== theirs)
      throw new CurvatureError(
        `the curvature is of another model: block ${i} is ${theirs ?? 'absent'}, must be ${mine ?? 'absent'}`,
      )
  }
}
