/**
 * Tensors of a safetensors file, read by range as f32, and such files written. Layout and checks of the header:
 * safetensors-header.ts. Every value must be finite: a NaN or an infinity in weights voids whatever is computed from
 * them (04).
 */
import { basename } from 'node:path'
import { type ByteSource, fileSource } from './byte-source.ts'
import { BYTES_OF, type FloatFormat, narrow, widen } from './float-formats.ts'
import { ModelFileError } from './model-file-error.ts'
import { readHeader, type TensorEntry } from './safetensors-header.ts'
import { replaceFile } from './small-file.ts'

/** Bytes of a file held at once while a tensor is widened. */
const CHUNK_BYTES = 4 * 1024 * 1024

/** A part of a tensor: elements [start, end) in row-major order. */
export type ElementRange = { start: number; end: number }

export type Safetensors = {
  file: string
  tensors: ReadonlyMap<string, TensorEntry>
  metadata: Readonly<Record<string, string>>
  /**
   * A tensor's values, row-major, or a range of them. Takes 4 bytes of memory a value and one chunk more.
   * Throws {@link ModelFileError} where the tensor is absent, holds a NaN or infinity, or the file ends early.
   */
  read(name: string, range?: ElementRange): Promise<Float32Array<ArrayBuffer>>
  close(): Promise<void>
}

/** Opens a file and checks its whole header. Throws {@link ModelFileError}; then nothing is left open. */
export async function openSafetensors(path: string): Promise<Safetensors> {
  const source = await fileSource(path, basename(path))
  try {
    return await readSafetensors(source)
  } catch (error) {
    await source.close()
    throw error
  }
}

export async function readSafetensors(source: ByteSource): Promise<Safetensors> {
  const { tensors, metadata } = await readHeader(source)
  return {
    file: source.file,
    tensors,
    metadata,
    read: async (name, range) => {
      const entry = tensors.get(name)
      if (!entry) throw new ModelFileError({ file: source.file, field: name, reason: 'there is no such tensor' })
      return readElements(source, entry, range ?? { start: 0, end: entry.count })
    },
    close: () => source.close(),
  }
}

async function readElements(source: ByteSource, entry: TensorEntry, { start, end }: ElementRange) {
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= entry.count)) {
    throw new RangeError(`elements [${start}, ${end}) of ${entry.name}, which has ${entry.count}`)
  }
  const values = new Float32Array(end - start)
  const width = BYTES_OF[entry.dtype]
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, values.length * width))
  for (let done = 0; done < values.length; ) {
    const taken = Math.min(chunk.length / width, values.length - done)
    const bytes = chunk.subarray(0, taken * width)
    await source.read(entry.position + (start + done) * width, bytes)
    const voidAt = widen(entry.dtype, bytes, values, done)
    if (voidAt >= 0) throw notFinite(source.file, entry.name, start + voidAt, values[voidAt]!)
    done += taken
  }
  return values
}

const notFinite = (file: string, name: string, index: number, value: number) =>
  new ModelFileError({ file, field: name, value, reason: `element ${index} is not a finite number` })

export type TensorToWrite = {
  name: string
  dtype: FloatFormat
  shape: readonly number[]
  /** Row-major; as many as the shape says. */
  values: Float32Array
}

/**
 * Writes a file, whole or not at all. The same tensors give the same bytes, in whatever order they come. Throws {@link
 * ModelFileError} where a value is not finite in its format (too large for it counts), or a shape and its values
 * disagree.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await replaceFile(path, safetensorsChunks(basename(path), tensors, metadata))
}

/** The bytes of such a file. */
export function encodeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const chunks = [...safetensorsChunks('safetensors', tensors, metadata)]
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function* safetensorsChunks(
  file: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  // Wider formats first, so that every tensor lies aligned to its own; then by name.
  const ordered = tensors.toSorted(
    (a, b) => BYTES_OF[b.dtype] - BYTES_OF[a.dtype] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
  yield encodeHeader(file, ordered, metadata)
  for (const { name, dtype, values } of ordered) {
    const { bytes, voidAt } = narrow(dtype, values)
    if (voidAt >= 0) throw notFinite(file, name, voidAt, values[voidAt]!)
    yield bytes
  }
}

function encodeHeader(
  file: string,
  ordered: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // transformers refuses a file that does not say for which library its tensors were laid out; "pt" is what all of them
  // say.
  const header = new Map<string, unknown>([['__metadata__', { format: 'pt', ...metadata }]])
  let end = 0
  for (const { name, dtype, shape, values } of ordered) {
    if (header.has(name)) throw new ModelFileError({ file, field: name, reason: 'stands twice' })
    if (shape.reduce((product, dimension) => product * dimension, 1) !== values.length) {
      throw new ModelFileError({
        file,
        field: name,
        value: values.length,
        reason: `must have the values of [${shape}]`,
      })
    }
    const start = end
    end += values.length * BYTES_OF[dtype]
    header.set(name, { dtype, shape, data_offsets: [start, end] })
  }
  const json = new TextEncoder().encode(`{${[...header].map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`)}}`)
  const padded = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + padded).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true)
  bytes.set(json, 8)
  return bytes
}
