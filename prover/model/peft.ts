/**
 * LoRA adapters in PEFT's form: adapter_config.json (adapter-config.ts) beside adapter_model.safetensors, with two
 * tensors for every layer that the config speaks of (utils/save_and_load.py):
 *
 *   base_model.model.model.layers.N.self_attn.q_proj.lora_A.weight   [rank, in]
 *   base_model.model.model.layers.N.self_attn.q_proj.lora_B.weight   [out, rank]
 *
 * The layer's output gains scale · B (A x). Every tensor must have a place and every place its tensors.
 */
import { join } from 'node:path'
import {
  ADAPTER_CONFIG_FILE,
  type AdapterConfig,
  type AdapterPlace,
  adapterPlaces,
  encodeAdapterConfig,
  parseAdapterConfig,
} from './adapter-config.ts'
import { ADAPTER_WEIGHTS_FILE, tensorNames } from './adapter-names.ts'
import { type ByteSource, fileSource } from './byte-source.ts'
import { MAX_CONFIG_BYTES, type ModelConfig } from './config.ts'
import type { FloatFormat } from './float-formats.ts'
import { ModelFileError, someNames } from './model-file-error.ts'
import { readSafetensors, type Safetensors, type TensorToWrite, writeSafetensors } from './safetensors.ts'
import { readSmallFile, replaceFile } from './small-file.ts'

export { ADAPTER_WEIGHTS_FILE, tensorNames } from './adapter-names.ts'

/** A layer's two matrices, row-major: a is [rank, in], b is [out, rank]. */
export type AdapterLayer = AdapterPlace & { a: Float32Array; b: Float32Array }

export type Adapter = {
  config: AdapterConfig
  /** In the order of computation. */
  layers: AdapterLayer[]
}

/** Reads an adapter for a model. Throws {@link ModelFileError} that names the field or the tensors. */
export async function readAdapter(directory: string, model: ModelConfig): Promise<Adapter> {
  const config = await readSmallFile(join(directory, ADAPTER_CONFIG_FILE), MAX_CONFIG_BYTES)
  const weights = await fileSource(join(directory, ADAPTER_WEIGHTS_FILE), ADAPTER_WEIGHTS_FILE)
  return decodeAdapter({ config, weights }, model).finally(() => weights.close())
}

/** The same from the files' bytes; `weights` stays open. */
export async function decodeAdapter(
  files: { config: Uint8Array; weights: ByteSource },
  model: ModelConfig,
): Promise<Adapter> {
  const config = parseAdapterConfig(files.config)
  const places = adapterPlaces(config, model)
  const file = await readSafetensors(files.weights)
  checkTensors(places, file)
  const layers: AdapterLayer[] = []
  for (const place of places) {
    const names = tensorNames(place.module)
    layers.push({ ...place, a: await file.read(names.a), b: await file.read(names.b) })
  }
  return { config, layers }
}

function checkTensors(places: readonly AdapterPlace[], { file, tensors }: Safetensors): void {
  const shapes = new Map<string, readonly number[]>()
  for (const { module, rank, in: width, out } of places) {
    const names = tensorNames(module)
    shapes.set(names.a, [rank, width])
    shapes.set(names.b, [out, rank])
  }
  const fail = (field: string, reason: string) => new ModelFileError({ file, field, reason })
  const placeless = [...tensors.keys()].filter((name) => !shapes.has(name))
  if (placeless.length) throw fail('tensors', `these have no place by ${ADAPTER_CONFIG_FILE}: ${someNames(placeless)}`)
  const absent = [...shapes.keys()].filter((name) => !tensors.has(name))
  if (absent.length) throw fail('tensors', `these are absent: ${someNames(absent)}`)
  for (const [name, shape] of shapes) {
    const found = tensors.get(name)!.shape
    if (found.join() !== shape.join()) {
      throw fail(name, `shape must be [${shape}] by the config and the base, and is [${found}]`)
    }
  }
}

/**
 * Writes an adapter; its config last, so that a folder which was cut off does not open. Throws {@link ModelFileError}
 * where the layers are not exactly those that the config speaks of, or a value is not finite.
 */
export async function writeAdapter(
  directory: string,
  model: ModelConfig,
  adapter: Adapter,
  dtype: FloatFormat = 'F32',
): Promise<void> {
  const places = adapterPlaces(adapter.config, model)
  const given = new Map(adapter.layers.map((layer) => [layer.module, layer]))
  const differing = places.filter(({ module, rank }) => given.get(module)?.rank !== rank).map(({ module }) => module)
  if (differing.length || given.size !== places.length) {
    const names = someNames(differing.length ? differing : [...given.keys()])
    const reason = `must be those of the config, each of its rank: ${names}`
    throw new ModelFileError({ file: ADAPTER_WEIGHTS_FILE, field: 'layers', reason })
  }
  const tensors = places.flatMap(({ module, rank, in: width, out }): TensorToWrite[] => {
    const { a, b } = given.get(module)!
    const names = tensorNames(module)
    return [
      { name: names.a, dtype, shape: [rank, width], values: a },
      { name: names.b, dtype, shape: [out, rank], values: b },
    ]
  })
  await writeSafetensors(join(directory, ADAPTER_WEIGHTS_FILE), tensors)
  await replaceFile(join(directory, ADAPTER_CONFIG_FILE), [encodeAdapterConfig(adapter.config)])
}
