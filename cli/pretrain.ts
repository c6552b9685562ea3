/** `openledger pretrain`: makes the small base model of the text that `npm ci` brings, or goes on where it was stopped. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { loadKernelFromFile } from '../prover/kernel/f32-file.ts'
import { type CorpusKind, KINDS } from '../prover/train/corpus.ts'
import {
  BASE_SHAPE,
  type BaseShape,
  type PretrainEvent,
  type PretrainOptions,
  pretrain,
} from '../prover/train/pretrain.ts'
import { USUAL_ADAMW } from '../prover/train/recipe.ts'
import { log, stopSignal } from './lifetime.ts'
import { collect, parsePositiveInteger } from './options.ts'
import { UserError } from './user-error.ts'

type PretrainCommandOptions = {
  out: string
  work: string
  seed: bigint
  threads: number
  steps: number
  sequences: number
  rate: number
  vocab: number
  hidden: number
  layers: number
  heads: number
  keyValueHeads: number
  inner: number
  context: number
  leaveOut: string[]
  kind?: CorpusKind[]
  validateEvery: number
  checkpointEvery: number
  stopAfter?: number
}

const root = fileURLToPath(new URL('../', import.meta.url))

/** Every option that decides the model, so that the card can say how it was made. */
const DECIDING = {
  '--seed': 'seed',
  '--steps': 'steps',
  '--sequences': 'sequences',
  '--rate': 'rate',
  '--vocab': 'vocab',
  '--hidden': 'hidden',
  '--layers': 'layers',
  '--heads': 'heads',
  '--key-value-heads': 'keyValueHeads',
  '--inner': 'inner',
  '--context': 'context',
} as const satisfies Record<string, keyof PretrainCommandOptions>

export function pretrainCommand(): Command {
  return new Command('pretrain')
    .description("make the small base model from the sources and documents of this project's dependencies")
    .requiredOption('--out <folder>', 'where the finished model goes: config, weights, tokenizer, card')
    .requiredOption('--work <folder>', 'checkpoints and loss curve; the same command goes on from what is there')
    .addOption(
      new Option('--seed <number>', 'of weights, order, held-out files and samples')
        .argParser(parseSeed)
        .default(1n, '1'),
    )
    .option(
      '--threads <count>',
      'of the kernel; the bits do not depend on it',
      parsePositiveInteger,
      availableParallelism(),
    )
    .option('--steps <count>', 'optimizer steps in all', parsePositiveInteger, 4_000)
    .option('--sequences <count>', 'sequences in a step', parsePositiveInteger, 4)
    .option('--rate <number>', 'highest learning rate', parseRate, 0.002)
    .option('--vocab <count>', 'byte-pair tokens, bytes included', parsePositiveInteger, BASE_SHAPE.vocabSize)
    .option('--hidden <width>', 'of the residual stream', parsePositiveInteger, BASE_SHAPE.hiddenSize)
    .option('--layers <count>', 'blocks', parsePositiveInteger, BASE_SHAPE.layerCount)
    .option('--heads <count>', 'query heads; their width is hidden / heads', parsePositiveInteger, BASE_SHAPE.headCount)
    .option(
      '--key-value-heads <count>',
      'heads of keys and values; must divide --heads',
      parsePositiveInteger,
      BASE_SHAPE.keyValueHeadCount,
    )
    .option('--inner <width>', 'of the MLP', parsePositiveInteger, BASE_SHAPE.intermediateSize)
    .option(
      '--context <tokens>',
      'of a sequence, and the most the model takes',
      parsePositiveInteger,
      BASE_SHAPE.context,
    )
    .option('--leave-out <package/path>', 'files that begin so are not read; may be repeated', collect(String), [])
    .addOption(
      new Option('--kind <kind>', `read only this kind of text (${KINDS.join(', ')}); may be repeated`).argParser(
        parseKinds,
      ),
    )
    .option('--stop-after <step>', 'end before the schedule does, and write what is there', parsePositiveInteger)
    .option('--validate-every <steps>', 'loss on the held-out files', parsePositiveInteger, 250)
    .option('--checkpoint-every <steps>', 'how much a crash may lose', parsePositiveInteger, 100)
    .action(runPretrain)
}

async function runPretrain(options: PretrainCommandOptions): Promise<void> {
  const shape = shapeOf(options)
  const signal = stopSignal()
  const report = reporter()
  const kernel = await loadKernelFromFile({ threads: options.threads })
  try {
    for await (const event of pretrain({ kernel }, { ...pretrainOptions(options, shape), signal })) report(event)
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    log('pretrain', `stopped; the same command goes on from ${options.work}`)
  } finally {
    await kernel.close()
  }
}

