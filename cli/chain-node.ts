/** What a sequencer and a verifier have in common: store, state, chain, L1 source and the follower of L1. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { CallThreads } from '../node/chain/call-threads.ts'
import { Chain } from '../node/chain/chain.ts'
import { type FollowerEvent, L1Follower } from '../node/chain/follower.ts'
import { SenderThreads } from '../node/execution/sender-threads.ts'
import { JsonRpcL1Source } from '../node/l1/json-rpc-source.ts'
import { createLedger } from '../node/ledger/ledger.ts'
import { StateDatabase } from '../node/state/state-database.ts'
import { openLevelStore } from '../node/store/level-store.ts'
import type { RpcModules } from '../rpc/method.ts'
import { RpcServer } from '../rpc/server.ts'
import { auditLedger } from './ledger-audit.ts'
import { log, type Teardown } from './lifetime.ts'
import { collect, parsePort, parsePositiveInteger, parseUrl, readChainConfig } from './options.ts'
import { UserError } from './user-error.ts'
import { VERSION } from './version.ts'

/** Milliseconds between looks at L1. */
const FOLLOW_INTERVAL = 500

export type ChainNodeOptions = {
  chain: string
  dataDir: string
  l1Rpc: string[]
  l1Beacon: string[]
  l1BlobId: 'slot' | 'block-number'
  rpcHost: string
  rpcPort: number
  /** JSON-RPC with admin_* besides; none where absent. */
  adminPort?: number
  p2pPort: number
  /** Blocks before the head whose state is kept; all where absent. */
  history?: number
  /** Whether the ledger's invariants are checked after every block. */
  audit?: boolean
}

export function addChainNodeOptions(command: Command): Command {
  return command
    .requiredOption('--chain <file>', 'the chain config (chain.json)')
    .requiredOption('--data-dir <dir>', "the node's own data")
    .requiredOption('--l1-rpc <url>', 'JSON-RPC of an L1 node; give several for fail-over', collect(parseUrl))
    .requiredOption(
      '--l1-beacon <url>',
      'beacon API of an L1 node, for blobs; give several for fail-over',
      collect(parseUrl),
    )
    .addOption(
      new Option('--l1-blob-id <kind>', "what the beacon API's blobs are asked by; anvil wants block numbers")
        .choices(['slot', 'block-number'])
        .default('slot'),
    )
    .option(
      '--history <blocks>',
      'how many blocks before the head keep their state, for calls, proofs and reorgs; all of them without it',
      parsePositiveInteger,
    )
    .option('--rpc-host <address>', 'address that JSON-RPC listens on', '127.0.0.1')
    .option('--rpc-port <port>', 'port that JSON-RPC listens on; 0 takes a free one', parsePort, 8545)
    .option(
      '--admin-port <port>',
      'port of 127.0.0.1 that serves JSON-RPC with admin_* besides; 0 takes a free one; not served without it',
      parsePort,
    )
    .option('--audit', "check the ledger's invariants after every block, and stop where one does not hold")
    .option('--p2p-port <port>', 'port that libp2p listens on; 0 takes a free one', parsePort, 0)
}

/** What to do with an error that no retry mends (cli/lifetime.ts). */
export type Fail = (name: string, what: string, error: Error) => void

/** Opens the chain and makes its follower; both stop with the teardown. The follower is not started yet. */
export async function openChainNode(name: string, options: ChainNodeOptions, teardown: Teardown, fail: Fail) {
  const config = readChainConfig(options.chain)
  mkdirSync(options.dataDir, { recursive: true })
  const path = join(options.dataDir, 'chain')
  const store = await openLevelStore(path, { multithreading: true })
  teardown.add('store', () => store.close())
  const { history } = options
  const state = await StateDatabase.open({ store }, history === undefined ? {} : { history: BigInt(history) })
  teardown.add('state', () => state.close())
  const natives = createLedger()
  const senders = new SenderThreads({ chainId: BigInt(config.l2ChainId) })
  teardown.add('senders', () => senders.close())
  const calls = new CallThreads({ path, config })
  teardown.add('calls', () => calls.close())
  const chain = await Chain.open(
    { config, store, state, natives, senders, calls },
    { replayDirectory: join(options.dataDir, 'replay') },
  )
  teardown.add('chain', () => chain.close())
  if (options.audit) {
    const stop = auditLedger(chain, (error) => fail(name, 'the ledger broke an invariant', error))
    teardown.add('audit', stop)
  }
  const l1 = new JsonRpcL1Source(
    { rpc: options.l1Rpc, beacon: options.l1Beacon, blobId: options.l1BlobId, l1ChainId: config.l1ChainId },
    {
      onFailure: (endpoint, what, reason) =>
        log(name, `L1 endpoint ${endpoint} is left for another: ${what}: ${reason}`),
    },
  )
  const follower = new L1Follower({ config, chain, l1 }, { pollInterval: FOLLOW_INTERVAL })
  follower.onEvent((event) => {
    if (event.kind === 'failed') fail(name, 'stopped following L1', event.error)
    else logFollower(name, event)
  })
  return { config, store, state, natives, chain, l1, follower }
}

/** Serves JSON-RPC until the teardown, and what `modules.admin` allows on a port of its own; a taken port is one clear line. */
export async function startRpc(
  name: string,
  { admin, ...modules }: RpcModules,
  options: Pick<ChainNodeOptions, 'rpcHost' | 'rpcPort' | 'adminPort'>,
  teardown: Teardown,
): Promise<{ rpcUrl: string; adminUrl?: string }> {
  const { rpcHost, rpcPort, adminPort } = options
  const rpcUrl = await serve(name, modules, { option: '--rpc-port', host: rpcHost, port: rpcPort }, teardown)
  if (adminPort === undefined || admin === undefined) return { rpcUrl }
  const place = { option: '--admin-port', host: '127.0.0.1', port: adminPort }
  return { rpcUrl, adminUrl: await serve(name, { ...modules, admin }, place, teardown) }
}

async function serve(
  name: string,
  modules: RpcModules,
  { option, host, port }: { option: string; host: string; port: number },
  teardown: Teardown,
): Promise<string> {
  const onDefect = (method: string, error: unknown) => log(name, `JSON-RPC ${method}: ${describeDefect(error)}`)
  const rpc = new RpcServer(modules, { host, port, clientVersion: `openledger-node/${VERSION}`, onDefect })
  try {
    const { url } = await rpc.start()
    teardown.add('rpc', () => rpc.stop())
    return url
  } catch (error) {
    throw new UserError(`${option}: cannot listen on ${host}:${port}: ${(error as Error).message}`)
  }
}

const describeDefect = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))

function logFollower(name: string, event: FollowerEvent): void {
  const line = followerLine(event)
  if (line !== undefined) log(name, line)
}

/** What an operator wants to read of the follower: trouble, resets, data dropped; not every safe block. */
function followerLine(event: FollowerEvent): string | undefined {
  switch (event.kind) {
    case 'reset':
      return `reset to L1: ${event.reason}; unsafe head ${event.unsafe}, safe head ${event.safe}`
    case 'dropped':
      return `data of L1 refused by ${event.stage}: ${event.reason}`
    case 'waiting':
      return `${event.reason}; next try in ${event.delay} ms`
    case 'safe':
      return event.outcome === 'reorged'
        ? `L1 has another block ${event.block.block.header.number}: ${event.block.hash} replaces ours`
        : undefined
    default:
      return undefined
  }
}
