/**
 * `openledger audit`: recomputes every settled attribution from the contents on chain and compares the integers; and of tuned versions the
 * plan, an interval of the training and rows. Then, where it is asked to, it watches and challenges (audit-watch.ts).
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { createPublicClient, http } from 'viem'
import { ArtifactStore } from '../prover/attribute/artifact-store.ts'
import { audit, type WholeAudit } from '../prover/audit/audit.ts'
import { describeDifference, SettlementAuditor } from '../prover/audit/auditor.ts'
import { AuditRequestError, type VersionAuditChoice } from '../prover/audit/version-audit.ts'
import { ViemAuditReads } from '../prover/audit/viem-audit-reads.ts'
import { loadKernelFromFile } from '../prover/kernel/f32-file.ts'
import { SHIPPED_BASE } from '../prover/tune/base-model.ts'
import { KEY_VARIABLE, readWatchFiles, watch } from './audit-watch.ts'
import { stopSignal } from './lifetime.ts'
import { collect, parsePositiveInteger, parseUrl } from './options.ts'
import { UserError } from './user-error.ts'

type AuditCommandOptions = {
  l2Rpc: string
  gateway: string
  base: string
  version?: bigint[]
  seed?: bigint
  interval: VersionAuditChoice['interval']
  rows: number
  curvature: boolean
  threads: number
  challenge: boolean
  keyFile?: string
  follow: boolean
  serveSeats: boolean
  receipts?: string
  json: boolean
}

/** More help a small model little. */
const MOST_THREADS = 4

export function auditCommand(): Command {
  return new Command('audit')
    .description(
      'recompute every settled attribution from the contents on chain, and of tuned versions the plan, part of the training and rows; exit code 1 where anything differs',
    )
    .requiredOption('--l2-rpc <url>', 'JSON-RPC of an L2 node that you trust, best your own verifier', parseUrl)
    .requiredOption('--gateway <url>', "the prover's gateway, which opens what it was paid for", parseUrl)
    .option('--base <folder>', 'Hugging Face folder of the base model of tuned versions', SHIPPED_BASE)
    .option('--version <id>', 'only this version and its leaves (repeatable); else all in use', collect(parseId))
    .option('--seed <number>', 'of the interval and rows that are drawn; another each time where absent', parseSeed)
    .addOption(
      new Option('--interval <which>', 'of the training between two recorded steps: drawn, a number from 1, all, none')
        .argParser(parseInterval)
        .default('drawn'),
    )
    .option('--rows <count>', 'rows of each tuned version, drawn and computed again', parseCount, 4)
    .option('--curvature', 'compute the curvature of tuned versions again, too', false)
    .addOption(
      new Option('--threads <count>', 'of the kernel; the bits do not depend on it')
        .argParser(parsePositiveInteger)
        .default(Math.min(availableParallelism(), MOST_THREADS)),
    )
    .option(
      '--challenge',
      `challenge on chain what a row or a receipt proves wrong: needs --key-file or ${KEY_VARIABLE}, and the bond`,
      false,
    )
    .option('--key-file <file>', 'private key that commits to challenges and is paid for them')
    .option(
      '--follow',
      'after the report go on with every new block, a line for each settled leaf, until stopped',
      false,
    )
    .option(
      '--serve-seats',
      'with --follow: vote where the key is drawn to a committee about a retrieval version; abstains from tuned ones',
      false,
    )
    .option(
      '--receipts <file>',
      'signed receipts that you hold, one JSON object a line, to be compared with the leaves',
    )
    .option('--json', 'print the report as one JSON object, and what comes after it as one a line', false)
    .action(runAudit)
}

async function runAudit(options: AuditCommandOptions): Promise<void> {
  const watched = options.challenge || options.follow
  const files = readWatchFiles(options)
  const signal = stopSignal()
  const client = createPublicClient({ transport: http(options.l2Rpc) })
  const reads = new ViemAuditReads({ client }, { gatewayUrl: options.gateway, signal })
  const storeDirectory = await mkdtemp(join(tmpdir(), 'openledger-audit-'))
  const kernel = await loadKernelFromFile({ threads: options.threads })
  const { version, seed = randomBytes(8).readBigUInt64BE(), interval, rows, curvature } = options
  try {
    const store = await ArtifactStore.open(storeDirectory)
    const found = await audit(reads, {
      ...{ kernel, store, storeDirectory, baseDirectory: options.base, signal },
      choice: { seed, interval, rows, curvature, ...(version && { versions: version }) },
      progress: (line) => console.error(line),
    })
    report(found, options)
    if (!watched) return
    const auditor = await SettlementAuditor.open(reads, { kernel, store, baseDirectory: options.base })
    if (await watch({ client, auditor, reads, signal }, files, options)) process.exitCode = 1
  } catch (error) {
    if (signal.aborted) throw new UserError('stopped before the audit was done')
    if (error instanceof AuditRequestError) throw new UserError(error.message)
    throw error
  } finally {
    await kernel.close()
    await rm(storeDirectory, { recursive: true, force: true })
  }
}

function report(found: WholeAudit, { json }: AuditCommandOptions): void {
  const { audited, equal, closed, differences, versions, seed } = found
  if (json) console.log(JSON.stringify(found))
  else {
    for (const difference of differences) console.log(describeDifference(difference))
    for (const line of versions.flatMap(describeVersion)) console.log(line)
    if (versions.length > 0) console.log(`drawn by --seed ${seed}`)
    console.log(
      `${audited} settled leaves recomputed, ${equal} with the same integers; ${closed} closed by their payers`,
    )
  }
  if (equal !== audited || differences.length > 0) process.exitCode = 1
}

/** A line for each item. */
function describeVersion(audited: WholeAudit['versions'][number]): string[] {
  const { version, run, plan, artifact, adapter, intervals, rows, curvature } = audited
  const items = [
    `plan of run ${run}: ${plan}`,
    `artifact: ${artifact}`,
    ...intervals.map(({ from, to, outcome }) => `training from step ${from} to ${to}: ${outcome}`),
    `adapter of the last checkpoint: ${adapter}`,
    ...rows.map(({ index, outcome }) => `row ${index}: ${outcome}`),
    `curvature: ${curvature}`,
  ]
  return items.map((item) => `version ${version}: ${item}`)
}

function parseId(text: string): bigint {
  if (!/^[1-9]\d{0,18}$/.test(text))
    throw new InvalidArgumentError(`must be an id from 1, got ${JSON.stringify(text)}.`)
  return BigInt(text)
}

function parseSeed(text: string): bigint {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 1n << 64n)
    throw new InvalidArgumentError(`must be a whole number below 2^64, got ${JSON.stringify(text)}.`)
  return BigInt(text)
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`must be a whole number, got ${JSON.stringify(text)}.`)
  return Number(text)
}

function parseInterval(text: string): VersionAuditChoice['interval'] {
  if (text === 'drawn' || text === 'all' || text === 'none') return text
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError(`must be drawn, all, none, or a number from 1, got ${JSON.stringify(text)}.`)
  return Number(text)
}
