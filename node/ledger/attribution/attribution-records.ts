/** What Attribution holds, and where (the table stands in README.md). Layouts only grow at their end. */
import type { Hex } from 'viem'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, recordLayout, variable } from '../calls/storage-layout.ts'

const own = (slot: number): Place => variable(NATIVE.attribution, slot)

export const countersLayout = recordLayout({
  settlements: 'uint64',
  /** The queue of what is pending holds the items head … tail − 1. */
  queueHead: 'uint64',
  queueTail: 'uint64',
})
export const counters = own(0)

export const settlementLayout = recordLayout({
  prover: 'address',
  /** Seconds; 0 where the request has not been settled. */
  settledAt: 'uint64',
  leafHash: 'bytes32',
  fee: 'uint128',
  lockedStake: 'uint128',
  version: 'uint64',
  /** Seconds. */
  maturesAt: 'uint64',
})

export function settlementPlace(context: CallContext, request: Hex): Place {
  return at(context, own(1), request)
}

/** The request that was settled as number `index`, from 0. */
export function requestPlace(context: CallContext, index: bigint): Place {
  return at(context, own(2), index)
}

/** What has matured for a target and not been paid, and what has been paid, in wei. Its two lanes are the next two slots. */
export const targetLayout = recordLayout({ owed: 'uint128', paid: 'uint128' })

/** Wei that matures at one moment, in seconds. */
export const laneLayout = recordLayout({ maturesAt: 'uint64', amount: 'uint128' })

/** pending[kind·2¹⁶⁰ + id]. */
export function targetPlace(context: CallContext, kind: number, id: bigint): Place {
  return at(context, own(3), (BigInt(kind) << 160n) | id)
}

export const queueItemLayout = recordLayout({ id: 'uint160', kind: 'uint8', lane: 'uint8', maturesAt: 'uint64' })

export function queuePlace(context: CallContext, index: bigint): Place {
  return at(context, own(4), index)
}

/** The treasury, in wei. */
export const treasury = own(5)

/** What became of a settlement's credits. */
export const claimLayout = recordLayout({
  /** Of the claim's bytes (protocol/claim.ts). */
  claimHash: 'bytes32',
  /** CLAIM_STATUS. */
  status: 'uint8',
})

export function claimPlace(context: CallContext, request: Hex): Place {
  return at(context, own(6), request)
}

/** A challenger's commitment: the block of it, and its bond in wei. */
export const challengeLayout = recordLayout({ committedIn: 'uint64', bond: 'uint128' })

export function challengePlace(context: CallContext, challenger: Address, commitment: Hex): Place {
  return at(context, at(context, own(7), challenger), commitment)
}

/** A demand that a request be opened. */
export const demandLayout = recordLayout({
  demander: 'address',
  /** Seconds; 0 where there never was one. */
  deadline: 'uint64',
  bond: 'uint128',
})

export function demandPlace(context: CallContext, request: Hex): Place {
  return at(context, own(8), request)
}

/** A demand that a version's row be shown; a record of `demandLayout`. */
export function rowDemandPlace(context: CallContext, version: bigint, row: bigint): Place {
  return at(context, at(context, own(20), version), row)
}

/** Demands that are open. */
export const openDemands = own(9)
