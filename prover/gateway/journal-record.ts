/**
 * What the gateway writes down, one JSON object a line: enough to settle every answered request and to open
 * it, after any crash. Integers beyond 2^53 are decimal strings.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { generationSchema } from '../serve/generation.ts'

const bytes32 = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'must be 32 bytes in hexadecimal',
)
const hex = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x([0-9a-f]{2})*$/.test(value),
  'must be bytes in hexadecimal',
)
const integer = z
  .string()
  .regex(/^[0-9]{1,40}$/, 'must be a decimal string')
  .transform(BigInt)
const count = z.number().int().nonnegative()

const receipt = z.strictObject({
  channel: bytes32,
  n: integer,
  version: integer,
  fee: integer,
  promptTokens: count,
  outputTokens: count,
  promptHash: bytes32,
  outputHash: bytes32,
  openable: z.boolean(),
  signature: hex,
})

const source = z.strictObject({ row: count, contribution: integer, cluster: integer, score: z.number() })

const generation = generationSchema.extend({ seed: integer })

/** An answer was given and its receipt signed: from here on it must be settled. */
const answered = z.strictObject({
  type: z.literal('answered'),
  request: bytes32,
  /** Seconds since 1970, by the chain's head. */
  at: integer,
  artifact: bytes32,
  prompt: z.string(),
  answer: z.string(),
  engine: z.string(),
  notice: z.string(),
  sources: z.array(source),
  /** How it was written, with the seed: the same version writes it again. Absent where passages are quoted. */
  generation: generation.optional(),
  promptSalt: bytes32,
  outputSalt: bytes32,
  receipt,
  voucher: z.strictObject({ maxClaimableAmount: integer, signature: hex }),
})

/** Its entries were computed. A later record of the same request replaces an earlier one. */
const attributed = z.strictObject({
  type: z.literal('attributed'),
  request: bytes32,
  /** L2 block. */
  asOf: integer,
  queryHash: bytes32,
  /** int8 coordinates as bytes; absent where the query is void. */
  query: hex.optional(),
  entries: z.array(z.strictObject({ row: count, cluster: integer, raw: z.number().int(), scale: count })),
})

/** The chain has settled it; `transaction` is absent where an earlier life of this process sent it. */
const settled = z.strictObject({ type: z.literal('settled'), request: bytes32, transaction: bytes32.optional() })

/** The chain has refused it for good. */
const abandoned = z.strictObject({ type: z.literal('abandoned'), request: bytes32, reason: z.string() })

/** A batch about to be sent: with its leaves as they are under the root, in their order. Requests are settled by it from here on. */
const batchPlanned = z.strictObject({
  type: z.literal('batchPlanned'),
  root: bytes32,
  /** L2 block before which it is not on chain. */
  from: integer,
  leaves: z.array(hex).min(1),
})

/** It is on chain. */
const batchCommitted = z.strictObject({
  type: z.literal('batchCommitted'),
  root: bytes32,
  batch: integer,
  transaction: bytes32,
})

/** It was not taken, so its requests are open again. Should it be found on chain nevertheless, `batchCommitted` follows. */
const batchDropped = z.strictObject({ type: z.literal('batchDropped'), root: bytes32, reason: z.string() })

/** Nothing is left to do for it: `forfeited` of its draws were not settled in time, or it will never be on chain. */
const batchOver = z.strictObject({ type: z.literal('batchOver'), root: bytes32, forfeited: count })

export const journalRecordSchema = z.discriminatedUnion('type', [
  answered,
  attributed,
  settled,
  abandoned,
  batchPlanned,
  batchCommitted,
  batchDropped,
  batchOver,
])
export type JournalRecord = z.output<typeof journalRecordSchema>
export type Answered = z.output<typeof answered>
export type Attributed = z.output<typeof attributed>
export type BatchPlanned = z.output<typeof batchPlanned>
export type BatchRecord = BatchPlanned | z.output<typeof batchCommitted | typeof batchDropped | typeof batchOver>

/** One line without its end. */
export function serializeRecord(record: JournalRecord): string {
  return JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
}

/** Inverse of {@link serializeRecord}. Throws an Error that names the field. */
export function parseRecord(line: string): JournalRecord {
  const parsed = journalRecordSchema.safeParse(JSON.parse(line))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new Error(`${issue.path.join('.') || '(root)'}: ${issue.message}`)
}
