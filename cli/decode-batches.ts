/**
 * `openledger decode-batches`: what a batcher transaction, a payload, a blob, a channel or a batch holds, as JSON; from a
 * file of hexadecimal text or bytes, or from L1.
 */
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { decodeBatch } from '../node/derivation/batch.ts'
import { BLOB_BYTES } from '../node/derivation/constants.ts'
import { decodeFrames } from '../node/derivation/frame.ts'
import { MalformedError } from '../node/derivation/malformed.ts'
import { hexToBytes } from '../node/execution/bytes.ts'
import { decodeRlp, RlpError } from '../node/execution/rlp.ts'
import { EndpointPool } from '../node/l1/endpoint-pool.ts'
import { JsonRpcL1Source } from '../node/l1/json-rpc-source.ts'
import type { L1Block, L1Transaction } from '../node/l1/source.ts'
import {
  batchesReport,
  batchReport,
  channelReport,
  type Json,
  payloadsReport,
  type ReportOptions,
} from './batch-report.ts'
import { collect, parseAddress, parsePositiveInteger, parseUrl, readChainConfig } from './options.ts'
import { UserError } from './user-error.ts'

type Options = {
  chain?: string
  chainId?: number
  l1Rpc?: string[]
  l1Beacon?: string[]
  l1BlobId: 'slot' | 'block-number'
  tx?: Hex[]
  block?: number
  inbox?: Hex
  transactions: boolean
}

function parseHash(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text))
    throw new InvalidArgumentError(`must be a hash, 0x and 64 hexadecimal digits, got ${JSON.stringify(text)}.`)
  return text.toLowerCase() as Hex
}

export function decodeBatchesCommand(): Command {
  return new Command('decode-batches')
    .description('print what batcher data holds, as JSON: from a file, or from L1 by transaction or block')
    .argument(
      '[file]',
      'hexadecimal text (several items, if white space is between them) or bytes: transactions, payloads, blobs, a channel, a batch',
    )
    .option('--chain <file>', 'the chain config: chain id, batch inbox, and times of the blocks')
    .option('--chain-id <number>', "the L2's chain id, which span batches leave out", parsePositiveInteger)
    .option('--l1-rpc <url>', 'JSON-RPC of an L1 node; give several for fail-over', collect(parseUrl))
    .option('--l1-beacon <url>', 'beacon API of an L1 node, for blobs; give several for fail-over', collect(parseUrl))
    .option('--l1-blob-id <kind>', "what the beacon API's blobs are asked by: slot, or block-number for anvil", 'slot')
    .option(
      '--tx <hash>',
      'the L1 transaction to read; give all of a channel that is spread over several, in their order',
      collect(parseHash),
    )
    .option('--block <number>', 'the L1 block whose transactions to the batch inbox are read', parsePositiveInteger)
    .option('--inbox <address>', "the batch inbox; by default the chain config's", parseAddress)
    .option('--transactions', 'print whole L2 transactions instead of their hashes', false)
    .action(async (file: string | undefined, options: Options) => {
      const config = options.chain === undefined ? undefined : readChainConfig(options.chain)
      const reporting = reportOptions(options, config)
      const report =
        file === undefined ? await reportOfL1(options, config, reporting) : await reportOfFile(file, reporting)
      console.log(JSON.stringify(report, null, 2))
    })
}

function reportOptions(options: Options, config: ChainConfig | undefined): ReportOptions {
  const clock = config && { genesisTime: BigInt(config.genesis.l2Time), blockTime: BigInt(config.blockTime) }
  const chainId = BigInt(options.chainId ?? config?.l2ChainId ?? 0)
  return { chainId, clock, withTransactions: options.transactions }
}

/** By what it can be read as: a blob's size, a batcher transaction, its payload, a channel, batches, one batch. */
async function reportOfFile(path: string, options: ReportOptions): Promise<Json> {
  const items = readItems(path)
  const payloads = items.map((bytes, index) => ({ name: `${path}#${index}`, bytes: payloadOf(bytes) ?? bytes }))
  if (payloads.every(({ bytes }) => bytes.length === BLOB_BYTES || isPayload(bytes)))
    return {
      kind: items.every((bytes) => payloadOf(bytes)) ? 'transactions' : 'payloads',
      ...(await payloadsReport(payloads, options)),
    }
  const bytes = Buffer.concat(items)
  const channel = await channelReport(bytes, options)
  if (Array.isArray(channel.batches) && channel.batches.length > 0) return { kind: 'channel', ...channel }
  const batches = batchesReport(bytes, options)
  if (batches.batches.length > 0) return { kind: 'batches', ...batches }
  for (const candidate of [bytes, Buffer.concat([Uint8Array.of(1), bytes])]) {
    const batch = readBatch(candidate, options)
    if (batch !== undefined) return { kind: 'batch', batches: [batch] }
  }
  throw new UserError(
    `${path}: is no batcher transaction, payload, blob, channel or batch (as a channel: ${channel.error})`,
  )
}

