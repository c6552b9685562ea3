/** A sequencer or verifier as a process: started, asked, killed, started again on the same data. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ChildProcessError, ManagedProcess } from '../../devnet/child-process.ts'
import { killIfAlive } from '../devnet/devnet-process.ts'
import { askRpc } from '../fixtures/ask-rpc.ts'
import { PROGRAM } from '../fixtures/command-line.ts'

export type NodeKind = 'sequencer' | 'verifier'

const origin = z.object({ hash: z.string(), number: z.number() })
const l2Ref = z.object({ hash: z.string(), number: z.number(), timestamp: z.number(), l1origin: origin })
const statusSchema = z.object({ current_l1: origin, unsafe_l2: l2Ref, safe_l2: l2Ref, finalized_l2: l2Ref })
export type L2Ref = z.output<typeof l2Ref>
export type SyncStatus = z.output<typeof statusSchema>
const details = z.object({ rpcUrl: z.string(), p2pAddress: z.string(), adminUrl: z.string().optional() })

export class ChaosNode {
  readonly kind: NodeKind
  readonly dataDir: string
  readonly logPath: string
  readonly #pidPath: string
  readonly #arguments: readonly string[]
  #process: ManagedProcess | undefined
  #details: z.output<typeof details> | undefined

  /** Not started yet. `dataDir` is made below `folder` where it is not given. */
  constructor(kind: NodeKind, folder: string, args: readonly string[], dataDir = join(folder, kind)) {
    this.kind = kind
    this.dataDir = dataDir
    this.logPath = join(folder, `${kind}.log`)
    this.#pidPath = join(folder, `${kind}.pid`)
    this.#arguments = args
  }

  get url(): string {
    return this.#started.rpcUrl
  }

  get p2pAddress(): string {
    return this.#started.p2pAddress
  }

  get #started() {
    if (this.#details === undefined) throw new Error(`the ${this.kind} has not been started`)
    return this.#details
  }

  get running(): boolean {
    return this.#process !== undefined
  }

  /** Everything that it has logged, in all its lives. */
  get log(): string {
    return readFileSync(this.logPath, 'utf8')
  }

  /** Its process id as soon as it has one, before it is ready too. */
  get pid(): number {
    return Number(readFileSync(this.#pidPath, 'utf8'))
  }

  /** `clockShift`: milliseconds that this process's clock is ahead of the machine's. */
  async start({ clockShift = 0, more = [] }: { clockShift?: number; more?: readonly string[] } = {}): Promise<void> {
    mkdirSync(this.dataDir, { recursive: true })
    const shift = `const now = Date.now; Date.now = () => now() + (${clockShift})`
    const preload = clockShift === 0 ? [] : [`--import=data:text/javascript,${encodeURIComponent(shift)}`]
    const command = [process.execPath, ...preload, PROGRAM, this.kind, '--data-dir', this.dataDir]
    const { logPath, pidPath } = { logPath: this.logPath, pidPath: this.#pidPath }
    const commandMark = `${this.kind} --data-dir ${this.dataDir}`
    const started = await ManagedProcess.start({
      ...{ name: this.kind, command: [...command, ...this.#arguments, ...more], logPath, pidPath, commandMark },
    })
    this.#process = started
    this.#details = details.parse(started.details)
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    const process_ = this.#process
    if (process_ === undefined) return
    killIfAlive(process_.pid)
    await process_.exited
    this.#process = undefined
  }

  /** Starts, and is killed with -9 after the moment, ready or not. */
  async dieStarting(moment: () => Promise<unknown>): Promise<void> {
    const started = this.start().catch((error: unknown) => {
      if (!(error instanceof ChildProcessError) || !error.message.includes('SIGKILL')) throw error
    })
    await moment()
    if (existsSync(this.#pidPath)) killIfAlive(this.pid)
    await started
    await this.kill()
  }

  async stop(): Promise<void> {
    const process_ = this.#process
    this.#process = undefined
    await process_?.stop()
  }

  /** Resolves when the process has ended by itself. */
  async ended(): Promise<{ code: number | null; output: string }> {
    if (this.#process === undefined) throw new Error(`the ${this.kind} does not run`)
    const { code } = await this.#process.exited
    const output = this.#process.outputTail
    this.#process = undefined
    return { code, output }
  }

  ask(method: string, ...params: unknown[]): Promise<unknown> {
    return askRpc(this.url, method, ...params)
  }

  async status(): Promise<SyncStatus> {
    return statusSchema.parse(await this.ask('optimism_syncStatus'))
  }

  /** Where the block with the number stands. */
  async refAt(number: number): Promise<L2Ref> {
    const output = z.object({ blockRef: l2Ref })
    return output.parse(await this.ask('optimism_outputAtBlock', `0x${number.toString(16)}`)).blockRef
  }

  /** undefined where it has no such block. */
  async hashOf(number: number): Promise<string | undefined> {
    const block = await this.ask('eth_getBlockByNumber', `0x${number.toString(16)}`, false)
    return z.object({ hash: z.string() }).nullable().parse(block)?.hash
  }
}
