import { describe, expect, it } from 'vitest'
import { KERNEL_VERSION } from '../kernel/kernel.ts'
import { ModelFileError } from '../model/model-file-error.ts'
import { encodeRecipe, parseRecipe, recipeFor, recipeHash, STORY_RECIPES, type TuneRecipe } from './recipe.ts'

const base = {
  weightsHash: `0x${'11'.repeat(32)}`,
  tokenizerHash: `0x${'22'.repeat(32)}`,
  architecture: 'LlamaForCausalLM',
} as const

const recipe = recipeFor(base, STORY_RECIPES.full)
const text = (value: object) => new TextEncoder().encode(JSON.stringify(value))

describe('a recipe', () => {
  it('comes back from its bytes', () => {
    for (const settings of Object.values(STORY_RECIPES)) {
      const made = recipeFor(base, settings)
      expect(parseRecipe(encodeRecipe(made))).toEqual(made)
    }
  })

  it('has one sequence of bytes, whatever order its fields were written in', () => {
    const backwards = Object.fromEntries(Object.entries(recipe).reverse()) as TuneRecipe
    expect(recipeHash(backwards)).toBe(recipeHash(recipe))
    expect(() => parseRecipe(text(backwards))).toThrow(/recipe\.json: \(root\): its bytes are not the canonical ones/)
  })

  it('has frozen bytes', () => {
    const bytes = new TextDecoder().decode(encodeRecipe(recipeFor(base, STORY_RECIPES.small)))
    expect(bytes).toBe(
      `{"format":1,"kernelVersion":${KERNEL_VERSION},"base":{"weightsHash":"${base.weightsHash}",` +
        `"tokenizerHash":"${base.tokenizerHash}","architecture":"LlamaForCausalLM"},` +
        '"adapter":{"rank":4,"alpha":8,"rsLora":false,"targets":["q_proj","v_proj"]},' +
        '"training":{"schedule":{"steps":4,"warmupSteps":1,"peakRate":0.008,"floorRate":0.0008},"sequencesPerStep":2,' +
        '"beta1":0.9,"beta2":0.95,"epsilon":1e-8,"weightDecay":0.1,"clipNorm":1},"checkpointEvery":2,' +
        '"curvature":{"rows":4,"passTokens":512},"lexicalWeight":0.1,"packing":{"windowTokens":512,"length":512}}',
    )
  })

  it('has another hash for another base, rate or weight of words', () => {
    const changed: TuneRecipe[] = [
      { ...recipe, base: { ...base, weightsHash: `0x${'33'.repeat(32)}` } },
      { ...recipe, training: { ...recipe.training, clipNorm: 2 } },
      { ...recipe, lexicalWeight: 0.2 },
    ]
    expect(new Set([recipe, ...changed].map(recipeHash)).size).toBe(4)
  })

  it.each([
    ['a field too many', { ...recipe, extra: 1 }, /recipe\.json: extra: /],
    ['an infinite norm', { ...recipe, training: { ...recipe.training, clipNorm: null } }, /training\.clipNorm/],
    ['no steps', { ...recipe, training: { ...recipe.training, schedule: { steps: 0 } } }, /training\.schedule\.steps/],
    ['a rate below its floor', withRates(1e-4, 1e-3), /recipe\.json: training: floorRate is 0\.001/],
    ['rank 0', { ...recipe, adapter: { ...recipe.adapter, rank: 0 } }, /adapter\.rank/],
    ['other windows', { ...recipe, packing: { windowTokens: 256, length: 512 } }, /packing\.windowTokens/],
    ['a short hash', { ...recipe, base: { ...base, weightsHash: '0x11' } }, /base\.weightsHash: must be 32 bytes/],
  ])('is refused with %s, and the error names the field', (_, value, message) => {
    expect(() => parseRecipe(text(value))).toThrow(ModelFileError)
    expect(() => parseRecipe(text(value))).toThrow(message)
  })

  it('is refused where its bytes are cut', () => {
    expect(() => parseRecipe(encodeRecipe(recipe).subarray(0, -1))).toThrow(/recipe\.json: json: is not JSON/)
  })
})

function withRates(peakRate: number, floorRate: number): TuneRecipe {
  const { training } = recipe
  return { ...recipe, training: { ...training, schedule: { ...training.schedule, peakRate, floorRate } } }
}
