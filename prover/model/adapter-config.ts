/**
 * adapter_config.json of PEFT's LoRA (peft, tuners/lora/config.py `LoraConfig`), and which layers it speaks of.
 *
 *   target_modules,    a list: each the module's path, or its end after a dot; text: a regular expression of the whole
 *   exclude_modules    path; "all-linear": every linear layer but the output (tuners/tuners_utils.py)
 *   rank_pattern,      { regular expression of the path, or of its end after a dot: value }; the first that matches
 *   alpha_pattern      counts (utils/other.py `get_pattern_key`)
 *   scale              alpha / r, or alpha / √r with use_rslora (2312.03732)
 *
 * PEFT writes every field of its class, so a field is ignored where it is harmless by its nature (HARMLESS) or empty
 * (null, false, "", [], {}); any other one would change the adapter and is refused by name: modules_to_save, bias,
 * use_dora, trainable_token_indices and what comes after.
 */
import { z } from 'zod'
import type { ModelConfig } from './config.ts'
import { ModelFileError, type Refusal, refusalIn } from './model-file-error.ts'
import { ModulePatternError, modulePattern } from './module-pattern.ts'
import { parseFields, parseJson, recordOf } from './strict-json.ts'
import { type LinearLayer, linearLayers } from './weight-names.ts'

export const ADAPTER_CONFIG_FILE = 'adapter_config.json'

export const MAX_RANK = 4_096
const MAX_PATTERNS = 8_192
/** Of those that are regular expressions indeed; PEFT itself writes plain paths, as many as there are layers. */
const MAX_EXPRESSIONS = 64

export type AdapterConfig = {
  rank: number
  alpha: number
  /** Rank and alpha of the layers that a pattern matches, the first that does. */
  rankPattern: readonly (readonly [pattern: string, rank: number])[]
  alphaPattern: readonly (readonly [pattern: string, alpha: number])[]
  /** Rank-stabilised: alpha / √rank in place of alpha / rank. */
  rsLora: boolean
  /** Paths or their ends; or a regular expression; or "all-linear". */
  targetModules: readonly string[] | string
  excludeModules: readonly string[] | string | undefined
  /** Only with a list of target modules. */
  layersToTransform: readonly number[] | undefined
  /** Of the training; serving has none. */
  dropout: number
  /** What PEFT calls base_model_name_or_path: for people. */
  baseModel: string | undefined
}

/** Where an adapter's two matrices stand: W + scale · B A. */
export type AdapterPlace = LinearLayer & {
  rank: number
  scale: number
}

/** Fields that say nothing about what is computed, or only about how it began. */
const HARMLESS = new Set([
  'alora_invocation_tokens',
  'auto_mapping',
  'base_model_name_or_path',
  'inference_mode',
  'lora_dropout',
  'megatron_core',
  'peft_version',
  'qalora_group_size',
  'revision',
  'runtime_config',
  'task_type',
])

/** Ways to begin that change the base's weights: on the plain base such an adapter means nothing. */
const CHANGES_BASE = /^(pissa|olora|corda|loftq|lora_ga)/

const rankSchema = z
  .number('must be a number')
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(MAX_RANK, `must be at most ${MAX_RANK}`)
const alphaSchema = z.number('must be a number').positive('must be above 0').max(1e6, 'must be at most 1e6')
const moduleName = z.string().min(1, 'must not be empty').max(256, 'must have at most 256 characters')
const modulesSchema = z.union([z.array(moduleName).max(MAX_PATTERNS), z.string().min(1).max(4_096)], {
  error: 'must be a list of module names or a regular expression',
})
const layerIndex = z.number().int().min(0)

const adapterSchema = z.looseObject({
  peft_type: z.literal('LORA', 'only LORA is supported'),
  r: rankSchema,
  lora_alpha: alphaSchema,
  lora_dropout: z.number().min(0, 'must not be negative').max(1, 'must be at most 1').nullish(),
  target_modules: modulesSchema,
  exclude_modules: modulesSchema.nullish(),
  layers_to_transform: z.union([layerIndex, z.array(layerIndex).max(512)]).nullish(),
  layers_pattern: z.unknown(),
  rank_pattern: recordOf(rankSchema).nullish(),
  alpha_pattern: recordOf(alphaSchema).nullish(),
  use_rslora: z.boolean().nullish(),
  bias: z.literal('none', 'only "none" is supported: biases are not adapted').nullish(),
  fan_in_fan_out: z.literal(false, 'must be false: the matrices are [out, in]').nullish(),
  init_lora_weights: z
    .union([z.boolean(), z.string().refine((text) => !CHANGES_BASE.test(text), 'changes the weights of the base')])
    .nullish(),
  task_type: z.literal('CAUSAL_LM', 'must be CAUSAL_LM').nullish(),
  base_model_name_or_path: z.string().nullish(),
})

