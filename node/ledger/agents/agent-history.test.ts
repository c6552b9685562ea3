/** Agents over random histories: whatever people, wallets and clients do, Agents holds what it owes and no wei appears. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { AGENT_REGISTRY, NATIVE } from '../../../genesis/addresses.ts'
import { ableAgent, MEMO, registerAgent } from '../testing/agent-stage.ts'
import { CallFailed, OPEN, type World } from '../testing/ledger-harness.ts'
import { type Actor, Stage, word } from '../testing/ledger-stage.ts'

type Scene = { world: World; people: Actor[]; prover: Actor; channels: `0x${string}`[] }
type Step = (scene: Scene) => void

function scene(): Scene {
  const stage = new Stage()
  const { world, alice, bob, carol, payer, prover } = stage
  stage.stake(prover, STAKE_ROLE.prover, 1_000n * OPEN)
  ableAgent(world, alice, bob)
  ableAgent(world, carol, alice)
  registerAgent(world, payer.address)
  return { world, prover, people: [alice, bob, carol, payer], channels: [] }
}

/** Every other time it is the agent's wallet that calls, so that more goes well than by chance. */
function actor({ world, people }: Scene, id: bigint, who: number): `0x${string}` {
  const { address } = people[who]!
  if (who % 2 === 1 || id > world.send(address, 'agents', 'agentCount', [])) return address
  return world.send(address, 'agents', 'getAgentWallet', [id]).toLowerCase() as `0x${string}`
}

/** The same for the agent of a job. */
function worker(at: Scene, id: bigint, who: number): `0x${string}` {
  const { address } = at.people[who]!
  if (id > at.world.send(address, 'agents', 'jobCount', [])) return address
  return actor(at, at.world.send(address, 'agents', 'getJob', [id]).agentId, who)
}

/** The same for a job's client. */
function payer({ world, people }: Scene, id: bigint, who: number): `0x${string}` {
  const { address } = people[who]!
  if (who % 2 === 1 || id > world.send(address, 'agents', 'jobCount', [])) return address
  return world.send(address, 'agents', 'getJob', [id]).client.toLowerCase() as `0x${string}`
}

/** One of the latest jobs; one that is not there before there is any. */
function recent({ world, prover }: Scene, back: bigint): bigint {
  const count = world.send(prover.address, 'agents', 'jobCount', [])
  return count === 0n ? 1n : count - (back % count)
}

/** What it takes to come to a refund. */
function windUp({ world, prover }: Scene, channel: `0x${string}` | undefined): void {
  if (!channel) return
  const { closingAt, payer } = world.send(prover.address, 'channels', 'getChannel', [channel])
  if (closingAt === 0n) world.send(payer.toLowerCase() as `0x${string}`, 'channels', 'close', [channel])
  world.pass(12n)
  world.send(prover.address, 'channels', 'refund', [channel])
}

const person = fc.nat({ max: 3 })
const agent = fc.constantFrom(1n, 2n, 3n)
const job = fc.bigInt({ min: 0n, max: 2n })
const wei = fc.oneof(
  fc.bigInt({ min: 0n, max: 12n }).map((tenths) => (tenths * OPEN) / 4n),
  fc.bigInt({ min: 0n, max: 9n }),
)

const opening: fc.Arbitrary<Step> = fc.tuple(person, agent, wei).map(
  ([who, id, amount]): Step =>
    (at) => {
      const channel = at.world.send(actor(at, id, who), 'agents', 'openChannel', [id, at.prover.address, amount])
      at.channels.push(channel)
    },
)

