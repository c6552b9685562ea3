/**
 * Makes a base model of text at hand: corpus → vocabulary → a LLaMA-architecture model from random weights → a Hugging Face folder with a card.
 * Everything follows from the installed packages and the options; a run that was cut goes on from its work directory's last checkpoint.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kernel } from '../kernel/f32.ts'
import { sizeOf } from '../kernel/f32.ts'
import type { ModelConfig } from '../model/config.ts'
import { openModelFolder, writeModelFolder } from '../model/folder.ts'
import { sequenceLoss } from '../model/sequence-loss.ts'
import { loadTransformer, randomTransformer, type Transformer, weightValues, wholeModel } from '../model/transformer.ts'
import { type BaseSample, sampleBase } from './base-samples.ts'
import { type Corpus, type CorpusKind, manifestOf, readCorpus } from './corpus.ts'
import { LossCurve } from './loss-curve.ts'
import { type ModelCard, modelCard } from './model-card.ts'
import { bitsPerByte, END_ID, type HeldOut, type PretrainText, pretrainText } from './pretrain-text.ts'
import type { Recipe } from './recipe.ts'
import { partSeed } from './shuffle.ts'
import { lossOf, type TrainEvent, train } from './trainer.ts'

/** Sizes of the model; the rest of its config follows. */
export type BaseShape = {
  vocabSize: number
  hiddenSize: number
  layerCount: number
  headCount: number
  keyValueHeadCount: number
  intermediateSize: number
  /** Tokens of a sequence, and the most that the model will ever see. */
  context: number
}

/** Of the base model in this repository. */
export const BASE_SHAPE: BaseShape = {
  vocabSize: 4_096,
  hiddenSize: 192,
  layerCount: 6,
  headCount: 6,
  keyValueHeadCount: 2,
  intermediateSize: 512,
  context: 512,
}

export type PretrainOptions = {
  /** Folder with package.json and node_modules. */
  root: string
  leaveOut: readonly string[]
  kinds: readonly CorpusKind[]
  /** Checkpoints and the loss curve; about 36 bytes a parameter. */
  workDirectory: string
  /** Where the finished model goes. */
  outDirectory: string
  shape: BaseShape
  recipe: Recipe
  seed: bigint
  validationShare: number
  validateEvery: number
  checkpointEvery: number
  /** Ends here, before the schedule does, and writes what is there. */
  stopAfter?: number
  /** The command that does the same again, for the card. */
  command: string
  signal?: AbortSignal
}

export type HeldOutLoss = Pick<HeldOut, 'kind' | 'files' | 'bytes'> & { bitsPerByte: number }

export type PretrainEvent =
  | { type: 'text'; corpus: Corpus; text: PretrainText }
  | { type: 'model'; parameters: number }
  | ({ type: 'step'; bitsPerByte?: number } & TrainEvent)
  | { type: 'written'; directory: string; heldOut: HeldOutLoss[]; samples: BaseSample[] }

/** Parts of the seed. */
const SEEDS = { weights: 0, split: 1, order: 2, samples: 3 }

export async function* pretrain(
  { kernel }: { kernel: Kernel },
  options: PretrainOptions,
): AsyncGenerator<PretrainEvent, void, void> {
  const { shape, seed, workDirectory } = options
  const corpus = await readCorpus({ root: options.root, leaveOut: options.leaveOut, kinds: options.kinds })
  const text = pretrainText(corpus, {
    vocabSize: shape.vocabSize,
    length: shape.context,
    validationShare: options.validationShare,
    seeds: { split: partSeed(seed, SEEDS.split), order: partSeed(seed, SEEDS.order) },
  })
  yield { type: 'text', corpus, text }
  await mkdir(workDirectory, { recursive: true })
  const transformer = randomTransformer(kernel, baseConfig(shape, text), partSeed(seed, SEEDS.weights))
  yield { type: 'model', parameters: parameterCount(transformer) }
  const curve = await LossCurve.open(join(workDirectory, 'loss.jsonl'))
  yield* trainBase(transformer, text, curve, options)
  yield* writeBase(transformer, { corpus, text, curve }, options)
}

