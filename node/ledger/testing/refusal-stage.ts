/** For tests: a world in which every kind of record exists, so that each wrong argument is the only thing wrong. */
import { type Hex, parseEther } from 'viem'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { DatanetId } from '../../../genesis/units.ts'
import { challengeCommitment, sameSubject } from '../../../protocol/challenge.ts'
import { chunkContent } from '../../../protocol/chunks.ts'
import { contributionCommitment } from '../../../protocol/commitment.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { requestId } from '../../../protocol/request.ts'
import { hexOf } from '../calls/face.ts'
import { AgentsStanding } from './agent-stage.ts'
import { BatchesStanding } from './batch-stage.ts'
import { CHALLENGE_BOND, DisputeStage, OPENING_BOND } from './dispute-stage.ts'
import type { World } from './ledger-harness.ts'
import { essay, OPEN_DATANET, utf8, word } from './ledger-stage.ts'
import { CommitteeStanding } from './refusal-committee.ts'
import { VersionsStanding, YoungVersions } from './version-stage.ts'

export class RefusalStage extends DisputeStage {
  /** Alice's, founder of its cluster; bob's, withdrawn. */
  readonly contribution = 1n
  readonly withdrawn = 2n
  /** Alice's open commitment to {@link content}, and bob's that has expired. */
  readonly content = utf8(essay(40))
  readonly expired = utf8(essay(41))
  readonly open: Hex
  readonly stale: Hex
  /** Of the payer's to the prover, besides the open one: closing, refunded. */
  readonly closing: Hex
  readonly closed: Hex
  readonly leafOfChannel: Leaf
  /** Curated by carol, who is staked, and bob, who is not: both must agree. */
  readonly curated: bigint
  /** Alice's proposals there: carol has voted for one, and rejected the other. Carol's own. */
  readonly voted: bigint
  readonly rejected: bigint
  readonly curatorsOwn: bigint
  readonly permissioned: bigint
  /** Alice's: one with a later version; one in two chunks, of which the first is shown. Bob's, in alice's cluster. */
  readonly superseded: bigint
  readonly chunked: bigint
  readonly chunkedContent = chunkContent(utf8(essay(45, 7_000)))
  readonly member: bigint
  readonly membersText = `${essay(0)} copied`
  /** Datanets that ask a fee: not paid, paid for 10 rows, paid for a time that is over; and one for no commerce. */
  readonly unlicensed: bigint
  readonly licensed: bigint
  readonly lapsed: bigint
  readonly gift: bigint
  readonly licensedModel: bigint
  readonly giftModel: bigint
  readonly licensedRun: bigint
  readonly unattested: bigint
  /** Alice's: a contribution whose share units have been sold, its cluster; a cluster too young for that. */
  readonly sold: bigint
  readonly soldCluster: bigint
  readonly youngCluster: bigint
  /** The owner's models: one that is alice's now, one whose royalty has been chosen. */
  readonly movedModel: bigint
  readonly royalModel: bigint
  /** Claims with their leaves: matured; demanded and late; undone; standing; demanded in time; not to be opened. */
  readonly matured: readonly [Hex, Leaf]
  readonly late: readonly [Hex, Leaf]
  readonly undone: readonly [Hex, Leaf]
  readonly fresh: readonly [Hex, Leaf]
  readonly demanded: readonly [Hex, Leaf]
  readonly private: readonly [Hex, Leaf]
  /** The challenger's commitments: of an earlier block, against {@link fresh}; of this block. */
  readonly committed: Hex
  readonly young: Hex

  readonly agents: AgentsStanding
  readonly batches: BatchesStanding
  /** Of more wei than the prover's stake can back. */
  readonly richChannel: Hex
  readonly committee: CommitteeStanding
  readonly versions: VersionsStanding
  readonly youngVersions: YoungVersions

