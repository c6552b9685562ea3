/** How a text is to be written: what a client may ask for, within which bounds, and what holds where it says nothing. */
import { type Hex, keccak256, stringToBytes } from 'viem'
import { z } from 'zod'
import { ByteReader, concatBytes } from '../../protocol/byte-cursor.ts'
import { fromHex } from '../../protocol/hex.ts'

const MOST_TOKENS = 1_024
const MOST_STOPS = 16
const LONGEST_STOP = 64

/** What a client may choose. */
export const generationWishesSchema = z.strictObject({
  /** Tokens of the model's own, at most. */
  maxTokens: z
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(MOST_TOKENS, `must be at most ${MOST_TOKENS}`),
  /** 0 takes the likeliest token always. */
  temperature: z.number().min(0, 'must not be negative').max(2, 'must be at most 2'),
  topP: z.number().gt(0, 'must be above 0').max(1, 'must be at most 1'),
  /** Texts before the first of which the answer ends. */
  stop: z
    .array(z.string().min(1, 'must not be empty').max(LONGEST_STOP, `must be at most ${LONGEST_STOP} characters`))
    .max(MOST_STOPS, `must be at most ${MOST_STOPS} texts`),
})
export type GenerationWishes = z.output<typeof generationWishesSchema>

/** With the seed that everything random about an answer follows from: the same values give the same text. */
export const generationSchema = generationWishesSchema.extend({
  seed: z.bigint().refine((seed) => seed >= 0n && seed >> 64n === 0n, 'must fit in 64 bits'),
})
export type Generation = z.output<typeof generationSchema>

export const USUAL_WISHES: GenerationWishes = { maxTokens: 128, temperature: 0.7, topP: 0.95, stop: [] }

/** A request's seed: the first 8 bytes of keccak256('openledger answer' ‖ request id). The gateway picks none. */
export function generationSeed(request: Hex): bigint {
  const bytes = concatBytes([stringToBytes('openledger answer'), fromHex(request)])
  return new ByteReader(keccak256(bytes, 'bytes')).uint(8)
}