function pretrainOptions(options: PretrainCommandOptions, shape: BaseShape): Omit<PretrainOptions, 'signal'> {
  const { steps, rate } = options
  return {
    root,
    leaveOut: options.leaveOut,
    kinds: options.kind ?? KINDS,
    workDirectory: options.work,
    outDirectory: options.out,
    shape,
    recipe: {
      schedule: { steps, warmupSteps: Math.ceil(steps / 40), peakRate: rate, floorRate: rate / 20 },
      sequencesPerStep: options.sequences,
      ...USUAL_ADAMW,
    },
    seed: options.seed,
    validationShare: 0.05,
    validateEvery: options.validateEvery,
    checkpointEvery: options.checkpointEvery,
    ...(options.stopAfter !== undefined && { stopAfter: options.stopAfter }),
    command: commandOf(options),
  }
}

function commandOf(options: PretrainCommandOptions): string {
  const deciding = Object.entries(DECIDING).map(([flag, name]) => `${flag} ${options[name]}`)
  if (options.stopAfter !== undefined) deciding.push(`--stop-after ${options.stopAfter}`)
  const kinds = options.kind?.map((kind) => `--kind ${kind}`) ?? []
  const leftOut = options.leaveOut.map((path) => `--leave-out ${path}`)
  return ['npm run openledger -- pretrain --out FOLDER --work FOLDER', ...deciding, ...kinds, ...leftOut].join(' ')
}

function shapeOf(options: PretrainCommandOptions): BaseShape {
  const { hidden, heads, keyValueHeads } = options
  if (hidden % (2 * heads) !== 0)
    throw new UserError(
      `--hidden is ${hidden}: must be a multiple of twice the ${heads} --heads (each is of even width)`,
    )
  if (heads % keyValueHeads !== 0)
    throw new UserError(`--key-value-heads is ${keyValueHeads}: must divide the ${heads} --heads`)
  return {
    vocabSize: options.vocab,
    hiddenSize: hidden,
    layerCount: options.layers,
    headCount: heads,
    keyValueHeadCount: keyValueHeads,
    intermediateSize: options.inner,
    context: options.context,
  }
}

/** Steps between two lines of the log. */
const LINE_EVERY = 20

/** Logs what happens: each stage once, and a line for every few steps with the mean loss of those since the last. */
function reporter(): (event: PretrainEvent) => void {
  let losses: number[] = []
  const say = (message: string) => log('pretrain', message)
  return (event) => {
    if (event.type === 'text') {
      const { corpus, text } = event
      const { files, bytes, tokens } = text.trainedOn
      say(`${corpus.documents.length} files, manifest ${corpus.hash}; a vocabulary of ${text.tokenizer.vocabSize}`)
      say(`learning from ${files} files, ${bytes} bytes, ${tokens} tokens; the others are held out`)
    } else if (event.type === 'model') {
      say(`${event.parameters} parameters`)
    } else if (event.type === 'step') {
      losses.push(event.loss)
      if (event.step % LINE_EVERY !== 0 && event.validationLoss === undefined) return
      say(stepLine(event, losses.reduce((total, loss) => total + loss, 0) / losses.length))
      losses = []
    } else {
      for (const { kind, files, bitsPerByte } of event.heldOut)
        say(`${kind}: ${bitsPerByte.toFixed(3)} bits per byte on ${files} held-out files`)
      for (const { prompt, continuation } of event.samples) console.log(`${prompt}⟨⟩${continuation}\n`)
      say(`the model is in ${event.directory}`)
    }
  }
}

function stepLine(event: PretrainEvent & { type: 'step' }, loss: number): string {
  const { step, validationLoss, bitsPerByte, learningRate, tokensPerSecond, secondsLeft, gradientNorm } = event
  const validated =
    validationLoss === undefined
      ? ''
      : `, held out ${validationLoss.toFixed(3)}${bitsPerByte === undefined ? '' : ` (${bitsPerByte.toFixed(3)} bits per byte)`}`
  const pace = `${tokensPerSecond.toFixed(0)} tokens/s, ${(secondsLeft / 60).toFixed(0)} min left`
  return `step ${step}: loss ${loss.toFixed(3)}${validated}, rate ${learningRate.toExponential(2)}, norm ${gradientNorm.toFixed(2)}, ${pace}`
}

function parseSeed(text: string): bigint {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >> 64n !== 0n)
    throw new InvalidArgumentError(`must be a whole number below 2^64, got ${JSON.stringify(text)}.`)
  return BigInt(text)
}

function parseRate(text: string): number {
  const rate = Number(text)
  if (!(rate > 0 && rate <= 1))
    throw new InvalidArgumentError(`must be a number above 0 and at most 1, got ${JSON.stringify(text)}.`)
  return rate
}

function parseKinds(value: string, known: CorpusKind[] = []): CorpusKind[] {
  const kind = KINDS.find((candidate) => candidate === value)
  if (kind === undefined) throw new InvalidArgumentError(`must be one of ${KINDS.join(', ')}`)
  return [...known, kind]
}
