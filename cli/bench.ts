/** `openledger bench NAME`: one benchmark, printed as ratios against a named peer in the same run. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Argument, Command } from 'commander'
import type { BenchOptions } from '../bench/measure.ts'
import { parsePositiveInteger } from './options.ts'
import { UserError } from './user-error.ts'

const folder = fileURLToPath(new URL('../bench/', import.meta.url))

/** A benchmark is a file of bench/ that exports `run`. */
function benchNames(): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[a-z-]+\.ts$/.test(entry.name) && entry.name !== 'measure.ts')
    .map((entry) => entry.name.replace(/\.ts$/, ''))
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('run a benchmark and print its figures as ratios against a peer')
    .addArgument(new Argument('<name>', 'which').choices(benchNames()))
    .option('--json', 'print one JSON object per figure and line', false)
    .option('--transactions <count>', 'the longest chain that derive measures', parsePositiveInteger)
    .action(async (name: string, options: BenchOptions) => {
      const module: { run?: (options: BenchOptions) => Promise<unknown> } = await import(`../bench/${name}.ts`)
      if (!module.run) throw new UserError(`bench/${name}.ts exports no run`)
      await module.run(options)
    })
}
