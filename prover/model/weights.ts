/**
 * The weights of a Hugging Face folder: one model.safetensors, or shards listed by model.safetensors.index.json
 *
 *   { "metadata": …, "weight_map": { tensor name: "model-00001-of-00002.safetensors", … } }
 *
 * Where both are there the single file is taken, as transformers does. The index must agree with its shards: each
 * tensor in the file that the map says, and no tensor that the map does not name. Its "metadata" (sizes, often wrong)
 * is not looked at.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { fileExists } from './byte-source.ts'
import { ModelFileError, refusalIn, someNames } from './model-file-error.ts'
import { type ElementRange, openSafetensors, type Safetensors } from './safetensors.ts'
import { MAX_TENSORS, type TensorEntry } from './safetensors-header.ts'
import { readSmallFile } from './small-file.ts'
import { parseFields, parseJson, recordOf } from './strict-json.ts'

export const WEIGHTS_FILE = 'model.safetensors'
const INDEX_FILE = 'model.safetensors.index.json'

const MAX_INDEX_BYTES = 8 * 1024 * 1024
/** All stay open. The largest public checkpoints have about 200. */
const MAX_SHARDS = 512

export type Weights = {
  /** Of all shards. */
  tensors: ReadonlyMap<string, TensorEntry>
  /** As {@link Safetensors.read}. */
  read(name: string, range?: ElementRange): Promise<Float32Array<ArrayBuffer>>
  close(): Promise<void>
}

const indexSchema = z.object({
  weight_map: recordOf(
    z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\.safetensors$/, 'must be the plain name of a safetensors file'),
  ),
})

/** Throws {@link ModelFileError} where files are absent, damaged or disagree; then nothing is left open. */
export async function openWeights(directory: string): Promise<Weights> {
  if (await fileExists(join(directory, WEIGHTS_FILE))) return openSafetensors(join(directory, WEIGHTS_FILE))
  if (await fileExists(join(directory, INDEX_FILE))) return openShards(directory)
  throw absent()
}

/** Names of the files that hold them, ascending. Throws {@link ModelFileError} where there are none, or the index is wrong. */
export async function weightFiles(directory: string): Promise<string[]> {
  if (await fileExists(join(directory, WEIGHTS_FILE))) return [WEIGHTS_FILE]
  if (await fileExists(join(directory, INDEX_FILE))) return (await readIndex(directory)).files
  throw absent()
}

const absent = () =>
  new ModelFileError({ file: WEIGHTS_FILE, field: 'file', reason: `is absent, and so is ${INDEX_FILE}` })

async function readIndex(directory: string): Promise<{ shardOf: Map<string, string>; files: string[] }> {
  const bytes = await readSmallFile(join(directory, INDEX_FILE), MAX_INDEX_BYTES)
  const { weight_map } = parseFields(indexSchema, parseJson(bytes, INDEX_FILE), INDEX_FILE)
  const shardOf = new Map(Object.entries(weight_map))
  return { shardOf, files: [...new Set(shardOf.values())].sort() }
}

async function openShards(directory: string): Promise<Weights> {
  const refuse = refusalIn(INDEX_FILE)
  const { shardOf, files } = await readIndex(directory)
  if (files.length > MAX_SHARDS) throw refuse('weight_map', files.length, `names more than ${MAX_SHARDS} files`)
  if (shardOf.size > MAX_TENSORS) throw refuse('weight_map', shardOf.size, `names more than ${MAX_TENSORS} tensors`)
  const shards = new Map<string, Safetensors>()
  const close = async () => {
    for (const shard of shards.values()) await shard.close()
  }
  try {
    for (const file of files) shards.set(file, await openSafetensors(join(directory, file)))
    const tensors = joinShards(shardOf, shards)
    const read: Weights['read'] = (name, range) => {
      const shard = shards.get(shardOf.get(name) ?? '')
      if (!shard) throw refuse(name, undefined, 'there is no such tensor')
      return shard.read(name, range)
    }
    return { tensors, read: async (name, range) => read(name, range), close }
  } catch (error) {
    await close()
    throw error
  }
}

function joinShards(shardOf: ReadonlyMap<string, string>, shards: ReadonlyMap<string, Safetensors>) {
  const tensors = new Map<string, TensorEntry>()
  for (const [file, shard] of shards) {
    const unnamed = [...shard.tensors.keys()].filter((name) => shardOf.get(name) !== file)
    if (unnamed.length) {
      throw refusalIn(file)('tensors', undefined, `holds what ${INDEX_FILE} does not place here: ${someNames(unnamed)}`)
    }
    for (const [name, entry] of shard.tensors) tensors.set(name, entry)
  }
  const absent = [...shardOf.keys()].filter((name) => !tensors.has(name))
  if (absent.length) throw refusalIn(INDEX_FILE)('weight_map', undefined, `names what is absent: ${someNames(absent)}`)
  return tensors
}
