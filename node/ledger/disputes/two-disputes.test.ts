/** Two disputes about one claim or one version at once: the first that is decided ends it, and the other ends without wei of its own. */
import { parseEther } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import { CLAIM_STATUS } from '../../../genesis/abi/attribution.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { requestId } from '../../../protocol/request.ts'
import { CommitteeStage, feature, hashed } from '../testing/committee-stage.ts'
import { CHALLENGE_BOND, OPENING_BOND } from '../testing/dispute-stage.ts'

const OPENING_PERIOD = PARAMETERS.openingPeriod.development
let stage: CommitteeStage

afterEach(() => {
  expect(stage.world.audit()).toEqual([])
})

/** A leaf whose first entry has one more than its row gives. */
function wrongLeaf() {
  const honest = stage.honestLeaf()
  return { ...honest, entries: honest.entries.map((entry, i) => (i === 0 ? { ...entry, raw: entry.raw + 1 } : entry)) }
}

const claimStatus = (leaf: ReturnType<typeof wrongLeaf>) =>
  stage.world.send(stage.bob.address, 'attribution', 'claimOf', [requestId(leaf.channel, leaf.n)])[1]
const settledOf = () => stage.world.send(stage.bob.address, 'channels', 'getChannel', [stage.channel]).settled

describe('a claim', () => {
  it('whose query is with a committee is undone once by another proof; the round then ends void', () => {
    stage = new CommitteeStage()
    const { world, challenger, bob } = stage
    const leaf = wrongLeaf()
    const opened = stage.opened(leaf)
    const before = world.balance(challenger.address)
    const round = stage.challengeQuery(opened, leaf)
    const vector = hashed(new Uint8Array(stage.query.map((each) => -each).buffer))
    stage.agree(round, vector.hash)
    expect(stage.challengeScore(opened, leaf, 0, leaf.entries[0]!.row)).toBe(true)
    expect([claimStatus(leaf), settledOf()]).toEqual([CLAIM_STATUS.undone, 0n])
    expect(world.audit()).toEqual([])
    stage.passAppeal()
    world.pass(1n)
    const decide = [round, opened, leaf, stage.queryHex, vector.vector] as const
    expect(world.fails(bob.address, 'attribution', 'decideQuery', decide)).toBe('ClaimUndoneBefore')
    expect(world.fails(bob.address, 'attribution', 'releaseClaim', [opened, leaf])).toBe('ClaimUndoneBefore')
    stage.passAppeal()
    world.send(bob.address, 'attribution', 'voidRound', [round])
    expect(world.fails(bob.address, 'attribution', 'releaseClaim', [opened, leaf])).toBe('ClaimUndoneBefore')
    // Half of the lock is the challenger's, whose three bonds have come back, but for the one that the prover took by opening.
    expect(world.balance(challenger.address) - before).toBe(parseEther('2'))
  })

  it('whose opening is demanded is undone by a proof, and the demand’s bond returns', () => {
    stage = new CommitteeStage()
    const { world, challenger, alice } = stage
    const leaf = wrongLeaf()
    const claim = stage.claim(leaf)
    world.send(alice.address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
    const had = world.balance(alice.address)
    expect(stage.challengeScore(claim, leaf, 0, leaf.entries[0]!.row, challenger)).toBe(true)
    expect(world.balance(alice.address)).toBe(had + OPENING_BOND)
    world.pass(OPENING_PERIOD + 1n)
    expect(world.fails(alice.address, 'attribution', 'punishHidden', [claim, leaf])).toBe('ClaimUndoneBefore')
  })
})

describe('a version', () => {
  it('that fails by a hidden row while a committee has another pays its bond once', () => {
    stage = new CommitteeStage()
    const { world, alice, bob, challenger, version } = stage
    world.send(alice.address, 'attribution', 'demandRow', [version, 0], { value: OPENING_BOND })
    const round = stage.challengeRow(1)
    const right = feature(stage.rows[1]!, 4_000)
    stage.agree(round, right.hash)
    world.pass(OPENING_PERIOD + 1n)
    world.send(alice.address, 'attribution', 'punishHiddenRow', [version, 0])
    const had = world.balance(challenger.address)
    expect(world.send(bob.address, 'attribution', 'decideRow', [round, stage.rowHex(1), right.vector])).toBe(true)
    expect(world.balance(challenger.address)).toBeLessThan(had + CHALLENGE_BOND)
    expect(world.send(bob.address, 'models', 'standingOf', [version])).toMatchObject({ bond: 0n, holds: 0n })
  })
})
