/** Runs a suite of Ethereum's tests out of its archive and compares what fails with what is known to. */
import { expect } from 'vitest'
import { readArchive } from './archive.ts'
import { EXCEPTIONS } from './exceptions.ts'

export type SuiteName = 'GeneralStateTests' | 'ValidBlocks' | 'InvalidBlocks' | 'TransactionTests' | 'TrieTests'

/** Why each case of a test fails; undefined for those that pass. The key tells the test's cases apart. */
export type Faults = Record<string, string | undefined>

export type SuiteOptions = {
  /** Which files are run, by path and place in the archive; all of them where absent. */
  only?: (path: string, index: number) => boolean
}

/** Runs every test of the suite's files. Returns how many cases passed, by key. */
export async function runSuite(
  suite: SuiteName,
  run: (name: string, json: unknown, path: string) => Promise<Faults> | Faults,
  { only }: SuiteOptions = {},
): Promise<Record<string, number>> {
  const passed: Record<string, number> = {}
  const failed: Record<string, string> = {}
  const seen = new Set<string>()
  let index = 0
  for await (const { path, json } of readArchive(suite)) {
    if (only?.(path, index++) === false) continue
    for (const [name, test] of Object.entries(json as object)) {
      const full = `${path.split('/').at(-1)} ${name}`
      seen.add(full)
      for (const [key, fault] of Object.entries(await run(name, test, path))) {
        if (fault === undefined) passed[key] = (passed[key] ?? 0) + 1
        else failed[full] ??= `${key}: ${fault}`
      }
    }
  }
  checkExact(suite, failed, (name) => only === undefined || seen.has(name))
  return passed
}

/** What fails is what is listed: no more, and of what was to be run no less. */
function checkExact(suite: SuiteName, failed: Record<string, string>, isDue: (name: string) => boolean): void {
  const known = EXCEPTIONS[suite] ?? {}
  const news = Object.fromEntries(Object.entries(failed).filter(([name]) => !(name in known)))
  expect(news, `${suite}: these fail and are not in exceptions.ts`).toEqual({})
  const stale = Object.keys(known).filter((name) => isDue(name) && !(name in failed))
  expect(stale, `${suite}: these are in exceptions.ts and do not fail`).toEqual([])
}