const actions: fc.Arbitrary<Step>[] = [
  opening,
  opening,
  fc.tuple(person, agent, wei).map(
    ([who, id, value]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'payAgent', [id, MEMO], { value })
      },
  ),
  fc.tuple(person, agent, wei).map(
    ([who, id, amount]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'withdraw', [id, amount])
      },
  ),
  fc.tuple(person, person, agent, wei).map(
    ([who, to, id, amount]): Step =>
      (at) => {
        const { world, people } = at
        world.send(actor(at, id, who), 'agents', 'pay', [id, people[to]!.address, amount, MEMO])
      },
  ),
  fc.tuple(person, agent, wei, fc.bigInt({ min: 1n, max: 50n })).map(
    ([who, id, limit, period]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'setSpendingLimit', [id, limit, period])
      },
  ),
  fc.tuple(person, agent, wei).map(
    ([who, id, value]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'stake', [id], { value })
      },
  ),
  fc.tuple(person, agent, wei).map(
    ([who, id, amount]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'unstake', [id, amount])
      },
  ),
  fc.tuple(person, agent).map(
    ([who, id]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'withdrawStake', [id])
      },
  ),
  fc.tuple(person, person, person, agent).map(
    ([who, from, to, id]): Step =>
      ({ world, people }) => {
        const [by, source, target] = [who, from, to].map((each) => people[each]!.address)
        world.send(AGENT_REGISTRY, 'agents', 'transferFrom', [by!, source!, target!, id])
      },
  ),
  fc.tuple(person, person, agent).map(
    ([who, to, id]): Step =>
      ({ world, people }) => {
        world.send(AGENT_REGISTRY, 'agents', 'setAgentWallet', [people[who]!.address, id, people[to]!.address])
      },
  ),
  fc.tuple(person, agent, fc.nat({ max: 3 }), wei).map(
    ([who, id, index, amount]): Step =>
      (at) => {
        const channel = at.channels[index]
        if (channel) at.world.send(actor(at, id, who), 'agents', 'topUpChannel', [id, channel, amount])
      },
  ),
  fc.tuple(person, agent, fc.nat({ max: 3 })).map(
    ([who, id, index]): Step =>
      (at) => {
        const channel = at.channels[index]
        if (channel) at.world.send(actor(at, id, who), 'agents', 'closeChannel', [id, channel])
      },
  ),
  ...Array.from({ length: 3 }, () => fc.constant<Step>((at) => windUp(at, at.channels.at(-1)))),
  fc.nat({ max: 3 }).map(
    (index): Step =>
      (at) => {
        const channel = at.channels[index]
        if (channel) at.world.send(at.prover.address, 'channels', 'refund', [channel])
      },
  ),
  fc.tuple(person, agent, wei, fc.bigInt({ min: 1n, max: 200n })).map(
    ([who, id, value, term]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'offerJob', [id, world.now + term, word(1)], { value })
      },
  ),
  fc.tuple(person, agent, agent, wei).map(
    ([who, from, id, fee]): Step =>
      ({ world, people }) => {
        world.send(people[who]!.address, 'agents', 'offerJobFrom', [from, id, world.now + 20n, word(1), fee])
      },
  ),
  ...(['cancelJob', 'acceptResult', 'rejectResult', 'expireJob'] as const).map((name) =>
    fc.tuple(person, job).map(
      ([who, back]): Step =>
        (at) => {
          const id = recent(at, back)
          at.world.send(payer(at, id, who), 'agents', name, [id])
        },
    ),
  ),
  ...Array.from({ length: 2 }, () =>
    fc.tuple(person, job).map(
      ([who, back]): Step =>
        (at) => {
          const id = recent(at, back)
          at.world.send(worker(at, id, who), 'agents', 'acceptJob', [id])
        },
    ),
  ),
  ...Array.from({ length: 3 }, () =>
    fc.tuple(person, job).map(
      ([who, back]): Step =>
        (at) => {
          const id = recent(at, back)
          at.world.send(worker(at, id, who), 'agents', 'completeJob', [id, word(2)])
        },
    ),
  ),
  fc.bigInt({ min: 1n, max: 20n }).map(
    (seconds): Step =>
      ({ world }) =>
        world.pass(seconds),
  ),
]

const total = (world: World) => [...world.balances.values()].reduce((sum, balance) => sum + balance, 0n)

describe('after any history of agents', () => {
  it('Agents and Channels hold what they owe to the wei, locks and counts are sums, and no wei was made', () => {
    const reached = new Map<string, number>()
    fc.assert(
      fc.property(fc.array(fc.oneof(...actions), { minLength: 40, maxLength: 80 }), (steps) => {
        const at = scene()
        const before = total(at.world)
        for (const step of steps) {
          try {
            step(at)
          } catch (error) {
            if (!(error instanceof CallFailed)) throw error
          }
          expect(at.world.audit()).toEqual([])
          expect(total(at.world)).toBe(before)
        }
        for (const { name } of at.world.events()) reached.set(name, (reached.get(name) ?? 0) + 1)
        expect(at.world.balance(NATIVE.agents)).toBe(owed(at))
      }),
      { numRuns: 60, seed: 7 },
    )
    // A history that never gets anywhere would prove nothing.
    for (const name of ['Paid', 'ChannelOpened', 'ChannelRefunded', 'JobAccepted', 'JobCompleted', 'JobEnded'])
      expect(reached.get(name), name).toBeGreaterThan(3)
  }, 120_000)
})

/** The slow way, through the contract's own face. */
function owed({ world, people }: Scene): bigint {
  const { address } = people[0]!
  let sum = 0n
  for (let id = 1n; id <= world.send(address, 'agents', 'agentCount', []); id++) {
    const { balance, stake, unstaking } = world.send(address, 'agents', 'getAgent', [id])
    sum += balance + stake + unstaking
  }
  for (let id = 1n; id <= world.send(address, 'agents', 'jobCount', []); id++) {
    const { fee, status } = world.send(address, 'agents', 'getJob', [id])
    if (status <= 3) sum += fee
  }
  return sum
}