  constructor(within?: World) {
    super(undefined, undefined, within)
    this.agents = new AgentsStanding(this)
    this.batches = new BatchesStanding(this)
    const { world, alice, bob, payer } = this
    this.versions = new VersionsStanding(this)
    this.committee = new CommitteeStanding(this)
    world.send(bob.address, 'datanets', 'withdraw', [this.withdrawn])
    this.stale = this.commit(bob, this.datanet, this.expired)
    const sold = this.contribute(alice, this.datanet, essay(48))
    this.sold = sold.contribution
    this.soldCluster = sold.cluster
    this.closed = this.openChannel()
    world.send(payer.address, 'channels', 'close', [this.closed])
    world.pass(86_401n)
    world.send(payer.address, 'channels', 'refund', [this.closed])
    this.sellShares(alice, bob, this.datanet, this.soldCluster)
    this.open = this.commit(alice, this.datanet, this.content)
    this.stake(bob, STAKE_ROLE.validator, parseEther('10'))
    world.send(bob.address, 'staking', 'unstake', [STAKE_ROLE.validator, 1n])
    const { carol, owner } = this
    this.curated = this.#datanet({ policy: 1, curators: [carol.address, bob.address], quorum: 2 })
    this.stake(carol, STAKE_ROLE.curator, parseEther('10'))
    this.voted = this.contribute(alice, this.curated, essay(42)).contribution
    this.rejected = this.contribute(alice, this.curated, essay(43)).contribution
    this.curatorsOwn = this.contribute(carol, this.curated, essay(44)).contribution
    world.send(carol.address, 'datanets', 'review', [this.voted, true])
    world.send(carol.address, 'datanets', 'review', [this.rejected, false])
    this.permissioned = this.#datanet({ policy: 2 })
    this.youngCluster = this.contribute(alice, this.datanet, essay(49)).cluster
    this.superseded = this.contribute(alice, this.datanet, essay(46)).contribution
    this.commit(alice, this.datanet, utf8(essay(47)))
    world.send(alice.address, 'datanets', 'newVersion', [this.superseded, hexOf(utf8(essay(47))), '', word(7)])
    this.chunked = this.contributeChunks(alice, this.datanet, this.chunkedContent)
    this.showChunk(bob, this.chunked, this.chunkedContent, 0)
    this.member = this.contribute(bob, this.datanet, this.membersText).contribution

    this.unlicensed = this.#licensed({})
    this.licensed = this.#licensed({})
    this.lapsed = this.#licensed({ expiry: 1n })
    this.gift = this.#licensed({ feePerRow: 0n, commercialUse: false })
    const all = [this.unlicensed, this.licensed, this.lapsed, this.gift]
    this.giftModel = world.send(owner.address, 'models', 'createModel', [1n, [this.gift], 0n, 0n, 'gift'])
    this.licensedModel = world.send(owner.address, 'models', 'createModel', [1n, all, 1n, 1n, 'licensed'])
    for (const datanet of [this.licensed, this.lapsed])
      world.send(alice.address, 'datanets', 'buyLicence', [datanet, this.licensedModel, 10n], { value: 50n })
    this.licensedRun = this.runOver(this.licensedModel, [this.licensed])
    this.unattested = this.publish(1n)
    const model = () => world.send(owner.address, 'models', 'createModel', [1n, [this.datanet], 0n, 0n, 'owned'])
    this.movedModel = model()
    this.moveModel(owner, alice, this.movedModel)
    this.royalModel = model()
    world.send(owner.address, 'models', 'setRoyalty', [this.royalModel, 500])
    world.pass(2n)
    this.leafOfChannel = this.honestLeaf({ n: 50n })

    const { challenger } = this
    const demand = { value: OPENING_BOND }
    this.matured = this.#settled(1n)
    world.pass(24n)
    this.late = this.#settled(2n)
    this.undone = this.#settled(3n)
    for (const [claim, leaf] of [this.late, this.undone])
      world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], demand)
    world.pass(25n)
    world.send(challenger.address, 'attribution', 'punishHidden', [...this.undone])
    this.youngVersions = new YoungVersions(this)
    // What is not to mature is settled now, and challenged within its window.
    this.closing = this.openChannel()
    world.send(payer.address, 'channels', 'close', [this.closing])
    this.fresh = this.#settled(4n)
    this.demanded = this.#settled(5n)
    world.send(challenger.address, 'attribution', 'demandOpening', [...this.demanded], demand)
    this.private = this.#settled(6n, false)
    this.commitChallenge(requestId(this.channel, 4n))
    this.commitChallenge(sameSubject(this.version, 0, 2))
    this.committed = challengeCommitment({
      challenger: challenger.address,
      subject: requestId(this.channel, 4n),
      salt: word(99),
    })
    this.young = challengeCommitment({ challenger: challenger.address, subject: word(1), salt: word(99) })
    world.send(challenger.address, 'attribution', 'commitChallenge', [this.young], { value: CHALLENGE_BOND })
    this.batches.complete()
    this.richChannel = this.openChannel(parseEther('2000'))
  }

  /** A settled leaf without bob's withdrawn cluster, and its claim: no two claims are alike, because no two fees are. */
  #settled(n: bigint, openable = true): readonly [claim: Hex, leaf: Leaf] {
    const honest = this.honestLeaf({ n, openable, fee: 1_000n + n })
    const leaf = { ...honest, entries: honest.entries.filter(({ cluster }) => cluster !== this.clusters[1]) }
    return [this.claim(leaf), leaf]
  }

  #datanet(changes: object): bigint {
    return this.world.send(this.owner.address, 'datanets', 'create', [{ ...OPEN_DATANET, ...changes }])
  }

  #licensed(changes: object): bigint {
    return this.#datanet({ licence: { ...OPEN_DATANET.licence, feePerRow: 5n, ...changes } })
  }

  commitmentOf(who: 'alice' | 'bob', content: Uint8Array): Hex {
    return contributionCommitment({
      owner: this[who].address,
      datanet: DatanetId(this.datanet),
      contentHash: hexOf(keccak256(content)),
      salt: word(7),
    })
  }
}
