/** The `openledger` program: one file per command, put together here. */
import { Command, CommanderError } from 'commander'
import { describeFailure } from './user-error.ts'
import { VERSION } from './version.ts'

/** Each loaded only where it is needed: a command that waits for rooms it does not use starts a second later. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  devnet: async () => (await import('./devnet.ts')).devnetCommand(),
  sequencer: async () => (await import('./sequencer.ts')).sequencerCommand(),
  verifier: async () => (await import('./verifier.ts')).verifierCommand(),
  prover: async () => (await import('./prover.ts')).proverCommand(),
  audit: async () => (await import('./audit.ts')).auditCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
  db: async () => (await import('./db.ts')).dbCommand(),
  'decode-batches': async () => (await import('./decode-batches.ts')).decodeBatchesCommand(),
  'genesis-hash': async () => (await import('./genesis-hash.ts')).genesisHashCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  statetest: async () => (await import('./statetest.ts')).stateTestCommand(),
  blocktest: async () => (await import('./blocktest.ts')).blockTestCommand(),
  pretrain: async () => (await import('./pretrain.ts')).pretrainCommand(),
}

/** The program with all its commands, or with one of them only. */
export async function buildProgram(only?: string): Promise<Command> {
  const program = new Command('openledger')
    .description('OpenLedger node: an Ethereum layer 2 that pays the people whose data shaped an answer')
    .version(VERSION)
    // Behind a command's name, --version is the command's own.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options of a command)')
    .exitOverride()
  const one = only === undefined || !Object.hasOwn(COMMANDS, only) ? undefined : COMMANDS[only]
  for (const load of one ? [one] : Object.values(COMMANDS)) {
    program.addCommand((await load()).exitOverride().showHelpAfterError('(add --help for its options)'))
  }
  return program
}

/** Parses and runs; every failure is one exit code 1 and a message on stderr. */
export async function main(argv: string[]): Promise<void> {
  try {
    await (await buildProgram(argv[2])).parseAsync(argv)
    // The channel to a parent (cli/lifetime.ts listens for its loss) would keep a process alive that has stopped.
    if (process.connected) process.disconnect()
  } catch (error) {
    // commander has printed its own messages (help, unknown option) already.
    if (error instanceof CommanderError) process.exit(error.exitCode)
    console.error(`openledger: ${describeFailure(error)}`)
    process.exit(1)
  }
}