/** The config of a model of this shape, with the vocabulary that came out. */
export function baseConfig(shape: BaseShape, { tokenizer }: { tokenizer: { vocabSize: number } }): ModelConfig {
  return {
    architecture: 'LlamaForCausalLM',
    hiddenSize: shape.hiddenSize,
    layerCount: shape.layerCount,
    headCount: shape.headCount,
    keyValueHeadCount: shape.keyValueHeadCount,
    headDim: shape.hiddenSize / shape.headCount,
    intermediateSize: shape.intermediateSize,
    vocabSize: tokenizer.vocabSize,
    rmsNormEpsilon: 1e-5,
    rope: { theta: 10_000, scaling: { type: 'none' } },
    tiedEmbeddings: true,
    biases: { queryKeyValue: false, attentionOutput: false, mlp: false },
    queryKeyNorm: false,
    slidingWindow: undefined,
    maxPositions: shape.context,
    beginId: END_ID,
    endIds: [END_ID],
  }
}

async function* trainBase(
  transformer: Transformer,
  { data, heldOut }: PretrainText,
  curve: LossCurve,
  options: PretrainOptions,
): AsyncGenerator<PretrainEvent, void, void> {
  const { recipe, workDirectory, validateEvery, checkpointEvery, stopAfter, signal } = options
  const sequences = heldOut.flatMap((part) => part.sequences)
  const tokens = sequences.reduce((total, { ids }) => total + ids.length, 0)
  const bytes = heldOut.reduce((total, part) => total + part.bytes, 0)
  const events = train(wholeModel(transformer), data, {
    recipe,
    checkpoints: { directory: join(workDirectory, 'checkpoints'), every: checkpointEvery },
    ...(sequences.length > 0 && { validation: { sequences, every: validateEvery } }),
    ...(stopAfter !== undefined && { stopAfter }),
    ...(signal && { signal }),
  })
  for await (const event of events) {
    await curve.add(event)
    const { validationLoss } = event
    yield {
      type: 'step',
      ...event,
      ...(validationLoss !== undefined && { bitsPerByte: bitsPerByte(validationLoss * tokens, bytes) }),
    }
  }
}

/** Writes the folder, then measures and samples what stands in it: the rounded weights, not those in memory. */
async function* writeBase(
  transformer: Transformer,
  { corpus, text, curve }: { corpus: Corpus; text: PretrainText; curve: LossCurve },
  options: PretrainOptions,
): AsyncGenerator<PretrainEvent, void, void> {
  const { kernel, config } = transformer
  const { outDirectory: directory, seed } = options
  const values = weightValues(transformer)
  await writeModelFolder(directory, { config, values, dtype: 'BF16', tokenizer: text.tokenizerFile })
  const mark = kernel.arena.mark()
  try {
    const folder = await openModelFolder(directory)
    const written = await loadTransformer(kernel, folder).finally(() => folder.close())
    const heldOut = await heldOutLosses(written, text.heldOut)
    const samples = await sampleBase(written, text.tokenizer, partSeed(seed, SEEDS.samples))
    const card: ModelCard = {
      corpus,
      text,
      options,
      heldOut,
      samples,
      config,
      points: curve.points,
      parameters: parameterCount(written),
    }
    await writeFile(join(directory, 'corpus.txt'), manifestOf(corpus.documents))
    await writeFile(join(directory, 'README.md'), modelCard(card))
    yield { type: 'written', directory, heldOut, samples }
  } finally {
    kernel.arena.release(mark)
  }
}

async function heldOutLosses(transformer: Transformer, heldOut: readonly HeldOut[]): Promise<HeldOutLoss[]> {
  const model = { evaluate: (sequence: HeldOut['sequences'][number]) => sequenceLoss(transformer, sequence) }
  const losses: HeldOutLoss[] = []
  for (const { kind, files, bytes, sequences } of heldOut) {
    const { loss } = await lossOf(model, sequences)
    losses.push({ kind, files, bytes, bitsPerByte: bitsPerByte(loss, bytes) })
  }
  return losses
}

function parameterCount({ weights }: Transformer): number {
  return [...weights.values()].reduce((total, { shape }) => total + sizeOf(shape), 0)
}
