/**
 * What a prover and its worker process say to each other over node's IPC (structured clones). Both sides
 * parse what they hear; a message of another protocol version is refused before anything else is read.
 *
 *     worker → hello, with its device      (once, when it is up)
 *     worker → refused                     (instead of hello: the device that was asked for cannot be had)
 *     worker → device                      (when it is another one from now on)
 *     prover → prove | load | answer | score, each with an id     worker → done | failed with that id
 *     prover → bye                         (the worker leaves)
 */
import { z } from 'zod'
import { workerDeviceSchema } from './worker-device.ts'

/** Version of these messages. A change to any of them is a new one. */
export const WORKER_PROTOCOL = 2

const hash = z.custom<`0x${string}`>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'must be 32 bytes in hexadecimal',
)
const version = z.literal(WORKER_PROTOCOL)
const id = z.number().int().nonnegative()

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes')
const idSet = z.set(z.bigint())

const prove = z.strictObject({ v: version, type: z.literal('prove'), id })
const load = z.strictObject({ v: version, type: z.literal('load'), id, directory: z.string().min(1), artifact: hash })
const answer = z.strictObject({ v: version, type: z.literal('answer'), id, artifact: hash, prompt: z.string() })
const score = z.strictObject({
  v: version,
  type: z.literal('score'),
  id,
  artifact: hash,
  prompt: z.string(),
  answer: z.string(),
  rules: z.strictObject({ thresholdZ: z.bigint().nonnegative(), maxEntries: z.number().int().nonnegative() }),
  withdrawn: z.strictObject({ contributions: idSet, clusters: idSet }),
})
const bye = z.strictObject({ v: version, type: z.literal('bye') })

export const requestSchema = z.discriminatedUnion('type', [prove, load, answer, score, bye])
export type WorkerRequest = z.output<typeof requestSchema>

/** What the known-answer test computed; see known-answers.ts. */
const proved = z.strictObject({ features: hash, query: hash, scores: hash })
const loaded = z.strictObject({ rows: z.number().int().nonnegative(), dims: z.number().int().positive() })
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

/** Result of each kind of job. */
type Results = {
  prove: z.output<typeof proved>
  load: z.output<typeof loaded>
  answer: z.output<typeof answered>
  score: z.output<typeof scored>
}
export const resultSchemas: { [kind in keyof Results]: z.ZodType<Results[kind]> } = {
  prove: proved,
  load: loaded,
  answer: answered,
  score: scored,
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
const failed = z.strictObject({ v: version, type: z.literal('failed'), id, message: z.string() })

export const responseSchema = z.discriminatedUnion('type', [hello, refused, device, done, failed])
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
