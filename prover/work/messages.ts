/**
 * What a prover and its worker process say to each other over node's IPC (structured clones). Both sides
 * parse what they hear; a message of another protocol version is refused before anything else is read.
 *
 *     worker → hello, with its device      (once, when it is up)
 *     worker → refused                     (instead of hello: the device that was asked for cannot be had)
 *     worker → device                      (when it is another one from now on)
 *     prover → prove | load | answer | score | tune, each with an id
 *     worker → progress, any number, then done | failed, with that id
 *     prover → cancel, with the id of a job that goes on for long (it fails then)
 *     prover → bye                         (the worker leaves)
 */
import { z } from 'zod'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { generationSchema } from '../serve/generation.ts'
import type { TunedResult, TuneEvent } from '../tune/tuning.ts'
import { workerDeviceSchema } from './worker-device.ts'

/** Version of these messages. A change to any of them is a new one. */
export const WORKER_PROTOCOL = 4

const hash = z.custom<`0x${string}`>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'must be 32 bytes in hexadecimal',
)
const version = z.literal(WORKER_PROTOCOL)
const id = z.number().int().nonnegative()

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes')
const idSet = z.set(z.bigint())

const prove = z.strictObject({ v: version, type: z.literal('prove'), id })
const load = z.strictObject({
  v: version,
  type: z.literal('load'),
  id,
  /** Of the artifact store. */
  directory: z.string().min(1),
  artifact: hash,
  /** Folder of the base model, for versions that have one. */
  baseDirectory: z.string().min(1).optional(),
})
const answer = z.strictObject({
  v: version,
  type: z.literal('answer'),
  id,
  artifact: hash,
  prompt: z.string(),
  /** How a model that writes is to write; the usual way, with seed 0, where absent. */
  generation: generationSchema.optional(),
})
const score = z.strictObject({
  v: version,
  type: z.literal('score'),
  id,
  artifact: hash,
  prompt: z.string(),
  answer: z.string(),
  rules: z.strictObject({ thresholdZ: z.bigint().nonnegative(), maxEntries: z.number().int().nonnegative() }),
  withdrawn: z.strictObject({
    contributions: idSet,
    clusters: idSet,
    merged: z.map(z.bigint(), z.bigint()).optional(),
  }),
})
const corpusDocument = z.strictObject({
  id: z.bigint().transform(ContributionId),
  datanet: z.bigint().transform(DatanetId),
  cluster: z.bigint().transform(ClusterId),
  contentHash: hash,
})
const tune = z.strictObject({
  v: version,
  type: z.literal('tune'),
  id,
  baseDirectory: z.string().min(1),
  storeDirectory: z.string().min(1),
  workDirectory: z.string().min(1),
  /** Canonical bytes (tune/recipe.ts). */
  recipe: bytes,
  corpus: z.strictObject({ datanets: z.array(z.bigint()), block: z.bigint(), documents: z.array(corpusDocument) }),
  maxScaleFactor: z.bigint().positive(),
})
const cancel = z.strictObject({ v: version, type: z.literal('cancel'), id })
const bye = z.strictObject({ v: version, type: z.literal('bye') })

export const requestSchema = z.discriminatedUnion('type', [prove, load, answer, score, tune, cancel, bye])
export type WorkerRequest = z.output<typeof requestSchema>
/** A request that is answered by `done` or `failed`. */
export type JobRequest = Exclude<WorkerRequest, { type: 'cancel' | 'bye' }>

/** What the known-answer test computed; see known-answers.ts. */
const proved = z.strictObject({
  ...{ features: hash, query: hash, scores: hash },
  ...{ product: hash, softmax: hash, logits: hash, feature: hash },
})
const count = z.number().int().nonnegative()
const loaded = z.strictObject({
  /** Who writes the answers: nobody (passages are quoted), or a base model with an adapter. */
  kind: z.enum(['retrieval', 'lora']),
  rows: count,
  dims: count.positive(),
})
const answered = z.strictObject({
  text: z.string(),
  engine: z.string(),
  notice: z.string(),
  hits: z.array(z.strictObject({ row: id, contribution: z.bigint(), cluster: z.bigint(), score: z.number() })),
})
const scored = z.strictObject({
  /** int8 coordinates as bytes; absent where the query is void. */
  query: bytes.optional(),
  queryHash: hash,
  entries: z.array(z.strictObject({ row: id, cluster: z.bigint(), raw: z.number().int(), scale: id })),
})

const real = z.number()
const recordedStep = z.strictObject({ step: count, lossMicro: count, checkpointHash: hash })
const tuned = z.strictObject({
  ...{ recipeHash: hash, manifestRoot: hash, adapterHash: hash, curvatureHash: hash, artifactHash: hash },
  ...{ featureRoot: hash, rows: count, dims: count, medianScale: count },
  ...{ steps: z.array(recordedStep), lossFirst: real, lossLast: real },
}) satisfies z.ZodType<TunedResult>

const tuneEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('planned'), manifestRoot: hash, windows: count, tokens: count, steps: count }),
  z.strictObject({
    type: z.literal('step'),
    ...{ step: count, steps: count, loss: real, tokensPerSecond: real, secondsLeft: real },
    recorded: recordedStep.omit({ step: true }).optional(),
  }),
  z.strictObject({
    type: z.literal('curvature'),
    stage: z.enum(['factors', 'moments']),
    ...{ done: count, total: count },
  }),
  z.strictObject({ type: z.literal('rows'), done: count, total: count }),
]) satisfies z.ZodType<TuneEvent>

/** Result of each kind of job. */
type Results = {
  prove: z.output<typeof proved>
  load: z.output<typeof loaded>
  answer: z.output<typeof answered>
  score: z.output<typeof scored>
  tune: TunedResult
}
export const resultSchemas: { [kind in keyof Results]: z.ZodType<Results[kind]> } = {
  prove: proved,
  load: loaded,
  answer: answered,
  score: scored,
  tune: tuned,
}
export type JobKind = keyof Results
export type JobResult<kind extends JobKind> = Results[kind]
/** A job without its envelope. */
export type Job<kind extends JobKind> = Omit<Extract<WorkerRequest, { type: kind }>, 'v' | 'id' | 'type'>

const hello = z.strictObject({
  v: version,
  type: z.literal('hello'),
  pid: z.number().int().positive(),
  device: workerDeviceSchema,
})
const refused = z.strictObject({ v: version, type: z.literal('refused'), reason: z.string() })
const device = z.strictObject({ v: version, type: z.literal('device'), device: workerDeviceSchema })
const done = z.strictObject({ v: version, type: z.literal('done'), id, result: z.unknown() })
const progress = z.strictObject({ v: version, type: z.literal('progress'), id, event: tuneEvent })
const failed = z.strictObject({
  v: version,
  type: z.literal('failed'),
  id,
  message: z.string(),
  /** The field of the job that nobody could work with; absent where it is not the job's fault. */
  field: z.string().optional(),
})

export const responseSchema = z.discriminatedUnion('type', [hello, refused, device, progress, done, failed])
export type WorkerResponse = z.output<typeof responseSchema>

/** Why a message cannot be read. */
export class WorkerMessageError extends Error {
  override name = 'WorkerMessageError'
}

/** Parses a message. Throws {@link WorkerMessageError} that names the field. */
export function parseMessage<T>(schema: z.ZodType<T>, message: unknown): T {
  const parsed = schema.safeParse(message)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new WorkerMessageError(`worker message: ${issue.path.join('.') || '(root)'}: ${issue.message}`)
}
