/** `openledger sequencer`: builds blocks, publishes them by gossip, and batches them to L1. */
import { Command, Option } from 'commander'
import { Batcher } from '../sequencer/batcher.ts'
import { Sequencer } from '../sequencer/builder.ts'
import { TransactionPool } from '../sequencer/pool.ts'
import { Proposer } from '../sequencer/proposer.ts'
import { addChainNodeOptions, type ChainNodeOptions, type Fail, openChainNode, startRpc } from './chain-node.ts'
import { aborted, announceReady, lifetime, log, Teardown } from './lifetime.ts'
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
  const { signal, fail } = lifetime()
  const teardown = new Teardown()
  try {
    const keys = readKeys(options)
    const node = await openChainNode(NAME, options, teardown, fail)
    const { config, chain, l1, follower } = node
    const pool = new TransactionPool({ config, chain })
    teardown.add('pool', () => pool.stop())
    const network = await startNetworking(node, { ...options, name: NAME, signer: keys.sequencer }, teardown)
    const builder = new Sequencer(
      { config, chain, l1, pool, onBlock: (block) => network.publish(block) },
      { confirmationDepth: options.l1Confirmations },
    )
    builder.onEvent((event) => {
      if (event.kind === 'stalled') log(NAME, `no block can be built: ${event.reason}`)
      if (event.kind === 'failed') fail(NAME, 'stopped building', event.error)
    })
    const url = await startRpc(NAME, { chain, sink: pool, pool, peerCount: network.peerCount }, options, teardown)
    follower.start()
    teardown.add('follower', () => follower.stop())
    builder.start()
    teardown.add('builder', () => builder.stop())
    startPublishing(node, { ...options, keys }, teardown, fail)
    announceReady(NAME, { rpcUrl: url, p2pAddress: network.address })
    await aborted(signal)
  } finally {
    await teardown.run()
  }
}

type Keys = ReturnType<typeof readKeys>

/** Read before anything starts, so that a wrong file is told at once. */
function readKeys({ sequencerKeyFile, batcherKeyFile, proposerKeyFile }: SequencerCommandOptions) {
  return {
    sequencer: readKey('--sequencer-key-file', sequencerKeyFile),
    batcher: readKey('--batcher-key-file', batcherKeyFile),
    proposer: proposerKeyFile === undefined ? undefined : readKey('--proposer-key-file', proposerKeyFile),
  }
}

/** Batches to L1, and output roots where there is a key for them. */
function startPublishing(
  node: Awaited<ReturnType<typeof openChainNode>>,
  options: SequencerCommandOptions & { keys: Keys },
  teardown: Teardown,
  fail: Fail,
): void {
  const { config, chain } = node
  const batcher = new Batcher(
    { config, chain },
    {
      l1Rpc: options.l1Rpc,
      privateKey: options.keys.batcher,
      sidecar: options.l1BlobSidecar,
    },
  )
  batcher.onEvent((event) => {
    if (event.kind === 'published')
      log(NAME, `blocks ${event.from} to ${event.to} on L1 in ${event.blobs} blobs (L1 block ${event.l1Block})`)
    if (event.kind === 'rewound') log(NAME, `batches are sent again after safe block ${event.safe}: ${event.reason}`)
    if (event.kind === 'waiting') log(NAME, `no batch can be sent: ${event.reason}`)
    if (event.kind === 'failed') fail(NAME, 'stopped batching', event.error)
  })
  batcher.start()
  teardown.add('batcher', () => batcher.stop())
  if (options.keys.proposer === undefined) return
  const proposer = new Proposer({ config, chain }, { l1Rpc: options.l1Rpc, privateKey: options.keys.proposer })
  proposer.onEvent((event) => {
    if (event.kind === 'proposed') log(NAME, `output root of block ${event.l2Block} proposed: ${event.outputRoot}`)
    if (event.kind === 'waiting') log(NAME, `no output root can be proposed: ${event.reason}`)
    if (event.kind === 'failed') fail(NAME, 'stopped proposing', event.error)
  })
  proposer.start()
  teardown.add('proposer', () => proposer.stop())
}
