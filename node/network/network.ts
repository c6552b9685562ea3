/**
 * The node's place in the network: gossip of unsafe blocks, requests for missing ones, and what peers are held to.
 *
 *     libp2p message → judge (gossip-validation) → accepted: remembered, queued ┐
 *                                                → rejected: sender scored down,│ disconnected below the limit
 *     queue, one at a time → missing ancestors from peers, checked by hash → listeners, lowest block first
 *
 * A queue of {@link MAX_QUEUE} blocks; when it is full the newest is dropped, and the next block's gap brings it back.
 */
import { TopicValidatorResult } from '@libp2p/gossipsub'
import { multiaddr } from '@multiformats/multiaddr'
import type { Hex } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { type Clock, systemClock } from '../chain/clock.ts'
import type { HeadLabel } from '../chain/reads.ts'
import type { HashedBlock } from '../execution/block.ts'
import { fetchAncestors } from './ancestors.ts'
import { signEnvelope } from './block-signature.ts'
import { encodeEnvelope } from './execution-payload.ts'
import { blocksTopic, encodeMessage } from './gossip-message.ts'
import { judgeMessage } from './gossip-validation.ts'
import { createHost, type Host } from './host.ts'
import { generateIdentity, parseIdentity } from './identity.ts'
import {
  answerRequest,
  encodeRequest,
  MAX_RESPONSE_SIZE,
  payloadByNumberProtocol,
  REQUEST_SIZE,
  ResponseError,
  readResponse,
} from './payload-by-number.ts'
import { PeerScores } from './peer-scores.ts'
import { RequestBudget } from './request-budget.ts'
import { SeenBlocks } from './seen-blocks.ts'
import { readAll } from './stream-bytes.ts'

const MAX_QUEUE = 256
/** Blocks of a gap that listeners may be busy with: the chain recovers the senders of some while it executes others. */
const AT_ONCE = 8
/** Milliseconds. */
const REDIAL_INTERVAL = 2_000
const REQUEST_TIMEOUT = 10_000
const DIAL_TIMEOUT = 5_000
/** Peers asked for one block. */
const PEERS_PER_REQUEST = 3
/** Streams that one peer may have open for requests. */
const MAX_INBOUND_REQUESTS = 16

/** What the network asks of the chain. node/chain's Chain is one. */
export interface NetworkChain {
  head(label: HeadLabel): HashedBlock
  blockByNumber(number: bigint): Promise<HashedBlock | undefined>
}

export type NetworkOptions = {
  /** A port on 127.0.0.1 (0: any), or a multiaddress such as /ip4/0.0.0.0/tcp/9222. */
  listen: number | string
  /** Multiaddresses, with /p2p/ and the peer id, of peers to stay connected with. */
  bootstrap: readonly string[]
  /** Identity of generateIdentity, kept by the caller; a new one each time without it. */
  identity?: Uint8Array
  /** The sequencer's private key; only who has it may publish. */
  signer?: Hex
  /** What an operator may want to know: refused blocks, unfilled gaps, unreachable peers. */
  onProblem?: (problem: string) => void
}

export type Peer = { id: string; addresses: string[]; connected: boolean; score: number }
type BlockListener = (block: HashedBlock) => void | Promise<void>
type PeerId = ReturnType<Host['getPeers']>[number]

export class Network {
  readonly #config: ChainConfig
  readonly #chain: NetworkChain
  readonly #clock: Clock
  readonly #options: NetworkOptions
  readonly #topic: string
  readonly #scores: PeerScores
  readonly #budget: RequestBudget
  readonly #seen = new SeenBlocks()
  readonly #listeners = new Set<BlockListener>()
  readonly #queue: HashedBlock[] = []
  readonly #mesh = new Set<string>()
  readonly #stopping = new AbortController()
  #host: Host | undefined
  #delivering: Promise<void> | undefined
  #dialing: Promise<void> | undefined

  constructor(modules: { config: ChainConfig; chain: NetworkChain; clock?: Clock }, options: NetworkOptions) {
    this.#config = modules.config
    this.#chain = modules.chain
    this.#clock = modules.clock ?? systemClock
    this.#options = options
    this.#topic = blocksTopic(modules.config.l2ChainId)
    this.#scores = new PeerScores({ clock: this.#clock })
    this.#budget = new RequestBudget({ clock: this.#clock })
  }

