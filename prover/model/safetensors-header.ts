/**
 * The header of a safetensors file (github.com/huggingface/safetensors, README "Format"), checked as strictly as that
 * text allows:
 *
 *   | N: u64, little endian | N bytes: JSON, UTF-8, begins with "{", may end in spaces | data …                  |
 *   0                       8                                                          8 + N          end of file
 *
 *   JSON: { "__metadata__": { key: text, … }, name: { "dtype", "shape", "data_offsets": [start, end] }, … }
 *
 * Offsets count from the data's start. The tensors cover the data from its first to its last byte without gap or
 * overlap, and each has exactly the bytes of its shape. The format allows headers of 100 MB; ours are bounded lower,
 * see below.
 */
import { z } from 'zod'
import type { ByteSource } from './byte-source.ts'
import { BYTES_OF, type FloatFormat } from './float-formats.ts'
import { type Refusal, refusalIn } from './model-file-error.ts'
import { parseFields, parseJson, recordOf } from './strict-json.ts'

/** A header of the largest public checkpoints' shards has about 100 kB. */
export const MAX_HEADER_BYTES = 8 * 1024 * 1024
export const MAX_TENSORS = 65_536
const MAX_DIMENSIONS = 8

export type TensorEntry = {
  name: string
  dtype: FloatFormat
  shape: readonly number[]
  /** Product of the shape. */
  count: number
  /** Position of its first byte in the file. */
  position: number
}

export type SafetensorsHeader = {
  /** By name, in the order of their bytes. */
  tensors: ReadonlyMap<string, TensorEntry>
  metadata: Readonly<Record<string, string>>
}

const size = z
  .number()
  .refine((value) => Number.isSafeInteger(value) && value >= 0, 'must be a whole number, not negative')

const entrySchema = z.strictObject({
  dtype: z.enum(['F32', 'F16', 'BF16'], 'only F32, F16 and BF16 are read'),
  shape: z.array(size).max(MAX_DIMENSIONS, `must have at most ${MAX_DIMENSIONS} dimensions`),
  data_offsets: z.tuple([size, size], 'must be [start, end]'),
})

const headerSchema = recordOf(z.unknown())
const metadataSchema = recordOf(z.string('must be text'))

/** Reads at most {@link MAX_HEADER_BYTES} + 8 bytes. Throws {@link ModelFileError}. */
export async function readHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const refuse = refusalIn(source.file)
  if (source.size < 10) throw refuse('size', source.size, 'is too short for a header')
  const prefix = new Uint8Array(9)
  await source.read(0, prefix)
  const length = new DataView(prefix.buffer).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER_BYTES)) throw refuse('header length', length, `is above ${MAX_HEADER_BYTES} bytes`)
  if (8n + length > BigInt(source.size))
    throw refuse('header length', length, `is beyond the file's ${source.size} bytes`)
  if (prefix[8] !== 0x7b) throw refuse('header', undefined, 'does not begin with {')
  const bytes = new Uint8Array(Number(length))
  await source.read(8, bytes)
  return placeTensors(parseJson(bytes, source.file), 8 + bytes.length, source, refuse)
}

function placeTensors(json: unknown, dataStart: number, source: ByteSource, refuse: Refusal): SafetensorsHeader {
  const { __metadata__: metadata, ...entries } = parseFields(headerSchema, json, source.file)
  const names = Object.keys(entries)
  if (names.length > MAX_TENSORS) throw refuse('header', names.length, `has more than ${MAX_TENSORS} tensors`)
  const spans = names.map((name) => readEntry(name, entries[name], source.file, refuse))
  spans.sort((a, b) => a.start - b.start || a.end - b.end)
  let covered = 0
  for (const { entry, start, end } of spans) {
    if (start !== covered) {
      throw refuse(entry.name, [start, end], `data_offsets must begin where the tensor before ends, at ${covered}`)
    }
    covered = end
    entry.position = dataStart + start
  }
  const data = source.size - dataStart
  if (covered !== data) throw refuse('data', data, `must have exactly the ${covered} bytes that the header speaks of`)
  return {
    tensors: new Map(spans.map(({ entry }) => [entry.name, entry])),
    metadata: parseFields(metadataSchema, metadata ?? {}, source.file),
  }
}

function readEntry(name: string, json: unknown, file: string, refuse: Refusal) {
  const { dtype, shape, data_offsets } = parseFields(entrySchema, json, file, [name])
  const [start, end] = data_offsets
  const count = shape.reduce((product, dimension) => product * dimension, 1)
  if (!Number.isSafeInteger(count * BYTES_OF[dtype])) throw refuse(name, shape, 'shape is too large to count')
  if (end - start !== count * BYTES_OF[dtype]) {
    throw refuse(
      name,
      [start, end],
      `data_offsets must span the ${count * BYTES_OF[dtype]} bytes of its shape [${shape}]`,
    )
  }
  return { entry: { name, dtype, shape, count, position: 0 }, start, end }
}
