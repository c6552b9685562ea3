/** For tests: agents, and what they do, as the registry and their people would have it. */
import type { Hex } from 'viem'
import { type Address, AGENT_REGISTRY } from '../../../genesis/addresses.ts'
import { OPEN, type World } from './ledger-harness.ts'
import { type Actor, type Stage, word } from './ledger-stage.ts'

export const MEMO = word(77)
export const HOUR = 3_600n

/** Registers an agent of the owner's through the registry; its wallet is another's where one is given. */
export function registerAgent(world: World, owner: Address, wallet?: Address): bigint {
  const agent = world.send(AGENT_REGISTRY, 'agents', 'register', [owner, 'ipfs://agent', []])
  if (wallet !== undefined) world.send(AGENT_REGISTRY, 'agents', 'setAgentWallet', [owner, agent, wallet])
  return agent
}

/** An agent that can work and pay: balance 10, limit 5 an hour, stake 10 OPEN. */
export function ableAgent(world: World, owner: Actor, wallet: Actor): bigint {
  const agent = registerAgent(world, owner.address, wallet.address)
  world.send(owner.address, 'agents', 'payAgent', [agent, MEMO], { value: 10n * OPEN })
  world.send(owner.address, 'agents', 'stake', [agent], { value: 10n * OPEN })
  world.send(owner.address, 'agents', 'setSpendingLimit', [agent, 5n * OPEN, HOUR])
  return agent
}

/** Agents and jobs in every state that a call can find. Lets no time pass: deadlines of a second are over when some has. */
export class AgentsStanding {
  /** Alice's, spending by bob; the same, paused; carol's, who has neither staked nor paid. */
  readonly able: bigint
  readonly paused: bigint
  readonly bare: bigint
  /** A channel of the able agent's, and one that is closing. */
  readonly channel: Hex
  readonly closing: Hex
  /** Offered by carol to the able agent, for 2 OPEN: open for a year or for a second, accepted, completed. */
  readonly offered: bigint
  readonly lapsed: bigint
  readonly accepted: bigint
  readonly late: bigint
  readonly completed: bigint
  readonly toPaused: bigint
  readonly toBare: bigint
  /** More than its stake can stand behind. */
  readonly large: bigint

  constructor({ world, alice, bob, carol, prover }: Stage) {
    this.able = ableAgent(world, alice, bob)
    this.paused = ableAgent(world, alice, bob)
    this.bare = registerAgent(world, carol.address)
    const open = (deposit: bigint) =>
      world.send(bob.address, 'agents', 'openChannel', [this.able, prover.address, deposit])
    this.channel = open(OPEN)
    this.closing = open(OPEN)
    world.send(alice.address, 'agents', 'closeChannel', [this.able, this.closing])
    const job = (agent: bigint, seconds: bigint, value = 2n * OPEN) =>
      world.send(carol.address, 'agents', 'offerJob', [agent, world.now + seconds, word(1)], { value })
    this.offered = job(this.able, 31_536_000n)
    this.lapsed = job(this.able, 1n)
    this.large = job(this.able, 31_536_000n, 100n * OPEN)
    this.accepted = job(this.able, 31_536_000n)
    this.late = job(this.able, 1n)
    this.completed = job(this.able, 1n)
    this.toPaused = job(this.paused, 31_536_000n)
    this.toBare = job(this.bare, 31_536_000n)
    for (const id of [this.accepted, this.late, this.completed]) world.send(bob.address, 'agents', 'acceptJob', [id])
    world.send(bob.address, 'agents', 'completeJob', [this.completed, word(2)])
    world.send(alice.address, 'agents', 'setPaused', [this.paused, true])
    world.send(alice.address, 'agents', 'unstake', [this.able, OPEN])
    for (let i = 0; i < 2; i++)
      world.send(carol.address, 'agents', 'giveFeedback', [this.able, 5n, 0, '', '', '', '', word(0)])
    world.send(carol.address, 'agents', 'revokeFeedback', [this.able, 1n])
  }
}