  /** Listens and begins to dial the bootstrap peers. Throws where the port is taken or an address cannot be read. */
  async start(): Promise<void> {
    const bootstrap = this.#options.bootstrap.map((text) => multiaddr(text))
    const { listen } = this.#options
    const host = await createHost(
      { scores: this.#scores },
      {
        identity: parseIdentity(this.#options.identity ?? (await generateIdentity())),
        listen: [typeof listen === 'number' ? `/ip4/127.0.0.1/tcp/${listen}` : listen],
        topic: this.#topic,
      },
    )
    this.#host = host
    host.services.pubsub.topicValidators.set(this.#topic, (peer, message) => this.#judge(peer, message.data))
    await host.handle(
      payloadByNumberProtocol(this.#config.l2ChainId),
      (stream, connection) => this.#serve(stream, connection.remotePeer.toString()),
      { maxInboundStreams: MAX_INBOUND_REQUESTS },
    )
    host.services.pubsub.addEventListener('gossipsub:graft', ({ detail }) => this.#mesh.add(detail.peerId))
    host.services.pubsub.addEventListener('gossipsub:prune', ({ detail }) => this.#mesh.delete(detail.peerId))
    host.addEventListener('peer:disconnect', ({ detail }) => {
      this.#mesh.delete(detail.toString())
      this.#budget.forget(detail.toString())
    })
    await host.start()
    host.services.pubsub.subscribe(this.#topic)
    this.#dialing = this.#keepDialing(bootstrap)
  }

  /** Closes all connections; what is queued is dropped. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#queue.length = 0
    await this.#host?.stop()
    await Promise.all([this.#dialing, this.#delivering])
  }

  /** This node's peer id. Only after start. */
  get peerId(): string {
    return this.#started().peerId.toString()
  }

  /** Multiaddresses under which peers reach this node, with its peer id. Only after start. */
  get addresses(): string[] {
    return this.#started()
      .getMultiaddrs()
      .map((address) => address.toString())
  }

  /** The first of {@link addresses}. */
  get address(): string {
    const [first] = this.addresses
    if (first === undefined) throw new Error('the network listens on no address')
    return first
  }

  /** Connected peers with what is held for and against them. */
  peers(): Peer[] {
    const host = this.#started()
    return host.getPeers().map((peer) => ({
      id: peer.toString(),
      addresses: host.getConnections(peer).map(({ remoteAddr }) => remoteAddr.toString()),
      connected: true,
      score: this.#scores.of(peer.toString()),
    }))
  }

  /** What is held for (above 0) or against a peer, connected or not. */
  scoreOf(peerId: string): number {
    return this.#scores.of(peerId)
  }

  /** Connected peers that take blocks by gossip. */
  subscribers(): string[] {
    return this.#started()
      .services.pubsub.getSubscribers(this.#topic)
      .map((peer) => peer.toString())
  }

  /** Peers to which blocks are passed on as soon as they are accepted (gossipsub's mesh); grows within a second of joining. */
  meshPeers(): string[] {
    return [...this.#mesh]
  }

  /** Signs a block and gives it to all peers. Throws without a signer. Without peers it goes nowhere. */
  async publish(block: HashedBlock): Promise<void> {
    const { signer } = this.#options
    if (signer === undefined) throw new Error('cannot publish a block: this node has no signer key')
    const envelope = encodeEnvelope(block)
    this.#seen.add(block.block.header.number, block.hash)
    const message = encodeMessage(signEnvelope(this.#config.l2ChainId, envelope, signer), envelope)
    await this.#started().services.pubsub.publish(this.#topic, message)
  }

  /**
   * Calls the listener with each accepted block, its missing ancestors first, in order: up to {@link AT_ONCE} of a gap before
   * it has resolved for the first, but the next accepted block only when it has for all. What it throws goes to onProblem. Returns the unsubscribe function.
   */
  onBlock(listener: BlockListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #judge(peer: PeerId, data: Uint8Array): Promise<TopicValidatorResult> {
    const verdict = await judgeMessage(data, {
      config: this.#config,
      now: BigInt(Math.floor(this.#clock.now() / 1000)),
      unsafeHead: this.#chain.head('unsafe').block.header.number,
      safeHead: this.#chain.head('safe').block.header.number,
      hashAt: async (height) => (await this.#chain.blockByNumber(height))?.hash,
      seen: this.#seen,
    })
    if (verdict.kind === 'ignore') return TopicValidatorResult.Ignore
    if (verdict.kind === 'reject') {
      this.#refuse(peer, verdict.reason)
      return TopicValidatorResult.Reject
    }
    this.#scores.accepted(peer.toString())
    this.#seen.add(verdict.block.block.header.number, verdict.block.hash)
    this.#enqueue(verdict.block)
    return TopicValidatorResult.Accept
  }

  /** Holds a fault against a peer, and parts from it where there were too many. */
  #refuse(peer: PeerId, reason: string): void {
    const id = peer.toString()
    this.#scores.refused(id)
    this.#problem(`peer ${id}: ${reason}; its score is now ${Math.round(this.#scores.of(id))}`)
    if (!this.#scores.isBanned(id)) return
    this.#started()
      .hangUp(peer)
      .catch((error: Error) => this.#problem(`peer ${id}: cannot disconnect: ${error.message}`))
  }

  #enqueue(block: HashedBlock): void {
    if (this.#stopping.signal.aborted) return
    if (this.#queue.length >= MAX_QUEUE) {
      this.#problem(`block ${block.block.header.number} is dropped: ${MAX_QUEUE} blocks wait already`)
      return
    }
    this.#queue.push(block)
    this.#delivering ??= this.#deliver().finally(() => {
      this.#delivering = undefined
    })
  }

  async #deliver(): Promise<void> {
    for (let block = this.#queue.shift(); block !== undefined; block = this.#queue.shift()) {
      try {
        await this.#tell([...(await this.#ancestorsOf(block)), block])
      } catch (error) {
        this.#problem(`block ${block.block.header.number}: ${(error as Error).message}`)
      }
    }
  }

  /** Listeners hear of blocks in their order, of a few before they are done with the first. Throws what the first that fails does. */
  async #tell(blocks: HashedBlock[]): Promise<void> {
    const under: Promise<unknown>[] = []
    try {
      for (const block of blocks) {
        if (under.length >= AT_ONCE) await under.shift()
        const told = Promise.all([...this.#listeners].map(async (listener) => listener(block)))
        // Awaited in its turn; until then it may fail while another is awaited.
        told.catch(() => undefined)
        under.push(told)
      }
      for (const told of under) await told
    } finally {
      await Promise.allSettled(under)
    }
  }

  /** Blocks between our unsafe head and this one. Throws where peers do not have them all: derivation will. */
  async #ancestorsOf(block: HashedBlock): Promise<HashedBlock[]> {
    const head = this.#chain.head('unsafe').block.header.number
    const found = await fetchAncestors(block, head, (height) => this.#candidates(height))
    if (found.kind === 'complete') return found.blocks
    throw new Error(found.reason)
  }

  /** Blocks that the best peers have at a height. */
  async #candidates(height: bigint): Promise<HashedBlock[]> {
    const peers = [...this.#started().getPeers()]
      .sort((a, b) => this.#scores.of(b.toString()) - this.#scores.of(a.toString()))
      .slice(0, PEERS_PER_REQUEST)
    const answers = await Promise.all(peers.map((peer) => this.#request(peer, height)))
    return answers.filter((block) => block !== undefined)
  }

  async #request(peer: PeerId, height: bigint): Promise<HashedBlock | undefined> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(REQUEST_TIMEOUT)])
    try {
      const protocol = payloadByNumberProtocol(this.#config.l2ChainId)
      const stream = await this.#started().dialProtocol(peer, protocol, { signal })
      const response = readAll(stream, MAX_RESPONSE_SIZE, signal)
      stream.send(encodeRequest(height))
      await stream.close({ signal })
      return readResponse(await response)
    } catch (error) {
      if (error instanceof ResponseError) this.#refuse(peer, `asked for block ${height}: ${error.message}`)
      else if (!this.#stopping.signal.aborted)
        this.#problem(`peer ${peer}: no block ${height}: ${(error as Error).message}`)
      return undefined
    }
  }

  async #serve(stream: Awaited<ReturnType<Host['dialProtocol']>>, peer: string): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(REQUEST_TIMEOUT)])
    try {
      const request = await readAll(stream, REQUEST_SIZE, signal)
      const lookUp = (height: bigint) => this.#chain.blockByNumber(height)
      stream.send(await answerRequest(request, () => this.#budget.take(peer), lookUp))
      await stream.close({ signal })
    } catch (error) {
      stream.abort(error as Error)
      if (!this.#stopping.signal.aborted) this.#problem(`peer ${peer}: its request failed: ${(error as Error).message}`)
    }
  }

  /** Dials bootstrap peers that are not connected, again and again. */
  async #keepDialing(bootstrap: ReturnType<typeof multiaddr>[]): Promise<void> {
    const host = this.#started()
    const { signal } = this.#stopping
    while (!signal.aborted && bootstrap.length > 0) {
      const connected = new Set(host.getPeers().map((peer) => peer.toString()))
      const missing = bootstrap.filter((address) => !connected.has(peerIdOf(address)))
      await Promise.all(
        missing.map((address) =>
          host.dial(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT)]) }).then(
            () => undefined,
            (error: Error) => {
              if (!signal.aborted) this.#problem(`cannot reach ${address}: ${error.message}`)
            },
          ),
        ),
      )
      await this.#clock.wait(REDIAL_INTERVAL, signal)
    }
  }

  #problem(problem: string): void {
    this.#options.onProblem?.(problem)
  }

  #started(): Host {
    if (this.#host === undefined) throw new Error('the network is not started')
    return this.#host
  }
}

/** The peer id at the end of a multiaddress; empty where it has none. */
function peerIdOf(address: ReturnType<typeof multiaddr>): string {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value ?? ''
}
