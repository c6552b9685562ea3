/** `openledger sequencer`: builds blocks, publishes them by gossip, and batches them to L1. */
import { Command, Option } from 'commander'
import type { Compression } from '../node/derivation/channel.ts'
import type { Block } from '../node/execution/block.ts'
import { Batcher } from '../sequencer/batcher.ts'
import { Sequencer } from '../sequencer/builder.ts'
import type { BatchType } from '../sequencer/channel-builder.ts'
import type { DataForm } from '../sequencer/data-form.ts'
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
  batchType: BatchType
  batchData: DataForm | 'auto'
  batchCompression: Compression
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
    .addOption(
      new Option('--batch-type <type>', 'how blocks are written for L1').choices(['span', 'singular']).default('span'),
    )
    .addOption(
      new Option('--batch-data <form>', 'what carries batches on L1; auto is what costs less at the time')
        .choices(['auto', 'blobs', 'calldata'])
        .default('auto'),
    )
    .addOption(
      new Option('--batch-compression <algorithm>', 'of channels').choices(['brotli', 'zlib']).default('brotli'),
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
    const batcher = openBatcher(node, { ...options, keys }, fail)
    const builder = new Sequencer(
      {
        config,
        chain,
        l1,
        pool,
        onBlock: (block) => network.publish(block),
        dataLimits: () => batcher.dataLimits(),
      },
      { confirmationDepth: options.l1Confirmations },
    )
    builder.onEvent((event) => {
      if (event.kind === 'stalled') log(NAME, `no block can be built: ${event.reason}`)
      if (event.kind === 'failed') fail(NAME, 'stopped building', event.error)
    })
    const proposer = openProposer(node, { ...options, keys }, fail)
    const admin = { sequencer: builder, insertUnsafe: (block: Block) => chain.insertUnsafe(block) }
    const outputs = proposer?.attestations
    const modules = { chain, sink: pool, pool, peerCount: network.peerCount, ...(outputs && { outputs }), admin }
    const urls = await startRpc(NAME, modules, options, teardown)
    follower.start()
    teardown.add('follower', () => follower.stop())
    builder.start()
    teardown.add('builder', () => builder.stop())
    batcher.start()
    teardown.add('batcher', () => batcher.stop())
    proposer?.start()
    if (proposer) teardown.add('proposer', () => proposer.stop())
    announceReady(NAME, { ...urls, p2pAddress: network.address })
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

/** Not started yet. */
function openBatcher(
  node: Awaited<ReturnType<typeof openChainNode>>,
  options: SequencerCommandOptions & { keys: Keys },
  fail: Fail,
): Batcher {
  const { config, chain } = node
  const batcher = new Batcher(
    { config, chain },
    {
      l1Rpc: options.l1Rpc,
      privateKey: options.keys.batcher,
      sidecar: options.l1BlobSidecar,
      batchType: options.batchType,
      dataForm: options.batchData,
      compression: options.batchCompression,
    },
  )
  batcher.onEvent((event) => {
    if (event.kind === 'published')
      log(
        NAME,
        `blocks ${event.from} to ${event.to} on L1 in ${event.form === 'blobs' ? `${event.blobs} blobs` : 'calldata'} (L1 block ${event.l1Block})`,
      )
    if (event.kind === 'alarm')
      log(
        NAME,
        `ALARM: L2 block ${event.l2Block} is not safe, and ${event.l1BlocksLeft} of the ${event.window} L1 blocks of its sequencing window are left`,
      )
    if (event.kind === 'throttled')
      log(
        NAME,
        event.limits === undefined
          ? 'blocks are no longer kept small'
          : `blocks are kept small: ${event.waitingBytes} bytes wait for L1`,
      )
    if (event.kind === 'rewound') log(NAME, `batches are sent again after safe block ${event.safe}: ${event.reason}`)
    if (event.kind === 'waiting') log(NAME, `no batch can be sent: ${event.reason}`)
    if (event.kind === 'failed') fail(NAME, 'stopped batching', event.error)
  })
  return batcher
}

/** Posts output roots where there is a key for that. Not started yet. */
function openProposer(
  { config, chain }: Awaited<ReturnType<typeof openChainNode>>,
  options: SequencerCommandOptions & { keys: Keys },
  fail: Fail,
): Proposer | undefined {
  if (options.keys.proposer === undefined) return undefined
  const proposer = new Proposer({ config, chain }, { l1Rpc: options.l1Rpc, privateKey: options.keys.proposer })
  proposer.onEvent((event) => {
    if (event.kind === 'proposed')
      log(NAME, `output root of block ${event.l2Block} proposed: ${event.outputRoot}, ${signedBy(event)}`)
    if (event.kind === 'waiting') log(NAME, `no output root can be proposed: ${event.reason}`)
    if (event.kind === 'failed') fail(NAME, 'stopped proposing', event.error)
  })
  return proposer
}

/** Says it where an output stands with fewer signatures than a dispute about it would take. */
function signedBy({ signers, quorum }: { signers: unknown[]; quorum: number }): string {
  if (signers.length >= quorum) return `signed by ${signers.length}`
  return `signed by ${signers.length} of the ${quorum} that settle a dispute: the others were not here in time`
}
