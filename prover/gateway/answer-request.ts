/** What a client posts to /v1/answers, parsed once. Integers may be decimal strings, as JSON has no big ones. */
import type { Hex } from 'viem'
import { z } from 'zod'
import { generationWishesSchema } from '../serve/generation.ts'
import { RequestError } from './request-error.ts'

/** Bytes of a prompt in UTF-8. */
const MAX_PROMPT_BYTES = 16_384

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hexadecimal digits')
  .transform((text) => text.toLowerCase() as Hex)

const uint = (bits: number) =>
  z
    .union([z.string().regex(/^[0-9]{1,40}$/, 'must be a decimal integer'), z.number().int().nonnegative()], {
      error: 'must be a decimal integer, as a string or a number',
    })
    .transform(BigInt)
    .refine((value) => value >> BigInt(bits) === 0n, `must fit in ${bits} bits`)

const answerRequestSchema = z
  .strictObject({
    /** One of the two: a version, or a model whose latest live version answers. */
    model: uint(64).optional(),
    version: uint(64).optional(),
    prompt: z
      .string()
      .min(1, 'must not be empty')
      .refine((text) => Buffer.byteLength(text) <= MAX_PROMPT_BYTES, `must be at most ${MAX_PROMPT_BYTES} bytes`)
      .refine((text) => text.isWellFormed(), 'must be well-formed Unicode'),
    channel: bytes32,
    /** Number of the request in its channel; asking again with the same number returns the same answer. */
    n: uint(64),
    voucher: z.strictObject({
      maxClaimableAmount: uint(128),
      signature: z
        .string()
        .regex(/^0x[0-9a-fA-F]{130}$/, 'must be 0x and 130 hexadecimal digits')
        .transform((text) => text.toLowerCase() as Hex),
    }),
    /** Whether prompt, answer and salts may be shown when an opening is demanded. */
    openable: z.boolean(),
    /** How a model that writes is to write; each field the usual one where absent. Passages are quoted as they are. */
    generation: generationWishesSchema.partial().optional(),
  })
  .refine(({ model, version }) => (model === undefined) !== (version === undefined), {
    path: ['version'],
    message: 'exactly one of version and model must be given',
  })

export type AnswerRequest = z.output<typeof answerRequestSchema>

/** Throws {@link RequestError} 400 that names the first wrong field. */
export function parseAnswerRequest(body: unknown): AnswerRequest {
  const parsed = answerRequestSchema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    body,
  )
  throw new RequestError(400, { field: issue.path.join('.') || 'body', value, reason: issue.message })
}
