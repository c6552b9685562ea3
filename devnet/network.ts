/**
 * A whole network on one machine, each node a process of its own: anvil as L1, sequencer with batcher
 * and proposer, verifier, prover with its worker. What a process needs to know it gets from files in
 * the data directory and from the addresses that the others announce.
 *
 *   DIR/chain.json    the chain config     DIR/keys/NAME.key   development keys
 *   DIR/l1/           anvil                DIR/NAME/           a node's own data
 *   DIR/logs/NAME.log its output           DIR/NAME.pid        its process id while it runs
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CAST, developmentAccount, developmentKey, OUTPUT_VALIDATOR } from './accounts.ts'
import { ManagedProcess } from './child-process.ts'
import { endLeftover } from './pid-file.ts'

export type NetworkOptions = {
  dataDir: string
  /** Program and first arguments that run the command-line program, to which a command's name is added. */
  program: readonly string[]
  l1Url: string
  /** Port of the sequencer's JSON-RPC. */
  rpcPort: number
  /** What the prover is told besides: where its base model lies, and where artifacts can be fetched. */
  proverArguments: readonly string[]
  /** Called when a process ends that was not asked to. */
  onExit: (reason: string) => void
  progress: (line: string) => void
}

export type Network = {
  sequencerUrl: string
  verifierUrl: string
  gatewayUrl: string
  /** Ends all processes. */
  stop: () => Promise<void>
}

const rpcDetails = z.object({ rpcUrl: z.url(), p2pAddress: z.string() })
const proverDetails = z.object({ gatewayUrl: z.url(), workers: z.number().int() })

export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { dataDir, progress } = options
  for (const folder of ['keys', 'logs', 'sequencer', 'verifier', 'prover'])
    mkdirSync(join(dataDir, folder), { recursive: true })
  const running: ManagedProcess[] = []
  const stop = async () => {
    const outcomes = await Promise.allSettled(running.toReversed().map((child) => child.stop()))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure) throw failure.reason
  }
  const start = async (name: string, args: string[]) => {
    const child = await startNode(options, name, args)
    running.push(child)
    child.onUnexpectedExit(options.onExit)
    return child.details
  }
  const chain = ['--chain', join(dataDir, 'chain.json')]
  const l1 = ['--l1-rpc', options.l1Url, '--l1-beacon', options.l1Url, '--l1-blob-id', 'block-number']
  try {
    const sequencer = rpcDetails.parse(
      await start('sequencer', [
        ...chain,
        ...l1,
        ...['--rpc-port', String(options.rpcPort), '--l1-blob-sidecar', '4844'],
        ...['--sequencer-key-file', keyFile(dataDir, 'sequencer')],
        ...['--batcher-key-file', keyFile(dataDir, 'batcher')],
        ...['--proposer-key-file', keyFile(dataDir, 'proposer')],
      ]),
    )
    progress(`sequencer and batcher run, JSON-RPC at ${sequencer.rpcUrl}`)
    const verifier = rpcDetails.parse(
      await start('verifier', [
        ...chain,
        ...l1,
        ...['--rpc-port', '0', '--bootstrap', sequencer.p2pAddress],
        ...['--validator-key-file', keyFile(dataDir, OUTPUT_VALIDATOR), '--proposer-rpc', sequencer.rpcUrl],
      ]),
    )
    progress(`verifier runs, JSON-RPC at ${verifier.rpcUrl}`)
    const prover = proverDetails.parse(
      await start('prover', [
        ...chain,
        ...['--l2-rpc', sequencer.rpcUrl, '--port', '0', '--key-file', keyFile(dataDir, CAST.prover)],
        ...['--publisher', developmentAccount(CAST.builder).address],
        ...options.proverArguments,
      ]),
    )
    progress(`prover runs, gateway at ${prover.gatewayUrl}; ${prover.workers} worker passed its known-answer test`)
    return { sequencerUrl: sequencer.rpcUrl, verifierUrl: verifier.rpcUrl, gatewayUrl: prover.gatewayUrl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Ends the nodes of an earlier start that was killed: they hold its ports, and would stop only in a moment. */
export async function endLeftovers(dataDir: string): Promise<void> {
  for (const name of ['prover', 'verifier', 'sequencer'])
    await endLeftover(pidFile(dataDir, name), markOf(dataDir, name))
}

const pidFile = (dataDir: string, name: string) => join(dataDir, `${name}.pid`)

/** The part of a node's command line that is its own. */
const markOf = (dataDir: string, name: string) => `${name} --data-dir ${join(dataDir, name)}`

function startNode({ dataDir, program }: NetworkOptions, name: string, args: string[]): Promise<ManagedProcess> {
  const ownData = join(dataDir, name)
  return ManagedProcess.start({
    name,
    command: [...program, name, '--data-dir', ownData, ...args],
    logPath: join(dataDir, 'logs', `${name}.log`),
    pidPath: pidFile(dataDir, name),
    commandMark: markOf(dataDir, name),
  })
}

/** Writes a development key where a process can read it, and returns the path. */
function keyFile(dataDir: string, name: string): string {
  const path = join(dataDir, 'keys', `${name}.key`)
  writeFileSync(path, `${developmentKey(name)}\n`, { mode: 0o600 })
  return path
}
