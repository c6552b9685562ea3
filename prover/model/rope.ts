/**
 * Rotary position embedding (RoFormer, arXiv 2104.09864) as a config states it, kept as data: the kernel makes
 * frequencies and tables from it with its own arithmetic. transformers writes it in two ways:
 *
 *   "rope_theta": 10000, "rope_scaling": null | { "rope_type" (before: "type"), "factor", … }        until version 4
 *   "rope_parameters": { "rope_theta": 10000, "rope_type": "default", "factor", … }                  from version 5
 *
 * The frequency of the pair of coordinates i of a head is theta^(−2i / headDim), then scaled:
 *
 *   linear    divided by factor (position interpolation, 2306.15595)
 *   llama3    divided by factor where the wavelength is above originalMaxPositions / lowFrequencyFactor, left where it is
 *             below originalMaxPositions / highFrequencyFactor, blended between
 *   yarn      2309.00071: frequencies divided and not, blended over the coordinates that turn between betaSlow and
 *             betaFast times in originalMaxPositions; cos and sin times the attention factor
 *
 * Scalings that look at the length of the running text (dynamic, longrope) are refused: cached keys would have to turn
 * with every token, and a feature would depend on how a text was fed.
 */
import { z } from 'zod'
import { ModelFileError } from './model-file-error.ts'
import { parseFields } from './strict-json.ts'

export type RopeScaling =
  | { type: 'none' }
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3'
      factor: number
      lowFrequencyFactor: number
      highFrequencyFactor: number
      /** Tokens. */
      originalMaxPositions: number
    }
  | {
      type: 'yarn'
      factor: number
      /** Tokens. */
      originalMaxPositions: number
      betaFast: number
      betaSlow: number
      /** Whether the blend's ends are rounded to whole dimensions. */
      truncate: boolean
      attention: YarnAttention
    }

/**
 * What cos and sin are multiplied by: a value as it stands, or by m(mscale) / m(mscaleAllDim), where m(k) = 0.1 · k ·
 * ln(factor) + 1 for factors above 1. The default, 0.1 · ln(factor) + 1, is mscale 1 over mscaleAllDim 0.
 */
export type YarnAttention = { factor: number } | { mscale: number; mscaleAllDim: number }

export type Rope = { theta: number; scaling: RopeScaling }

const DEFAULT_THETA = 10_000

const positive = z.number().positive('must be above 0').max(1e9, 'must be at most 1e9')
const factor = positive.min(1, 'must be at least 1')
const positions = z
  .number()
  .int('must be a whole number')
  .positive('must be above 0')
  .max(2 ** 28)
const nullish = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)

const linearSchema = z.strictObject({ factor })
const llama3Schema = z.strictObject({
  factor,
  low_freq_factor: positive,
  high_freq_factor: positive,
  original_max_position_embeddings: positions,
})
const yarnSchema = z.strictObject({
  factor,
  original_max_position_embeddings: nullish(positions),
  attention_factor: nullish(positive),
  beta_fast: nullish(positive),
  beta_slow: nullish(positive),
  mscale: nullish(z.number().nonnegative().max(100)),
  mscale_all_dim: nullish(z.number().nonnegative().max(100)),
  truncate: nullish(z.boolean()),
})

const ropeSchema = z.object({
  max_position_embeddings: positions,
  rope_theta: nullish(positive),
  rope_scaling: nullish(z.record(z.string(), z.unknown())),
  rope_parameters: nullish(z.record(z.string(), z.unknown())),
})

