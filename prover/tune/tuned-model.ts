/**
 * A tuned version at work: opened by its artifact's hash, every file checked against the hashes that the artifact names; and the query of an
 * answer (docs/protocol.md, "Models"):
 *
 *     ⟨begin⟩ prompt │ answer         ids of both by the base's tokenizer, each encoded alone; only the answer's are targets that count
 *
 * A prompt that with ⟨begin⟩ takes more than half of what the model reads at once is kept to its end. What does not fit into one run is cut
 * into pieces from the start.
 */
import type { Hex } from 'viem'
import { lexicalVector } from '../../protocol/lexical.ts'
import { textTokenIds } from '../attribute/answer-query.ts'
import { ArtifactError, isTuned, type TunedArtifact } from '../attribute/artifact.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import { type Curvature, CurvatureError, curvatureHash, decodeCurvature } from '../features/curvature.ts'
import { createFeaturizer, type Featurizer, queryFeatureOf } from '../features/features.ts'
import { observedModel } from '../features/observed-model.ts'
import { KERNEL_VERSION, type Kernel } from '../kernel/kernel.ts'
import { memorySource } from '../model/byte-source.ts'
import type { ModelConfig } from '../model/config.ts'
import { openModelFolder } from '../model/folder.ts'
import type { GenerationDefaults } from '../model/generation-config.ts'
import { type LoraAdapter, placeAdapter } from '../model/lora.ts'
import { ADAPTER_WEIGHTS_FILE, decodeAdapter } from '../model/peft.ts'
import type { Tokenizer } from '../model/tokenizer-face.ts'
import type { TrainingSequence } from '../model/trainable.ts'
import { loadTransformer, type Transformer, withAnsweringWeights } from '../model/transformer.ts'
import { baseHashes, checkBase } from './base-model.ts'
import { checkRecipeFits } from './plan.ts'
import { parseRecipe, recipeHash, type TuneRecipe } from './recipe.ts'
import { tuningSeeds } from './seeds.ts'
import { cutPieces, type TextRules, textRules } from './window-texts.ts'

/** Lies in the kernel's arena until the caller releases a mark from before it. */
export type TunedModel = {
  readonly artifact: TunedArtifact
  readonly recipe: TuneRecipe
  readonly config: ModelConfig
  readonly transformer: Transformer
  readonly adapter: LoraAdapter
  readonly tokenizer: Tokenizer
  readonly generation: GenerationDefaults
  readonly featurizer: Featurizer
  /** How windows were read. */
  readonly rules: TextRules
  /** Contents of the rows lie in it. */
  readonly store: ArtifactStore
}

/**
 * Throws ArtifactError, ModelFileError or CurvatureError that names the file and what is wrong with it; nothing is left allocated
 * then.
 */
export async function openTunedModel(
  { kernel, store }: { kernel: Kernel; store: ArtifactStore },
  { artifactHash, baseDirectory }: { artifactHash: Hex; baseDirectory: string },
): Promise<TunedModel> {
  const artifact = await store.artifact(artifactHash)
  if (!isTuned(artifact)) throw new ArtifactError(`artifact ${artifactHash} is of a retrieval version: it has no model`)
  const recipe = await recipeOf(store, artifact)
  checkBase(await baseHashes(baseDirectory), recipe.base)
  const mark = kernel.arena.mark()
  const folder = await openModelFolder(baseDirectory)
  try {
    const { config, tokenizer, generation } = folder
    checkRecipeFits(recipe, config)
    const rules = textRules(tokenizer, config, recipe.packing.length)
    const transformer = withAnsweringWeights(await loadTransformer(kernel, folder))
    const adapter = await adapterOf(store, artifact, transformer)
    const curvature = await curvatureOf(store, artifact)
    const featurizer = createFeaturizer(observedModel(transformer, adapter), curvature, {
      seed: tuningSeeds(artifact.seed).features,
      lexicalWeight: recipe.lexicalWeight,
    })
    return {
      ...{ artifact, recipe, config, transformer, adapter, tokenizer, generation, featurizer, rules, store },
    }
  } catch (error) {
    kernel.arena.release(mark)
    throw error
  } finally {
    await folder.close()
  }
}

