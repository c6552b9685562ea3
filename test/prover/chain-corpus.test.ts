/** A corpus and its clusters read from the real ledger's logs: proposals, appeals, merges, withdrawals, as of a block. */
import {
  type Client,
  createClient,
  custom,
  decodeFunctionData,
  encodeErrorResult,
  type Hex,
  hexToBigInt,
  hexToBytes,
  keccak256,
  numberToHex,
  parseEther,
} from 'viem'
import { describe, expect, it } from 'vitest'
import { DATANET_POLICY, datanetsAbi } from '../../genesis/abi/datanets.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { DatanetId } from '../../genesis/units.ts'
import type { Log } from '../../node/execution/block.ts'
import { hexOf } from '../../node/ledger/calls/face.ts'
import { DisputeStage, KEPT_BOND, randomSigns } from '../../node/ledger/testing/dispute-stage.ts'
import {
  type Actor,
  actor,
  essay,
  minhashArgument,
  OPEN_DATANET,
  Stage,
  utf8,
  word,
} from '../../node/ledger/testing/ledger-stage.ts'
import { sameSubject } from '../../protocol/challenge.ts'
import { chunkContent } from '../../protocol/chunks.ts'
import { contributionCommitment } from '../../protocol/commitment.ts'
import { minhash } from '../../protocol/minhash.ts'
import { ChainCorpus } from '../../prover/attribute/chain-corpus.ts'
import { readCorpus } from '../../prover/attribute/corpus.ts'
import { entriesOf } from '../../prover/attribute/settlement-leaf.ts'

type Filter = { address: Hex; topics: (Hex | Hex[] | null)[]; fromBlock: Hex; toBlock: Hex }

/** A node over a stage's ledger: what was logged since the last block is in the next. */
class LedgerNode {
  readonly stage: Stage
  readonly client: Client
  readonly #logs: { log: Log; block: bigint }[] = []