/** Reads it from a whole config.json. Throws {@link ModelFileError} that names the field. */
export function parseRope(config: unknown, file: string): Rope {
  const fields = parseFields(ropeSchema, config, file)
  const at = fields.rope_parameters ? 'rope_parameters' : 'rope_scaling'
  if (fields.rope_parameters && fields.rope_scaling) {
    throw new ModelFileError({ file, field: 'rope_scaling', reason: 'stands beside rope_parameters: keep one of them' })
  }
  const { rope_theta, partial_rotary_factor, type, rope_type, ...rest } = fields[at] ?? {}
  if (type !== undefined && rope_type !== undefined && type !== rope_type) {
    throw new ModelFileError({ file, field: `${at}.type`, value: type, reason: 'disagrees with rope_type' })
  }
  if (partial_rotary_factor !== undefined && partial_rotary_factor !== null && partial_rotary_factor !== 1) {
    const reason = 'only whole heads are rotated (1)'
    throw new ModelFileError({ file, field: `${at}.partial_rotary_factor`, value: partial_rotary_factor, reason })
  }
  const theta =
    parseFields(nullish(positive), rope_theta, file, [at, 'rope_theta']) ?? fields.rope_theta ?? DEFAULT_THETA
  const scaling = parseScaling(rope_type ?? type ?? 'default', rest, fields.max_position_embeddings, { file, at })
  return { theta, scaling }
}

function parseScaling(
  type: unknown,
  fields: unknown,
  maxPositions: number,
  { file, at }: { file: string; at: string },
): RopeScaling {
  switch (type) {
    case 'default':
      parseFields(z.strictObject({}), fields, file, [at])
      return { type: 'none' }
    case 'linear':
      return { type, ...parseFields(linearSchema, fields, file, [at]) }
    case 'llama3': {
      const parsed = parseFields(llama3Schema, fields, file, [at])
      if (parsed.low_freq_factor >= parsed.high_freq_factor) {
        const reason = 'must be below high_freq_factor'
        throw new ModelFileError({ file, field: `${at}.low_freq_factor`, value: parsed.low_freq_factor, reason })
      }
      return {
        type,
        factor: parsed.factor,
        lowFrequencyFactor: parsed.low_freq_factor,
        highFrequencyFactor: parsed.high_freq_factor,
        originalMaxPositions: parsed.original_max_position_embeddings,
      }
    }
    case 'yarn':
      return yarn(parseFields(yarnSchema, fields, file, [at]), maxPositions)
    default:
      throw new ModelFileError({
        file,
        field: `${at}.rope_type`,
        value: type,
        reason: 'only default, linear, llama3 and yarn are supported',
      })
  }
}

function yarn(fields: z.output<typeof yarnSchema>, maxPositions: number): RopeScaling {
  const { mscale, mscale_all_dim: mscaleAllDim } = fields
  return {
    type: 'yarn',
    factor: fields.factor,
    originalMaxPositions: fields.original_max_position_embeddings ?? maxPositions,
    betaFast: fields.beta_fast ?? 32,
    betaSlow: fields.beta_slow ?? 1,
    truncate: fields.truncate ?? true,
    attention: fields.attention_factor
      ? { factor: fields.attention_factor }
      : mscale && mscaleAllDim
        ? { mscale, mscaleAllDim }
        : { mscale: 1, mscaleAllDim: 0 },
  }
}

/**
 * The fields of a config.json that {@link parseRope} reads back to the same, in the older way, which all readers know.
 */
export function ropeFields({ theta, scaling }: Rope): Record<string, unknown> {
  return { rope_theta: theta, rope_scaling: scalingFields(scaling) }
}

function scalingFields(scaling: RopeScaling): Record<string, unknown> | null {
  switch (scaling.type) {
    case 'none':
      return null
    case 'linear':
      return { rope_type: 'linear', factor: scaling.factor }
    case 'llama3':
      return {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalMaxPositions,
      }
    case 'yarn': {
      const { attention } = scaling
      const isDefault = 'mscale' in attention && attention.mscaleAllDim === 0
      return {
        rope_type: 'yarn',
        factor: scaling.factor,
        original_max_position_embeddings: scaling.originalMaxPositions,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        truncate: scaling.truncate,
        ...('factor' in attention
          ? { attention_factor: attention.factor }
          : isDefault
            ? {}
            : { mscale: attention.mscale, mscale_all_dim: attention.mscaleAllDim }),
      }
    }
  }
}
