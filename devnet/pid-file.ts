/** Pid files: how a start finds what an earlier one, killed before it could clean up, has left running. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Milliseconds between two looks at a process that is to end, and how long it is given. */
const LOOK_INTERVAL = 50
const PATIENCE = 15_000

export function writePid(path: string, pid: number): void {
  writeFileSync(path, `${pid}\n`)
}

export function removePid(path: string): void {
  rmSync(path, { force: true })
}

/** The process of the pid file, if it still runs and its command line holds `expected` (process ids are reused). */
export function runningPid(path: string, expected: string): number | undefined {
  if (!existsSync(path)) return undefined
  const pid = Number(readFileSync(path, 'utf8'))
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined
  return commandLine(pid)?.includes(expected) ? pid : undefined
}

/**
 * Waits for the leftover of an earlier start to end (it stops by itself once its parent is gone), and ends it where it does not.
 * Resolves when it is gone.
 */
export async function endLeftover(path: string, expected: string): Promise<void> {
  const pid = runningPid(path, expected)
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM')
    const deadline = Date.now() + PATIENCE
    while (!hasEnded(pid, expected)) {
      if (Date.now() > deadline) process.kill(pid, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL))
    }
  }
  removePid(path)
}

/**
 * Whether the process with that command line is gone, its ports free. Linux takes a process's memory first, and with it
 * the command line, and closes its sockets after that; they are closed once it is a zombie without other threads.
 */
export function hasEnded(pid: number, expected: string): boolean {
  const line = commandLine(pid)
  if (line !== undefined) return !line.includes(expected)
  if (process.platform !== 'linux') return true
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.startsWith('Z', stat.lastIndexOf(')') + 2) && readdirSync(`/proc/${pid}/task`).length === 1
  } catch (error) {
    if (isNoProcess(error)) return true
    throw error
  }
}

function isNoProcess(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ESRCH'
}

/** The command line of a process, or undefined where there is none (a zombie has none either). */
function commandLine(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxCommandLine(pid) : psCommandLine(pid)
}

function linuxCommandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined
  } catch (error) {
    if (isNoProcess(error)) return undefined
    throw error
  }
}

function psCommandLine(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
