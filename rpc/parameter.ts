/** Schemas of parameters that many methods share (ethereum/execution-apis, "base types"). */
import type { Hex } from 'viem'
import { z } from 'zod'
import type { Address } from '../genesis/addresses.ts'
import { hexToBytes } from '../node/execution/bytes.ts'

function hexOf(bytes: number, what: string): z.ZodType<Hex> {
  return z
    .string({ error: `must be ${what}: 0x and ${bytes * 2} hexadecimal digits` })
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `must be ${what}: 0x and ${bytes * 2} hexadecimal digits`)
    .transform((text): Hex => `0x${text.slice(2).toLowerCase()}`)
}

export const address: z.ZodType<Address> = hexOf(20, 'an address')
export const hash: z.ZodType<Hex> = hexOf(32, 'a 32-byte hash')

const DATA = 'must be data: 0x and an even number of hexadecimal digits'
export const data = z
  .string({ error: DATA })
  .regex(/^0x([0-9a-fA-F]{2})*$/, DATA)
  .transform((text) => hexToBytes(`0x${text.slice(2)}`))

const QUANTITY = 'must be a quantity: 0x and hexadecimal digits without leading zeros'
/** Up to 256 bits. */
export const quantity = z
  .string({ error: QUANTITY })
  .regex(/^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})$/, QUANTITY)
  .transform(BigInt)

export const uint64 = quantity.refine((value) => value < 1n << 64n, 'must be below 2^64')

/** A position in a list. */
export const index = quantity.refine((value) => value < 1n << 32n, 'must be below 2^32').transform(Number)

const SLOT = 'must be a storage slot: 0x and up to 64 hexadecimal digits'
/** A storage slot, short forms padded to 32 bytes. */
export const slot = z
  .string({ error: SLOT })
  .regex(/^0x[0-9a-fA-F]{1,64}$/, SLOT)
  .transform((text): Hex => `0x${text.slice(2).toLowerCase().padStart(64, '0')}`)

/** An id of the ledger: a quantity, a JSON integer, or a decimal string. */
const ID = 'must be an id: a quantity (0x1), an integer or a decimal string'
export const id = z.preprocess(
  (value) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : value),
  z
    .string({ error: ID })
    .regex(/^(0x[0-9a-fA-F]{1,16}|[0-9]{1,19})$/, ID)
    .transform(BigInt),
)

export const BLOCK_TAGS = ['latest', 'pending', 'safe', 'finalized', 'earliest'] as const
export type BlockTag = (typeof BLOCK_TAGS)[number]

const BLOCK = `must be a block number (quantity) or one of ${BLOCK_TAGS.join(', ')}`
export const blockNumber = z
  .union([z.enum(BLOCK_TAGS), uint64], { error: BLOCK })
  .transform((value): BlockId => (typeof value === 'bigint' ? { number: value } : { tag: value }))

/** Which block a method is asked about (EIP-1898). State is kept of the canonical chain alone, so `requireCanonical` changes nothing. */
export type BlockId = { tag: BlockTag } | { number: bigint } | { hash: Hex }

const BLOCK_OR_HASH = `${BLOCK}, a block hash, {blockNumber} or {blockHash}`
export const block: z.ZodType<BlockId> = z.union(
  [
    blockNumber,
    hash.transform((value): BlockId => ({ hash: value })),
    z.strictObject({ blockNumber: uint64 }).transform((value): BlockId => ({ number: value.blockNumber })),
    z
      .strictObject({ blockHash: hash, requireCanonical: z.boolean().optional() })
      .transform((value): BlockId => ({ hash: value.blockHash })),
  ],
  { error: BLOCK_OR_HASH },
)