  constructor(stage: Stage) {
    this.stage = stage
    this.client = createClient({
      transport: custom({ request: (request) => this.#answer(request) }, { retryCount: 0 }),
    })
  }

  /** Ends the block; returns its number. */
  mine(): bigint {
    const { world } = this.stage
    const block = world.number
    for (const log of world.logs.slice(this.#logs.length)) this.#logs.push({ log, block })
    world.pass(2n)
    return block
  }

  async #answer({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
    const [first] = Array.isArray(params) ? params : []
    if (method === 'eth_blockNumber') return numberToHex(this.stage.world.number)
    if (method === 'eth_getLogs') return this.#find(first)
    if (method === 'eth_call') return this.#call(first.data)
    if (method === 'openledger_getContent') {
      const found = this.stage.world.contents.find(({ hash }) => hash === first)
      return found ? hexOf(found.bytes) : null
    }
    throw new Error(`${method} was not expected`)
  }

  #call(data: Hex): Hex {
    const result = this.stage.world.raw(this.stage.alice.address, 'datanets', hexToBytes(data))
    if (result.ok) return hexOf(result.returnData)
    const { functionName } = decodeFunctionData({ abi: datanetsAbi, data })
    throw new Error(
      `${functionName} reverted: ${encodeErrorResult({ abi: datanetsAbi, errorName: 'UnknownCluster', args: [0n] })}`,
    )
  }

  #find({ address, topics, fromBlock, toBlock }: Filter) {
    const matches = (log: Log) =>
      topics.every((wanted, i) => wanted === null || [wanted].flat().some((topic) => topic === log.topics[i]))
    return this.#logs
      .map(({ log, block }, index) => ({ log, block, index }))
      .filter(
        ({ log, block }) =>
          log.address === address && block >= hexToBigInt(fromBlock) && block <= hexToBigInt(toBlock) && matches(log),
      )
      .map(({ log, block, index }) => ({
        ...{ address, topics: log.topics, data: hexOf(log.data), removed: false, transactionIndex: '0x0' },
        ...{ blockNumber: numberToHex(block), blockHash: word(block), transactionHash: word(index) },
        logIndex: numberToHex(index),
      }))
  }
}

/** Curated by one. */
function curated() {
  const stage = new Stage()
  const curator = actor(50)
  stage.world.fund(curator.address, parseEther('100'))
  stage.stake(curator, STAKE_ROLE.curator, parseEther('10'))
  const config = { ...OPEN_DATANET, policy: DATANET_POLICY.curated, curators: [curator.address], quorum: 1 }
  const datanet = stage.world.send(stage.owner.address, 'datanets', 'create', [config])
  const review = (contribution: bigint, accept: boolean) =>
    stage.world.send(curator.address, 'datanets', 'review', [contribution, accept])
  const withdraw = (who: Actor, contribution: bigint) =>
    stage.world.send(who.address, 'datanets', 'withdraw', [contribution])
  return { stage, datanet, node: new LedgerNode(stage), review, withdraw }
}

async function idsAt(node: LedgerNode, datanet: bigint, block: bigint): Promise<bigint[]> {
  const { documents } = await readCorpus(new ChainCorpus({ client: node.client }), { datanets: [datanet], block })
  return documents.map(({ id }) => id)
}

describe('a curated Datanet', () => {
  it('holds what had been accepted by the block, and neither proposals nor what was rejected', async () => {
    const { stage, datanet, node, review } = curated()
    const [accepted, rejected, open] = [1, 2, 3].map((seed) => stage.contribute(stage.alice, datanet, essay(seed)))
    const proposed = node.mine()
    review(accepted!.contribution, true)
    review(rejected!.contribution, false)
    const reviewed = node.mine()
    expect(await idsAt(node, datanet, proposed)).toEqual([])
    expect(await idsAt(node, datanet, reviewed)).toEqual([accepted!.contribution])
    review(open!.contribution, true)
    expect(await idsAt(node, datanet, node.mine())).toEqual([accepted!.contribution, open!.contribution])
  })

  it('from which a proposal was taken back has lost nothing: it was in no cluster', async () => {
    const { stage, datanet, node, review, withdraw } = curated()
    const kept = stage.contribute(stage.alice, datanet, essay(1)).contribution
    review(kept, true)
    const taken = stage.contribute(stage.bob, datanet, essay(2)).contribution
    withdraw(stage.bob, taken)
    const block = node.mine()
    expect(await idsAt(node, datanet, block)).toEqual([kept])
    const { contributions, clusters } = await new ChainCorpus({ client: node.client }).withdrawn(block)
    expect({ contributions, clusters }).toEqual({ contributions: new Set([taken]), clusters: new Set() })
  })
})

describe('withdrawal', () => {
  it('is read as of the block: of a founder with its cluster, of a member without', async () => {
    const stage = new Stage()
    const node = new LedgerNode(stage)
    const datanet = stage.createDatanet()
    const founder = stage.contribute(stage.alice, datanet, essay(1))
    const member = stage.contribute(stage.bob, datanet, `${essay(1)} copied`)
    expect(member.cluster).toBe(founder.cluster)
    const before = node.mine()
    stage.world.send(stage.bob.address, 'datanets', 'withdraw', [member.contribution])
    const without = node.mine()
    stage.world.send(stage.alice.address, 'datanets', 'withdraw', [founder.contribution])
    const after = node.mine()
    const corpus = new ChainCorpus({ client: node.client })
    for (const reads of [corpus, new ChainCorpus({ client: node.client })]) {
      expect((await reads.withdrawn(after)).clusters).toEqual(new Set([founder.cluster]))
      expect((await reads.withdrawn(without)).clusters).toEqual(new Set())
      expect((await reads.withdrawn(without)).contributions).toEqual(new Set([member.contribution]))
      expect((await reads.withdrawn(before)).contributions).toEqual(new Set())
    }
  })

  it('ends where an earlier commitment leads the cluster again', async () => {
    const stage = new Stage()
    const node = new LedgerNode(stage)
    const datanet = stage.createDatanet()
    stage.commit(stage.bob, datanet, utf8(`${essay(1)} first`))
    const { contribution, cluster } = stage.contribute(stage.alice, datanet, essay(1))
    stage.world.send(stage.alice.address, 'datanets', 'withdraw', [contribution])
    const gone = node.mine()
    expect(stage.show(stage.bob, datanet, utf8(`${essay(1)} first`)).cluster).toBe(cluster)
    const back = node.mine()
    const corpus = new ChainCorpus({ client: node.client })
    expect((await corpus.withdrawn(back)).clusters).toEqual(new Set())
    expect((await corpus.withdrawn(gone)).clusters).toEqual(new Set([cluster]))
  })

  it('is what a chunk does that disproves a contribution', async () => {
    const stage = new Stage()
    const node = new LedgerNode(stage)
    const datanet = stage.createDatanet()
    const content = chunkContent(utf8(essay(1, 7_000)))
    const lie = Uint32Array.from(content.minhash, (value) => value + 1)
    const contribution = stage.contributeChunks(stage.alice, datanet, content, lie)
    for (const index of content.chunks.keys()) {
      const { status } = stage.world.send(stage.bob.address, 'datanets', 'getContribution', [contribution])
      if (status === 1) stage.showChunk(stage.bob, contribution, content, index)
    }
    const block = node.mine()
    const { contributions, clusters } = await new ChainCorpus({ client: node.client }).withdrawn(block)
    expect({ contributions, clusters }).toEqual({ contributions: new Set([contribution]), clusters: new Set([1n]) })
    expect(await idsAt(node, datanet, block)).toEqual([])
  })
})

describe('a content', () => {
  it('is there when all its chunks were shown, and never where it lies elsewhere', async () => {
    const stage = new Stage()
    const node = new LedgerNode(stage)
    const datanet = stage.createDatanet()
    const bytes = utf8(essay(1, 15_000))
    const content = chunkContent(bytes)
    expect(content.chunks.length).toBeGreaterThan(1)
    const contribution = stage.contributeChunks(stage.alice, datanet, content)
    stage.showChunk(stage.bob, contribution, content, content.chunks.length - 1)
    expect(await idsAt(node, datanet, node.mine())).toEqual([])
    for (const index of content.chunks.slice(0, -1).keys()) stage.showChunk(stage.bob, contribution, content, index)
    const block = node.mine()
    const { documents } = await readCorpus(new ChainCorpus({ client: node.client }), { datanets: [datanet], block })
    expect(documents.map((document) => [document.id, document.content])).toEqual([[contribution, bytes]])
  })
})

describe('the cluster of a contribution', () => {
  it('is the one that it founded by an appeal, from the appeal’s block on', async () => {
    const stage = new Stage()
    const node = new LedgerNode(stage)
    const datanet = stage.createDatanet()
    const founder = stage.contribute(stage.alice, datanet, essay(1))
    const content = utf8(essay(2))
    const salt = word(7)
    const contentHash = keccak256(content)
    const owner = stage.bob.address
    const commitment = contributionCommitment({ owner, datanet: DatanetId(datanet), contentHash, salt })
    stage.world.send(owner, 'datanets', 'commit', [commitment], { value: parseEther('0.001') })
    const claimed = minhashArgument(minhash(utf8(essay(1))))
    const args = [datanet, contentHash, 'cid', content.length, claimed, salt] as const
    const [contribution, cluster] = stage.world.send(owner, 'datanets', 'contribute', args)
    expect(cluster).toBe(founder.cluster)
    const joined = node.mine()
    const shown = [contribution, hexOf(content), hexOf(utf8(essay(1)))] as const
    const founded = stage.world.send(owner, 'datanets', 'appealCluster', shown)
    const appealed = node.mine()
    const corpus = new ChainCorpus({ client: node.client })
    const clusterAt = async (block: bigint) =>
      (await corpus.contributions([datanet], block)).find(({ id }) => id === contribution)?.cluster
    expect(await clusterAt(appealed)).toBe(founded)
    expect(await clusterAt(joined), 'nobody had its content yet').toBeUndefined()
    stage.world.send(owner, 'datanets', 'withdraw', [contribution])
    expect((await corpus.withdrawn(node.mine())).clusters).toEqual(new Set([founded]))
  })

  it('is the one that stands for it after challenge 6, and rows published before are listed under it', async () => {
    const signs = [0, 1, 2, 3, 4].map(randomSigns)
    signs[2] = signs[1]!
    const stage = new DisputeStage(signs)
    const node = new LedgerNode(stage)
    const { datanet, world, challenger, clusters, version } = stage
    const apart = node.mine()
    const salt = stage.commitChallenge(sameSubject(version, 1, 2))
    const args = [version, stage.evidence(1), stage.evidence(2), salt] as const
    expect(world.send(challenger.address, 'attribution', 'challengeSame', args)).toBe(true)
    const merged = node.mine()
    const [bob, carol] = [clusters[1]!, clusters[2]!]

    const corpus = new ChainCorpus({ client: node.client })
    const clustersAt = async (block: bigint) =>
      (await corpus.contributions([datanet], block)).map(({ cluster }) => cluster)
    expect(await clustersAt(merged)).toEqual([clusters[0], bob, bob, clusters[3]])
    expect(await clustersAt(apart)).toEqual(clusters.slice(0, 4))
    expect((await corpus.withdrawn(apart)).merged).toEqual(new Map())
    expect((await corpus.withdrawn(merged)).merged).toEqual(new Map([[carol, bob]]))

    const raws = Int32Array.from(stage.rows, (_, index) => stage.entryOf(index).raw)
    const rules = { thresholdZ: 5n, maxEntries: 32 }
    const leafAsOf = async (asOf: bigint, n: bigint) => {
      const entries = entriesOf({ rows: stage.rows, dims: 32_768 }, raws, rules, await corpus.withdrawn(asOf))
      return stage.honestLeaf({ asOf, n, entries, fee: KEPT_BOND })
    }
    expect(stage.settle(await leafAsOf(merged, 1n))).toBe(1n)
    expect(stage.settle(await leafAsOf(apart, 2n))).toBe(1n)
    expect(world.events().filter(({ name }) => name === 'LeafSkipped')).toEqual([])
  })

  it('of two that were merged is withdrawn with the founder who leads them, not with the other', async () => {
    const signs = [0, 1, 2, 3, 4].map(randomSigns)
    signs[2] = signs[1]!
    const stage = new DisputeStage(signs)
    const node = new LedgerNode(stage)
    const salt = stage.commitChallenge(sameSubject(stage.version, 1, 2))
    const args = [stage.version, stage.evidence(1), stage.evidence(2), salt] as const
    stage.world.send(stage.challenger.address, 'attribution', 'challengeSame', args)
    stage.world.send(stage.carol.address, 'datanets', 'withdraw', [3n])
    const corpus = new ChainCorpus({ client: node.client })
    expect((await corpus.withdrawn(node.mine())).clusters).toEqual(new Set())
    stage.world.send(stage.bob.address, 'datanets', 'withdraw', [2n])
    expect((await corpus.withdrawn(node.mine())).clusters).toEqual(new Set([stage.clusters[1]]))
  })
})
