/** How the test commands report, in the shape of geth's `evm statetest` and `evm blocktest`, and where they find their files. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { UserError } from '../user-error.ts'

export type TestResult = {
  name: string
  pass: boolean
  stateRoot?: Hex
  fork: string
  error?: string
}

/** The JSON files that the paths name, folders searched through, in order of name. */
export function collectFiles(paths: string[]): string[] {
  return paths.flatMap((path) => {
    if (!isFolder(path)) return [path]
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    return files
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => join(path, file))
  })
}

function isFolder(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new UserError(`no such file or folder: ${path}`)
  return stats.isDirectory()
}

/** The file's tests by name. */
export function readTests(path: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UserError(`${path}: not JSON: ${(error as Error).message}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new UserError(`${path}: must be an object of tests by name`)
  return json as Record<string, unknown>
}

/** What went wrong with a test that could not be run to its end; the others go on. */
export function describeDefect(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** Prints the results, and sets exit code 1 where one did not pass. */
export function report(results: TestResult[]): void {
  console.log(JSON.stringify(results, undefined, 2))
  if (results.some(({ pass }) => !pass)) process.exitCode = 1
}
