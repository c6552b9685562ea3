/** The card of a base model, README.md in its folder: what it was made of and how, how good it is, and what it writes. */
import { KERNEL_VERSION } from '../kernel/f32.ts'
import type { ModelConfig } from '../model/config.ts'
import { type BaseSample, SAMPLING } from './base-samples.ts'
import type { Corpus, CorpusDocument, CorpusKind } from './corpus.ts'
import { curveTable, type LossPoint } from './loss-curve.ts'
import type { HeldOutLoss, PretrainOptions } from './pretrain.ts'
import type { PretrainText } from './pretrain-text.ts'

export type ModelCard = {
  options: PretrainOptions
  corpus: Corpus
  text: PretrainText
  config: ModelConfig
  parameters: number
  points: readonly LossPoint[]
  heldOut: readonly HeldOutLoss[]
  samples: readonly BaseSample[]
}

/** Rows of the loss curve. */
const ROWS = 20

const number = (value: number) => value.toLocaleString('en-GB')
const fixed = (value: number | undefined, digits = 3) => value?.toFixed(digits) ?? ''

export function modelCard(card: ModelCard): string {
  return `${[
    '---\nlanguage: [en, code]\nlibrary_name: transformers\npipeline_tag: text-generation\n---',
    `# A small base model of Solidity`,
    introduction(card),
    `## Text\n\n${textOf(card)}`,
    `## Making it again\n\n${recipeOf(card)}`,
    `## How good it is\n\n${qualityOf(card)}`,
    `## Loss curve\n\n${curveOf(card.points)}`,
    `## Samples\n\n${samplesOf(card.samples)}`,
  ].join('\n\n')}\n`
}

function introduction({ config, parameters, text, points }: ModelCard): string {
  const tokens = points.at(-1)?.tokens ?? 0
  return [
    `${number(parameters)} parameters, bf16: a LLaMA-architecture decoder of ${config.layerCount} layers, width ${config.hiddenSize},`,
    `${config.headCount} query heads over ${config.keyValueHeadCount} of keys and values, inner width ${config.intermediateSize}, tied embeddings,`,
    `${number(config.vocabSize)} byte-pair tokens, at most ${config.maxPositions} positions. Trained on ${number(tokens)} tokens,`,
    `${fixed(tokens / text.trainedOn.tokens, 1)} times its text. It is what adapters are tuned on in the story: it knows the look of Solidity and`,
    'a little of what contracts do, and nothing it says can be relied on.',
  ].join('\n')
}

function textOf({ corpus, text, options }: ModelCard): string {
  const kinds = [...Map.groupBy(corpus.documents, ({ kind }) => kind)].map(
    ([kind, documents]) =>
      `| ${kind} | ${number(documents.length)} | ${number(bytesOf(documents))} | ${packagesOf(documents)} |`,
  )
  const leftOut = options.leaveOut.length > 0 ? `Left out: ${options.leaveOut.join(', ')}.` : ''
  return [
    `What \`npm ci\` installs for the packages of package.json, read where it lies; files with the same bytes once. ${leftOut}`.trim(),
    'Each file stays under the licence of its package; none of it is copied here. `corpus.txt` lists all files by hash, bytes, kind, package and path',
    `(keccak256 of the list: \`${corpus.hash}\`).`,
    '',
    '| kind | files | bytes | packages |',
    '| --- | --- | --- | --- |',
    ...kinds,
    '',
    `Learnt from: ${number(text.trainedOn.files)} files, ${number(text.trainedOn.bytes)} bytes, ${number(text.trainedOn.tokens)} tokens. ` +
      'The others are held out, and the vocabulary has not seen them either.',
  ].join('\n')
}

function packagesOf(documents: readonly CorpusDocument[]): string {
  return [...new Set(documents.map(({ package: name, version }) => `${name}@${version}`))].join(', ')
}

const bytesOf = (documents: readonly CorpusDocument[]) => documents.reduce((total, { bytes }) => total + bytes, 0)

function recipeOf({ options, config, text, points }: ModelCard): string {
  const done = points.at(-1)?.step ?? 0
  const { schedule, sequencesPerStep, beta1, beta2, epsilon, weightDecay, clipNorm } = options.recipe
  return [
    `    ${options.command}`,
    '',
    `Seed ${options.seed}, kernel version ${KERNEL_VERSION}; the same packages, seed and kernel give the same bits on any number of threads.`,
    `${done < schedule.steps ? `${number(done)} of ` : ''}${number(schedule.steps)} steps of ${sequencesPerStep} sequences of ${config.maxPositions} tokens (${number(text.sequencesPerEpoch)} sequences are all of the text once).`,
    `AdamW: rate ${schedule.peakRate} after ${schedule.warmupSteps} steps, by half a cosine down to ${Number(schedule.floorRate.toPrecision(6))}; β ${beta1} and ${beta2}, ε ${epsilon}, decay ${weightDecay} on matrices, gradients clipped at norm ${clipNorm}.`,
  ].join('\n')
}

const KIND_NAMES: Record<CorpusKind, string> = {
  solidity: 'Solidity',
  prose: 'READMEs',
  declarations: 'TypeScript declarations',
}

function qualityOf({ heldOut }: ModelCard): string {
  return [
    'Measured on the files that were held out, with the rounded weights in this folder. Windows as long as a sequence, each without the text before it.',
    'The sources of one package resemble each other, so part of this is memory of siblings.',
    '',
    '| held out | files | bytes | bits per byte |',
    '| --- | --- | --- | --- |',
    ...heldOut.map(
      ({ kind, files, bytes, bitsPerByte }) =>
        `| ${KIND_NAMES[kind]} | ${files} | ${number(bytes)} | ${fixed(bitsPerByte)} |`,
    ),
  ].join('\n')
}

function curveOf(points: readonly LossPoint[]): string {
  return [
    'Nats per token: the mean over the steps since the row before, and on all held-out files.',
    '',
    '| step | tokens | loss | held out |',
    '| --- | --- | --- | --- |',
    ...curveTable(points, ROWS).map(
      ({ step, tokens, loss, validationLoss }) =>
        `| ${number(step)} | ${number(tokens)} | ${fixed(loss)} | ${fixed(validationLoss)} |`,
    ),
  ].join('\n')
}

function samplesOf(samples: readonly BaseSample[]): string {
  const { temperature, topP, maxTokens } = SAMPLING
  return [
    `The first try each, at temperature ${temperature} and top-p ${topP}, at most ${maxTokens} tokens; ⟨⟩ stands where the model begins.`,
    ...samples.map(({ prompt, continuation }) => `${fence(`${prompt}⟨⟩${continuation}`)}`),
  ].join('\n\n')
}

/** A fence longer than any within. */
function fence(text: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2)
  const marks = '`'.repeat(longest + 1)
  return `${marks}solidity\n${text}\n${marks}`
}
