import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { DatanetId } from '../../../genesis/units.ts'
import { contributionCommitment } from '../../../protocol/commitment.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { minhash } from '../../../protocol/minhash.ts'
import { hexOf } from '../calls/face.ts'
import { type Args, GOVERNOR } from '../testing/ledger-harness.ts'
import {
  type Actor,
  COMMIT_BOND,
  essay,
  minhashArgument,
  OPEN_DATANET,
  Stage,
  utf8,
  word,
} from '../testing/ledger-stage.ts'

function staged() {
  const stage = new Stage()
  return { stage, world: stage.world, datanet: stage.createDatanet() }
}

const hashOf = (text: string) => hexOf(keccak256(utf8(text)))
/** Nearly the same text. */
const nearly = (text: string) => `${text} and a word`

function shares(stage: Stage, datanet: bigint, who: Actor): bigint {
  return stage.world.send(who.address, 'datanets', 'sharesOf', [datanet, who.address])[0]
}

/** `contribute` with a MinHash of the contributor's saying. */
function claim(datanet: bigint, text: string, claimed: string): Args<'datanets', 'contribute'> {
  return [datanet, hashOf(text), '', text.length, minhashArgument(minhash(utf8(claimed))), word(7)]
}

describe('create', () => {
  it('makes an open Datanet that reads back', () => {
    const { stage, world, datanet } = staged()
    expect(datanet).toBe(1n)
    expect(world.send(stage.alice.address, 'datanets', 'getDatanet', [datanet])).toMatchObject({
      name: 'smart contracts',
      domain: 'solidity',
      contributions: 0n,
      totalShares: 0n,
      licence: OPEN_DATANET.licence,
    })
  })

  it('names the field that it cannot take', () => {
    const { stage, world } = staged()
    const create = (changes: object) =>
      world.fails(stage.alice.address, 'datanets', 'create', [{ ...OPEN_DATANET, ...changes }])
    expect(create({ policy: 3 })).toBe('InvalidField policy')
    expect(create({ curators: [stage.bob.address] })).toBe('InvalidField curators')
    expect(create({ quorum: 1 })).toBe('InvalidField quorum')
    expect(create({ name: '' })).toBe('InvalidField name')
    expect(create({ name: 'é'.repeat(33) })).toBe('InvalidField name')
    expect(create({ uri: 'x'.repeat(257) })).toBe('InvalidField uri')
    expect(create({ licence: { ...OPEN_DATANET.licence, revenueShareBps: 10_001 } })).toBe(
      'InvalidField licence.revenueShareBps',
    )
    expect(world.fails(stage.alice.address, 'datanets', 'getDatanet', [9n])).toBe('UnknownDatanet')
  })
})

