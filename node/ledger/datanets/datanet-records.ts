/** What Datanets holds, and where (the table stands in README.md). Layouts only grow at their end. */
import type { Hex } from 'viem'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, readRecord, recordLayout, slotAfter, variable } from '../calls/storage-layout.ts'

const own = (slot: number): Place => variable(NATIVE.datanets, slot)

/** How many there are; an id is the count after adding it, so ids begin at 1. */
export const countersLayout = recordLayout({
  datanets: 'uint64',
  contributions: 'uint64',
  clusters: 'uint64',
  commitments: 'uint64',
})
export const counters = own(0)

export const datanetLayout = recordLayout({
  owner: 'address',
  contributions: 'uint64',
  policy: 'uint8',
  quorum: 'uint16',
  clusters: 'uint64',
  bond: 'uint128',
  licenceExpiry: 'uint64',
  feePerRow: 'uint128',
  revenueShareBps: 'uint16',
  commercialUse: 'bool',
  attributionDuty: 'bool',
})

export function datanetPlace(context: CallContext, datanet: bigint): Place {
  return at(context, own(1), datanet)
}

/** Texts of a Datanet: the slots after its record. */
export function datanetTexts(place: Place): { name: Place; domain: Place; uri: Place } {
  const first = BigInt(datanetLayout.words)
  return { name: slotAfter(place, first), domain: slotAfter(place, first + 1n), uri: slotAfter(place, first + 2n) }
}

export const commitmentLayout = recordLayout({
  /** Seconds; 0 where there is none. */
  committedAt: 'uint64',
  /** Wei. */
  bond: 'uint128',
  /** Place in the order of all commitments: what "earlier" means. */
  sequence: 'uint56',
})

/**
 * An owner's commitment. The owner is part of the key, so that nobody takes a hash from the pool before its
 * author: the same hash of another owner is another commitment, and one that nobody can use. (Slot 2 held
 * commitments by hash alone; it stays empty.)
 */
export function commitmentPlace(context: CallContext, owner: Address, commitment: Hex): Place {
  return at(context, at(context, own(9), owner), commitment)
}

export const contributionLayout = recordLayout({
  datanet: 'uint64',
  cluster: 'uint64',
  blockNumber: 'uint64',
  committedAt: 'uint64',
  contributor: 'address',
  /** Bytes. */
  size: 'uint32',
  status: 'uint8',
  sequence: 'uint56',
  contentHash: 'bytes32',
})

export function contributionPlace(context: CallContext, contribution: bigint): Place {
  return at(context, own(3), contribution)
}

/** A contribution's cid, and its MinHash in four slots of eight values, the first in the low bits. */
export function contributionTail(place: Place): { cid: Place; minhash: Place } {
  const first = BigInt(contributionLayout.words)
  return { cid: slotAfter(place, first), minhash: slotAfter(place, first + 1n) }
}

export const clusterLayout = recordLayout({
  datanet: 'uint64',
  /** The contribution with the earliest commitment among the members that could take the place. */
  founder: 'uint64',
  members: 'uint64',
  /** Block in which the founder withdrew; 0 while it has not. */
  withdrawnAt: 'uint64',
  /** The founder's contributor. */
  payee: 'address',
  /** Share units that stand for this cluster, held by the payee. */
  units: 'uint32',
  /** The founder's commitment sequence. */
  sequence: 'uint56',
  /** Whether the node has seen the founder's content, and so knows its MinHash to be true. */
  seen: 'bool',
})

export function clusterPlace(context: CallContext, cluster: bigint): Place {
  return at(context, own(4), cluster)
}

/** Up to four clusters whose founders have this band: four ids of 64 bits, the first in the low bits. */
export function bandPlace(context: CallContext, datanet: bigint, key: Hex): Place {
  return at(context, at(context, own(5), datanet), key)
}

/** The contribution that holds this content in the Datanet; 0 where none. */
export function contentPlace(context: CallContext, datanet: bigint, contentHash: Hex): Place {
  return at(context, at(context, own(6), datanet), contentHash)
}

/** A Datanet's share units as a pool of income. */
export function sharePool(context: CallContext, datanet: bigint): Place {
  return at(context, own(7), datanet)
}

export function shareHolder(context: CallContext, datanet: bigint, holder: Address): Place {
  return at(context, at(context, own(8), datanet), holder)
}

/** 1 where the account is a curator of the Datanet. */
export function curatorPlace(context: CallContext, datanet: bigint, account: Address): Place {
  return at(context, at(context, own(10), datanet), account)
}

/** A Datanet's curators: an array of addresses, one a slot. */
export const curatorLayout = recordLayout({ curator: 'address' })

export function curatorsPlace(context: CallContext, datanet: bigint): Place {
  return at(context, own(11), datanet)
}

