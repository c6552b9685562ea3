/** Openings on demand, and challenge 3: who hides loses; who shows is paid, and nothing matures meanwhile. */

import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { CLAIM_STATUS } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { requestId } from '../../../protocol/request.ts'
import { DisputeStage, OPENING_BOND } from '../testing/dispute-stage.ts'
import { word } from '../testing/ledger-stage.ts'

const LOCK = parseEther('4')

function demanded() {
  const stage = new DisputeStage()
  const { world, challenger } = stage
  const leaf = stage.honestLeaf()
  const claim = stage.claim(leaf)
  const demand = () =>
    world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
  demand()
  const request = requestId(leaf.channel, leaf.n)
  const status = () => world.send(challenger.address, 'attribution', 'claimOf', [request])[1]
  return { stage, world, challenger, leaf, claim, request, demand, status }
}

describe('a demanded opening', () => {
  it('suspends the claim: it does not mature, its stake stays locked, and it is demanded once', () => {
    const { stage, world, challenger, leaf, claim, status } = demanded()
    expect(status()).toBe(CLAIM_STATUS.suspended)
    expect(world.audit()).toEqual([])
    for (const { address } of [stage.prover, stage.owner]) expect(stage.pendingOf(address)).toBe(0n)
    world.pass(24n)
    world.mature()
    const { address } = stage.prover
    expect(world.send(address, 'staking', 'stakeOf', [address, STAKE_ROLE.prover]).locked).toBe(LOCK)
    expect(world.send(address, 'attribution', 'earnedOf', [address])).toBe(0n)
    expect(world.audit()).toEqual([])
    const again = world.fails(challenger.address, 'attribution', 'demandOpening', [claim, leaf], {
      value: OPENING_BOND,
    })
    expect(again).toBe('AlreadyDemanded')
  })

  it('of a void query is answered without coordinates, and lists no entries', () => {
    const stage = new DisputeStage()
    const { world, challenger, prover } = stage
    const reveal = (entries: boolean) => {
      const leaf = stage.honestLeaf({ n: entries ? 1n : 0n, queryHash: word(0), ...(!entries && { entries: [] }) })
      const claim = stage.claim(leaf)
      const demand = { value: OPENING_BOND }
      world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], demand)
      return world.send(prover.address, 'attribution', 'reveal', [claim, leaf, { ...stage.opening(), query: '0x' }])
    }
    reveal(false)
    expect(world.send(prover.address, 'attribution', 'claimOf', [requestId(stage.channel, 0n)])[1]).toBe(
      CLAIM_STATUS.opened,
    )
    expect(() => reveal(true)).toThrow('InvalidField(query')
  })

  it('that is answered pays its bond to who answered, and the claim matures a window later, whole', () => {
    const { stage, world, challenger, leaf, claim, request, status } = demanded()
    const { address } = stage.prover
    const before = world.balance(address)
    const mark = world.logs.length
    world.send(address, 'attribution', 'reveal', [claim, leaf, stage.opening()])
    expect(world.balance(address)).toBe(before + OPENING_BOND)
    expect(status()).toBe(CLAIM_STATUS.opened)
    expect(world.audit()).toEqual([])
    const { maturesAt } = world.send(address, 'attribution', 'getSettlement', [request])
    expect(maturesAt).toBeGreaterThan(world.now + 12n)
    const renewed = stage.claimIn(mark)
    const again = world.fails(challenger.address, 'attribution', 'demandOpening', [renewed, leaf], {
      value: OPENING_BOND,
    })
    expect(again).toBe('AlreadyDemanded')
    world.pass(24n)
    world.mature()
    expect(world.send(address, 'attribution', 'earnedOf', [address])).toBe(parseEther('0.15'))
    expect(world.send(address, 'staking', 'stakeOf', [address, STAKE_ROLE.prover]).locked).toBe(0n)
    expect(world.audit()).toEqual([])
  })

  it('that is not answered by its deadline undoes the claim; the demander has half the lock and the bond', () => {
    const { stage, world, challenger, leaf, claim, request, status } = demanded()
    const { deadline } = world.send(challenger.address, 'attribution', 'demandOf', [request])
    const before = world.balance(challenger.address)
    const punish = () => world.fails(stage.bob.address, 'attribution', 'punishHidden', [claim, leaf])
    world.pass(deadline - world.now)
    expect(punish()).toBe('TooEarly')
    world.pass(1n)
    const late = world.fails(stage.prover.address, 'attribution', 'reveal', [claim, leaf, stage.opening()])
    expect(late).toBe('DeadlinePassed')
    world.send(stage.bob.address, 'attribution', 'punishHidden', [claim, leaf])
    expect(world.balance(challenger.address)).toBe(before + LOCK / 2n + OPENING_BOND)
    expect(status()).toBe(CLAIM_STATUS.undone)
    expect(punish()).toBe('ClaimUndoneBefore')
    world.pass(24n)
    world.mature()
    expect(stage.pendingOf(stage.owner.address)).toBe(0n)
    expect(world.audit()).toEqual([])
  })

  it('is answered by nothing but what the receipt and the leaf committed to', () => {
    const { stage, world, leaf, claim } = demanded()
    const whole = stage.opening()
    const fails = (changes: Partial<typeof whole>) =>
      world.fails(stage.prover.address, 'attribution', 'reveal', [claim, leaf, { ...whole, ...changes }])
    expect(fails({ promptIds: whole.outputIds })).toBe('InvalidField promptIds')
    expect(fails({ promptIds: `0x${'00'.repeat(12)}` })).toBe('InvalidField promptIds')
    expect(fails({ promptSalt: word(1) })).toBe('InvalidField promptIds')
    expect(fails({ outputSalt: word(1) })).toBe('InvalidField outputIds')
    expect(fails({ query: '0x00' })).toBe('InvalidField query')
  })

  it('gives two seconds more for each demand that is open', () => {
    const { stage, world, challenger, request } = demanded()
    const leaf = stage.honestLeaf({ n: 2n })
    const claim = stage.claim(leaf)
    world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
    const deadlineOf = (id: `0x${string}`) => world.send(challenger.address, 'attribution', 'demandOf', [id]).deadline
    expect(deadlineOf(requestId(leaf.channel, 2n)) - deadlineOf(request)).toBe(2n)
  })

  it('leaves a score open to challenge; then the demand’s bond returns', () => {
    const stage = new DisputeStage()
    const { world, challenger } = stage
    const honest = stage.honestLeaf()
    const entries = honest.entries.map((entry, i) => (i === 0 ? { ...entry, raw: entry.raw + 1 } : entry))
    const leaf = { ...honest, entries }
    const claim = stage.claim(leaf)
    const before = world.balance(challenger.address)
    world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
    expect(stage.challengeScore(claim, leaf, 0, entries[0]!.row)).toBe(true)
    expect(world.balance(challenger.address)).toBe(before + LOCK / 2n)
    expect(world.audit()).toEqual([])
  })
})

describe('a request that its payer has not opened to all', () => {
  it('cannot be demanded; what it pays contributors goes by Datanet weights', () => {
    const stage = new DisputeStage()
    const { world, challenger } = stage
    const leaf = stage.honestLeaf({ openable: false })
    const claim = stage.claim(leaf)
    const demand = world.fails(challenger.address, 'attribution', 'demandOpening', [claim, leaf], {
      value: OPENING_BOND,
    })
    expect(demand).toBe('InvalidField leaf')
    const credits = world.events().filter(({ name }) => name === 'Credited')
    expect(credits.filter(({ args }) => args.role === 0)).toEqual([])
    expect(credits.find(({ args }) => args.role === 1)!.args.amount).toBe(parseEther('0.45'))
  })
})
