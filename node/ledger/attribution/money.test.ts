/** The invariants of docs/protocol.md that are about money, under random sequences of calls. */
import fc from 'fast-check'
import { type Hex, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { contributionCommitment } from '../../../protocol/commitment.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { hexOf } from '../calls/face.ts'
import { pendingOf, TARGET_KIND, type Target } from '../payouts/pending.ts'
import { CallFailed, type Contract } from '../testing/ledger-harness.ts'
import { type Actor, COMMIT_BOND, essay, Stage, THETA, utf8, VERSION_BOND, word } from '../testing/ledger-stage.ts'

const ROLES = [STAKE_ROLE.prover, STAKE_ROLE.validator] as const
const TEXTS = [0, 1, 2].flatMap((seed) => [essay(seed), `${essay(seed)} copied`, essay(seed).slice(3)])

/** A stage on which random steps are played; it remembers what to add up. */
class Play {
  readonly stage = new Stage()
  readonly people: Actor[]
  readonly datanets: bigint[]
  readonly version: bigint
  readonly channels: Hex[] = []
  readonly commitments = new Map<Hex, Address>()
  readonly settledRequests: Hex[] = []
  readonly everything: bigint

  constructor() {
    const { stage } = this
    this.people = [stage.alice, stage.bob, stage.carol, stage.owner, stage.prover, stage.validator, stage.payer]
    this.datanets = [stage.createDatanet(), stage.createDatanet()]
    for (const [i, who] of [stage.alice, stage.bob, stage.carol].entries())
      stage.contribute(who, this.datanets[i & 1]!, essay(30 + i))
    this.version = stage.liveVersion(this.datanets)
    this.channels.push(stage.openChannel(parseEther('1')))
    this.everything = this.#allWei()
  }

  /** Runs a step; a call that fails is a step too. True where it went through. */
  try(act: () => void): boolean {
    try {
      act()
      return true
    } catch (error) {
      if (error instanceof CallFailed) return false
      throw error
    }
  }

  /** Everything that each contract owes to anybody. */
  owed(contract: Contract): bigint {
    const { world } = this.stage
    const sum = (parts: bigint[]) => parts.reduce((total, part) => total + part, 0n)
    const anyone = this.stage.alice.address
    switch (contract) {
      case 'channels':
        return sum(
          this.channels.map((channel) => {
            const { deposit, settled, closed } = world.send(anyone, 'channels', 'getChannel', [channel])
            return closed ? 0n : deposit - settled
          }),
        )
      case 'datanets':
        return sum(
          [...this.commitments].map(
            ([each, owner]) => world.send(anyone, 'datanets', 'commitmentOf', [owner, each])[1],
          ),
        )
      case 'models':
        return VERSION_BOND
      case 'staking':
        return sum(
          this.people.flatMap(({ address }) =>
            ROLES.map((role) => {
              const { amount, unstaking, rewards } = world.send(anyone, 'staking', 'stakeOf', [address, role])
              return amount + unstaking + rewards
            }),
          ),
        )
      case 'attribution':
        return sum([
          ...this.people.map(({ address }) => this.#pending({ kind: TARGET_KIND.account, id: BigInt(address) })),
          ...this.datanets.map((id) => this.#pending({ kind: TARGET_KIND.datanet, id })),
          this.#pending({ kind: TARGET_KIND.stakers, id: 0n }),
          this.#pending({ kind: TARGET_KIND.treasury, id: 0n }),
          world.send(anyone, 'attribution', 'treasury', []),
          ...this.datanets.flatMap((id) =>
            this.people.map(({ address }) => world.send(anyone, 'attribution', 'incomeOf', [id, address])),
          ),
        ])
      default:
        return 0n
    }
  }

  check(): void {
    const { world } = this.stage
    expect(this.#allWei()).toBe(this.everything)
    for (const contract of ['channels', 'datanets', 'models'] as const) {
      expect(world.balance(NATIVE[contract])).toBe(this.owed(contract))
    }
    for (const contract of ['staking', 'attribution'] as const) {
      expect(world.balance(NATIVE[contract])).toBeGreaterThanOrEqual(this.owed(contract))
    }
    for (const channel of this.channels) {
      const { deposit, settled, ceiling } = world.send(this.stage.alice.address, 'channels', 'getChannel', [channel])
      expect(settled).toBeLessThanOrEqual(deposit)
      expect(settled).toBeLessThanOrEqual(ceiling)
    }
    expect(new Set(this.settledRequests).size).toBe(this.settledRequests.length)
    const prover = this.stage.prover.address
    const { locked } = world.send(prover, 'staking', 'stakeOf', [prover, STAKE_ROLE.prover])
    expect(locked).toBe(this.#pending({ kind: TARGET_KIND.lock, id: BigInt(prover) }))
  }

  #pending(target: Target): bigint {
    return this.stage.world.view((context) => pendingOf(context, target))
  }

  #allWei(): bigint {
    return [...this.stage.world.balances.values()].reduce((sum, balance) => sum + balance, 0n)
  }
}

const person = fc.nat({ max: 6 })
const small = fc.nat({ max: 3 })
const wei = fc.oneof(
  fc.bigInt({ min: 0n, max: 5_000_000_000n }),
  fc.bigInt({ min: 1n, max: parseEther('1') }),
  fc.bigInt({ min: 1n, max: 10n }).map((count) => count * parseEther('0.1')),
)

type Step = (play: Play) => void

const commitAndContribute = fc
  .record({ who: person, datanet: fc.nat({ max: 1 }), text: fc.nat({ max: TEXTS.length - 1 }), show: fc.boolean() })
  .map(
    ({ who, datanet, text, show }): Step =>
      (play) => {
        const { stage } = play
        const content = utf8(TEXTS[text]!)
        const owner = play.people[who]!.address
        const contentHash = hexOf(keccak256(content))
        const commitment = contributionCommitment({
          owner,
          datanet: play.datanets[datanet]!,
          contentHash,
          salt: word(7),
        })
        play.try(() => stage.world.send(owner, 'datanets', 'commit', [commitment], { value: COMMIT_BOND }))
        play.commitments.set(commitment, owner)
        if (show) play.try(() => stage.show(play.people[who]!, play.datanets[datanet]!, content))
      },
  )

const showLater = fc.record({ who: person, datanet: fc.nat({ max: 1 }), text: fc.nat({ max: TEXTS.length - 1 }) }).map(
  ({ who, datanet, text }): Step =>
    (play) => {
      play.try(() => play.stage.show(play.people[who]!, play.datanets[datanet]!, utf8(TEXTS[text]!)))
    },
)

const withdrawContribution = fc.record({ who: person, id: fc.nat({ max: 8 }) }).map(
  ({ who, id }): Step =>
    (play) => {
      play.try(() => play.stage.world.send(play.people[who]!.address, 'datanets', 'withdraw', [BigInt(id)]))
    },
)

const channelStep = fc
  .record({ what: fc.constantFrom('open', 'topUp', 'close', 'refund'), which: small, amount: wei })
  .map(
    ({ what, which, amount }): Step =>
      (play) => {
        const { world, payer } = play.stage
        const channel = play.channels[which % play.channels.length]!
        const value = amount + 1n
        if (what === 'open') play.try(() => play.channels.push(play.stage.openChannel(value)))
        if (what === 'topUp') play.try(() => world.send(payer.address, 'channels', 'topUp', [channel], { value }))
        if (what === 'close') play.try(() => world.send(payer.address, 'channels', 'close', [channel]))
        if (what === 'refund') play.try(() => world.send(payer.address, 'channels', 'refund', [channel]))
      },
  )

const entry = fc.record({
  cluster: fc.integer({ min: 1, max: 4 }),
  above: fc.integer({ min: 1, max: 5_000 }),
  scale: fc.integer({ min: 1, max: 402 }),
})
/** Tenths of an OPEN, so that fees, ceilings and deposits meet each other's bounds. */
const tenths = (most: bigint) => fc.bigInt({ min: 1n, max: most }).map((count) => count * parseEther('0.1'))
const leafDraft = fc.record({
  which: small,
  n: fc.nat({ max: 8 }),
  fee: fc.oneof(tenths(4n), fc.bigInt({ min: 0n, max: 5_000_000_000n })),
  back: fc.nat({ max: 3 }),
  entries: fc.array(entry, { maxLength: 3 }),
})

function drafted(play: Play, draft: typeof leafDraft extends fc.Arbitrary<infer value> ? value : never): Leaf {
  const entries = draft.entries
    .map(({ cluster, above, scale }, row) => ({ row, cluster: BigInt(cluster), raw: Number(THETA) + above, scale }))
    .sort((a, b) => b.raw * b.scale - a.raw * a.scale || a.row - b.row)
  const channel = play.channels[draft.which % play.channels.length]!
  const asOf = play.stage.world.number - BigInt(draft.back)
  return play.stage.leaf({ channel, version: play.version, n: BigInt(draft.n), fee: draft.fee, asOf, entries })
}

const settle = fc
  .record({
    drafts: fc.array(leafDraft, { minLength: 1, maxLength: 3 }),
    ceiling: tenths(15n),
    signer: fc.constantFrom('payer', 'payer', 'payer', 'bob'),
  })
  .map(
    ({ drafts, ceiling, signer }): Step =>
      (play) => {
        const { stage } = play
        const leaves = drafts.map((draft) => drafted(play, draft))
        const who = signer === 'payer' ? stage.payer : stage.bob
        const vouchers = leaves.map(({ channel }) => stage.voucher(who, channel, ceiling))
        const mark = stage.world.logs.length
        play.try(() => stage.world.send(stage.prover.address, 'attribution', 'settle', [leaves, vouchers]))
        for (const { name, args } of stage.world.events(mark)) {
          if (name === 'Settled') play.settledRequests.push(args.request as Hex)
        }
      },
  )

const stakeStep = fc
  .record({
    what: fc.constantFrom('stake', 'unstake', 'withdraw', 'collect'),
    who: person,
    role: fc.constantFrom(...ROLES),
    amount: wei,
  })
  .map(
    ({ what, who, role, amount }): Step =>
      (play) => {
        const { world } = play.stage
        const { address } = play.people[who]!
        const value = parseEther('10') + amount
        if (what === 'stake') play.try(() => world.send(address, 'staking', 'stake', [role], { value }))
        if (what === 'unstake') play.try(() => world.send(address, 'staking', 'unstake', [role, amount]))
        if (what === 'withdraw') play.try(() => world.send(address, 'staking', 'withdraw', [role]))
        if (what === 'collect') play.try(() => world.send(address, 'staking', 'collectRewards', [role]))
      },
  )

const income = fc.record({ who: person, datanet: fc.nat({ max: 1 }) }).map(
  ({ who, datanet }): Step =>
    (play) => {
      const { address } = play.people[who]!
      play.try(() => play.stage.world.send(address, 'attribution', 'withdrawIncome', [play.datanets[datanet]!]))
    },
)

const mature = fc.bigInt({ min: 230_000n, max: 2_000_000n }).map(
  (gas): Step =>
    (play) => {
      expect(play.stage.world.mature(gas).ok).toBe(true)
    },
)

const pass = fc.bigInt({ min: 1n, max: 40n }).map(
  (seconds): Step =>
    (play) =>
      play.stage.world.pass(seconds),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: commitAndContribute },
  { weight: 2, arbitrary: showLater },
  { weight: 1, arbitrary: withdrawContribution },
  { weight: 2, arbitrary: channelStep },
  { weight: 5, arbitrary: settle },
  { weight: 2, arbitrary: stakeStep },
  { weight: 1, arbitrary: income },
  { weight: 2, arbitrary: mature },
  { weight: 3, arbitrary: pass },
)

describe('after any sequence of calls', () => {
  it('each contract holds what it owes; no channel pays above its ceiling or deposit; no request is settled twice', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) => {
        const play = new Play()
        for (const act of steps) {
          act(play)
          play.check()
        }
      }),
      { numRuns: 25 },
    )
  })

  it('nothing is stuck: when all has matured, only rounding stays beyond what is owed', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
        const play = new Play()
        const { world, prover } = play.stage
        // Somebody holds a share of each Datanet from first to last, so that no stream stands still.
        for (const [i, datanet] of play.datanets.entries())
          play.stage.contribute(play.stage.owner, datanet, essay(50 + i))
        for (const act of steps) act(play)
        for (let late = 0; late < 4; late++) {
          world.pass(24n)
          world.mature()
        }
        play.check()
        for (const contract of ['staking', 'attribution'] as const) {
          expect(world.balance(NATIVE[contract]) - play.owed(contract)).toBeLessThan(1_000n)
        }
        expect(world.send(prover.address, 'staking', 'stakeOf', [prover.address, STAKE_ROLE.prover]).locked).toBe(0n)
      }),
      { numRuns: 12 },
    )
  })
})

