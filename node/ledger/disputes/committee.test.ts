/** Rounds of challenge 4 however they go: whoever votes what, is silent, leaves or appeals, no wei is made or lost. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ROUND_STATUS } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { APPEAL_BOND, CommitteeStage, feature } from '../testing/committee-stage.ts'
import { CallFailed } from '../testing/ledger-harness.ts'
import { word } from '../testing/ledger-stage.ts'

/** What a validator does in a vote. */
const act = fc.constantFrom('right', 'right', 'right', 'wrong', 'own', 'mute', 'silent', 'leaves')
type Act = typeof act extends fc.Arbitrary<infer value> ? value : never
const acts = fc.array(act, { minLength: 4, maxLength: 4 })

function attempt(call: () => void): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
  }
}

/** Lets each validator act, in committing and in revealing. */
function vote(stage: CommitteeStage, round: bigint, each: readonly Act[], hashes: { right: `0x${string}` }): void {
  const { world } = stage
  const hashOf = (act: Act, i: number) => (act === 'wrong' ? word(666) : act === 'own' ? word(700 + i) : hashes.right)
  const voters = stage.validators.map(({ address }, i) => ({ address, act: each[i]!, hash: hashOf(each[i]!, i) }))
  for (const { address, act, hash } of voters) {
    if (act === 'silent') continue
    attempt(() => stage.commitVote(round, address, hash))
    if (act !== 'leaves') continue
    const { amount, locked } = stage.validatorStake(address)
    attempt(() => world.send(address, 'staking', 'unstake', [STAKE_ROLE.validator, amount - locked]))
  }
  world.pass(PARAMETERS.votePeriod.development + 1n)
  for (const { address, act, hash } of voters) if (act !== 'mute') attempt(() => stage.revealVote(round, address, hash))
  world.pass(PARAMETERS.revealPeriod.development)
}

const total = (stage: CommitteeStage): bigint =>
  [...stage.world.balances.values()].reduce((sum, balance) => sum + balance, 0n)

it('a round ends one way or another, with every wei accounted for and no stake locked', () => {
  fc.assert(
    fc.property(acts, fc.option(acts), fc.boolean(), fc.nat({ max: 700 }), (first, second, shows, signs) => {
      const stage = new CommitteeStage()
      const { world, bob, owner } = stage
      const wei = total(stage)
      const right = feature(stage.rows[1]!, signs)
      const round = stage.challengeRow(1)
      const sound = () => expect([world.audit(), total(stage)]).toEqual([[], wei])
      stage.draw(round)
      sound()
      vote(stage, round, first, { right: right.hash })
      world.pass(1n)
      if (second) {
        world.send(owner.address, 'attribution', 'appealRound', [round], { value: APPEAL_BOND })
        sound()
        vote(stage, round, second, { right: right.hash })
      } else stage.passAppeal()
      world.pass(1n)
      sound()
      if (shows)
        attempt(() => world.send(bob.address, 'attribution', 'decideRow', [round, stage.rowHex(1), right.vector]))
      sound()
      stage.passAppeal()
      attempt(() => world.send(bob.address, 'attribution', 'voidRound', [round]))
      sound()
      const ended = world.send(bob.address, 'attribution', 'getRound', [round])
      expect([ROUND_STATUS.upheld, ROUND_STATUS.failed, ROUND_STATUS.void]).toContain(ended.status)
      expect([ended.bond, ended.appealBond]).toEqual([0n, 0n])
      const locked = (address: Address) => stage.validatorStake(address).locked
      expect(stage.validators.map(({ address }) => locked(address))).toEqual([0n, 0n, 0n, 0n])
      if (ended.status === ROUND_STATUS.upheld) expect(signs).toBeGreaterThan(512)
      if (ended.status === ROUND_STATUS.failed) expect(signs).toBeLessThanOrEqual(512)
    }),
    { numRuns: 40 },
  )
})
