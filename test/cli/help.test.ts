/** What the program says of itself, and of options and commands that it does not know. */
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../cli/main.ts'
import { openledger, run } from '../fixtures/command-line.ts'

const COMMANDS = [
  ...['devnet', 'sequencer', 'verifier', 'prover', 'audit', 'bench'],
  ...['db', 'decode-batches', 'genesis-hash', 'replay', 'statetest', 'blocktest', 'pretrain'],
]

/** Parses a command line that is refused: the exit code and what goes to standard error. */
async function refused(args: string[]): Promise<{ code: number; message: string }> {
  const program = await buildProgram()
  let message = ''
  const writeErr = (text: string) => {
    message += text
  }
  for (const command of [program, ...program.commands]) command.configureOutput({ writeErr })
  try {
    await program.parseAsync(['node', 'openledger', ...args])
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode, message }
    throw error
  }
  throw new Error(`openledger ${args.join(' ')} was accepted`)
}

describe('openledger --help', () => {
  it('lists every command on standard output', async () => {
    const { code, stdout, stderr } = await openledger('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: openledger/)
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} .*\\w`, 'm'))
  })

  it('is no longer than what it lists', async () => {
    const { commands } = await buildProgram()
    expect(commands.map((command) => command.name())).toEqual(COMMANDS)
  })
})

describe('openledger COMMAND --help', () => {
  it('ends well, on standard output', async () => {
    const { code, stdout, stderr } = await openledger('devnet', '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const option of [
      'data-dir',
      'rpc-port',
      'l1-port',
      'block-time',
      'no-story',
      'story',
      'exit-after-story',
      'base',
      'json',
    ])
      expect(stdout).toContain(`  --${option} `)
  })

  it.each(COMMANDS)('of %s says what the command does, and what each option and argument is', async (name) => {
    const { commands } = await buildProgram(name)
    const command = commands.find((command) => command.name() === name)!
    const help = command.helpInformation()
    expect(help).toMatch(new RegExp(`^Usage: openledger ${name} `))
    expect(command.description()).not.toBe('')
    for (const part of [...command.options, ...command.registeredArguments]) {
      expect(part.description).not.toBe('')
      expect(help).toContain('flags' in part ? part.flags : part.name())
    }
  })
})

describe('a command line that is wrong is refused with exit code 1, naming what and why', () => {
  it.each<[string, RegExp]>([
    ['frobnicate', /^error: unknown command 'frobnicate'/],
    ['devnet --nope', /^error: unknown option '--nope'/],
    ['devnet extra', /^error: too many arguments for 'devnet'.*: extra/],
    [
      'devnet --rpc-port 65536',
      /^error: option '--rpc-port <port>' argument '65536' is invalid\. must be a port from 0 to 65535/,
    ],
    ['devnet --l1-port http', /^error: option '--l1-port <port>' argument 'http' is invalid\. must be a port/],
    [
      'devnet --block-time 0',
      /^error: option '--block-time <seconds>' argument '0' is invalid\. must be a whole number of at least 1/,
    ],
    ['devnet --block-time 1.5', /argument '1.5' is invalid\. must be a whole number/],
    ['devnet --story long', /argument 'long' is invalid\. Allowed choices are full, small/],
    ['verifier', /^error: required option '--chain <file>' not specified/],
    [
      'verifier --l1-rpc 127.0.0.1:8545',
      /^error: option '--l1-rpc <url>' argument '127.0.0.1:8545' is invalid\. must be an http or https URL/,
    ],
    ['verifier --l1-blob-id hash', /argument 'hash' is invalid\. Allowed choices are slot, block-number/],
    ['sequencer --l1-confirmations none', /argument 'none' is invalid\. must be a whole number/],
    ['prover --publisher 0x12', /argument '0x12' is invalid\. must be an address, 0x and 40 hexadecimal digits/],
    ['prover --settle-by both', /argument 'both' is invalid\. Allowed choices are single, batch/],
    ['audit --l2-rpc ftp://node', /argument 'ftp:\/\/node' is invalid\. must be an http or https URL/],
    ['audit --version 0', /argument '0' is invalid\. must be an id from 1, got "0"/],
    ['audit --interval 0', /argument '0' is invalid\. must be drawn, all, none, or a number from 1/],
    ['audit --rows -1', /argument '-1' is invalid\. must be a whole number/],
    ['audit --seed 18446744073709551616', /is invalid\. must be a whole number below 2\^64/],
    ['bench nothing', /^error: command-argument value 'nothing' is invalid for argument 'name'\. Allowed choices are/],
  ])('openledger %s', async (line, reason) => {
    const { code, message } = await refused(line.split(' '))
    expect(message).toMatch(reason)
    expect(message).toMatch(/\(add --help for (its options|the options of a command)\)/)
    expect(code).toBe(1)
  })

  it('of the process, too, with nothing on standard output', async () => {
    const { code, stdout, stderr } = await openledger('devnet', '--nope')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: unknown option '--nope'/)
  })
})

it('npm run -s openledger prints what the command prints, and nothing else', async () => {
  const { code, stdout } = await run('npm', ['run', '-s', 'openledger', '--', '--version'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '0.1.0\n' })
})
