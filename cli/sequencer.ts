/** `openledger sequencer`: builds blocks, publishes them by gossip, and batches them to L1. */
import { Command, Option } from 'commander'
import { RpcServer } from '../rpc/server.ts'
import { Batcher } from '../sequencer/batcher.ts'
import { Sequencer } from '../sequencer/builder.ts'
import { TransactionPool } from '../sequencer/pool.ts'
import { Proposer } from '../sequencer/proposer.ts'
import { addChainNodeOptions, type ChainNodeOptions, openChainNode } from './chain-node.ts'
import { aborted, announceReady, log, stopSignal, Teardown } from './lifetime.ts'
import { startNetworking } from './networking.ts'
import { parsePositiveInteger, readKey } from './options.ts'

type SequencerCommandOptions = ChainNodeOptions & {
  sequencerKeyFile: string
  batcherKeyFile: string
  proposerKeyFile?: string
  l1BlobSidecar: '4844' | '7594'
  l1Confirmations: number
}

const NAME = 'sequencer'

export function sequencerCommand(): Command {
  return addChainNodeOptions(
    new Command(NAME).description('build blocks, gossip them, batch them to L1, propose output roots'),
  )
    .requiredOption('--sequencer-key-file <file>', 'private key that signs unsafe blocks')
    .requiredOption('--batcher-key-file <file>', 'private key that pays for batches on L1')
    .option('--proposer-key-file <file>', 'private key that posts output roots; none are posted without it')
    .addOption(
      new Option(
        '--l1-blob-sidecar <form>',
        'proofs that L1 wants with blobs: of EIP-7594 since Osaka, of EIP-4844 before',
      )
        .choices(['4844', '7594'])
        .default('7594'),
    )
    .option('--l1-confirmations <blocks>', 'L1 blocks that must lie above an origin', parsePositiveInteger, 1)
    .action(runSequencer)
}

async function runSequencer(options: SequencerCommandOptions): Promise<void> {
  const signal = stopSignal()
  const teardown = new Teardown()
  try {
    const node = await openChainNode(NAME, options, teardown)
    const { config, chain, l1, follower } = node
    const pool = new TransactionPool({ config, chain })
    teardown.add('pool', () => pool.stop())
    const signer = readKey('--sequencer-key-file', options.sequencerKeyFile)
    const network = await startNetworking(node, { ...options, name: NAME, signer }, teardown)
    const builder = new Sequencer(
      { config, chain, l1, pool, onBlock: (block) => network.publish(block) },
      { confirmationDepth: options.l1Confirmations },
    )
    builder.onEvent((event) => {
      if (event.kind === 'stalled') log(NAME, `no block can be built: ${event.reason}`)
      if (event.kind === 'failed') log(NAME, `stopped building: ${event.error.stack ?? event.error.message}`)
    })
    const rpc = new RpcServer({ chain, sink: pool, pool }, { host: options.rpcHost, port: options.rpcPort })
    const { url } = await rpc.start()
    teardown.add('rpc', () => rpc.stop())
    follower.start()
    teardown.add('follower', () => follower.stop())
    builder.start()
    teardown.add('builder', () => builder.stop())
    startPublishing(node, options, teardown)
    announceReady(NAME, { rpcUrl: url, p2pAddress: network.address })
    await aborted(signal)
  } finally {
    await teardown.run()
  }
}

/** Batches to L1, and output roots where there is a key for them. */
function startPublishing(
  node: Awaited<ReturnType<typeof openChainNode>>,
  options: SequencerCommandOptions,
  teardown: Teardown,
): void {
  const { config, chain } = node
  const batcher = new Batcher(
    { config, chain },
    {
      l1Rpc: options.l1Rpc,
      privateKey: readKey('--batcher-key-file', options.batcherKeyFile),
      sidecar: options.l1BlobSidecar,
    },
  )
  batcher.onEvent((event) => {
    if (event.kind === 'published')
      log(NAME, `blocks ${event.from} to ${event.to} on L1 in ${event.blobs} blobs (L1 block ${event.l1Block})`)
    if (event.kind === 'rewound') log(NAME, `batches are sent again after safe block ${event.safe}: ${event.reason}`)
    if (event.kind === 'waiting') log(NAME, `no batch can be sent: ${event.reason}`)
    if (event.kind === 'failed') log(NAME, `stopped batching: ${event.error.stack ?? event.error.message}`)
  })
  batcher.start()
  teardown.add('batcher', () => batcher.stop())
  if (options.proposerKeyFile === undefined) return
  const proposer = new Proposer(
    { config, chain },
    { l1Rpc: options.l1Rpc, privateKey: readKey('--proposer-key-file', options.proposerKeyFile) },
  )
  proposer.onEvent((event) => {
    if (event.kind === 'proposed') log(NAME, `output root of block ${event.l2Block} proposed: ${event.outputRoot}`)
    if (event.kind === 'waiting') log(NAME, `no output root can be proposed: ${event.reason}`)
    if (event.kind === 'failed') log(NAME, `stopped proposing: ${event.error.stack ?? event.error.message}`)
  })
  proposer.start()
  teardown.add('proposer', () => proposer.stop())
}
