/**
 * The development network's Ethereum L1: anvil, started detached so that it outlives a `kill -9` of
 * ours, and adopted by the next start when its pid file, its port and its genesis hash agree.
 *
 * Its state is saved by `anvil_dumpState` → temporary file → fsync → rename, every few seconds and at
 * stop; anvil's own `--state` tears the file on a kill. What such a file keeps, measured with anvil
 * 1.7.1: blocks with their hashes, receipts, logs, and blobs (they ride in the blocks' transactions).
 * What it loses: pending transactions, and account state before the saved head (`eth_call` and proofs
 * at older blocks; `anvil_dumpState(true)` would keep them, and nobody here asks). Blocks mined after
 * the last save are gone when anvil itself dies: followers see a shorter L1, which is a reorg.
 *
 *   DATA_DIR/anvil.pid         process id
 *   DATA_DIR/anvil.json        port, chain id, block time, block 0
 *   DATA_DIR/anvil.state.gz    gzipped JSON, as anvil gives it (it wants it unzipped back: anvil.state.json, for a moment)
 *   DATA_DIR/anvil.log         what anvil wrote
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { createTestClient, type Hex, http, publicActions, type TestClient } from 'viem'
import { z } from 'zod'
import { PREINSTALLS } from '../genesis/addresses.ts'
import { preinstallCodes } from '../genesis/contracts.ts'
import { endLeftover, runningPid, writePid } from './pid-file.ts'

/** The L1 cannot be started; the message is one line for the user. */
export class AnvilError extends Error {
  override name = 'AnvilError'
}

export type AnvilOptions = {
  dataDir: string
  /** 0 takes any free port, or the port of the anvil that is adopted. */
  port: number
  chainId?: number
  /** Seconds. */
  blockTime?: number
  hardfork?: 'prague' | 'osaka'
  /** Seconds between saves; a save that takes long is followed by a longer pause. */
  saveInterval?: number
  /** L1 blocks in an epoch: "safe" is one epoch behind the head, "finalized" two. */
  slotsInAnEpoch?: number
  /** Hears of a save in the background that failed. */
  onSaveError?: (error: Error) => void
}

const DEFAULTS = { chainId: 900, blockTime: 2, hardfork: 'prague', saveInterval: 10, slotsInAnEpoch: 4 } as const
/** Milliseconds: how long anvil may take to answer, and between two tries. */
const START_TIMEOUT = 30_000
const TRY_INTERVAL = 30
/** Milliseconds that one request to a living anvil may take. */
const REQUEST_TIMEOUT = 30_000
/** Account states that anvil holds behind its head, in memory; beyond them it would fill ~/.foundry. Blocks stay, all of them. */
const KEPT_STATES = 256
/** A save takes at most this part of the time. */
const SAVE_SHARE = 20
const LOG_TAIL = 400

/** What one start leaves for the next. */
const record = z.object({
  port: z.number().int(),
  chainId: z.number().int(),
  /** Seconds. */
  blockTime: z.number(),
  /** Block 0, once anvil has told it. */
  genesis: z.object({ hash: z.templateLiteral(['0x', z.string()]), timestamp: z.number().int() }).optional(),
  /** False while anvil is being started: one that was left in that state is not adopted. */
  ready: z.boolean(),
})
type Record = z.output<typeof record>
type Genesis = NonNullable<Record['genesis']>

/** An anvil that answers. */
type Running = {
  pid: number
  port: number
  chainId: number
  genesisHash: Hex
  origin: 'fresh' | 'restored' | 'adopted'
}

type Paths = { pid: string; record: string; state: string; unzipped: string; log: string }

export class Anvil {
  /** JSON-RPC and, below /eth/v1, the beacon API for blobs; a "slot" there is a block number. */
  readonly url: string
  readonly port: number
  readonly chainId: number
  readonly pid: number
  readonly genesisHash: Hex
  /** How this object came by its anvil. */
  readonly origin: Running['origin']
  #client: ReturnType<typeof clientOf>
  #paths: Paths
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> | undefined

  private constructor(running: Running, paths: Paths, options: AnvilOptions) {
    this.url = urlOf(running.port)
    this.port = running.port
    this.chainId = running.chainId
    this.pid = running.pid
    this.genesisHash = running.genesisHash
    this.origin = running.origin
    this.#client = clientOf(this.url)
    this.#paths = paths
    this.#scheduleSave((options.saveInterval ?? DEFAULTS.saveInterval) * 1_000, options.onSaveError)
  }

  /** Adopts the anvil of an earlier start, or starts one from the saved state, or a fresh one. Throws {@link AnvilError}. */
  static async start(options: AnvilOptions): Promise<Anvil> {
    const paths: Paths = {
      pid: join(options.dataDir, 'anvil.pid'),
      record: join(options.dataDir, 'anvil.json'),
      state: join(options.dataDir, 'anvil.state.gz'),
      unzipped: join(options.dataDir, 'anvil.state.json'),
      log: join(options.dataDir, 'anvil.log'),
    }
    const last = readRecord(paths)
    const chainId = options.chainId ?? last?.chainId ?? DEFAULTS.chainId
    if (last && last.chainId !== chainId) {
      throw new AnvilError(
        `${paths.record} belongs to L1 chain ${last.chainId}, not ${chainId}: use another data directory`,
      )
    }
    const adopted = last && (await adopt(last, paths, options))
    return new Anvil(adopted ?? (await launch(last, chainId, paths, options)), paths, options)
  }

