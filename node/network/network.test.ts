import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import type { HashedBlock } from '../execution/block.ts'
import { signEnvelope } from './block-signature.ts'
import { encodeEnvelope } from './execution-payload.ts'
import { blocksTopic, encodeMessage } from './gossip-message.ts'
import { createHost, type Host } from './host.ts'
import { generateIdentity, parseIdentity } from './identity.ts'
import { Network, type NetworkOptions } from './network.ts'
import { payloadByNumberProtocol } from './payload-by-number.ts'
import { PeerScores } from './peer-scores.ts'
import {
  BLOCK_TIME,
  blockOn,
  chainOf,
  GENESIS_TIME,
  hashed,
  MemoryChain,
  networkConfig,
  SIGNER_KEY,
} from './testing/memory-chain.ts'

const topic = blocksTopic(networkConfig.l2ChainId)
const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A node whose clock stands at the due time of `height`, collecting what it is given. */
async function startNode(chain: MemoryChain, height: number, options: Partial<NetworkOptions> = {}) {
  const clock = {
    now: () => 1000 * (GENESIS_TIME + height * BLOCK_TIME),
    wait: (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
  const problems = new Events<string>()
  const blocks = new Events<HashedBlock>()
  const network = new Network(
    { config: networkConfig, chain, clock },
    { listen: 0, bootstrap: [], onProblem: (problem) => problems.add(problem), ...options },
  )
  network.onBlock((block) => {
    blocks.add(block)
    if (block.block.header.number === BigInt(chain.blocks.length)) chain.blocks.push(block)
  })
  await network.start()
  closing.push(() => network.stop())
  return { network, blocks, problems, chain }
}

/** What happened so far, and a way to wait for more. */
class Events<T> {
  readonly all: T[] = []
  #wake: (() => void)[] = []

  add(event: T): void {
    this.all.push(event)
    for (const wake of this.#wake.splice(0)) wake()
  }

  async until(count: number): Promise<T[]> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#wake.push(resolve))
    return this.all
  }
}

/** Waits, without sleeping, until the condition holds; the test's own limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn()
}

/** Waits until both know that the other takes blocks, so that each has a stream to the other. */
async function joined(a: Network, b: Network): Promise<void> {
  await until(() => a.subscribers().includes(b.peerId) && b.subscribers().includes(a.peerId))
}

/** A peer that speaks libp2p but keeps no rules. */
async function startStranger(target: Network): Promise<Host> {
  const scores = new PeerScores({ clock: { now: () => 0 } })
  const host = await createHost(
    { scores },
    { identity: parseIdentity(await generateIdentity()), listen: ['/ip4/127.0.0.1/tcp/0'], topic },
  )
  await host.start()
  closing.push(async () => {
    await host.stop()
  })
  host.services.pubsub.subscribe(topic)
  await host.dial(multiaddr(target.address))
  const id = host.peerId.toString()
  await until(() => host.services.pubsub.getSubscribers(topic).length > 0 && target.subscribers().includes(id))
  return host
}

const messageOf = (block: HashedBlock, key: `0x${string}` = SIGNER_KEY) => {
  const envelope = encodeEnvelope(block)
  return encodeMessage(signEnvelope(networkConfig.l2ChainId, envelope, key), envelope)
}

describe('gossip between nodes', () => {
  const blocks = chainOf(6)

  it('brings a published block to every node, also through another node', async () => {
    const sequencer = await startNode(new MemoryChain(blocks.slice(0, 4)), 3, { signer: SIGNER_KEY })
    const near = await startNode(new MemoryChain(blocks.slice(0, 3)), 3, { bootstrap: [sequencer.network.address] })
    const far = await startNode(new MemoryChain(blocks.slice(0, 3)), 3, { bootstrap: [near.network.address] })
    await joined(sequencer.network, near.network)
    await until(() => near.network.meshPeers().includes(far.network.peerId))
    await sequencer.network.publish(blocks[3]!)
    expect(await near.blocks.until(1)).toEqual([blocks[3]])
    expect(await far.blocks.until(1)).toEqual([blocks[3]])
    expect(near.network.scoreOf(sequencer.network.peerId)).toBe(1)
    expect(far.problems.all).toEqual([])
  })

  it('gives some blocks of a gap at once, in order, and the next accepted block after all of them', async () => {
    const chain = chainOf(32)
    const sequencer = await startNode(new MemoryChain(chain), 31, { signer: SIGNER_KEY })
    const late = await startNode(new MemoryChain(chain.slice(0, 2)), 31, { bootstrap: [sequencer.network.address] })
    const given: bigint[] = []
    let underWay = 0
    let most = 0
    const underWayAt = new Map<bigint, number>()
    late.network.onBlock(async ({ block: { header } }) => {
      underWayAt.set(header.number, underWay)
      most = Math.max(most, ++underWay)
      await turn()
      underWay--
      given.push(header.number)
    })
    await joined(sequencer.network, late.network)
    await sequencer.network.publish(chain[30]!)
    await late.blocks.until(29)
    await sequencer.network.publish(chain[31]!)
    await late.blocks.until(30)
    while (given.length < 30) await turn()
    expect(given).toEqual(Array.from({ length: 30 }, (_, index) => BigInt(index + 2)))
    expect(most).toBe(8)
    expect(underWayAt.get(31n)).toBe(0)
  })

  it('fills the gap of a node that joins late, lowest block first', async () => {
    const chain = chainOf(41)
    const sequencer = await startNode(new MemoryChain(chain), 40, { signer: SIGNER_KEY })
    const late = await startNode(new MemoryChain(chain.slice(0, 2)), 40, { bootstrap: [sequencer.network.address] })
    await joined(sequencer.network, late.network)
    await sequencer.network.publish(chain[40]!)
    expect(await late.blocks.until(39)).toEqual(chain.slice(2))
  })

  it('says what it cannot fill, and goes on', async () => {
    const chain = chainOf(12)
    const sequencer = await startNode(new MemoryChain(chain.slice(0, 1)), 11, { signer: SIGNER_KEY })
    const late = await startNode(new MemoryChain(chain.slice(0, 2)), 11, { bootstrap: [sequencer.network.address] })
    await joined(sequencer.network, late.network)
    await sequencer.network.publish(chain[11]!)
    expect((await late.problems.until(1))[0]).toContain(`no peer has block 10 with hash ${chain[10]!.hash}`)
    await sequencer.network.publish(chain[2]!)
    expect(await late.blocks.until(1)).toEqual([chain[2]])
  })

  it('keeps its identity where the caller keeps it', async () => {
    const identity = await generateIdentity()
    const first = await startNode(new MemoryChain(blocks), 3, { identity })
    const { peerId } = first.network
    await first.network.stop()
    const second = await startNode(new MemoryChain(blocks), 3, { identity })
    expect(second.network.peerId).toBe(peerId)
    expect(second.network.address).toMatch(new RegExp(`^/ip4/127.0.0.1/tcp/[0-9]+/p2p/${peerId}$`))
  })

  it('does not publish without the sequencer’s key', async () => {
    const node = await startNode(new MemoryChain(blocks), 3)
    await expect(node.network.publish(blocks[3]!)).rejects.toThrow('no signer key')
  })
})

describe('a peer that breaks the rules', () => {
  const blocks = chainOf(6)
  const wrong = {
    signature: messageOf(blocks[3]!, `0x${'22'.repeat(32)}`),
    'payload hash': messageOf({ hash: blocks[4]!.hash, block: blocks[3]!.block }),
    height: messageOf(hashed({ ...blocks[3]!.block, header: { ...blocks[3]!.block.header, number: 7n } })),
  }

  it.each(Object.entries(wrong))('is scored down for a block with a wrong %s', async (_, message) => {
    const node = await startNode(new MemoryChain(blocks.slice(0, 3)), 3)
    const stranger = await startStranger(node.network)
    await stranger.services.pubsub.publish(topic, message)
    await node.problems.until(1)
    expect(node.network.scoreOf(stranger.peerId.toString())).toBe(-40)
    expect(node.network.peers()).toMatchObject([{ id: stranger.peerId.toString(), score: -40 }])
    expect(node.blocks.all).toEqual([])
  })

  it('is disconnected and kept out after three, while others are heard', async () => {
    const node = await startNode(new MemoryChain(blocks.slice(0, 3)), 3)
    const sequencer = await startNode(new MemoryChain(blocks.slice(0, 4)), 3, {
      signer: SIGNER_KEY,
      bootstrap: [node.network.address],
    })
    const stranger = await startStranger(node.network)
    const parted = once(stranger, 'peer:disconnect')
    for (const message of Object.values(wrong)) await stranger.services.pubsub.publish(topic, message)
    await parted
    const id = stranger.peerId.toString()
    expect(node.network.scoreOf(id)).toBe(-120)
    expect(node.network.peers().map((peer) => peer.id)).not.toContain(id)

    const again = stranger.dial(multiaddr(node.network.address)).then(() => once(stranger, 'peer:disconnect'))
    await again.catch((error: Error) => expect(error).toBeInstanceOf(Error))
    expect(node.network.peers().map((peer) => peer.id)).not.toContain(id)

    await joined(sequencer.network, node.network)
    await sequencer.network.publish(blocks[3]!)
    expect(await node.blocks.until(1)).toEqual([blocks[3]])
  })

  it('is scored down for a broken answer to a request', async () => {
    const node = await startNode(new MemoryChain(blocks.slice(0, 2)), 5)
    const stranger = await startStranger(node.network)
    await stranger.handle(payloadByNumberProtocol(networkConfig.l2ChainId), async (stream) => {
      stream.send(Uint8Array.of(0, 0, 0, 0, 0, 0xff))
      await stream.close()
    })
    await stranger.services.pubsub.publish(topic, messageOf(blocks[3]!))
    const problems = await node.problems.until(2)
    expect(problems[0]).toContain('asked for block 2')
    expect(problems[1]).toContain('no peer has block 2')
    expect(node.network.scoreOf(stranger.peerId.toString())).toBe(1 - 40)
  })

  it('is not blamed for a block that competes with ours', async () => {
    const node = await startNode(new MemoryChain(blocks.slice(0, 4)), 4)
    const stranger = await startStranger(node.network)
    const competitor = blockOn(blocks[2], [Uint8Array.of(2, 9)])
    await stranger.services.pubsub.publish(topic, messageOf(competitor))
    expect(await node.blocks.until(1)).toEqual([competitor])
    expect(node.network.scoreOf(stranger.peerId.toString())).toBe(1)
  })
})
