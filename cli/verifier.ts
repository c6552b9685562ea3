/** `openledger verifier`: derives the chain from L1 alone, and follows unsafe blocks by gossip in between. */
import { Command } from 'commander'
import { TransactionRejected } from '../node/chain/reads.ts'
import type { Block } from '../node/execution/block.ts'
import { deliverTo } from '../sequencer/attestation-delivery.ts'
import { Challenger } from '../sequencer/challenger.ts'
import { addChainNodeOptions, type ChainNodeOptions, type Fail, openChainNode, startRpc } from './chain-node.ts'
import { aborted, announceReady, lifetime, log, Teardown } from './lifetime.ts'
import { startNetworking } from './networking.ts'
import { collect, parseUrl, readKey } from './options.ts'

type VerifierCommandOptions = ChainNodeOptions & {
  bootstrap?: string[]
  validatorKeyFile?: string
  proposerRpc?: string
}

const NAME = 'verifier'

export function verifierCommand(): Command {
  return addChainNodeOptions(
    new Command(NAME).description('derive the chain from L1, follow unsafe blocks by gossip, serve JSON-RPC'),
  )
    .option(
      '--bootstrap <multiaddr>',
      'libp2p address of a peer, e.g. the sequencer; may be given several times',
      collect(String),
    )
    .option(
      '--validator-key-file <file>',
      'private key of a bonded validator: signs output roots, and challenges wrong ones on L1',
    )
    .option('--proposer-rpc <url>', 'JSON-RPC of the node that proposes, for the signatures', parseUrl)
    .action(runVerifier)
}

/** A verifier has no pool: wallets send to the sequencer. */
const noSink = {
  submit: async () => {
    throw new TransactionRejected('a verifier takes no transactions: send them to the sequencer')
  },
}

async function runVerifier(options: VerifierCommandOptions): Promise<void> {
  const { signal, fail } = lifetime()
  const teardown = new Teardown()
  try {
    const { validatorKeyFile: keyFile } = options
    const key = keyFile === undefined ? undefined : readKey('--validator-key-file', keyFile)
    const node = await openChainNode(NAME, options, teardown, fail)
    const network = await startNetworking(node, { ...options, name: NAME }, teardown)
    const admin = { insertUnsafe: (block: Block) => node.chain.insertUnsafe(block) }
    const modules = { chain: node.chain, sink: noSink, peerCount: network.peerCount, admin }
    const urls = await startRpc(NAME, modules, options, teardown)
    node.follower.start()
    teardown.add('follower', () => node.follower.stop())
    if (key !== undefined) startChallenging(node, options, key, teardown, fail)
    announceReady(NAME, { ...urls, p2pAddress: network.address })
    await aborted(signal)
  } finally {
    await teardown.run()
  }
}

/** Stands behind output roots with the key's bond, until the teardown. */
function startChallenging(
  { config, chain }: Awaited<ReturnType<typeof openChainNode>>,
  options: VerifierCommandOptions,
  privateKey: `0x${string}`,
  teardown: Teardown,
  fail: Fail,
): void {
  const { l1Rpc, proposerRpc } = options
  const deliver = proposerRpc === undefined ? {} : { deliver: deliverTo(proposerRpc) }
  const challenger = new Challenger({ config, chain, ...deliver }, { l1Rpc, privateKey })
  challenger.onEvent((event) => {
    if (event.kind === 'challenged')
      log(
        NAME,
        `output ${event.index} challenged: block ${event.l2Block} has ${event.outputRoot}, not ${event.wrongRoot}`,
      )
    if (event.kind === 'signed') log(NAME, `output root of block ${event.l2Block} signed: ${event.outputRoot}`)
    if (event.kind === 'waiting') log(NAME, `validator: ${event.reason}`)
    if (event.kind === 'failed') fail(NAME, 'stopped validating outputs', event.error)
  })
  challenger.start()
  teardown.add('challenger', () => challenger.stop())
}