  /** Gives accounts a balance of wei on L1. */
  async fund(addresses: readonly Hex[], wei: bigint): Promise<void> {
    await Promise.all(addresses.map((address) => this.#client.setBalance({ address, value: wei })))
  }

  /** Writes the whole chain to disk. When it resolves, a crash of anything leaves at least this. */
  save(): Promise<void> {
    this.#saving ??= this.#dump().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Saves; then ends anvil by its process id, or with `keep` leaves it to the next start. */
  async stop({ keep = false }: { keep?: boolean } = {}): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#saving
    const signature = signatureOf(this.port, this.chainId)
    // It has died, or a later start has put another in its place: nothing of ours is left to end.
    if (runningPid(this.#paths.pid, signature) !== this.pid) return
    await this.save()
    if (!keep) await endLeftover(this.#paths.pid, signature)
  }

  async #dump(): Promise<void> {
    const dump = await this.#client.request<{ Method: 'anvil_dumpState'; Parameters: []; ReturnType: Hex }>({
      method: 'anvil_dumpState',
      params: [],
    })
    await replaceFile(this.#paths.state, Buffer.from(dump.slice(2), 'hex'))
  }

  #scheduleSave(pause: number, onError: AnvilOptions['onSaveError']): void {
    const timer = setTimeout(async () => {
      const started = performance.now()
      try {
        await this.save()
      } catch (error) {
        onError?.(error as Error)
      }
      const took = performance.now() - started
      if (this.#timer === timer) this.#scheduleSave(Math.max(pause, took * SAVE_SHARE), onError)
    }, pause)
    timer.unref()
    this.#timer = timer
  }
}

/** The anvil that an earlier start left running, where it is the one that the record speaks of; any other leftover is ended. */
async function adopt(last: Record, paths: Paths, options: AnvilOptions): Promise<Running | undefined> {
  const { port, chainId, genesis } = last
  const pid = runningPid(paths.pid, signatureOf(port, chainId))
  if (pid === undefined) return undefined
  const portFits = options.port === 0 || options.port === port
  if (!portFits || !last.ready || genesis === undefined || (await genesisAt(port))?.hash !== genesis.hash) {
    await endLeftover(paths.pid, signatureOf(port, chainId))
    return undefined
  }
  const blockTime = options.blockTime ?? last.blockTime
  if (blockTime !== last.blockTime) {
    await clientOf(urlOf(port)).setIntervalMining({ interval: blockTime })
    await writeRecord(paths, { ...last, blockTime })
  }
  return { pid, port, chainId, genesisHash: genesis.hash, origin: 'adopted' }
}

async function launch(
  last: Record | undefined,
  chainId: number,
  paths: Paths,
  options: AnvilOptions,
): Promise<Running> {
  const binary = anvilBinary()
  const port = await freePort(options.port)
  mkdirSync(options.dataDir, { recursive: true })
  const expected = existsSync(paths.state) ? last?.genesis : undefined
  if (expected) await pipeline(createReadStream(paths.state), createGunzip(), createWriteStream(paths.unzipped))
  const blockTime = options.blockTime ?? last?.blockTime ?? DEFAULTS.blockTime
  const started: Record = { port, chainId, blockTime, genesis: expected, ready: false }
  // Before the process: a kill from here on leaves what the next start needs to end a half-started anvil.
  await writeRecord(paths, started)
  const child = spawnDetached(binary, started, paths, options)
  if (child.pid !== undefined) writePid(paths.pid, child.pid)
  const genesis = await genesisWhenReady(child, port, paths.log)
  rmSync(paths.unzipped, { force: true })
  if (expected && genesis.hash !== expected.hash) {
    await endLeftover(paths.pid, signatureOf(port, chainId))
    throw new AnvilError(
      `${paths.state} holds a chain with genesis ${genesis.hash}, expected ${expected.hash}: remove the data directory`,
    )
  }
  // Every public Ethereum network has it here, and viem's actions count on it.
  const bytecode = preinstallCodes().multicall3
  await clientOf(urlOf(port)).setCode({ address: PREINSTALLS.multicall3, bytecode })
  await startMining(clientOf(urlOf(port)), blockTime)
  await writeRecord(paths, { ...started, genesis, ready: true })
  return { pid: child.pid!, port, chainId, genesisHash: genesis.hash, origin: expected ? 'restored' : 'fresh' }
}

/**
 * A restored anvil makes a block 0 of its own before it loads the state, and would save both: its next load takes either.
 * With the timestamp of the first one it makes the same block 0; its clock then stands there, so mining waits for
 * {@link startMining}.
 */
function spawnDetached(
  binary: string,
  { port, chainId, genesis }: Record,
  paths: Paths,
  options: AnvilOptions,
): ChildProcess {
  const log = openSync(paths.log, 'a')
  const child = spawn(
    binary,
    [
      ...signatureOf(port, chainId).split(' '),
      ...['--no-mining', '--hardfork', options.hardfork ?? DEFAULTS.hardfork],
      ...['--slots-in-an-epoch', String(options.slotsInAnEpoch ?? DEFAULTS.slotsInAnEpoch)],
      ...['--prune-history', String(KEPT_STATES), '--no-request-size-limit', '--quiet'],
      ...(genesis ? ['--load-state', paths.unzipped, '--timestamp', String(genesis.timestamp)] : []),
    ],
    { detached: true, stdio: ['ignore', log, log] },
  )
  child.unref()
  closeSync(log)
  return child
}

/** Sets anvil's clock to now, or past its head where that is ahead, and lets it mine. */
async function startMining(client: ReturnType<typeof clientOf>, blockTime: number): Promise<void> {
  const head = await client.getBlock({ blockTag: 'latest' })
  const now = Math.max(Math.floor(Date.now() / 1_000), Number(head.timestamp) + 1)
  await client.request<{ Method: 'anvil_setTime'; Parameters: [number]; ReturnType: number }>({
    method: 'anvil_setTime',
    params: [now],
  })
  await client.setIntervalMining({ interval: blockTime })
}

/** Resolves with block 0 once anvil answers; throws {@link AnvilError} where it ends before or stays silent. */
async function genesisWhenReady(child: ChildProcess, port: number, logPath: string): Promise<Genesis> {
  let failure: string | undefined
  const onError = (error: Error) => {
    failure = error.message
  }
  const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
    failure ??= `it ended with ${signal ?? `exit code ${code}`}: ${logTail(logPath)}`
  }
  child.once('error', onError).once('exit', onExit)
  try {
    const deadline = Date.now() + START_TIMEOUT
    while (failure === undefined) {
      const genesis = await genesisAt(port)
      if (genesis) return genesis
      if (Date.now() > deadline) {
        child.kill('SIGKILL')
        failure = `no answer on port ${port} within ${START_TIMEOUT / 1_000} s`
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_INTERVAL))
    }
    throw new AnvilError(`anvil could not be started: ${failure}`)
  } finally {
    child.off('error', onError).off('exit', onExit)
  }
}

/** The end of anvil's log as one line. */
function logTail(path: string): string {
  return readFileSync(path, 'utf8').slice(-LOG_TAIL).trim().replaceAll('\n', ' | ')
}

/** Block 0 of the chain that answers on a local port, or undefined where none answers. */
async function genesisAt(port: number): Promise<Genesis | undefined> {
  try {
    const { hash, timestamp } = await clientOf(urlOf(port)).getBlock({ blockNumber: 0n })
    return { hash, timestamp: Number(timestamp) }
  } catch {
    // Nobody listens, or it is no Ethereum node: either way there is no chain to speak of.
    return undefined
  }
}

/** anvil of the optional npm package, else the one on PATH. Throws {@link AnvilError} where there is neither. */
export function anvilBinary(path = process.env.PATH ?? '', packageName = '@foundry-rs/anvil-linux-amd64'): string {
  const candidates = path.split(delimiter).map((folder) => join(folder, 'anvil'))
  const manifest = installedManifest(packageName)
  if (manifest) candidates.unshift(join(dirname(manifest), 'bin', 'anvil'))
  const found = candidates.find(isExecutable)
  if (found) return found
  throw new AnvilError(
    `anvil is missing: install the optional package ${packageName} (npm ci) or put Foundry's anvil on PATH`,
  )
}

function installedManifest(packageName: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`${packageName}/package.json`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // Absent or not ours to run: not a candidate.
    return false
  }
}

