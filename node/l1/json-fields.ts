/** Fields of Ethereum's JSON-RPC as zod schemas (execution-apis): hexadecimal quantities and byte strings. */
import type { Hex } from 'viem'
import { z } from 'zod'

export const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform(BigInt)

/** A byte string of any length. */
export const data = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/)
  .transform((text) => text.toLowerCase() as Hex)

export const bytes = (length: number) => data.refine((hex) => hex.length === 2 + length * 2, `must be ${length} bytes`)

export const hash = bytes(32)
export const address = bytes(20)
