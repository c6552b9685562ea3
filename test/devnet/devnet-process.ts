/** The development network as a person runs it: the command-line program in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ProcessLines } from '../fixtures/process-lines.ts'

const PROGRAM = fileURLToPath(new URL('../../cli/openledger.mjs', import.meta.url))

/** Short blocks on free ports: as quick as a whole network can be. */
const QUICK = ['--rpc-port', '0', '--l1-port', '0', '--block-time', '1', '--l1-block-time', '1']

export type DevnetProcess = {
  child: ChildProcess
  /** Lines of standard output so far. */
  lines: string[]
  /** Standard error so far. */
  errors: () => string
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Resolves with the first line that matches, past or to come; rejects when the process ends without one. */
  line: (pattern: RegExp) => Promise<string>
}

export function startDevnet(dataDir: string, args: string[]): DevnetProcess {
  const child = spawn(process.execPath, [PROGRAM, 'devnet', '--data-dir', dataDir, ...QUICK, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines = new ProcessLines(child.stdout)
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  const line = (pattern: RegExp) =>
    Promise.race([
      lines.first(pattern),
      exited.then((): never => {
        throw new Error(`the network ended before ${pattern}: ${lines.all.slice(-5).join('\n')}\n${errors}`)
      }),
    ])
  return { child, lines: lines.all, errors: () => errors, exited, line }
}

/** A data directory that `dispose` removes together with any process that its pid files name. */
export function temporaryDataDir(): { path: string; pidOf: (name: string) => number | undefined; dispose: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'openledger-'))
  const pidOf = (name: string) => {
    const file = join(path, `${name}.pid`)
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
  }
  const dispose = () => {
    for (const name of ['sequencer', 'verifier', 'prover', 'l1/anvil']) {
      const pid = pidOf(name)
      if (pid !== undefined) killIfAlive(pid)
    }
    rmSync(path, { recursive: true, force: true })
  }
  return { path, pidOf, dispose }
}

export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
