/** `openledger devnet`, which is `npm start`: a whole network on one machine, and the main job told on it. */
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { castOfStory, operatorAccounts } from '../devnet/accounts.ts'
import { Anvil } from '../devnet/anvil.ts'
import { deployL1 } from '../devnet/l1-deployment.ts'
import { endLeftovers, type Network, startNetwork } from '../devnet/network.ts'
import { statusLine } from '../devnet/status.ts'
import { type StoryContext, storyClients } from '../devnet/story/context.ts'
import type { StoryReport } from '../devnet/story/report.ts'
import { STORY_SCALES, tellStory } from '../devnet/story/story.ts'
import { type ChainConfig, serializeChainConfig } from '../genesis/chain-config.ts'
import { genesisHash } from '../node/chain/genesis-block.ts'
import { SHIPPED_BASE } from '../prover/tune/base-model.ts'
import { publishStoryVersion, runAuditor, startBuilderArtifacts } from './devnet-story.ts'
import { aborted, stopSignal, Teardown } from './lifetime.ts'
import { parsePort, parsePositiveInteger, readChainConfig } from './options.ts'
import { UserError } from './user-error.ts'

type DevnetOptions = {
  dataDir: string
  rpcPort: number
  l1Port: number
  blockTime: number
  l1BlockTime: number
  story: keyof typeof STORY_SCALES | false
  exitAfterStory: boolean
  base: string
  json: boolean
}

const L1_CHAIN_ID = 900
const L2_CHAIN_ID = 901
/** Milliseconds between two status lines. */
const STATUS_INTERVAL = 12_000
/** Ether for each operator on L1, in wei. */
const L1_FUNDS = 10n ** 21n
/** Seconds between settlement and payout: short, so that a person sees it. */
const WINDOW: Record<keyof typeof STORY_SCALES, bigint> = { full: 12n, small: 4n }

/** Seconds; until then a version may be attested, and whoever checks a tuned one on a busy machine takes minutes. */
const UNSTAKE_DELAY = 600n

export function devnetCommand(): Command {
  return new Command('devnet')
    .description('start a development network (L1, sequencer, verifier, prover) and tell the main job on it')
    .option('--data-dir <dir>', 'where the network lives; a second start resumes it', '.openledger')
    .option('--rpc-port <port>', "the sequencer's JSON-RPC port; 0 takes a free one", parsePort, 8545)
    .option('--l1-port <port>', "the L1's port; 0 takes a free one", parsePort, 8546)
    .option('--block-time <seconds>', 'seconds between L2 blocks of a new network', parsePositiveInteger, 1)
    .option('--l1-block-time <seconds>', 'seconds between L1 blocks', parsePositiveInteger, 2)
    .addOption(new Option('--story <scale>', 'how long a story').choices(Object.keys(STORY_SCALES)).default('full'))
    .option('--no-story', 'only run the network')
    .option('--exit-after-story', 'stop everything once the story is told', false)
    .option('--base <dir>', 'Hugging Face folder of the base model that the story tunes', SHIPPED_BASE)
    .option('--json', 'print the report of the story as one JSON object on the last line', false)
    .action(runDevnet)
}

async function runDevnet(options: DevnetOptions): Promise<void> {
  if (options.exitAfterStory && !options.story)
    throw new UserError('--exit-after-story has no story to wait for: leave out --no-story')
  const started = Date.now()
  const signal = stopSignal()
  const teardown = new Teardown()
  const progress = (line: string) =>
    console.log(`[${String(Math.round((Date.now() - started) / 1000)).padStart(3)} s] ${line}`)
  try {
    await bringUp(options, { signal, teardown, progress, started })
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    if (!teardown.isEmpty) progress('stopping')
    await teardown.run()
  }
}

type Life = { signal: AbortSignal; teardown: Teardown; progress: (line: string) => void; started: number }