describe('a commitment', () => {
  it('holds its bond until the contribution returns it', () => {
    const { stage, world, datanet } = staged()
    const before = world.balance(stage.alice.address)
    const commitment = stage.commit(stage.alice, datanet, utf8(essay(1)))
    expect(world.balance(NATIVE.datanets)).toBe(COMMIT_BOND)
    const found = (owner: Actor) =>
      world.send(stage.bob.address, 'datanets', 'commitmentOf', [owner.address, commitment])
    expect(found(stage.alice)).toEqual([world.now, COMMIT_BOND])
    expect(found(stage.bob)).toEqual([0n, 0n])
    stage.show(stage.alice, datanet, utf8(essay(1)))
    expect(world.balance(stage.alice.address)).toBe(before)
    expect(world.events().at(-1)).toMatchObject({ name: 'BondReturned', args: { commitment, bond: COMMIT_BOND } })
  })

  it('needs its bond, and is its own', () => {
    const { stage, world } = staged()
    const commit = (value: bigint) => world.fails(stage.alice.address, 'datanets', 'commit', [word(1)], { value })
    expect(commit(COMMIT_BOND - 1n)).toBe('BondTooSmall')
    world.send(stage.alice.address, 'datanets', 'commit', [word(1)], { value: COMMIT_BOND })
    expect(commit(COMMIT_BOND)).toBe('CommitmentTaken')
  })

  it('that somebody saw in the pool and made first stands in nobody’s way, and is of no use to them', () => {
    const { stage, world, datanet } = staged()
    const commitment = contributionCommitment({
      owner: stage.alice.address,
      datanet: DatanetId(datanet),
      contentHash: hashOf(essay(1)),
      salt: word(7),
    })
    world.send(stage.bob.address, 'datanets', 'commit', [commitment], { value: COMMIT_BOND })
    expect(stage.contribute(stage.alice, datanet, essay(1))).toEqual({ contribution: 1n, cluster: 1n })
    const args = [datanet, hexOf(utf8(essay(1))), '', word(7)] as const
    expect(world.fails(stage.bob.address, 'datanets', 'contributeContent', args)).toBe('UnknownCommitment')
    world.pass(86_401n)
    const before = world.balance(stage.bob.address)
    expect(world.fails(stage.carol.address, 'datanets', 'reclaimBond', [stage.alice.address, commitment])).toBe(
      'UnknownCommitment',
    )
    world.send(stage.carol.address, 'datanets', 'reclaimBond', [stage.bob.address, commitment])
    expect(world.balance(stage.bob.address)).toBe(before + COMMIT_BOND)
  })

  it('of one owner is earlier than another’s by the order in which the chain took them', () => {
    const { stage, world, datanet } = staged()
    stage.commit(stage.alice, datanet, utf8(essay(1)))
    stage.commit(stage.bob, datanet, utf8(essay(1)))
    expect(stage.show(stage.bob, datanet, utf8(essay(1))).cluster).toBe(1n)
    expect(stage.show(stage.alice, datanet, utf8(essay(1))).cluster).toBe(1n)
    const { payee, founder } = world.send(stage.carol.address, 'datanets', 'getCluster', [1n])
    expect({ payee: payee.toLowerCase(), founder }).toEqual({ payee: stage.alice.address, founder: 2n })
  })

  it('expires; then anybody may send its bond back, once', () => {
    const { stage, world, datanet } = staged()
    const before = world.balance(stage.alice.address)
    const commitment = stage.commit(stage.alice, datanet, utf8(essay(1)))
    const reclaim = () => world.fails(stage.bob.address, 'datanets', 'reclaimBond', [stage.alice.address, commitment])
    world.pass(86_400n)
    expect(reclaim()).toBe('CommitmentStillOpen')
    world.pass(1n)
    const args = [datanet, hexOf(utf8(essay(1))), '', word(7)] as const
    expect(world.fails(stage.alice.address, 'datanets', 'contributeContent', args)).toBe('CommitmentExpired')
    world.send(stage.bob.address, 'datanets', 'reclaimBond', [stage.alice.address, commitment])
    expect(world.balance(stage.alice.address)).toBe(before)
    expect(reclaim()).toBe('UnknownCommitment')
  })
})

