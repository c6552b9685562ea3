/** `openledger prover`: answers paid requests with a worker process, attributes them, and settles on chain. */
import { Command, Option } from 'commander'
import { privateKeyToAccount } from 'viem/accounts'
import { openledgerChain } from '../client/index.ts'
import { Prover, SETTLE_BY, type SettleBy } from '../prover/prover.ts'
import { SHIPPED_BASE } from '../prover/tune/base-model.ts'
import { WorkerDeviceError } from '../prover/work/supervisor.ts'
import { DEVICE_CHOICES, type DeviceChoice, describeDevice } from '../prover/work/worker-device.ts'
import { aborted, announceReady, log, stopSignal, Teardown } from './lifetime.ts'
import {
  collect,
  parseAddress,
  parsePort,
  parsePositiveInteger,
  parseUrl,
  readChainConfig,
  readKey,
} from './options.ts'
import { UserError } from './user-error.ts'

type ProverCommandOptions = {
  chain: string
  dataDir: string
  l2Rpc: string
  keyFile: string
  host: string
  port: number
  device: DeviceChoice
  publisher?: `0x${string}`[]
  base: string
  artifactSource?: string[]
  settleBy: SettleBy
  batchSize: number
  batchWait: number
}

const NAME = 'prover'

export function proverCommand(): Command {
  return new Command(NAME)
    .description('serve paid answers over HTTP, attribute them with a worker process, settle them on chain')
    .requiredOption('--chain <file>', 'the chain config (chain.json)')
    .requiredOption('--data-dir <dir>', 'journal of answered requests, and artifacts')
    .requiredOption('--l2-rpc <url>', 'JSON-RPC of an L2 node', parseUrl)
    .requiredOption('--key-file <file>', 'private key that signs receipts and settles; must be staked as a prover')
    .option('--host <address>', 'address that the gateway listens on', '127.0.0.1')
    .option('--port <port>', 'port that the gateway listens on; 0 takes a free one', parsePort, 8600)
    .option(
      '--publisher <address>',
      'serve the versions that this account publishes, besides the own; may be given several times',
      collect(parseAddress),
    )
    .option('--base <dir>', 'Hugging Face folder of the base model of tuned versions', SHIPPED_BASE)
    .option(
      '--artifact-source <url>',
      'gateway from which artifacts of tuned versions are fetched by hash; may be given several times',
      collect(parseUrl),
    )
    .addOption(
      new Option(
        '--device <device>',
        'what scores are computed on; auto is a GPU where one answers and passes its test',
      )
        .choices(DEVICE_CHOICES)
        .default('auto'),
    )
    .addOption(
      new Option(
        '--settle-by <way>',
        'single settles every request; batch gathers them, and draws pay: channels count their requests upwards',
      )
        .choices(SETTLE_BY)
        .default('single'),
    )
    .option('--batch-size <requests>', 'requests of a batch, at most', parsePositiveInteger, 1_000)
    .option(
      '--batch-wait <seconds>',
      "how long a request waits for others; never longer than half of the chain's channelCloseDelay",
      parsePositiveInteger,
      300,
    )
    .action(runProver)
}

async function runProver(options: ProverCommandOptions): Promise<void> {
  const signal = stopSignal()
  const teardown = new Teardown()
  try {
    const config = readChainConfig(options.chain)
    const prover = new Prover({
      l2Rpc: options.l2Rpc,
      chain: openledgerChain(config),
      account: privateKeyToAccount(readKey('--key-file', options.keyFile)),
      dataDir: options.dataDir,
      host: options.host,
      port: options.port,
      publishers: options.publisher ?? [],
      baseDirectory: options.base,
      artifactSources: options.artifactSource ?? [],
      worker: { device: options.device },
      settleBy: options.settleBy,
      batchSettler: { size: options.batchSize, longestWait: options.batchWait * 1_000 },
    })
    prover.events.on('device', (device) => log(NAME, `computes scores on the ${describeDevice(device)}`))
    prover.events.on('serving', (version) => log(NAME, `serves version ${version}`))
    prover.events.on('failed', (error) => log(NAME, `will try again: ${error.message}`))
    prover.events.on('skipped', (skip) => log(NAME, `the chain skipped a leaf: ${JSON.stringify(skip)}`))
    logBatches(prover)
    const { url } = await prover.start().catch((error: unknown) => {
      if (!(error instanceof WorkerDeviceError)) throw error
      throw new UserError(`--device ${options.device}: ${error.message}; with auto or cpu it goes on without`)
    })
    teardown.add('prover', () => prover.stop())
    const { device } = prover.status()
    announceReady(NAME, { gatewayUrl: url, workers: 1, ...(device && { device: describeDevice(device) }) })
    await aborted(signal)
  } finally {
    await teardown.run()
  }
}

function logBatches(prover: Prover): void {
  prover.events.on('batched', ({ batch, requests }) => log(NAME, `batch ${batch} settles ${requests.length} requests`))
  prover.events.on('drawRefused', ({ batch, request, draws, wei, deadline, reason }) =>
    log(
      NAME,
      `ATTENTION: draws ${draws.join(', ')} of batch ${batch} are not settled, and ${wei} wei and their stake are lost at ` +
        `${deadline}: request ${request}: ${reason}`,
    ),
  )
  prover.events.on('drawsLost', ({ batch, draws, wei }) =>
    log(NAME, `LOST: ${draws} draws of batch ${batch} were not settled in time: ${wei} wei, and the stake behind them`),
  )
}
