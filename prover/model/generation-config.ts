/**
 * generation_config.json: how a model's makers want it sampled, and what ends a text (transformers,
 * generation/configuration_utils.py). Only what our sampler has is read; the rest is advice for others and is ignored.
 */
import { z } from 'zod'
import type { ModelConfig } from './config.ts'
import { ModelFileError } from './model-file-error.ts'
import { parseFields, parseJson } from './strict-json.ts'

export const GENERATION_FILE = 'generation_config.json'

export type GenerationDefaults = {
  beginId: number | undefined
  endIds: readonly number[]
  /** 0 takes the likeliest token. */
  temperature: number
  /** (0, 1]: the smallest set of tokens with this much probability. */
  topP: number
}

const id = z.number().int('must be a whole number').min(0, 'must not be negative')

const generationSchema = z.object({
  bos_token_id: id.nullish(),
  eos_token_id: z.union([id, z.array(id).max(64)], 'must be a token id or a list of them').nullish(),
  do_sample: z.boolean().nullish(),
  temperature: z.number().min(0, 'must not be negative').max(100, 'must be at most 100').nullish(),
  top_p: z.number().positive('must be above 0').max(1, 'must be at most 1').nullish(),
})

/** What holds where the file is absent: the config's ends, and the likeliest token always. */
export function generationOf(config: ModelConfig): GenerationDefaults {
  return { beginId: config.beginId, endIds: config.endIds, temperature: 0, topP: 1 }
}

/** Its ids replace the config's. Throws {@link ModelFileError} that names the first wrong field. */
export function parseGeneration(bytes: Uint8Array, config: ModelConfig, file = GENERATION_FILE): GenerationDefaults {
  const fields = parseFields(generationSchema, parseJson(bytes, file), file)
  const ends = fields.eos_token_id ?? config.endIds
  const endIds = typeof ends === 'number' ? [ends] : ends
  const beginId = fields.bos_token_id ?? config.beginId
  for (const value of [beginId ?? 0, ...endIds]) {
    if (value < config.vocabSize) continue
    const field = value === beginId ? 'bos_token_id' : 'eos_token_id'
    throw new ModelFileError({ file, field, value, reason: `is beyond the vocabulary of ${config.vocabSize}` })
  }
  return {
    beginId,
    endIds,
    temperature: fields.do_sample ? (fields.temperature ?? 1) : 0,
    topP: fields.do_sample ? (fields.top_p ?? 1) : 1,
  }
}
