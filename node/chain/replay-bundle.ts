/**
 * What an operator sends with a bug report when executing a block gives another result than its sender or L1 claimed: one JSON
 * file with everything needed to execute the block again (replay.ts): config, parent, input, the records of the state that
 * execution reads, what was expected and what came out.
 *
 * Headers and receipts stand twice: as JSON for people, and under `encoded` as the bytes that are read back.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { Address } from '../../genesis/addresses.ts'
import { type ChainConfig, chainConfigSchema } from '../../genesis/chain-config.ts'
import { toHex } from '../../protocol/hex.ts'
import type { Block, HashedBlock, PayloadAttributes, Receipt } from '../execution/block.ts'
import { decodeBlock, encodeBlock } from '../execution/block-codec.ts'
import { headerHash } from '../execution/header.ts'
import { decodeReceipts, encodeReceipts } from '../execution/receipt.ts'
import { hexKey } from '../store/key.ts'
import { TABLES, type TableName } from '../store/tables.ts'
import type { WitnessRecord } from './state-witness.ts'

export type ReplayBundle = {
  reason: string
  parent: HashedBlock
  attributes: PayloadAttributes
  /** The block as it was claimed; absent for a derived block, which claims no hash. */
  claimed: Block | undefined
  /** What our execution gave; absent where it refused the block. */
  computed: (HashedBlock & { receipts: Receipt[] }) | undefined
}

export type ReadReplayBundle = ReplayBundle & { config: ChainConfig; witness: WitnessRecord[] }

/** Raised with the format. */
const VERSION = 1

/** Writes the bundle and returns its path. A bundle for the same block and reason replaces the earlier one. */
export async function writeReplayBundle(
  directory: string,
  { config, witness, ...bundle }: ReadReplayBundle,
): Promise<string> {
  await mkdir(directory, { recursive: true })
  const { parent, claimed, computed } = bundle
  const number = parent.block.header.number + 1n
  const subject = computed?.hash ?? parent.hash
  const path = join(directory, `block-${number}-${subject.slice(2, 14)}.json`)
  const chain = { name: config.name, l2ChainId: config.l2ChainId, genesis: config.genesis.l2.hash }
  const encoded = {
    parent: toHex(encodeBlock({ header: parent.block.header, transactions: [] })),
    claimed: claimed === undefined ? null : toHex(encodeBlock(claimed)),
    computed: computed === undefined ? null : toHex(encodeBlock(computed.block)),
    receipts: computed === undefined ? null : toHex(encodeReceipts(computed.receipts)),
  }
  const text = JSON.stringify({ version: VERSION, chain, ...bundle, encoded, config, witness }, plain, 2)
  await writeFile(path, `${text}\n`)
  return path
}

/** Bytes as hex, big integers as decimal strings: JSON has neither. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Uint8Array ? toHex(value) : value
}

/** A file that is no replay bundle: names the field and what is wrong with it. */
export class ReplayBundleError extends Error {
  override name = 'ReplayBundleError'
}

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/, 'must be bytes as lower-case hex')
const bytes = hex.transform((text) => hexKey(text as Hex))
const word = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'must be 32 bytes as hex')
  .transform((text) => text as Hex)
const uint = z.string().regex(/^\d+$/, 'must be a decimal number').transform(BigInt)
const tables = Object.keys(TABLES) as [TableName, ...TableName[]]

const bundleSchema = z.object({
  version: z.literal(VERSION),
  reason: z.string(),
  config: chainConfigSchema,
  attributes: z.object({
    timestamp: uint,
    prevRandao: word,
    suggestedFeeRecipient: z
      .string()
      .regex(/^0x[0-9a-f]{40}$/, 'must be an address')
      .transform((text) => text as Address),
    parentBeaconBlockRoot: word,
    gasLimit: uint,
    eip1559Params: hex.transform((text) => text as Hex),
    minBaseFee: uint,
    transactions: z.array(bytes),
    noTxPool: z.boolean(),
  }),
  encoded: z.object({
    parent: bytes,
    claimed: bytes.nullable(),
    computed: bytes.nullable(),
    receipts: bytes.nullable(),
  }),
  witness: z.array(
    z.object({
      table: z.enum(tables),
      key: hex.transform((text) => text as Hex),
      value: hex.transform((text) => text as Hex).nullable(),
    }),
  ),
})

/** Reads what {@link writeReplayBundle} wrote. Throws {@link ReplayBundleError} that names the first wrong field. */
export function parseReplayBundle(text: string): ReadReplayBundle {
  const { encoded, reason, attributes, config, witness } = parsed(text)
  try {
    const parent = decodeBlock(encoded.parent)
    const computed = encoded.computed === null ? undefined : decodeBlock(encoded.computed)
    return {
      reason,
      attributes,
      config,
      witness,
      parent: { hash: headerHash(parent.header), block: parent },
      claimed: encoded.claimed === null ? undefined : decodeBlock(encoded.claimed),
      computed: computed && {
        hash: headerHash(computed.header),
        block: computed,
        receipts: encoded.receipts === null ? [] : decodeReceipts(encoded.receipts),
      },
    }
  } catch (error) {
    throw new ReplayBundleError(`replay bundle encoded: ${(error as Error).message}`, { cause: error })
  }
}

function parsed(text: string): z.output<typeof bundleSchema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new ReplayBundleError(`replay bundle is not JSON: ${(error as Error).message}`)
  }
  const result = bundleSchema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new ReplayBundleError(`replay bundle ${issue.path.join('.')}: ${issue.message}`)
}