async function bringUp(options: DevnetOptions, life: Life): Promise<void> {
  const { signal, teardown, progress } = life
  const dataDir = resolve(options.dataDir)
  // First of all: what cannot be served must leave no half-made network behind.
  await endLeftovers(dataDir)
  await assertPortFree(options.rpcPort)
  const known = knownChain(dataDir)
  const anvil = await Anvil.start({
    dataDir: join(dataDir, 'l1'),
    port: options.l1Port,
    chainId: L1_CHAIN_ID,
    blockTime: options.l1BlockTime,
    onSaveError: (error) => progress(`the L1's state could not be saved: ${error.message}`),
  })
  teardown.add('L1', () => anvil.stop())
  progress(`L1 (anvil) ${anvil.origin} at ${anvil.url}`)
  const config = known
    ? resumedChain(known, dataDir, anvil, progress)
    : await newChain(options, dataDir, anvil, progress)
  const artifacts = await startBuilderArtifacts(dataDir)
  teardown.add('artifacts', artifacts.stop)
  const failure = Promise.withResolvers<never>()
  // Raced below; without this line a failure before the race would count as unhandled.
  failure.promise.catch(() => undefined)
  const network = await startNetwork({
    dataDir,
    program: [process.execPath, fileURLToPath(new URL('./openledger.mjs', import.meta.url))],
    l1Url: anvil.url,
    rpcPort: options.rpcPort,
    proverArguments: ['--base', resolve(options.base), '--artifact-source', artifacts.url],
    onExit: (reason) => failure.reject(new UserError(reason)),
    progress,
  })
  teardown.add('network', () => network.stop())
  const stopped = aborted(signal)
  const context = contextOf(options, config, network, anvil.url, life)
  if (options.story) {
    const report = await Promise.race([story(options, context, network, options.story, life), failure.promise, stopped])
    if (!report) return
    if (!report.ok) process.exitCode = 1
    if (options.exitAfterStory) {
      // The report is the last line, so it waits for everything to have stopped.
      if (options.json) teardown.addFirst('report', () => console.log(JSON.stringify(report)))
      return
    }
    if (options.json) console.log(JSON.stringify(report))
  }
  progress(`serving: JSON-RPC ${network.sequencerUrl}, chain id ${config.l2ChainId}; Ctrl-C stops`)
  const status = setInterval(
    () => void statusLine(context, network).then(progress, (error: Error) => progress(`status: ${error.message}`)),
    STATUS_INTERVAL,
  )
  teardown.add('status', () => clearInterval(status))
  await Promise.race([failure.promise, stopped])
}

/** Tells the story and counts its seconds from the start of the program. */
async function story(
  options: DevnetOptions,
  context: StoryContext,
  network: Network,
  scale: keyof typeof STORY_SCALES,
  life: Life,
): Promise<StoryReport> {
  const [dataDir, baseDirectory] = [resolve(options.dataDir), resolve(options.base)]
  const report = await tellStory(
    {
      context,
      verifierUrl: network.verifierUrl,
      publishVersion: (datanet) => publishStoryVersion(context, datanet, { dataDir, baseDirectory, scale }),
      audit: () => runAuditor(network, baseDirectory),
    },
    STORY_SCALES[scale],
  )
  return { ...report, seconds: Math.round((Date.now() - life.started) / 1000) }
}

function contextOf(
  options: DevnetOptions,
  config: ChainConfig,
  network: Network,
  l1Url: string,
  life: Life,
): StoryContext {
  const urls = { l1Url, l2Url: network.sequencerUrl }
  const scale = STORY_SCALES[options.story || 'full']
  return {
    config,
    cast: castOfStory(scale),
    ...storyClients(config, urls),
    ...urls,
    gatewayUrl: network.gatewayUrl,
    progress: life.progress,
    signal: life.signal,
  }
}

const chainPath = (dataDir: string) => join(dataDir, 'chain.json')

/** The chain of an earlier start. */
function knownChain(dataDir: string): ChainConfig | undefined {
  const path = chainPath(dataDir)
  return existsSync(path) ? readChainConfig(path, '--data-dir') : undefined
}

function resumedChain(config: ChainConfig, dataDir: string, anvil: Anvil, progress: Life['progress']): ChainConfig {
  if (anvil.origin === 'fresh') {
    throw new UserError(
      `${chainPath(dataDir)} speaks of a chain whose L1 is gone (no saved state in ${join(dataDir, 'l1')}): remove ${dataDir} to start anew`,
    )
  }
  progress(`resuming chain ${config.l2ChainId}, genesis ${config.genesis.l2.hash}`)
  return config
}

/** A chain deployed to L1 and written down last, so that a deployment that was cut off is made anew. */
async function newChain(
  options: DevnetOptions,
  dataDir: string,
  anvil: Anvil,
  progress: Life['progress'],
): Promise<ChainConfig> {
  const operators = operatorAccounts()
  await anvil.fund(
    Object.values(operators).map(({ address }) => address),
    L1_FUNDS,
  )
  const config = await deployL1({
    rpcUrl: anvil.url,
    deployer: operators.deployer,
    roles: {
      batcher: operators.batcher.address,
      proposer: operators.proposer.address,
      unsafeBlockSigner: operators.sequencer.address,
      validators: [operators.outputValidator.address],
    },
    l2ChainId: L2_CHAIN_ID,
    blockTime: options.blockTime,
    parameters: { window: WINDOW[options.story || 'full'], unstakeDelay: UNSTAKE_DELAY },
    genesisHash,
  })
  await anvil.save()
  const path = chainPath(dataDir)
  writeFileSync(`${path}.tmp`, serializeChainConfig(config))
  renameSync(`${path}.tmp`, path)
  progress(`contracts deployed to L1; L2 genesis ${config.genesis.l2.hash}`)
  return config
}

function assertPortFree(port: number): Promise<void> {
  return new Promise((done, reject) => {
    const server = createServer()
    server.once('error', (error) =>
      reject(
        new UserError(
          `--rpc-port: port ${port} cannot be used (${error.message}): stop what listens there or choose another`,
        ),
      ),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => done()))
  })
}