describe('a call that fails', () => {
  it('for want of gas, wherever it ends, does what it would have done or nothing', () => {
    const play = new Play()
    const { stage } = play
    const { cluster } = stage.contribute(stage.alice, play.datanets[0]!, essay(9))
    const entries = [{ row: 0, cluster, raw: Number(THETA) + 5, scale: 100 }]
    const leaf = stage.leaf({ channel: play.channels[0]!, version: play.version, fee: 1_000n, entries })
    const voucher = stage.voucher(stage.payer, leaf.channel, 1_000n)
    const settled = (gas: bigint) => {
      const { world } = stage
      const before = { storage: new Map(world.storage), balances: new Map(world.balances) }
      const went = play.try(() =>
        world.send(stage.prover.address, 'attribution', 'settle', [[leaf], [voucher]], { gas }),
      )
      if (!went) expect({ storage: world.storage, balances: world.balances }).toEqual(before)
      return went
    }
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 400_000n }), (gas) => {
        expect(settled(gas)).toBe(false)
      }),
      { numRuns: 60 },
    )
    expect(settled(2_000_000n)).toBe(true)
  })
})

describe('copies', () => {
  /** What everybody has earned after one answer that rests on the first text's cluster, and all that follows from it. */
  function earnings(copies: { who: number; text: string }[]): bigint {
    const stage = new Stage()
    const datanet = stage.createDatanet()
    const copiers = [stage.bob, stage.carol, stage.owner, stage.validator]
    const original = stage.contribute(stage.alice, datanet, essay(1))
    stage.contribute(stage.payer, datanet, essay(2))
    for (const { who, text } of copies) {
      try {
        stage.contribute(copiers[who]!, datanet, text)
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error
      }
    }
    const version = stage.liveVersion([datanet])
    const clusters = new Set(copies.length === 0 ? [original.cluster] : [])
    for (let id = 1n; id <= stage.world.send(stage.alice.address, 'datanets', 'contributionCount', []); id++) {
      const record = stage.world.send(stage.alice.address, 'datanets', 'getContribution', [id])
      if (record.contributor.toLowerCase() !== stage.payer.address) clusters.add(record.cluster)
    }
    const entries = [...clusters].map((cluster, row) => ({ row, cluster, raw: Number(THETA) + 100, scale: 100 }))
    stage.settle(stage.leaf({ channel: stage.openChannel(), version, entries }))
    stage.world.pass(24n)
    stage.world.mature()
    stage.world.pass(12n)
    return [stage.alice, stage.bob, stage.carol].reduce((sum, { address }) => {
      const paid = stage.world.send(address, 'attribution', 'earnedOf', [address])
      return sum + paid + stage.world.send(address, 'attribution', 'incomeOf', [datanet, address])
    }, 0n)
  }

  it('of a contribution, by any number of identities, earn together what it earns alone', () => {
    const alone = earnings([])
    const edit = fc.record({
      who: fc.nat({ max: 1 }),
      text: fc.constantFrom(essay(1), ` ${essay(1)}`, `${essay(1)} x`, essay(1).slice(2)),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (copies) => {
        expect(earnings(copies)).toBe(alone)
      }),
      { numRuns: 25 },
    )
  })
})
