/**
 * A Hugging Face folder as one thing: config.json, weights, tokenizer.json, and generation_config.json where it is
 * there. Opening it checks everything but the weights' values, which are checked as they are read.
 */
import { join } from 'node:path'
import { fileExists } from './byte-source.ts'
import { CONFIG_FILE, encodeConfig, MAX_CONFIG_BYTES, type ModelConfig, parseConfig } from './config.ts'
import type { FloatFormat } from './float-formats.ts'
import { GENERATION_FILE, type GenerationDefaults, generationOf, parseGeneration } from './generation-config.ts'
import { ModelFileError } from './model-file-error.ts'
import { writeSafetensors } from './safetensors.ts'
import { readSmallFile, replaceFile } from './small-file.ts'
import { openTokenizer, TOKENIZER_FILE, type Tokenizer } from './tokenizer.ts'
import { checkCopies, checkWeightNames, weightPlaces } from './weight-names.ts'
import { openWeights, WEIGHTS_FILE, type Weights } from './weights.ts'

export type ModelFolder = {
  config: ModelConfig
  /** All tensors of {@link weightPlaces}, and no others. */
  weights: Weights
  generation: GenerationDefaults
  tokenizer: Tokenizer
  close(): Promise<void>
}

/** Throws {@link ModelFileError} naming file and field; then nothing is left open. */
export async function openModelFolder(directory: string): Promise<ModelFolder> {
  const config = parseConfig(await readSmallFile(join(directory, CONFIG_FILE), MAX_CONFIG_BYTES))
  const generation = (await fileExists(join(directory, GENERATION_FILE)))
    ? parseGeneration(await readSmallFile(join(directory, GENERATION_FILE), MAX_CONFIG_BYTES), config)
    : generationOf(config)
  const tokenizer = await openTokenizer(join(directory, TOKENIZER_FILE))
  if (tokenizer.vocabSize > config.vocabSize) {
    const reason = `reaches beyond the ${config.vocabSize} rows of the embedding (vocab_size)`
    throw new ModelFileError({ file: TOKENIZER_FILE, field: 'model.vocab', value: tokenizer.vocabSize, reason })
  }
  const weights = await openModelWeights(directory, config)
  return { config, weights, generation, tokenizer, close: () => weights.close() }
}

/** The weights alone, checked against the config. Throws {@link ModelFileError}; then nothing is left open. */
export async function openModelWeights(directory: string, config: ModelConfig): Promise<Weights> {
  const weights = await openWeights(directory)
  try {
    const places = weightPlaces(config)
    checkWeightNames(places, weights.tensors)
    await checkCopies(config, places, weights)
    return weights
  } catch (error) {
    await weights.close()
    throw error
  }
}

/**
 * Writes such a folder; config.json last, so that a folder which was cut off does not open. `values` has the tensors of
 * {@link weightPlaces} that are no copies. `tokenizer` is the file itself.
 */
export async function writeModelFolder(
  directory: string,
  model: {
    config: ModelConfig
    values: ReadonlyMap<string, Float32Array>
    dtype: FloatFormat
    tokenizer: Uint8Array
  },
): Promise<void> {
  const places = weightPlaces(model.config).filter(({ copyOf }) => !copyOf)
  const shapeOf = new Map(places.map(({ name, shape }) => [name, shape]))
  checkWeightNames(places, new Map([...model.values.keys()].map((name) => [name, { shape: shapeOf.get(name) ?? [] }])))
  const tensors = places.map(({ name, shape }) => ({
    name,
    shape,
    dtype: model.dtype,
    values: model.values.get(name)!,
  }))
  await writeSafetensors(join(directory, WEIGHTS_FILE), tensors)
  await replaceFile(join(directory, TOKENIZER_FILE), [model.tokenizer])
  await replaceFile(join(directory, CONFIG_FILE), [encodeConfig(model.config, model.dtype)])
}
