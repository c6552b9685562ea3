/**
 * What a tuning run will do, as far as it is known before any training: its rows, the sequences it is trained on, its seeds and hashes. Anybody
 * who has base, recipe and contents makes the same plan.
 */

import { join } from 'node:path'
import { type Hex, keccak256 } from 'viem'
import type { ClusterId } from '../../genesis/units.ts'
import { ByteWriter } from '../../protocol/byte-cursor.ts'
import { type ManifestItem, manifestRoot } from '../../protocol/manifest.ts'
import { buildRarity, type Rarity, weighNgrams } from '../../protocol/ngrams.ts'
import { ArtifactError } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { CorpusError } from '../attribute/corpus.ts'
import { examplePasses } from '../features/example-pass.ts'
import { KERNEL_VERSION } from '../kernel/kernel.ts'
import { CONFIG_FILE, MAX_CONFIG_BYTES, type ModelConfig, parseConfig } from '../model/config.ts'
import { ModelFileError } from '../model/model-file-error.ts'
import { readSmallFile } from '../model/small-file.ts'
import { openTokenizer, TOKENIZER_FILE } from '../model/tokenizer.ts'
import type { TrainingSequence } from '../model/trainable.ts'
import { shuffled } from '../train/shuffle.ts'
import { sequenceData, type TrainingData } from '../train/training-data.ts'
import { baseHashes, checkBase } from './base-model.ts'
import type { CorpusOutline } from './corpus-outline.ts'
import { RECIPE_FILE, recipeHash, type TuneRecipe } from './recipe.ts'
import { type TuningSeeds, tuningSeeds } from './seeds.ts'
import { type TextRules, textRules, type WindowText, windowTexts } from './window-texts.ts'

export type { CorpusOutline } from './corpus-outline.ts'

export type PlanRequest = {
  /** Hugging Face folder of the base. */
  baseDirectory: string
  /** ArtifactStore directory, in which the corpus's contents lie. */
  storeDirectory: string
  recipe: TuneRecipe
  corpus: CorpusOutline
}

export type TuningPlan = {
  recipe: TuneRecipe
  /** The run's hyperparametersHash. */
  recipeHash: Hex
  corpus: CorpusOutline
  seeds: TuningSeeds
  /** Item i is what row i will speak of. */
  manifest: ManifestItem[]
  manifestRoot: Hex
  rarity: Rarity
  /** By row, as `clusters`. */
  windows: WindowText[]
  clusters: ClusterId[]
  /** What is trained on: the windows' pieces, put together. */
  data: TrainingData
  /** Rows that the curvature is made of, ascending. */
  curvatureRows: number[]
  /** Tokens of the model's that the rows have. */
  tokens: number
  steps: number
}

/**
 * Throws ModelFileError for another base than the recipe's, ArtifactError for a content that the store does not hold, CorpusError where there is
 * no text.
 */
export async function planTuning({ baseDirectory, storeDirectory, recipe, corpus }: PlanRequest): Promise<TuningPlan> {
  const rules = await rulesOf(baseDirectory, recipe)
  const store = await ArtifactStore.open(storeDirectory)
  const documents: { document: CorpusOutline['documents'][number]; windows: WindowText[] }[] = []
  for (const document of corpus.documents) {
    const content = await contentOf(store, document)
    documents.push({ document, windows: windowTexts(content, rules) })
  }
  const rarity = buildRarity(documents.flatMap(({ windows }) => windows.map(({ lexicalIds }) => lexicalIds)))
  const rows = documents.flatMap(({ document, windows }) =>
    windows
      .filter(({ lexicalIds }) => weighNgrams(lexicalIds, rarity).size > 0)
      .map((window) => ({ document, window })),
  )
  if (rows.length === 0)
    throw new CorpusError(`Datanets ${corpus.datanets.join(', ')} hold no text as of block ${corpus.block}`)
  const manifest = rows.map(
    ({ document: { id, contentHash }, window: { start, end } }, index): ManifestItem => ({
      ...{ index, contribution: id, contentHash, start, end },
    }),
  )
  const seeds = tuningSeeds(corpus.block)
  const windows = rows.map(({ window }) => window)
  return {
    ...{ recipe, recipeHash: recipeHash(recipe), corpus, seeds, manifest, rarity, windows },
    manifestRoot: manifestRoot(manifest),
    clusters: rows.map(({ document }) => document.cluster),
    data: trainingData(windows, recipe, seeds),
    curvatureRows: sampleOf(windows.length, recipe.curvature.rows, seeds.curvatureRows),
    tokens: windows.flatMap(({ pieces }) => pieces).reduce((total, { ids }) => total + ids.length, 0),
    steps: recipe.training.schedule.steps,
  }
}

/** Of all that rows are computed from, besides adapter and curvature: a directory of work is one plan's. */
export function planName({ recipeHash, manifestRoot, corpus }: TuningPlan): Hex {
  return keccak256(new ByteWriter().hex(recipeHash, 32).hex(manifestRoot, 32).uint(corpus.block, 8).finish())
}

/** How the base reads texts. Throws ModelFileError where folder and recipe do not fit. */
async function rulesOf(baseDirectory: string, recipe: TuneRecipe): Promise<TextRules> {
  const config = parseConfig(await readSmallFile(join(baseDirectory, CONFIG_FILE), MAX_CONFIG_BYTES))
  checkBase(await baseHashes(baseDirectory), recipe.base)
  checkRecipeFits(recipe, config)
  const tokenizer = await openTokenizer(join(baseDirectory, TOKENIZER_FILE))
  return textRules(tokenizer, config, recipe.packing.length)
}

/** Throws ModelFileError that names the recipe's field. */
export function checkRecipeFits({ kernelVersion, packing }: TuneRecipe, { maxPositions }: ModelConfig): void {
  const refuse = (field: string, value: number, reason: string) =>
    new ModelFileError({ file: RECIPE_FILE, field, value, reason })
  if (kernelVersion !== KERNEL_VERSION)
    throw refuse('kernelVersion', kernelVersion, `this program computes as version ${KERNEL_VERSION}`)
  if (packing.length > maxPositions)
    throw refuse('packing.length', packing.length, `the base takes at most ${maxPositions} tokens`)
}

async function contentOf(store: ArtifactStore, { id, contentHash }: CorpusOutline['documents'][number]) {
  return store.content(contentHash).catch((error: unknown) => {
    if (!(error instanceof ArtifactError)) throw error
    throw new ArtifactError(`contribution ${id}: ${error.message}`, { cause: error })
  })
}

/**
 * Pieces in a drawn order. Those of full length are a sequence each; the others share sequences, every one beginning at a multiple of four,
 * so that it has the bits that it has alone.
 */
function trainingData(windows: readonly WindowText[], { packing }: TuneRecipe, seeds: TuningSeeds): TrainingData {
  const pieces = shuffled(
    windows.flatMap((window) => window.pieces),
    seeds.packing,
  )
  const isFull = ({ ids }: TrainingSequence) => ids.length === packing.length
  const ordered = [...pieces.filter(isFull), ...pieces.filter((piece) => !isFull(piece))]
  const passes = examplePasses(
    ordered.map((piece) => [piece]),
    packing.length,
  )
  return sequenceData(
    passes.map(({ sequence }) => sequence),
    seeds.order,
  )
}

/** `most` of the numbers below `count`, ascending. */
function sampleOf(count: number, most: number, seed: bigint): number[] {
  const all = Array.from({ length: count }, (_, index) => index)
  return shuffled(all, seed)
    .slice(0, most)
    .sort((a, b) => a - b)
}
