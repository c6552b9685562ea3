/** The `openledger` program: one file per command, put together here. */
import { Command, CommanderError } from 'commander'
import { auditCommand } from './audit.ts'
import { benchCommand } from './bench.ts'
import { devnetCommand } from './devnet.ts'
import { proverCommand } from './prover.ts'
import { sequencerCommand } from './sequencer.ts'
import { describeFailure } from './user-error.ts'
import { verifierCommand } from './verifier.ts'
import { VERSION } from './version.ts'

export function buildProgram(): Command {
  const program = new Command('openledger')
    .description('OpenLedger node: an Ethereum layer 2 that pays the people whose data shaped an answer')
    .version(VERSION)
    .showHelpAfterError('(add --help for the options of a command)')
    .exitOverride()
  const commands = [devnetCommand, sequencerCommand, verifierCommand, proverCommand, auditCommand, benchCommand]
  for (const command of commands)
    program.addCommand(command().exitOverride().showHelpAfterError('(add --help for its options)'))
  return program
}

/** Parses and runs; every failure is one exit code 1 and a message on stderr. */
export async function main(argv: string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(argv)
    // The channel to a parent (cli/lifetime.ts listens for its loss) would keep a process alive that has stopped.
    if (process.connected) process.disconnect()
  } catch (error) {
    // commander has printed its own messages (help, unknown option) already.
    if (error instanceof CommanderError) process.exit(error.exitCode)
    console.error(`openledger: ${describeFailure(error)}`)
    process.exit(1)
  }
}
