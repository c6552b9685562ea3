/** `openledger verifier`: derives the chain from L1 alone, and follows unsafe blocks by gossip in between. */
import { Command } from 'commander'
import { TransactionRejected } from '../node/chain/reads.ts'
import { addChainNodeOptions, type ChainNodeOptions, openChainNode, startRpc } from './chain-node.ts'
import { aborted, announceReady, lifetime, Teardown } from './lifetime.ts'
import { startNetworking } from './networking.ts'
import { collect } from './options.ts'

type VerifierCommandOptions = ChainNodeOptions & { bootstrap?: string[] }

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
    const node = await openChainNode(NAME, options, teardown, fail)
    const network = await startNetworking(node, { ...options, name: NAME }, teardown)
    const modules = { chain: node.chain, sink: noSink, peerCount: network.peerCount }
    const url = await startRpc(NAME, modules, options, teardown)
    node.follower.start()
    teardown.add('follower', () => node.follower.stop())
    announceReady(NAME, { rpcUrl: url, p2pAddress: network.address })
    await aborted(signal)
  } finally {
    await teardown.run()
  }
}