/** Throws {@link ModelFileError} that names the first field that is wrong or not supported. */
export function parseAdapterConfig(bytes: Uint8Array, file = ADAPTER_CONFIG_FILE): AdapterConfig {
  const refuse = refusalIn(file)
  const fields = parseFields(adapterSchema, parseJson(bytes, file), file)
  const known = new Set(Object.keys(adapterSchema.shape))
  for (const [field, value] of Object.entries(fields)) {
    if (known.has(field) || HARMLESS.has(field) || isEmpty(value)) continue
    throw refuse(field, value, 'is not supported')
  }
  if (!isEmpty(fields.layers_pattern) && !['"layers"', '["layers"]'].includes(JSON.stringify(fields.layers_pattern))) {
    throw refuse('layers_pattern', fields.layers_pattern, 'must be "layers" or absent')
  }
  const layers = fields.layers_to_transform ?? undefined
  if (layers !== undefined && typeof fields.target_modules === 'string') {
    throw refuse('layers_to_transform', layers, 'stands only beside a list of target_modules')
  }
  return {
    rank: fields.r,
    alpha: fields.lora_alpha,
    rankPattern: Object.entries(fields.rank_pattern ?? {}),
    alphaPattern: Object.entries(fields.alpha_pattern ?? {}),
    rsLora: fields.use_rslora ?? false,
    targetModules: fields.target_modules,
    excludeModules: isEmpty(fields.exclude_modules) ? undefined : (fields.exclude_modules ?? undefined),
    layersToTransform: typeof layers === 'number' ? [layers] : layers,
    dropout: fields.lora_dropout ?? 0,
    baseModel: fields.base_model_name_or_path ?? undefined,
  }
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** The adapter_config.json that PEFT and vLLM read, and {@link parseAdapterConfig} reads back to the same. */
export function encodeAdapterConfig(config: AdapterConfig): Uint8Array<ArrayBuffer> {
  const fields = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: config.baseModel ?? null,
    inference_mode: true,
    r: config.rank,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    target_modules: config.targetModules,
    exclude_modules: config.excludeModules ?? null,
    layers_to_transform: config.layersToTransform ?? null,
    layers_pattern: null,
    rank_pattern: Object.fromEntries(config.rankPattern),
    alpha_pattern: Object.fromEntries(config.alphaPattern),
    use_rslora: config.rsLora,
    use_dora: false,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    modules_to_save: null,
  }
  return new TextEncoder().encode(`${JSON.stringify(fields, undefined, 2)}\n`)
}

/**
 * The layers that an adapter changes, in the order of computation. Throws {@link ModelFileError} that names the field.
 */
export function adapterPlaces(config: AdapterConfig, model: ModelConfig, file = ADAPTER_CONFIG_FILE): AdapterPlace[] {
  const refuse = refusalIn(file)
  const linears = linearLayers(model)
  const isTarget = moduleTest(config.targetModules, 'target_modules', refuse)
  const isExcluded = config.excludeModules ? moduleTest(config.excludeModules, 'exclude_modules', refuse) : () => false
  if (typeof config.targetModules !== 'string') checkTargets(config.targetModules, linears, refuse)
  const inLayers = ({ layer }: LinearLayer) => config.layersToTransform?.includes(layer) ?? true
  const rankOf = patternTable(config.rankPattern, config.rank, 'rank_pattern', refuse)
  const alphaOf = patternTable(config.alphaPattern, config.alpha, 'alpha_pattern', refuse)
  const places = linears
    .filter((linear) => isTarget(linear.module) && !isExcluded(linear.module) && inLayers(linear))
    .map((linear) => {
      const rank = rankOf(linear.module)
      return { ...linear, rank, scale: alphaOf(linear.module) / (config.rsLora ? Math.sqrt(rank) : rank) }
    })
  if (!places.length) throw refuse('target_modules', config.targetModules, 'matches no linear layer of the model')
  return places
}

