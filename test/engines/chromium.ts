/** Chromium without a window, for one page; whatever it writes goes with its profile when it is closed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Its path: OPENLEDGER_CHROMIUM, or found by name; undefined where there is none. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [process.env.OPENLEDGER_CHROMIUM, ...paths].find((path) => path && existsSync(path))
}

export type Browser = {
  /** Rejects when the browser ends by itself, with what it wrote to stderr. */
  ended: Promise<never>
  close(): Promise<void>
}

export async function openPage(chromium: string, url: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'openledger-chromium-'))
  // A process group of its own, as it starts many.
  const child = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const exit = once(child, 'exit')
  const ended = failure(child, exit)
  // Nobody may be waiting for it by then.
  ended.catch(() => undefined)
  return {
    ended,
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
      await exit
      // Its children may still be writing when it has gone.
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}

async function failure(child: ChildProcess, exit: Promise<unknown[]>): Promise<never> {
  let log = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-2000)
  })
  const [code, signal] = await exit
  throw new Error(`chromium ended (${code ?? signal}): ${log}`)
}
