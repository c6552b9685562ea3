/** `openledger audit --follow` and `--challenge`: what comes after the report. */
import { readFileSync } from 'node:fs'
import { createWalletClient, defineChain, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { getChainId } from 'viem/actions'
import { z } from 'zod'
import type { NativeClient, SignedReceipt } from '../client/index.ts'
import { requestId } from '../protocol/request.ts'
import type { AuditReads } from '../prover/audit/audit-reads.ts'
import type { SettlementAuditor } from '../prover/audit/auditor.ts'
import { Challenger } from '../prover/dispute/challenger.ts'
import { ClaimBook } from '../prover/dispute/claim-book.ts'
import { commitmentsOf } from '../prover/dispute/commitments.ts'
import { DisputeChain } from '../prover/dispute/dispute-chain.ts'
import { retrievalVectors } from '../prover/dispute/seat-vectors.ts'
import { type SeatEvent, Seats } from '../prover/dispute/seats.ts'
import { describeSeatEvent, describeWatchEvent, type WatchEvent } from '../prover/dispute/watch-event.ts'
import { Watcher } from '../prover/dispute/watcher.ts'
import { log } from './lifetime.ts'
import { readKey } from './options.ts'
import { UserError } from './user-error.ts'

export type WatchOptions = {
  l2Rpc: string
  version?: bigint[]
  challenge: boolean
  follow: boolean
  serveSeats: boolean
  keyFile?: string
  receipts?: string
  json: boolean
}

/** Where a key may stand instead of a file. */
export const KEY_VARIABLE = 'OPENLEDGER_CHALLENGER_KEY'

const bytes32 = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value),
  'must be 32 bytes in hexadecimal',
)
const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(value), 'must be bytes')
const whole = z.union([z.string().regex(/^\d+$/), z.int().nonnegative()]).transform((value): bigint => BigInt(value))

const receiptSchema = z.object({
  ...{ channel: bytes32, n: whole, version: whole, fee: whole },
  ...{ promptTokens: z.int().nonnegative(), outputTokens: z.int().nonnegative() },
  ...{ promptHash: bytes32, outputHash: bytes32, openable: z.boolean(), signature: hex },
})

/** Both are checked before the report is made, which may take long. */
export function readWatchFiles({ challenge, serveSeats, follow, keyFile, receipts }: WatchOptions): {
  key: Hex | undefined
  receipts: Map<Hex, SignedReceipt>
} {
  if (serveSeats && !follow)
    throw new UserError('--serve-seats needs --follow: votes are committed and revealed in later blocks')
  return {
    key: challenge || serveSeats ? challengerKey(keyFile) : undefined,
    receipts: receipts ? readReceipts(receipts) : new Map(),
  }
}

function challengerKey(keyFile: string | undefined): Hex {
  if (keyFile !== undefined) return readKey('--key-file', keyFile)
  const key = process.env[KEY_VARIABLE]
  if (key === undefined) throw new UserError(`--challenge and --serve-seats need a key: --key-file, or ${KEY_VARIABLE}`)
  if (!/^0x[0-9a-fA-F]{64}$/.test(key))
    throw new UserError(`${KEY_VARIABLE} must hold a private key, 0x and 64 hexadecimal digits`)
  return key as Hex
}

/** A line for each answer or receipt, as a gateway gave it. */
function readReceipts(path: string): Map<Hex, SignedReceipt> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError(`--receipts: cannot read ${path}: ${(error as Error).message}`)
  }
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }))
  return new Map(
    lines
      .filter(({ line }) => line !== '')
      .map(({ line, number }) => {
        const receipt = parseReceipt(line, `--receipts ${path}: line ${number}`)
        return [requestId(receipt.channel, receipt.n), receipt]
      }),
  )
}

function parseReceipt(line: string, source: string): SignedReceipt {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new UserError(`${source}: ${(error as Error).message}`)
  }
  const given = typeof value === 'object' && value !== null && 'receipt' in value ? value.receipt : value
  const parsed = receiptSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UserError(`${source}: ${issue!.path.join('.') || 'a receipt'} ${issue!.message}`)
}

/** Watches until `signal`, or, without `--follow`, until what is open now has been challenged. Returns whether anything differed. */
export async function watch(
  modules: { client: NativeClient; auditor: SettlementAuditor; reads: AuditReads; signal: AbortSignal },
  files: ReturnType<typeof readWatchFiles>,
  options: WatchOptions,
): Promise<boolean> {
  const { client, auditor, reads, signal } = modules
  const { version, follow, challenge, serveSeats, json } = options
  const book = new ClaimBook({ client })
  let differs = false
  const say = (event: WatchEvent | SeatEvent, line: string) => console.log(json ? jsonOf(event) : line)
  const told = (event: WatchEvent) => {
    if (event.type === 'difference') differs = true
    say(event, describeWatchEvent(event))
  }
  const signer = files.key && (await signerOf(client, files.key, options.l2Rpc))
  const challenger =
    signer && challenge
      ? new Challenger({ chain: new DisputeChain(signer), book, commitments: signer.commitments }, told)
      : undefined
  const recompute = retrievalVectors(client, reads)
  const seats =
    signer && serveSeats
      ? new Seats({ ...signer, recompute }, (event) => say(event, describeSeatEvent(event)))
      : undefined
  const isWatched = ({ leaf }: { leaf: { version: bigint } }) => version?.includes(leaf.version) !== false
  const watched = { client, auditor, book, challenger, seats }
  const watcher = new Watcher(watched, { told, receipts: files.receipts, isWatched })
  const failed = (error: Error) => log('audit', `will try again: ${error.message}`)
  await watcher.run({ signal, untilIdle: !follow, failed })
  return differs
}

const jsonOf = (event: WatchEvent | SeatEvent): string =>
  JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))

async function signerOf(reads: NativeClient, key: Hex, l2Rpc: string) {
  const id = await getChainId(reads)
  const account = privateKeyToAccount(key)
  const chain = defineChain({
    ...{ id, name: `chain ${id}`, nativeCurrency: { name: 'OPEN', symbol: 'OPEN', decimals: 18 } },
    rpcUrls: { default: { http: [l2Rpc] } },
  })
  const client = createWalletClient({ account, chain, transport: http(l2Rpc) })
  return { client, commitments: await commitmentsOf(account, id) }
}
