/** What Agents holds, and where (the table stands in ../README.md). Layouts only grow at their end. */
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, recordLayout, variable } from '../calls/storage-layout.ts'

const own = (slot: number): Place => variable(NATIVE.agents, slot)

export const counters = own(0)
export const countersLayout = recordLayout({ agents: 'uint64', jobs: 'uint64' })

export const agentLayout = recordLayout({
  owner: 'address',
  /** Seconds. */
  registeredAt: 'uint64',
  /** While true the wallet spends nothing and takes no job. */
  paused: 'bool',
  /** The key that spends; zero where there is none. */
  wallet: 'address',
  /** Wei to spend or to withdraw. */
  balance: 'uint128',
  /** Wei at stake, and the part of it behind accepted jobs. */
  stake: 'uint128',
  locked: 'uint128',
  /** Wei on its way out of the stake, and from when on (seconds). */
  unstaking: 'uint128',
  /** Wei that the wallet may spend in a period of so many seconds. */
  limit: 'uint128',
  period: 'uint64',
  withdrawableAt: 'uint64',
  /** Wei spent in the period that began then (seconds). */
  spent: 'uint128',
  periodStart: 'uint64',
})

export const jobLayout = recordLayout({
  /** Whose balance paid, where an agent is the client; else 0. */
  clientAgent: 'uint64',
  agent: 'uint64',
  status: 'uint8',
  /** Seconds: the last moment for a result. */
  deadline: 'uint64',
  /** Who offered; for an agent its wallet then. */
  client: 'address',
  /** Seconds. */
  completedAt: 'uint64',
  /** Wei in escrow until the job ends. */
  fee: 'uint128',
  /** Wei of the agent's stake that a missed deadline costs. */
  forfeit: 'uint128',
  jobHash: 'bytes32',
  resultHash: 'bytes32',
})

export const feedbackLayout = recordLayout({
  /** An int128 in two's complement. */
  value: 'uint128',
  valueDecimals: 'uint8',
  isRevoked: 'bool',
})

export const addressLayout = recordLayout({ account: 'address' })

export function agentPlace(context: CallContext, agent: bigint): Place {
  return at(context, own(1), agent)
}

export function uriPlace(context: CallContext, agent: bigint): Place {
  return at(context, own(2), agent)
}

/** metadata[agent][keccak of the key]. */
export function metadataPlace(context: CallContext, agent: bigint, keyHash: `0x${string}`): Place {
  return at(context, at(context, own(3), agent), keyHash)
}

/** Who may manage this one agent besides its owner. */
export function approvedPlace(context: CallContext, agent: bigint): Place {
  return at(context, own(4), agent)
}

/** 1 where the operator may manage all agents of the owner. */
export function operatorPlace(context: CallContext, owner: Address, operator: Address): Place {
  return at(context, at(context, own(5), owner), operator)
}

/** How many agents an owner has. */
export function heldPlace(context: CallContext, owner: Address): Place {
  return at(context, own(6), owner)
}

export function jobPlace(context: CallContext, job: bigint): Place {
  return at(context, own(7), job)
}

/** How often a client has given feedback to an agent. Indexes begin at 1. */
export function lastIndexPlace(context: CallContext, agent: bigint, client: Address): Place {
  return at(context, at(context, own(8), agent), client)
}

/** A feedback: its record, then its two tags. */
export function feedbackPlace(context: CallContext, agent: bigint, client: Address, index: bigint): Place {
  return at(context, at(context, at(context, own(9), agent), client), index)
}

/** All who have given feedback to an agent, in the order of their first. */
export function clientsPlace(context: CallContext, agent: bigint): Place {
  return at(context, own(10), agent)
}

type FeedbackKey = { agent: bigint; client: Address; index: bigint }

/** How often the responder has answered a feedback. */
export function responsesPlace(context: CallContext, key: FeedbackKey, responder: Address): Place {
  const { agent, client, index } = key
  return at(context, at(context, at(context, at(context, own(11), agent), client), index), responder)
}

/** All who have answered a feedback. */
export function respondersPlace(context: CallContext, { agent, client, index }: FeedbackKey): Place {
  return at(context, at(context, at(context, own(12), agent), client), index)
}