const endsWithModule = (module: string, name: string) => module === name || module.endsWith(`.${name}`)

function moduleTest(modules: readonly string[] | string, field: string, refuse: Refusal): (module: string) => boolean {
  if (modules === 'all-linear') return () => true
  if (typeof modules === 'string') return compiled(modules, field, refuse)
  // The last part of a path decides quickly; lists may be as long as the model has modules.
  const byLast = Map.groupBy(modules, (name) => name.slice(name.lastIndexOf('.') + 1))
  return (module) =>
    (byLast.get(module.slice(module.lastIndexOf('.') + 1)) ?? []).some((name) => endsWithModule(module, name))
}

/** A name in the list that no layer has is a mistake, or a layer that we do not adapt (embed_tokens, lm_head). */
function checkTargets(targets: readonly string[], linears: readonly LinearLayer[], refuse: Refusal): void {
  const ends = new Set(linears.flatMap(({ module }) => [...suffixes(module)]))
  for (const [index, target] of targets.entries()) {
    if (!ends.has(target)) throw refuse(`target_modules.${index}`, target, 'is no linear layer within the blocks')
  }
}

function* suffixes(module: string): Generator<string> {
  for (let at = -1; ; ) {
    yield module.slice(at + 1)
    at = module.indexOf('.', at + 1)
    if (at < 0) return
  }
}

function compiled(pattern: string, field: string, refuse: Refusal): (module: string) => boolean {
  try {
    return modulePattern(pattern)
  } catch (error) {
    if (!(error instanceof ModulePatternError)) throw error
    throw refuse(field, pattern, error.message)
  }
}

/** The value of the first pattern that matches the path or its end after a dot. */
function patternTable(
  table: readonly (readonly [string, number])[],
  fallback: number,
  field: string,
  refuse: Refusal,
): (module: string) => number {
  if (table.length > MAX_PATTERNS) throw refuse(field, table.length, `must have at most ${MAX_PATTERNS} patterns`)
  let expressions = 0
  const tests = table.map(([pattern, value]) => {
    const isPlain = /^[A-Za-z0-9_.]+$/.test(pattern)
    if (!isPlain && ++expressions > MAX_EXPRESSIONS) {
      throw refuse(field, pattern, `is one of more than ${MAX_EXPRESSIONS} regular expressions`)
    }
    return {
      value,
      matches: isPlain ? plainEnd(pattern) : compiled(`(.*\\.)?(${pattern})`, `${field}.${pattern}`, refuse),
    }
  })
  return (module) => tests.find(({ matches }) => matches(module))?.value ?? fallback
}

/** A pattern without signs but dots, each of which is any character: matched from its end, where names differ. */
const plainEnd = (pattern: string) => (module: string) => {
  const start = module.length - pattern.length
  if (start < 0 || (start > 0 && module[start - 1] !== '.')) return false
  for (let at = pattern.length - 1; at >= 0; at--) {
    if (pattern[at] !== '.' && pattern[at] !== module[start + at]) return false
  }
  return true
}

/** The highest --max-lora-rank to count on: vLLM serves no adapter above its own. */
const VLLM_MAX_RANK = 64

/**
 * Why vLLM would refuse this adapter or compute something else with it; undefined where it serves it as it is. It takes
 * one scale for all layers, from r and lora_alpha, whatever the patterns say (lora/peft_helper.py).
 */
export function vllmObjection(config: AdapterConfig, places: readonly AdapterPlace[]): string | undefined {
  const scale = config.alpha / (config.rsLora ? Math.sqrt(config.rank) : config.rank)
  const other = places.find((place) => place.scale !== scale)
  if (other)
    return `${other.module} has scale ${other.scale}, and vLLM takes ${scale} for all: fit alpha_pattern to rank_pattern`
  const ranks = [config.rank, ...places.map(({ rank }) => rank)]
  const highest = ranks.reduce((most, rank) => Math.max(most, rank), 0)
  if (highest > VLLM_MAX_RANK) return `rank ${highest} is above ${VLLM_MAX_RANK}`
  return undefined
}