describe('a contribution', () => {
  it('founds a cluster, with a share unit for every four bytes, and hands its content on', () => {
    const { stage, world, datanet } = staged()
    const text = essay(1)
    const ids = stage.contribute(stage.alice, datanet, text)
    expect(ids).toEqual({ contribution: 1n, cluster: 1n })
    expect(shares(stage, datanet, stage.alice)).toBe(BigInt(Math.ceil(text.length / 4)))
    expect(world.contents).toEqual([{ hash: hashOf(text), bytes: utf8(text) }])
    const record = world.send(stage.bob.address, 'datanets', 'getContribution', [1n])
    expect(record).toMatchObject({
      datanet,
      cluster: 1n,
      status: 1,
      size: text.length,
      contentHash: hashOf(text),
      cid: 'cid',
    })
    const values = world.send(stage.bob.address, 'datanets', 'getMinhash', [1n])
    expect(values).toEqual([...minhash(utf8(text))])
    expect(world.events().find(({ name }) => name === 'Contributed')).toMatchObject({
      args: { founder: true, size: text.length },
    })
  })

  it('needs the commitment of its own sender, Datanet, content and salt', () => {
    const { stage, world, datanet } = staged()
    const other = stage.createDatanet()
    stage.commit(stage.alice, datanet, utf8(essay(1)))
    const show = (who: Actor, where: bigint, text: string, salt = word(7)) =>
      world.fails(who.address, 'datanets', 'contributeContent', [where, hexOf(utf8(text)), '', salt])
    expect(show(stage.bob, datanet, essay(1))).toBe('UnknownCommitment')
    expect(show(stage.alice, other, essay(1))).toBe('UnknownCommitment')
    expect(show(stage.alice, datanet, essay(2))).toBe('UnknownCommitment')
    expect(show(stage.alice, datanet, essay(1), word(8))).toBe('UnknownCommitment')
    expect(show(stage.alice, 9n, essay(1))).toBe('UnknownDatanet')
  })

  it('has bounded content, cid and size', () => {
    const { stage, world, datanet } = staged()
    const show = (bytes: Uint8Array, cid = '') =>
      world.fails(stage.alice.address, 'datanets', 'contributeContent', [datanet, hexOf(bytes), cid, word(7)])
    expect(show(new Uint8Array(0))).toBe('InvalidField content')
    expect(show(new Uint8Array(57_345))).toBe('ContentTooLarge')
    expect(show(utf8('x'), 'c'.repeat(129))).toBe('InvalidField cid')
    world.send(GOVERNOR, 'parameters', 'set', [25, 100n])
    expect(show(new Uint8Array(101))).toBe('ContentTooLarge')
    const [d, hash, cid, , values, salt] = claim(datanet, 'x', 'x')
    expect(world.fails(stage.alice.address, 'datanets', 'contribute', [d, hash, cid, 0, values, salt])).toBe(
      'InvalidField size',
    )
  })

  it("must bring the Datanet's own bond where that is greater", () => {
    const { stage, world } = staged()
    const strict = world.send(stage.owner.address, 'datanets', 'create', [{ ...OPEN_DATANET, bond: COMMIT_BOND + 1n }])
    stage.commit(stage.alice, strict, utf8(essay(1)))
    const args = [strict, hexOf(utf8(essay(1))), '', word(7)] as const
    expect(world.fails(stage.alice.address, 'datanets', 'contributeContent', args)).toBe('BondTooSmall')
  })

  it('of content that is there already is refused, in this Datanet', () => {
    const { stage, world, datanet } = staged()
    stage.contribute(stage.alice, datanet, essay(1))
    stage.commit(stage.bob, datanet, utf8(essay(1)))
    const args = [datanet, hexOf(utf8(essay(1))), '', word(7)] as const
    expect(world.fails(stage.bob.address, 'datanets', 'contributeContent', args)).toBe('DuplicateContent')
    expect(stage.contribute(stage.bob, stage.createDatanet(), essay(1))).toEqual({ contribution: 2n, cluster: 2n })
  })

  it('keeps its cluster from two who committed to junk before, one to join it by a copied MinHash, one to lead by the same junk', () => {
    const { stage, world, datanet } = staged()
    stage.commit(stage.bob, datanet, utf8('junk'))
    stage.commit(stage.carol, datanet, utf8('junk'))
    const { cluster } = stage.contribute(stage.alice, datanet, essay(1))
    for (const { address } of [stage.carol, stage.bob])
      world.send(address, 'datanets', 'contribute', claim(datanet, 'junk', essay(1)))
    const { payee } = world.send(stage.bob.address, 'datanets', 'getCluster', [cluster])
    expect(payee.toLowerCase()).toBe(stage.alice.address)
    expect(shares(stage, datanet, stage.bob)).toBe(0n)
  })

  it('does not fall to a cluster that a claim of its hash was put into before it', () => {
    const { stage, world, datanet } = staged()
    stage.contribute(stage.bob, datanet, essay(2))
    stage.commit(stage.alice, datanet, utf8(essay(1)))
    stage.commit(stage.carol, datanet, utf8(essay(1)))
    world.send(stage.carol.address, 'datanets', 'contribute', claim(datanet, essay(1), essay(2)))
    const { cluster } = stage.show(stage.alice, datanet, utf8(essay(1)))
    const { payee } = world.send(stage.bob.address, 'datanets', 'getCluster', [cluster])
    expect(payee.toLowerCase()).toBe(stage.alice.address)
  })

  it('that has been seen keeps its MinHash: an earlier claim of the same content must say the same', () => {
    const { stage, world, datanet } = staged()
    stage.commit(stage.carol, datanet, utf8(essay(2)))
    stage.commit(stage.bob, datanet, utf8(essay(2)))
    const decoy = stage.show(stage.bob, datanet, utf8(essay(2)))
    expect(world.fails(stage.carol.address, 'datanets', 'contribute', claim(datanet, essay(2), essay(1)))).toBe(
      'InvalidField minhash',
    )
    world.send(stage.carol.address, 'datanets', 'contribute', claim(datanet, essay(2), essay(2)))
    const { payee } = world.send(stage.bob.address, 'datanets', 'getCluster', [decoy.cluster])
    expect(payee.toLowerCase()).toBe(stage.carol.address)
    expect(stage.contribute(stage.alice, datanet, essay(1)).cluster).not.toBe(decoy.cluster)
  })

  it('is found by its near-copies even where claims have filled its bands before', () => {
    const { stage, datanet } = staged()
    const text = essay(1)
    const genuine = minhash(utf8(text))
    // Each claim agrees with the text in six of eight bands: too little to join, enough to be listed there.
    for (const [i, spared] of [0, 1, 2, 3, 0, 1].entries()) {
      const values = genuine.map((value, k) => (k >> 3 === spared ? 1_000 * i + k : value))
      const junk = `junk ${i}`
      stage.commit(stage.carol, datanet, utf8(junk))
      const claimed = [datanet, hashOf(junk), '', 5, minhashArgument(values), word(7)] as const
      stage.world.send(stage.carol.address, 'datanets', 'contribute', claimed)
    }
    const original = stage.contribute(stage.alice, datanet, text)
    expect(stage.contribute(stage.bob, datanet, nearly(text)).cluster).toBe(original.cluster)
    expect(shares(stage, datanet, stage.bob)).toBe(0n)
  })

  it('whose content lies elsewhere mints no shares: nobody has seen how much it is', () => {
    const { stage, world, datanet } = staged()
    stage.commit(stage.alice, datanet, utf8(essay(1)))
    expect(world.send(stage.alice.address, 'datanets', 'contribute', claim(datanet, essay(1), essay(1)))).toEqual([
      1n,
      1n,
    ])
    expect(shares(stage, datanet, stage.alice)).toBe(0n)
  })
})