function readBatch(bytes: Uint8Array, options: ReportOptions): Json | undefined {
  try {
    return batchReport(decodeBatch(bytes, options.chainId), options)
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

function isPayload(bytes: Uint8Array): boolean {
  try {
    return decodeFrames(bytes).length > 0
  } catch (error) {
    if (error instanceof MalformedError) return false
    throw error
  }
}

/** The calldata of a transaction's envelope; undefined where the bytes are none, or it carries blobs. */
function payloadOf(bytes: Uint8Array): Uint8Array | undefined {
  const first = bytes[0] ?? 0
  if (first !== 1 && first !== 2 && first < 0xc0) return undefined
  const place = first >= 0xc0 ? 5 : first === 1 ? 6 : 7
  try {
    const fields = decodeRlp(first >= 0xc0 ? bytes : bytes.subarray(1))
    const data = Array.isArray(fields) ? fields[place] : undefined
    return data instanceof Uint8Array ? data : undefined
  } catch (error) {
    if (error instanceof RlpError) return undefined
    throw error
  }
}

/** Hexadecimal text, with or without 0x, in as many items as white space makes of it; anything else is bytes. */
function readItems(path: string): Uint8Array[] {
  let file: Buffer
  try {
    file = readFileSync(path)
  } catch (error) {
    throw new UserError(`file: cannot read ${path}: ${(error as Error).message}`)
  }
  if (file.length === 0) throw new UserError(`file: ${path} is empty`)
  const text = file.toString('latin1').trim()
  if (!/^(0x)?[0-9a-fA-F]+(\s+(0x)?[0-9a-fA-F]+)*$/.test(text)) return [file]
  return text.split(/\s+/).map((item) => hexToBytes(`0x${item.replace(/^0x/, '')}`))
}

const locationSchema = z.object({ blockHash: z.string().regex(/^0x[0-9a-fA-F]{64}$/) }).nullable()

async function reportOfL1(options: Options, config: ChainConfig | undefined, reporting: ReportOptions): Promise<Json> {
  const { l1Rpc: rpc, l1Beacon: beacon = rpc, tx, block } = options
  if (rpc === undefined || beacon === undefined || (tx === undefined) === (block === undefined))
    throw new UserError('give a file, or --l1-rpc with either --tx or --block')
  const l1 = new JsonRpcL1Source({ rpc, beacon, blobId: options.l1BlobId, l1ChainId: config?.l1ChainId })
  const inbox = options.inbox ?? config?.batchInboxAddress
  if (tx === undefined && inbox === undefined)
    throw new UserError('--block: needs --inbox or --chain to tell the inbox')
  const read = tx === undefined ? await inboxTransactions(l1, block!, inbox!) : await namedTransactions(l1, rpc, tx)
  const payloads = await Promise.all(read.map((found) => payloadsOf(l1, found)))
  const transactions = read.map(({ l1Block, transaction: { hash, from, to, type } }) => {
    return { hash, l1Block: { number: Number(l1Block.number), hash: l1Block.hash }, from, to: to ?? null, type }
  })
  return { kind: 'transactions', transactions, ...(await payloadsReport(payloads.flat(), reporting)) }
}

type FoundTransaction = { l1Block: L1Block; transaction: L1Transaction }

async function inboxTransactions(l1: JsonRpcL1Source, number: number, inbox: Hex): Promise<FoundTransaction[]> {
  const l1Block = await l1.blockByNumber(BigInt(number))
  if (l1Block === undefined) throw new UserError(`L1 has no block ${number}`)
  const all = await l1.transactions(l1Block.hash)
  return all.flatMap((transaction) => (transaction.to === inbox ? [{ l1Block, transaction }] : []))
}

async function namedTransactions(l1: JsonRpcL1Source, rpc: string[], hashes: Hex[]): Promise<FoundTransaction[]> {
  const found: FoundTransaction[] = []
  for (const hash of hashes) {
    const l1Block = await l1.blockByHash(await blockOf(rpc, hash))
    const transaction = l1Block && (await l1.transactions(l1Block.hash)).find((each) => each.hash === hash)
    if (l1Block === undefined || transaction === undefined)
      throw new UserError(`--tx: L1 has no block of transaction ${hash}`)
    found.push({ l1Block, transaction })
  }
  return found
}

async function blockOf(urls: string[], tx: Hex): Promise<Hex> {
  const pool = new EndpointPool(
    { fetch: globalThis.fetch },
    { urls, timeout: 10_000, maxResponseBytes: 16 * 1024 * 1024 },
  )
  const location = await pool.call('eth_getTransactionByHash', [tx], (result) => locationSchema.parse(result))
  if (location === null) throw new UserError(`--tx: L1 has no mined transaction ${tx}`)
  return location.blockHash.toLowerCase() as Hex
}

async function payloadsOf(l1: JsonRpcL1Source, { l1Block, transaction }: FoundTransaction) {
  const { hash, type, input, blobVersionedHashes } = transaction
  if (type !== 3) return [{ name: hash, bytes: input }]
  const blobs = await l1.blobs(l1Block, blobVersionedHashes)
  return blobs.map((bytes, index) => ({ name: blobVersionedHashes[index]!, bytes }))
}
