/** A tiny random base, a corpus and a recipe: a whole tuned version in a part of a second. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { keccak256, stringToBytes } from 'viem'
import { ClusterId, ContributionId, DatanetId } from '../../../genesis/units.ts'
import { ArtifactStore } from '../../attribute/artifact-store.ts'
import type { Corpus, CorpusDocument } from '../../attribute/corpus.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { writeModelFolder } from '../../model/folder.ts'
import { tinyTokenizer } from '../../model/testing/tiny-checkpoint.ts'
import { randomTransformer, weightValues } from '../../model/transformer.ts'
import { baseConfig } from '../../train/pretrain.ts'
import { USUAL_ADAMW } from '../../train/recipe.ts'
import { baseHashes } from '../base-model.ts'
import { outlineOf } from '../corpus-outline.ts'
import { recipeFor, type TuneSettings } from '../recipe.ts'
import { type TunedResult, type TuneEvent, type TuneOptions, tune } from '../tuning.ts'

const SHAPE = {
  vocabSize: 300,
  hiddenSize: 32,
  layerCount: 2,
  headCount: 4,
  keyValueHeadCount: 2,
  intermediateSize: 48,
  context: 64,
}

export const TINY_SETTINGS: TuneSettings = {
  adapter: { rank: 2, alpha: 4, rsLora: false, targets: ['q_proj', 'v_proj', 'down_proj'] },
  training: {
    schedule: { steps: 5, warmupSteps: 1, peakRate: 0.02, floorRate: 0.002 },
    sequencesPerStep: 2,
    ...USUAL_ADAMW,
  },
  checkpointEvery: 2,
  curvature: { rows: 3 },
  lexicalWeight: 0.1,
  length: 64,
}

/** A Hugging Face folder of random weights, the same for every seed. */
export async function writeTinyBase(kernel: Kernel, directory: string, seed = 1n): Promise<void> {
  const mark = kernel.arena.mark()
  try {
    const config = baseConfig(SHAPE, { tokenizer: SHAPE })
    const values = weightValues(randomTransformer(kernel, config, seed))
    await mkdir(directory, { recursive: true })
    await writeModelFolder(directory, { config, values, dtype: 'BF16', tokenizer: tinyTokenizer() })
  } finally {
    kernel.arena.release(mark)
  }
}

const contract = (name: string, index: number) =>
  `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.${index};\n\ncontract ${name} {\n` +
  `    mapping(address => uint256) private _${name.toLowerCase()};\n\n` +
  `    function get${name}(address who) external view returns (uint256) {\n        return _${name.toLowerCase()}[who];\n    }\n}\n`

const NAMES = ['Vault', 'Ledger', 'Escrow', 'Auction', 'Token']
/** 700 tokens, two windows. */
const LONG = Array.from({ length: 100 }, (_, i) => `uint256 public field${i} = ${i * 7};`).join('\n')

export const TINY_TEXTS: readonly string[] = [...NAMES.map(contract), LONG]

export function tinyDocument(text: string, id: number, cluster = id): CorpusDocument {
  const content = stringToBytes(text)
  const contentHash = keccak256(content)
  return {
    id: ContributionId(BigInt(id)),
    datanet: DatanetId(1n),
    cluster: ClusterId(BigInt(cluster)),
    contentHash,
    content,
  }
}

export function tinyCorpus(texts: readonly string[] = TINY_TEXTS): Corpus {
  return { datanets: [1n], block: 77n, documents: texts.map((text, index) => tinyDocument(text, index + 1)) }
}

/** Everything that tune() asks for, in a folder. */
export async function tinyTuning(
  kernel: Kernel,
  directory: string,
  { corpus = tinyCorpus(), settings = TINY_SETTINGS }: { corpus?: Corpus; settings?: TuneSettings } = {},
): Promise<TuneOptions> {
  const baseDirectory = join(directory, 'base')
  await writeTinyBase(kernel, baseDirectory)
  const storeDirectory = join(directory, 'store')
  await (await ArtifactStore.open(storeDirectory)).putContents(corpus)
  return {
    ...{ baseDirectory, storeDirectory, workDirectory: join(directory, 'work') },
    recipe: recipeFor(await baseHashes(baseDirectory), settings),
    corpus: outlineOf(corpus),
    maxScaleFactor: 4n,
  }
}

/** A run to its end, or to its event number `cut` (from 1), where it is dropped as it is. */
export async function tuneUntil(
  kernel: Kernel,
  options: TuneOptions,
  cut = Number.POSITIVE_INFINITY,
): Promise<{ events: TuneEvent[]; result: TunedResult | undefined }> {
  const run = tune({ kernel }, options)
  const events: TuneEvent[] = []
  while (events.length < cut) {
    const next = await run.next()
    if (next.done) return { events, result: next.value }
    events.push(next.value)
  }
  await run.return({} as TunedResult)
  return { events, result: undefined }
}