/** The port itself where it is free, any free one for 0. Throws {@link AnvilError} where it is taken. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(
        new AnvilError(
          taken
            ? `L1 port ${wanted} is taken: stop what listens there or choose another port`
            : `L1 port ${wanted}: ${error.message}`,
        ),
      )
    })
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : wanted
      server.close(() => resolve(port))
    })
  })
}

/** The first arguments of our anvil, by which its process is recognized among others. */
function signatureOf(port: number, chainId: number): string {
  return `--host 127.0.0.1 --port ${port} --chain-id ${chainId}`
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`
}

function clientOf(url: string) {
  const client: TestClient<'anvil'> = createTestClient({
    mode: 'anvil',
    transport: http(url, { retryCount: 0, timeout: REQUEST_TIMEOUT }),
  })
  return client.extend(publicActions)
}

function readRecord(paths: Paths): Record | undefined {
  if (!existsSync(paths.record)) return undefined
  const parsed = record.safeParse(JSON.parse(readFileSync(paths.record, 'utf8')))
  if (!parsed.success) throw new AnvilError(`${paths.record} is not a record of an anvil: remove the data directory`)
  return parsed.data
}

function writeRecord(paths: Paths, value: Record): Promise<void> {
  return replaceFile(paths.record, Buffer.from(`${JSON.stringify(value)}\n`))
}

/** Temporary file, fsync, rename, fsync of the folder: after a crash the file is the old or the new one, whole. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