/** 1 where the owner of a permissioned Datanet has admitted the account. */
export function admittedPlace(context: CallContext, datanet: bigint, account: Address): Place {
  return at(context, at(context, own(12), datanet), account)
}

/** What stands behind a contribution, and how its review goes. */
export const standingLayout = recordLayout({
  /** Wei that it keeps with the contract. */
  bond: 'uint128',
  accepts: 'uint16',
  rejects: 'uint16',
  /** Whether the node has seen the proposed content. */
  seen: 'bool',
  /** Seconds: when its contributor may take a proposal back. */
  endsAt: 'uint64',
})

export function standingPlace(context: CallContext, contribution: bigint): Place {
  return at(context, own(13), contribution)
}

/** 1 where the curator has voted for the proposal, 2 where against it. */
export function votePlace(context: CallContext, contribution: bigint, curator: Address): Place {
  return at(context, at(context, own(14), contribution), curator)
}

/** The licence that a model has to a Datanet, with the terms of its purchase. */
export const licenceLayout = recordLayout({
  /** Rows that it covers. */
  rows: 'uint64',
  /** Seconds; 0 for ever. */
  expiresAt: 'uint64',
  revenueShareBps: 'uint16',
  commercialUse: 'bool',
  /** Whether it was ever bought. */
  bought: 'bool',
})

export function licencePlace(context: CallContext, datanet: bigint, model: bigint): Place {
  return at(context, at(context, own(15), datanet), model)
}

/** The contributions before and after one in its line of versions; 0 where there is none. */
export const versionsLayout = recordLayout({ previous: 'uint64', next: 'uint64' })

export function versionsPlace(context: CallContext, contribution: bigint): Place {
  return at(context, own(16), contribution)
}

/** A Datanet's curators as a pool of income, one share each. */
export function curatorPool(context: CallContext, datanet: bigint): Place {
  return at(context, own(17), datanet)
}

export function curatorHolder(context: CallContext, datanet: bigint, curator: Address): Place {
  return at(context, at(context, own(18), datanet), curator)
}

/** A content in chunks: how many there are, how many were shown, and which MinHash values a shown chunk has reached. */
export const chunkedLayout = recordLayout({ chunks: 'uint32', shown: 'uint32', reached: 'uint32' })

export function chunkedPlace(context: CallContext, contribution: bigint): Place {
  return at(context, own(19), contribution)
}

/** Whether a contribution was declared in chunks, whose tree's root stands in place of its content's hash. */
export function isChunked(context: CallContext, contribution: bigint): boolean {
  return readRecord(context, chunkedPlace(context, contribution), chunkedLayout, ['chunks']).chunks !== 0n
}

/** 256 chunks of a content, one bit each: 1 where the chunk was shown. */
export function shownPlace(context: CallContext, contribution: bigint, word: bigint): Place {
  return at(context, at(context, own(20), contribution), word)
}

/** Where a cluster went when it was merged, and how many merges lie under it. */
export const mergeLayout = recordLayout({
  /** The cluster that stands for it; 0 where it stands for itself. */
  parent: 'uint64',
  /** Block of the merge. */
  mergedAt: 'uint64',
  /** Longest way from a cluster merged into this one. */
  height: 'uint8',
  /** Block in which it was last led again after a withdrawal; 0 if never. */
  reinstatedAt: 'uint64',
})

export function mergePlace(context: CallContext, cluster: bigint): Place {
  return at(context, own(21), cluster)
}

/** Of a holder's share units: how many are bound to clusters; and how many it owes. */
export const shareAccountLayout = recordLayout({ bound: 'uint128', debt: 'uint128' })

export function shareAccountPlace(context: CallContext, datanet: bigint, holder: Address): Place {
  return at(context, at(context, own(22), datanet), holder)
}

/** 1 where the units of the cluster that this contribution founds have been released. */
export function releasePlace(context: CallContext, contribution: bigint): Place {
  return at(context, own(23), contribution)
}

/** Ways are no longer: of two clusters the one with the longer way takes the other, so a way of n needs 2ⁿ clusters. */
const LONGEST_WAY = 64

/**
 * The cluster that stands for a cluster: itself, until challenge 6 merges it. With `asOf`, as it stood after
 * that block: merges along a way only get later, so the way is followed as far as it was then.
 */
export function canonicalCluster(context: CallContext, cluster: bigint, asOf?: bigint): bigint {
  let at = cluster
  for (let step = 0; step < LONGEST_WAY; step++) {
    const { parent, mergedAt } = readRecord(context, mergePlace(context, at), mergeLayout, ['parent', 'mergedAt'])
    if (parent === 0n || (asOf !== undefined && mergedAt > asOf)) return at
    at = parent
  }
  return at
}
