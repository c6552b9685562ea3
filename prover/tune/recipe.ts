/**
 * Everything that decides a tuned version's bits, besides the corpus and the run's seed: its keccak256 is the run's
 * hyperparametersHash (docs/protocol.md, "Models"). Canonical bytes: JSON without white space, the fields of every object in the order
 * of their schema here; numbers as JavaScript writes them, the shortest decimals that read back as the same double.
 */
import { type Hex, isHex, keccak256, size } from 'viem'
import { z } from 'zod'
import { WINDOW_TOKENS } from '../../protocol/manifest.ts'
import { KERNEL_VERSION } from '../kernel/kernel.ts'
import { MAX_RANK } from '../model/adapter-config.ts'
import { ModelFileError } from '../model/model-file-error.ts'
import { parseFields, parseJson } from '../model/strict-json.ts'
import { checkRecipe, type Recipe, USUAL_ADAMW } from '../train/recipe.ts'

export const RECIPE_FILE = 'recipe.json'
export const MAX_RECIPE_BYTES = 65_536
/** Of the fields, and of what they mean. */
const FORMAT = 1

const hash = z.custom<Hex>((value) => isHex(value) && size(value) === 32, 'must be 32 bytes')
const whole = z.number().int('must be a whole number')
const count = whole.min(1, 'must be at least 1').max(2 ** 31, 'must be at most 2³¹')

const adapterSchema = z.strictObject({
  rank: whole.min(1).max(MAX_RANK),
  alpha: z.number().positive(),
  rsLora: z.boolean(),
  /** As PEFT's target_modules: "all-linear", a regular expression of a module's path, or a list of names. */
  targets: z.union([z.string().min(1).max(4_096), z.array(z.string().min(1).max(256)).min(1).max(512)]),
})

const trainingSchema = z.strictObject({
  schedule: z.strictObject({ steps: count, warmupSteps: whole.min(0), peakRate: z.number(), floorRate: z.number() }),
  sequencesPerStep: count,
  beta1: z.number(),
  beta2: z.number(),
  epsilon: z.number(),
  weightDecay: z.number(),
  clipNorm: z.number(),
})

const recipeSchema = z.strictObject({
  format: z.literal(FORMAT),
  kernelVersion: count,
  base: z.strictObject({ weightsHash: hash, tokenizerHash: hash, architecture: z.string().min(1).max(64) }),
  adapter: adapterSchema,
  training: trainingSchema,
  /** Steps between two checkpoints on record; the last step has one too. */
  checkpointEvery: count,
  /** Rows that the curvature is made of, drawn by the seed (all, where there are fewer), and tokens of a run of the model. */
  curvature: z.strictObject({ rows: count, passTokens: count }),
  /** Part of a product that words may add (prover/features). */
  lexicalWeight: z.number().min(0).max(1),
  /** Protocol tokens of a row's window, and the most tokens of the model's own in a sequence. */
  packing: z.strictObject({ windowTokens: z.literal(WINDOW_TOKENS), length: count }),
})

export type TuneRecipe = z.output<typeof recipeSchema>
/** What is chosen; the rest follows from the base and the program. */
export type TuneSettings = Omit<TuneRecipe, 'format' | 'kernelVersion' | 'base' | 'packing' | 'curvature'> & {
  curvature: { rows: number }
  /** Most tokens of a sequence; no more than the base takes. */
  length: number
}
export type BaseHashes = TuneRecipe['base']

/** A recipe for a base, as this program computes. Throws as {@link checkTuneRecipe}. */
export function recipeFor(base: BaseHashes, { length, curvature, ...settings }: TuneSettings): TuneRecipe {
  const recipe: TuneRecipe = {
    ...{ format: FORMAT, kernelVersion: KERNEL_VERSION, base },
    ...settings,
    curvature: { rows: curvature.rows, passTokens: length },
    packing: { windowTokens: WINDOW_TOKENS, length },
  }
  return parseRecipe(encodeRecipe(recipe))
}

/** Canonical bytes. */
export function encodeRecipe(recipe: TuneRecipe): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(recipeSchema.parse(recipe)))
}

/** Inverse of {@link encodeRecipe}. Throws {@link ModelFileError} that names the field; also where the bytes are not the canonical ones. */
export function parseRecipe(bytes: Uint8Array): TuneRecipe {
  const recipe = parseFields(recipeSchema, parseJson(bytes, RECIPE_FILE), RECIPE_FILE)
  const refused = (field: string, reason: string) => new ModelFileError({ file: RECIPE_FILE, field, reason })
  if (Buffer.compare(encodeRecipe(recipe), bytes) !== 0)
    throw refused('(root)', 'its bytes are not the canonical ones of its fields')
  try {
    checkRecipe(recipe.training)
  } catch (error) {
    if (error instanceof RangeError) throw refused('training', error.message)
    throw error
  }
  return recipe
}

/** The run's hyperparametersHash. */
export const recipeHash = (recipe: TuneRecipe): Hex => keccak256(encodeRecipe(recipe))

const story = (steps: number, sequencesPerStep: number, peakRate: number): Recipe => ({
  schedule: { steps, warmupSteps: Math.ceil(steps / 8), peakRate, floorRate: peakRate / 10 },
  sequencesPerStep,
  ...USUAL_ADAMW,
})

/** For the base in this repository and some hundred files: `full` in a minute and a half on two cores, `small` in seconds. */
export const STORY_RECIPES: { full: TuneSettings; small: TuneSettings } = {
  full: {
    adapter: { rank: 8, alpha: 16, rsLora: false, targets: 'all-linear' },
    training: story(24, 6, 6e-3),
    checkpointEvery: 4,
    curvature: { rows: 24 },
    lexicalWeight: 0.1,
    length: 512,
  },
  small: {
    adapter: { rank: 4, alpha: 8, rsLora: false, targets: ['q_proj', 'v_proj'] },
    training: story(4, 2, 8e-3),
    checkpointEvery: 2,
    curvature: { rows: 4 },
    lexicalWeight: 0.1,
    length: 512,
  },
}