describe('near-copies', () => {
  const cluster = (stage: Stage, id: bigint) => stage.world.send(stage.alice.address, 'datanets', 'getCluster', [id])

  it('join the cluster and earn nothing beside its founder', () => {
    const { stage, datanet } = staged()
    stage.contribute(stage.alice, datanet, essay(1))
    const before = shares(stage, datanet, stage.alice)
    expect(stage.contribute(stage.bob, datanet, nearly(essay(1)))).toEqual({ contribution: 2n, cluster: 1n })
    expect(shares(stage, datanet, stage.bob)).toBe(0n)
    expect(shares(stage, datanet, stage.alice)).toBe(before)
    expect(cluster(stage, 1n)).toMatchObject({ founder: 1n, members: 2n, withdrawn: false })
  })

  it('stay apart where less than the governed part agrees', () => {
    const { stage, datanet } = staged()
    stage.contribute(stage.alice, datanet, essay(1))
    expect(stage.contribute(stage.bob, datanet, essay(2))).toMatchObject({ cluster: 2n })
    expect(stage.contribute(stage.bob, datanet, essay(1).slice(0, 270) + essay(3).slice(0, 270))).toMatchObject({
      cluster: 3n,
    })
  })

  it('of an earlier commitment take the lead, and the shares with it', () => {
    const { stage, datanet } = staged()
    const original = utf8(nearly(essay(1)))
    stage.commit(stage.alice, datanet, original)
    stage.contribute(stage.bob, datanet, essay(1))
    expect(stage.show(stage.alice, datanet, original)).toEqual({ contribution: 2n, cluster: 1n })
    expect(cluster(stage, 1n)).toMatchObject({ founder: 2n, members: 2n })
    expect(shares(stage, datanet, stage.bob)).toBe(0n)
    expect(shares(stage, datanet, stage.alice)).toBe(BigInt(Math.ceil(original.length / 4)))
  })

  it('that are the same content, copied out of the mempool, lose to the earlier commitment', () => {
    const { stage, datanet } = staged()
    const text = utf8(essay(1))
    stage.commit(stage.alice, datanet, text)
    stage.commit(stage.bob, datanet, text)
    stage.show(stage.bob, datanet, text)
    expect(stage.show(stage.alice, datanet, text)).toEqual({ contribution: 2n, cluster: 1n })
    expect(cluster(stage, 1n)).toMatchObject({ founder: 2n })
    expect(shares(stage, datanet, stage.bob)).toBe(0n)
  })

  it('by their own saying take nothing: neither the lead with an early commitment, nor a later text into their cluster', () => {
    const { stage, world, datanet } = staged()
    stage.commit(stage.bob, datanet, utf8('junk'))
    stage.contribute(stage.alice, datanet, essay(1))
    world.send(stage.bob.address, 'datanets', 'contribute', claim(datanet, 'junk', essay(1)))
    expect(cluster(stage, 1n)).toMatchObject({ founder: 1n, members: 2n })

    stage.commit(stage.bob, datanet, utf8('junk two'))
    world.send(stage.bob.address, 'datanets', 'contribute', claim(datanet, 'junk two', essay(2)))
    expect(stage.contribute(stage.alice, datanet, essay(2))).toMatchObject({ cluster: 3n })
    expect(cluster(stage, 3n)).toMatchObject({ founder: 4n })
  })

  it('are looked for among at most four clusters in a band: a full band forgets nobody', () => {
    const { stage, world, datanet } = staged()
    for (const [i, text] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      stage.commit(stage.alice, datanet, utf8(text))
      // Four bands agree with those before and four differ, so each founds its own cluster.
      const mixed = [...minhash(utf8(essay(1))).subarray(0, 16), ...minhash(utf8(essay(10 + i))).subarray(16)]
      const [d, hash, cid, size, , salt] = claim(datanet, text, text)
      world.send(stage.alice.address, 'datanets', 'contribute', [d, hash, cid, size, minhashArgument(mixed), salt])
    }
    expect(world.send(stage.alice.address, 'datanets', 'clusterCount', [])).toBe(5n)
  })
})