/** The recipe, whose hash, kernel and base must be those of the artifact. */
async function recipeOf(store: ArtifactStore, artifact: TunedArtifact): Promise<TuneRecipe> {
  const { tuned } = artifact
  const recipe = parseRecipe(await store.file(artifact, ARTIFACT_FILES.recipe))
  const { weightsHash, tokenizerHash } = recipe.base
  const found = { kernelVersion: recipe.kernelVersion, recipeHash: recipeHash(recipe), weightsHash, tokenizerHash }
  for (const [name, value] of Object.entries(found)) {
    const named = tuned[name as keyof typeof found]
    if (value !== named) throw disagrees(ARTIFACT_FILES.recipe, name, value, named)
  }
  if (tuned.kernelVersion !== KERNEL_VERSION)
    throw new ArtifactError(
      `kernelVersion: the version was made with kernel ${tuned.kernelVersion}, this program has ${KERNEL_VERSION}`,
    )
  return recipe
}

const disagrees = (file: string, field: string, found: unknown, named: unknown) =>
  new ArtifactError(`${file}: ${field} is ${found}, must be ${named} by the artifact`)

async function adapterOf(
  store: ArtifactStore,
  artifact: TunedArtifact,
  transformer: Transformer,
): Promise<LoraAdapter> {
  const name = ARTIFACT_FILES.adapterWeights
  const listed = artifact.tuned.files.find((file) => file.name === name)?.hash
  if (listed !== artifact.tuned.adapterHash)
    throw disagrees(name, 'adapterHash', listed ?? 'absent', artifact.tuned.adapterHash)
  const config = await store.file(artifact, ARTIFACT_FILES.adapterConfig)
  const weights = memorySource(await store.file(artifact, name), ADAPTER_WEIGHTS_FILE)
  return placeAdapter(transformer, await decodeAdapter({ config, weights }, transformer.config))
}

async function curvatureOf(store: ArtifactStore, artifact: TunedArtifact): Promise<Curvature> {
  const name = ARTIFACT_FILES.curvature
  const curvature = decodeCurvature(await store.file(artifact, name))
  const found = curvatureHash(curvature)
  if (found !== artifact.tuned.curvatureHash)
    throw new CurvatureError(
      `${name}: curvatureHash is ${found}, must be ${artifact.tuned.curvatureHash} by the artifact`,
    )
  return curvature
}

/** What the model goes on from: its beginning token, then the prompt, kept to its end where it is too long. */
export function promptIds(
  { tokenizer, config, rules }: Pick<TunedModel, 'tokenizer' | 'config' | 'rules'>,
  prompt: string,
): Uint32Array {
  const most = Math.max(1, Math.floor(config.maxPositions / 2) - 1)
  const ids = tokenizer.encode(prompt).slice(-most)
  const whole = new Uint32Array(1 + ids.length).fill(rules.beginId)
  whole.set(ids, 1)
  return whole
}

/** int8[dims]; undefined where the query is void: the answer has no token, or a number on the way was not finite. */
export function tunedQuery(
  model: TunedModel,
  { prompt, answer }: { prompt: string; answer: string },
): Int8Array | undefined {
  const { tokenizer, config, artifact, featurizer } = model
  const pieces = answerPieces(promptIds(model, prompt), tokenizer.encode(answer), config.maxPositions)
  if (pieces.length === 0) return undefined
  const lexical = lexicalVector(joined(textTokenIds(prompt), textTokenIds(answer)), artifact.rarity)
  return queryFeatureOf(featurizer, { pieces, lexical })
}

/** Pieces in which a target of the answer stands; the prompt's targets do not count. */
function answerPieces(prompt: Uint32Array, answer: Uint32Array, length: number): TrainingSequence[] {
  let at = 0
  return cutPieces(joined(prompt, answer), length).flatMap(({ ids, targets }) => {
    // Token t of the stream has target t + 1.
    const weights = Float32Array.from(ids, (_, t) => (at + t + 1 < prompt.length ? 0 : 1))
    at += ids.length
    return weights.some((weight) => weight > 0) ? [{ ids, targets, weights }] : []
  })
}

function joined(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
