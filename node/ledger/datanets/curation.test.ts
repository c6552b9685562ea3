/** Curated and permissioned Datanets, versions of contributions, contents in chunks, appeals. */
import { concat, keccak256, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { CONTRIBUTION_STATUS, DATANET_POLICY } from '../../../genesis/abi/datanets.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { chunkContent } from '../../../protocol/chunks.ts'
import { minhash } from '../../../protocol/minhash.ts'
import { hexOf } from '../calls/face.ts'
import {
  type Actor,
  actor,
  COMMIT_BOND,
  essay,
  minhashArgument,
  OPEN_DATANET,
  Stage,
  utf8,
  word,
} from '../testing/ledger-stage.ts'

/** Curated by three, of whom two decide. */
function curated(bond = 0n) {
  const stage = new Stage()
  const curators = [actor(50), actor(51), actor(52)]
  const listed = curators.map(({ address }) => address)
  const config = { ...OPEN_DATANET, policy: DATANET_POLICY.curated, curators: listed, quorum: 2, bond }
  const datanet = stage.world.send(stage.owner.address, 'datanets', 'create', [config])
  for (const curator of curators) {
    stage.world.fund(curator.address, parseEther('100'))
    stage.stake(curator, STAKE_ROLE.curator, parseEther('10'))
  }
  const review = (who: Actor, contribution: bigint, accept: boolean) =>
    stage.world.send(who.address, 'datanets', 'review', [contribution, accept])
  const statusOf = (contribution: bigint) =>
    stage.world.send(stage.alice.address, 'datanets', 'getContribution', [contribution]).status
  return { stage, world: stage.world, datanet, curators, review, statusOf }
}

describe('a proposal in a curated Datanet', () => {
  it('is in no cluster and has no shares until the quorum accepts; then its bond returns', () => {
    const { stage, world, datanet, curators, review, statusOf } = curated()
    const before = world.balance(stage.alice.address)
    const { contribution, cluster } = stage.contribute(stage.alice, datanet, essay(1))
    expect(cluster).toBe(0n)
    expect(world.balance(stage.alice.address)).toBe(before - COMMIT_BOND)
    review(curators[0]!, contribution, true)
    expect(statusOf(contribution)).toBe(CONTRIBUTION_STATUS.proposed)
    expect(world.send(stage.alice.address, 'datanets', 'sharesOf', [datanet, stage.alice.address])[1]).toBe(0n)
    review(curators[1]!, contribution, true)
    expect(world.send(stage.alice.address, 'datanets', 'getContribution', [contribution])).toMatchObject({
      status: CONTRIBUTION_STATUS.accepted,
      cluster: 1n,
    })
    expect(world.send(stage.alice.address, 'datanets', 'sharesOf', [datanet, stage.alice.address])[0]).toBeGreaterThan(
      0n,
    )
    expect(world.balance(stage.alice.address)).toBe(before)
    expect(world.audit()).toEqual([])
  })

  it('that is rejected loses its bond to the treasury', () => {
    const { stage, world, datanet, curators, review, statusOf } = curated()
    const before = world.balance(stage.alice.address)
    const { contribution } = stage.contribute(stage.alice, datanet, essay(1))
    review(curators[0]!, contribution, false)
    review(curators[1]!, contribution, false)
    expect(statusOf(contribution)).toBe(CONTRIBUTION_STATUS.rejected)
    expect(world.send(stage.alice.address, 'attribution', 'treasury', [])).toBe(COMMIT_BOND)
    expect(world.balance(stage.alice.address)).toBe(before - COMMIT_BOND)
    expect(world.fails(stage.alice.address, 'datanets', 'withdraw', [contribution])).toBe('NotAccepted')
    expect(world.audit()).toEqual([])
  })

  it('that is accepted late keeps the priority of its commitment', () => {
    const { stage, world, datanet, curators, review } = curated()
    const early = stage.contribute(stage.alice, datanet, essay(1)).contribution
    const late = stage.contribute(stage.bob, datanet, `${essay(1)} copied`).contribution
    for (const contribution of [late, early]) for (const who of [0, 1]) review(curators[who]!, contribution, true)
    expect(world.send(stage.alice.address, 'datanets', 'getCluster', [1n])).toMatchObject({
      founder: early,
      members: 2n,
      payee: expect.stringMatching(new RegExp(stage.alice.address, 'i')),
    })
    expect(world.audit()).toEqual([])
  })

  it('may be taken back while nobody has voted, and when its time is over', () => {
    const { stage, world, datanet, curators, review } = curated()
    const before = world.balance(stage.alice.address)
    const unread = stage.contribute(stage.alice, datanet, essay(1)).contribution
    world.send(stage.alice.address, 'datanets', 'withdraw', [unread])
    const read = stage.contribute(stage.alice, datanet, essay(2)).contribution
    review(curators[0]!, read, false)
    expect(world.fails(stage.alice.address, 'datanets', 'withdraw', [read])).toBe('ReviewOpen')
    world.pass(60n)
    world.send(stage.alice.address, 'datanets', 'withdraw', [read])
    expect(world.balance(stage.alice.address)).toBe(before)
    expect(world.fails(curators[1]!.address, 'datanets', 'review', [read, true])).toBe('NotProposed')
  })

  it("leaves the Datanet's own bond with the contract until the contribution is withdrawn", () => {
    const { stage, world, datanet, curators, review } = curated(COMMIT_BOND / 2n)
    const before = world.balance(stage.alice.address)
    const { contribution } = stage.contribute(stage.alice, datanet, essay(1))
    for (const who of [0, 1]) review(curators[who]!, contribution, true)
    expect(world.balance(stage.alice.address)).toBe(before - COMMIT_BOND / 2n)
    expect(world.audit()).toEqual([])
    world.send(stage.alice.address, 'datanets', 'withdraw', [contribution])
    expect(world.balance(stage.alice.address)).toBe(before)
    expect(world.balance(NATIVE.datanets)).toBe(0n)
  })

  it('pays its curators the curators’ part of fees, one share each, those of the time it streams', () => {
    const { stage, world, datanet, curators, review } = curated()
    const { contribution } = stage.contribute(stage.alice, datanet, essay(1))
    for (const who of [0, 1]) review(curators[who]!, contribution, true)
    const version = stage.liveVersion([datanet])
    const leaf = stage.leaf({ channel: stage.openChannel(), version, fee: parseEther('1') })
    stage.settle(leaf)
    world.pass(24n)
    world.mature()
    world.pass(12n)
    const incomes = curators.map(({ address }) =>
      world.send(address, 'attribution', 'curatorIncomeOf', [datanet, address]),
    )
    const part = parseEther('0.05')
    for (const income of incomes) expect(part / 3n - income).toBeLessThan(2n)
    expect(world.send(curators[0]!.address, 'attribution', 'withdrawCuratorIncome', [datanet])).toBe(incomes[0])
    expect(world.audit()).toEqual([])
    const left = [curators[1]!.address, curators[2]!.address]
    world.send(stage.owner.address, 'datanets', 'setCurators', [datanet, left, 1])
    expect(world.send(stage.alice.address, 'datanets', 'curatorsOf', [datanet])).toHaveLength(2)
    expect(world.fails(curators[0]!.address, 'datanets', 'review', [contribution, true])).toBe('NotProposed')
    expect(world.audit()).toEqual([])
  })
})

describe('a permissioned Datanet', () => {
  it('takes contributions of its owner and of whom the owner has admitted, until taken back', () => {
    const stage = new Stage()
    const { world, owner, alice } = stage
    const config = { ...OPEN_DATANET, policy: DATANET_POLICY.permissioned }
    const datanet = world.send(owner.address, 'datanets', 'create', [config])
    stage.commit(alice, datanet, utf8(essay(1)))
    const args = [datanet, hexOf(utf8(essay(1))), 'cid', word(7)] as const
    expect(world.fails(alice.address, 'datanets', 'contributeContent', args)).toBe('NotAdmitted')
    world.send(owner.address, 'datanets', 'admitContributor', [datanet, alice.address, true])
    expect(stage.show(alice, datanet, utf8(essay(1)))).toEqual({ contribution: 1n, cluster: 1n })
    world.send(owner.address, 'datanets', 'admitContributor', [datanet, alice.address, false])
    expect(world.send(alice.address, 'datanets', 'isAdmitted', [datanet, alice.address])).toBe(false)
    stage.contribute(owner, datanet, essay(2))
  })
})

describe('a new version', () => {
  it('stands in a line, and earns no more by near-copying what went before', () => {
    const stage = new Stage()
    const { world, alice } = stage
    const datanet = stage.createDatanet()
    const first = stage.contribute(alice, datanet, essay(1))
    const [, before] = world.send(alice.address, 'datanets', 'sharesOf', [datanet, alice.address])
    stage.commit(alice, datanet, utf8(`${essay(1)} mended`))
    const args = [first.contribution, hexOf(utf8(`${essay(1)} mended`)), '', word(7)] as const
    const [second, cluster] = world.send(alice.address, 'datanets', 'newVersion', args)
    expect(cluster).toBe(first.cluster)
    expect(world.send(alice.address, 'datanets', 'versionsOf', [first.contribution])).toEqual([0n, second])
    expect(world.send(alice.address, 'datanets', 'versionsOf', [second])).toEqual([first.contribution, 0n])
    expect(world.send(alice.address, 'datanets', 'sharesOf', [datanet, alice.address])[1]).toBe(before)
  })
})

describe('a content in chunks', () => {
  const content = chunkContent(utf8(essay(5, 14_000)))

  it.each([true, false])(
    'keeps its whole bond after its curators have accepted it, until it was shown: %s',
    (isTrue) => {
      const { stage, world, datanet, curators, review } = curated()
      const [before, bobs] = [stage.alice, stage.bob].map(({ address }) => world.balance(address))
      const values = isTrue ? content.minhash : minhash(utf8(essay(6)))
      const contribution = stage.contributeChunks(stage.alice, datanet, content, values)
      for (const curator of curators.slice(0, 2)) review(curator, contribution, true)
      expect(world.balance(stage.alice.address)).toBe(before! - COMMIT_BOND)
      if (isTrue) {
        for (const index of [0, 1, 2]) stage.showChunk(stage.bob, contribution, content, index)
        expect(world.balance(stage.alice.address)).toBe(before)
      } else {
        let shown = 0
        while (world.balance(stage.bob.address) === bobs) stage.showChunk(stage.bob, contribution, content, shown++)
        expect(world.balance(stage.bob.address)).toBe(bobs! + COMMIT_BOND / 2n)
      }
      expect(world.audit()).toEqual([])
    },
  )

  function declared(values = content.minhash) {
    const stage = new Stage()
    const datanet = stage.createDatanet()
    const before = stage.world.balance(stage.alice.address)
    const contribution = stage.contributeChunks(stage.alice, datanet, content, values)
    const units = () => stage.world.send(stage.alice.address, 'datanets', 'sharesOf', [datanet, stage.alice.address])[0]
    return { stage, world: stage.world, datanet, contribution, before, units }
  }

  it('is seen when every chunk was shown, by anybody: then its units are minted and its bond returns', () => {
    const { stage, world, contribution, before, units } = declared()
    expect(content.chunks).toHaveLength(3)
    for (const index of [2, 0]) stage.showChunk(stage.bob, contribution, content, index)
    expect(units()).toBe(0n)
    expect(world.balance(stage.alice.address)).toBe(before - COMMIT_BOND)
    stage.showChunk(stage.carol, contribution, content, 1)
    expect(units()).toBe(BigInt(Math.ceil(content.size / 4)))
    expect(world.balance(stage.alice.address)).toBe(before)
    expect(world.contents.map(({ hash }) => hash)).toEqual([2, 0, 1].map((i) => content.chunks[i]!.hash))
    expect(world.audit()).toEqual([])
  })

  const another = minhash(utf8(essay(6)))
  it.each([
    ['greater than a chunk has', content.minhash.map((value, i) => (i === 3 ? value + 1 : value)), 3],
    ['less than any chunk has', content.minhash.map((value, i) => (i === 3 ? value - 1 : value)), 3],
    ["another text's", another, 3],
  ])('whose MinHash is %s is refuted by its chunks; half of the bond goes to who shows it', (_, values, atMost) => {
    const { stage, world, contribution, units } = declared(Uint32Array.from(values))
    const bob = world.balance(stage.bob.address)
    let shown = 0
    while (world.send(stage.alice.address, 'datanets', 'getContribution', [contribution]).status === 1) {
      expect(shown).toBeLessThan(atMost)
      stage.showChunk(stage.bob, contribution, content, shown++)
    }
    expect(world.send(stage.alice.address, 'datanets', 'getContribution', [contribution]).status).toBe(
      CONTRIBUTION_STATUS.refuted,
    )
    expect(world.balance(stage.bob.address)).toBe(bob + COMMIT_BOND / 2n)
    expect(world.send(stage.alice.address, 'attribution', 'treasury', [])).toBe(COMMIT_BOND / 2n)
    expect(units()).toBe(0n)
    expect(world.send(stage.alice.address, 'datanets', 'getCluster', [1n]).withdrawn).toBe(true)
    expect(world.audit()).toEqual([])
  })
})

describe('an appeal', () => {
  it('of a claimed MinHash that put a contribution where its content does not belong founds a cluster for it', () => {
    const stage = new Stage()
    const { world, alice, bob } = stage
    const datanet = stage.createDatanet()
    // Alice's founder is a claim with the MinHash of bob's text; so bob's own claim joins it.
    const values = minhashArgument(minhash(utf8(essay(2))))
    for (const [who, text] of [
      [alice, essay(1)],
      [bob, essay(2)],
    ] as const) {
      stage.commit(who, datanet, utf8(text))
      const { contentHash } = { contentHash: hexOf(world.view((context) => context.keccak(utf8(text)))) }
      world.send(who.address, 'datanets', 'contribute', [datanet, contentHash, '', text.length, values, word(7)])
    }
    expect(world.send(bob.address, 'datanets', 'getContribution', [2n]).cluster).toBe(1n)
    const args = [2n, hexOf(utf8(essay(2))), hexOf(utf8(essay(1)))] as const
    expect(world.send(bob.address, 'datanets', 'appealCluster', args)).toBe(2n)
    expect(world.send(bob.address, 'datanets', 'getCluster', [2n])).toMatchObject({ founder: 2n, members: 1n })
    expect(world.send(bob.address, 'datanets', 'getCluster', [1n])).toMatchObject({ founder: 1n, members: 1n })
    expect(world.send(bob.address, 'datanets', 'sharesOf', [datanet, bob.address])[0]).toBeGreaterThan(0n)
    expect(world.fails(bob.address, 'datanets', 'appealCluster', args)).toBe('FoundsItsCluster')
    expect(world.audit()).toEqual([])
  })

  it('of a real near-copy fails', () => {
    const stage = new Stage()
    const datanet = stage.createDatanet()
    stage.contribute(stage.alice, datanet, essay(1))
    const copy = `${essay(1)} copied`
    const { contribution } = stage.contribute(stage.bob, datanet, copy)
    const args = [contribution, hexOf(utf8(copy)), hexOf(utf8(essay(1)))] as const
    expect(stage.world.fails(stage.bob.address, 'datanets', 'appealCluster', args)).toBe('AppealFails')
  })

  it('mints no units for a size that was only claimed', () => {
    const stage = new Stage()
    const { world, alice, bob } = stage
    const datanet = stage.createDatanet()
    const values = minhashArgument(minhash(utf8(essay(2))))
    for (const [who, text, size] of [
      [alice, essay(1), utf8(essay(1)).length],
      [bob, essay(2), 0xffff_ffff],
    ] as const) {
      stage.commit(who, datanet, utf8(text))
      const contentHash = hexOf(world.view((context) => context.keccak(utf8(text))))
      world.send(who.address, 'datanets', 'contribute', [datanet, contentHash, '', size, values, word(7)])
    }
    const args = [2n, hexOf(utf8(essay(2))), hexOf(utf8(essay(1)))] as const
    expect(world.fails(bob.address, 'datanets', 'appealCluster', args)).toBe('InvalidField content')
    expect(world.send(bob.address, 'datanets', 'sharesOf', [datanet, bob.address])).toEqual([0n, 0n])
  })

  it('takes no node of a tree of chunks for a content, of founder or member', () => {
    const stage = new Stage()
    const { world, alice, bob } = stage
    const content = chunkContent(utf8(essay(5, 14_000)).slice(0, 100_000))
    const [first, second] = content.chunks
    const node = concat(['0x01', second!.proof[0]!, first!.proof[0]!])
    expect(keccak256(node)).toBe(content.root)
    // The root's preimage has nothing in common with what the chunks hold.
    const datanet = stage.createDatanet()
    stage.contributeChunks(alice, datanet, content)
    const values = minhashArgument(content.minhash)
    stage.commit(bob, datanet, utf8(essay(1)))
    const contentHash = hexOf(world.view((context) => context.keccak(utf8(essay(1)))))
    world.send(bob.address, 'datanets', 'contribute', [datanet, contentHash, '', essay(1).length, values, word(7)])
    expect(world.send(bob.address, 'datanets', 'getContribution', [2n]).cluster).toBe(1n)
    const against = [2n, hexOf(utf8(essay(1))), node] as const
    expect(world.fails(bob.address, 'datanets', 'appealCluster', against)).toBe('InvalidField founderContent')
  })
})
