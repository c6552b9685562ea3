/** libp2p for a chain node: unsafe blocks in from gossip and out to it, an identity that stays the same between starts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../node/errors.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import { generateIdentity } from '../node/network/identity.ts'
import { Network } from '../node/network/network.ts'
import type { ChainNodeOptions, openChainNode } from './chain-node.ts'
import { log, type Teardown } from './lifetime.ts'

type ChainNode = Awaited<ReturnType<typeof openChainNode>>
type NetworkingOptions = Pick<ChainNodeOptions, 'dataDir' | 'p2pPort'> & {
  name: string
  bootstrap?: string[]
  /** The sequencer's private key; a verifier has none. */
  signer?: `0x${string}`
}

/** Joins the network; leaves it with the teardown. `publish` reports trouble instead of throwing: a block is safe without gossip. */
export async function startNetworking({ config, chain }: ChainNode, options: NetworkingOptions, teardown: Teardown) {
  const { name, signer } = options
  const report = (problem: string) => log(name, `p2p: ${problem}`)
  const network = new Network(
    { config, chain },
    {
      listen: options.p2pPort,
      bootstrap: options.bootstrap ?? [],
      identity: await identityOf(options.dataDir),
      onProblem: report,
      ...(signer && { signer }),
    },
  )
  network.onBlock(({ block, hash }) => insert(chain, block, hash, report))
  await network.start()
  teardown.add('network', () => network.stop())
  const publish = (block: HashedBlock) => {
    network.publish(block).catch((error: Error) => report(`block ${block.block.header.number}: ${error.message}`))
  }
  return { address: network.address, publish, peerCount: () => network.peers().length }
}

/** A block that does not fit now will come by derivation; one that lies about its execution is reported. */
async function insert(
  chain: ChainNode['chain'],
  block: HashedBlock['block'],
  hash: string,
  report: (problem: string) => void,
): Promise<void> {
  try {
    await chain.insertUnsafe(block)
  } catch (error) {
    if (error instanceof NodeError && error.severity === 'critical') throw error
    report(`block ${block.header.number} ${hash} not imported: ${(error as Error).message}`)
  }
}

/** The libp2p key of the data directory, made at the first start. */
async function identityOf(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, 'p2p.key')
  if (existsSync(path)) return readFileSync(path)
  const identity = await generateIdentity()
  writeFileSync(path, identity, { mode: 0o600 })
  return identity
}