describe('withdrawing', () => {
  it("is the contributor's, once", () => {
    const { stage, world, datanet } = staged()
    stage.contribute(stage.alice, datanet, essay(1))
    expect(world.fails(stage.bob.address, 'datanets', 'withdraw', [1n])).toBe('NotContributor')
    world.send(stage.alice.address, 'datanets', 'withdraw', [1n])
    expect(world.fails(stage.alice.address, 'datanets', 'withdraw', [1n])).toBe('AlreadyWithdrawn')
    expect(world.fails(stage.alice.address, 'datanets', 'withdraw', [9n])).toBe('UnknownContribution')
    expect(world.send(stage.alice.address, 'datanets', 'getContribution', [1n])).toMatchObject({ status: 2 })
  })

  it('of the founder ends the cluster and burns its shares; copying it again brings nothing', () => {
    const { stage, world, datanet } = staged()
    stage.contribute(stage.alice, datanet, essay(1))
    world.send(stage.alice.address, 'datanets', 'withdraw', [1n])
    expect(shares(stage, datanet, stage.alice)).toBe(0n)
    expect(stage.contribute(stage.alice, datanet, nearly(essay(1)))).toMatchObject({ cluster: 1n })
    expect(shares(stage, datanet, stage.alice)).toBe(0n)
    expect(world.send(stage.bob.address, 'datanets', 'getCluster', [1n])).toMatchObject({ withdrawn: true })
  })

  it('of another member changes nothing for the founder', () => {
    const { stage, world, datanet } = staged()
    stage.contribute(stage.alice, datanet, essay(1))
    stage.contribute(stage.bob, datanet, nearly(essay(1)))
    world.send(stage.bob.address, 'datanets', 'withdraw', [2n])
    expect(world.send(stage.bob.address, 'datanets', 'getCluster', [1n])).toMatchObject({ withdrawn: false })
  })

  it('by a copier does not end what the true owner leads', () => {
    const { stage, world, datanet } = staged()
    const text = utf8(essay(1))
    stage.commit(stage.alice, datanet, text)
    stage.contribute(stage.bob, datanet, nearly(essay(1)))
    world.send(stage.bob.address, 'datanets', 'withdraw', [1n])
    stage.show(stage.alice, datanet, text)
    expect(world.send(stage.bob.address, 'datanets', 'getCluster', [1n])).toMatchObject({
      withdrawn: false,
      founder: 2n,
    })
    expect(shares(stage, datanet, stage.alice)).toBe(BigInt(Math.ceil(text.length / 4)))
  })
})
