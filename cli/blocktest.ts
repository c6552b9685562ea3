/** `openledger blocktest`: runs Ethereum's blockchain tests over our execution and reports as geth's `evm blocktest` does. */
import { Command } from 'commander'
import {
  type BlockTest,
  type BlockTestRun,
  blockTestSchema,
  type Refusal,
  runBlockTest,
} from './conformance/block-test.ts'
import { collectFiles, describeDefect, readTests, report, type TestResult } from './conformance/report.ts'
import { parsePattern } from './options.ts'

type BlockTestOptions = { fork?: string; run?: RegExp }

/** What geth's shape lacks: by which rule each invalid block was refused. */
export type BlockTestResult = TestResult & { refusals?: Refusal[] }

export function blockTestCommand(): Command {
  return new Command('blocktest')
    .description("run Ethereum's blockchain tests; prints JSON as geth's `evm blocktest`; exit code 1 where one fails")
    .argument('<file...>', 'JSON files of blockchain tests, or folders of them')
    .option('--fork <name>', 'only tests of this network, by the name that the tests have for it')
    .option('--run <regex>', 'only tests whose name matches', parsePattern)
    .action(async (paths: string[], options: BlockTestOptions) => {
      const results: TestResult[] = []
      for (const path of collectFiles(paths)) results.push(...(await runBlockTestFile(path, options)))
      report(results)
    })
}

/** Every test in the file that the options let through. */
export async function runBlockTestFile(path: string, options: BlockTestOptions = {}): Promise<BlockTestResult[]> {
  const results: BlockTestResult[] = []
  for (const [name, json] of Object.entries(readTests(path))) {
    if (options.run?.test(name) === false) continue
    const result = await runNamedBlockTest(name, json)
    if (options.fork === undefined || result.fork === options.fork) results.push(result)
  }
  return results
}

/** A test that cannot be read fails. */
export async function runNamedBlockTest(name: string, json: unknown): Promise<BlockTestResult> {
  const parsed = blockTestSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    return { name, pass: false, fork: '', error: `${issue.path.join('.')}: ${issue.message}` }
  }
  const { stateRoot, error, refusals } = await run(parsed.data)
  return {
    name,
    pass: error === undefined,
    ...(stateRoot === undefined ? {} : { stateRoot }),
    fork: parsed.data.network,
    ...(error === undefined ? {} : { error }),
    ...(refusals.length === 0 ? {} : { refusals }),
  }
}

async function run(test: BlockTest): Promise<BlockTestRun> {
  try {
    return await runBlockTest(test)
  } catch (error) {
    return { stateRoot: undefined, error: describeDefect(error), refusals: [] }
  }
}
