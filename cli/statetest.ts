/** `openledger statetest`: runs Ethereum's state tests over our execution and reports as geth's `evm statetest` does. */
import { Command } from 'commander'
import { collectFiles, describeDefect, readTests, report, type TestResult } from './conformance/report.ts'
import { runStateTest, type StateTest, type StateTestOutcome, stateTestSchema } from './conformance/state-test.ts'
import { parsePattern } from './options.ts'

type StateTestOptions = { fork?: string; run?: RegExp }

export function stateTestCommand(): Command {
  return new Command('statetest')
    .description("run Ethereum's state tests; prints JSON as geth's `evm statetest`; exit code 1 where one fails")
    .argument('<file...>', 'JSON files of state tests, or folders of them')
    .option('--fork <name>', 'only the outcomes of this fork, by the name that the tests have for it')
    .option('--run <regex>', 'only tests whose name matches', parsePattern)
    .action(async (paths: string[], options: StateTestOptions) => {
      const results: TestResult[] = []
      for (const path of collectFiles(paths)) results.push(...(await runStateTestFile(path, options)))
      report(results)
    })
}

/** Every outcome in the file that the options let through. */
export async function runStateTestFile(path: string, options: StateTestOptions = {}): Promise<TestResult[]> {
  const results: TestResult[] = []
  for (const [name, json] of Object.entries(readTests(path))) {
    if (options.run?.test(name) !== false) results.push(...(await runTest(name, json, options.fork)))
  }
  return results
}

/** Every outcome of one test, or one result that says why it cannot be read. */
export async function runTest(name: string, json: unknown, only?: string): Promise<TestResult[]> {
  const parsed = stateTestSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    return [{ name, pass: false, fork: only ?? '', error: `${issue.path.join('.')}: ${issue.message}` }]
  }
  const results: TestResult[] = []
  for (const [fork, outcomes] of Object.entries(parsed.data.post)) {
    if (only !== undefined && fork !== only) continue
    for (const outcome of outcomes) {
      results.push({ name, ...(await runOutcome(parsed.data, fork, outcome)) })
    }
  }
  return results
}

async function runOutcome(test: StateTest, fork: string, outcome: StateTestOutcome): Promise<Omit<TestResult, 'name'>> {
  try {
    const { stateRoot, error } = await runStateTest(test, fork, outcome)
    return { pass: error === undefined, stateRoot, fork, ...(error === undefined ? {} : { error }) }
  } catch (error) {
    return { pass: false, fork, error: describeDefect(error) }
  }
}
