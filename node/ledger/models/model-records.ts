/** What Models holds, and where (the table stands in README.md). Layouts only grow at their end. */
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import {
  at,
  type RecordOf,
  readRecord,
  readRecords,
  recordLayout,
  slotAfter,
  variable,
} from '../calls/storage-layout.ts'

const own = (slot: number): Place => variable(NATIVE.models, slot)

/** How many there are; an id is the count after adding it, so ids begin at 1. */
export const countersLayout = recordLayout({ bases: 'uint64', models: 'uint64', runs: 'uint64', versions: 'uint64' })
export const counters = own(0)

export const baseLayout = recordLayout({ registrant: 'address', weightsHash: 'bytes32', tokenizerHash: 'bytes32' })

export function basePlace(context: CallContext, base: bigint): Place {
  return at(context, own(1), base)
}

/** Texts of a base: the slots after its record. */
export function baseTexts(place: Place): { architecture: Place; uri: Place } {
  const first = BigInt(baseLayout.words)
  return { architecture: slotAfter(place, first), uri: slotAfter(place, first + 1n) }
}

export const modelLayout = recordLayout({
  owner: 'address',
  base: 'uint64',
  pricePer1kIn: 'uint128',
  pricePer1kOut: 'uint128',
})
/** One Datanet of a model. */
export const modelDatanetLayout = recordLayout({ datanet: 'uint64' })

export function modelPlace(context: CallContext, model: bigint): Place {
  return at(context, own(2), model)
}

/** A model's name and array of Datanets: the slots after its record. */
export function modelTail(place: Place): { name: Place; datanets: Place } {
  const first = BigInt(modelLayout.words)
  return { name: slotAfter(place, first), datanets: slotAfter(place, first + 1n) }
}

export const runLayout = recordLayout({
  model: 'uint64',
  seed: 'uint64',
  openedAt: 'uint64',
  manifestRoot: 'bytes32',
  hyperparametersHash: 'bytes32',
})
/** One Datanet of a run, its part of what goes by weights, and the terms of its licence when the run was opened. */
export const runDatanetLayout = recordLayout({
  datanet: 'uint64',
  weightBps: 'uint16',
  /** Part of what the model's owner receives for it. */
  revenueShareBps: 'uint16',
  /** Rows that may be published of it; 0 where their number is free. */
  licensedRows: 'uint64',
  attributionDuty: 'bool',
})

export function runPlace(context: CallContext, run: bigint): Place {
  return at(context, own(3), run)
}

/** A run's array of Datanets: the slot after its record. */
export function runDatanetsPlace(place: Place): Place {
  return slotAfter(place, BigInt(runLayout.words))
}

/** A run's Datanets in the order of its opening. */
export function runDatanets(context: CallContext, run: bigint): RecordOf<typeof runDatanetLayout>[] {
  return readRecords(context, runDatanetsPlace(runPlace(context, run)), runDatanetLayout)
}

/** A step of a run that its owner put on record. */
export const stepLayout = recordLayout({
  /** Optimizer steps done. */
  step: 'uint32',
  /** Training loss in millionths of a nat. */
  lossMicro: 'uint64',
  /** Seconds. */
  recordedAt: 'uint64',
  checkpointHash: 'bytes32',
})

/** The step that was recorded as number `index` of the run, from 0. */
export function stepPlace(context: CallContext, run: bigint, index: bigint): Place {
  return at(context, at(context, own(6), run), index)
}

/** How many steps of the run are on record. */
export function stepCountPlace(context: CallContext, run: bigint): Place {
  return at(context, own(7), run)
}

export const versionLayout = recordLayout({
  model: 'uint64',
  run: 'uint64',
  /** Seconds. */
  publishedAt: 'uint64',
  /** Seconds from which the version may be settled for; 0 while the quorum is missing. */
  liveAt: 'uint64',
  publisher: 'address',
  rows: 'uint32',
  dims: 'uint32',
  medianScale: 'uint16',
  measured: 'bool',
  qualityBps: 'uint16',
  adapterHash: 'bytes32',
  curvatureHash: 'bytes32',
  featureRoot: 'bytes32',
  artifactHash: 'bytes32',
  /** Wei of validators that have attested. */
  attestedStake: 'uint128',
  /** Validators' total stake when the version was published. */
  stakeAtPublication: 'uint128',
  bond: 'uint128',
})

export function versionPlace(context: CallContext, version: bigint): Place {
  return at(context, own(4), version)
}

/** 1 where the validator has attested the version. */
export function attestationPlace(context: CallContext, version: bigint, validator: Address): Place {
  return at(context, at(context, own(5), version), validator)
}

/** How many steps of the version's run were on record when it was published. */
export function stepsAtPublicationPlace(context: CallContext, version: bigint): Place {
  return at(context, own(8), version)
}

export function modelOwner(context: CallContext, model: bigint): Address {
  return readRecord(context, modelPlace(context, model), modelLayout, ['owner']).owner
}

/** The version that a run builds on, and the models above it in the line, the nearest first; 0 where there is none. */
export const lineageLayout = recordLayout({
  parent: 'uint64',
  first: 'uint64',
  second: 'uint64',
  third: 'uint64',
  fourth: 'uint64',
  /** The reference kernel cannot replay the run. */
  unreplayable: 'bool',
})

export function lineagePlace(context: CallContext, run: bigint): Place {
  return at(context, own(9), run)
}

/** The models above a run, the nearest first: at most four. */
export function ancestorsOf(context: CallContext, run: bigint): bigint[] {
  const { parent, first, second, third, fourth } = readRecord(context, lineagePlace(context, run), lineageLayout)
  return parent === 0n ? [] : [first, second, third, fourth].filter((model) => model !== 0n)
}

/** Whether the reference kernel cannot replay the run. */
export function isUnreplayable(context: CallContext, run: bigint): boolean {
  return readRecord(context, lineagePlace(context, run), lineageLayout, ['unreplayable']).unreplayable
}

/** A model's prices beside those in its record: what replaces them from a moment on, and what they replaced. */
export const pricesLayout = recordLayout({
  /** Seconds; 0 where no change was ever announced. */
  from: 'uint64',
  /** Seconds until which the former prices stood; 0 where there are none. */
  formerUntil: 'uint64',
  nextIn: 'uint128',
  nextOut: 'uint128',
  formerIn: 'uint128',
  formerOut: 'uint128',
})

export function pricesPlace(context: CallContext, model: bigint): Place {
  return at(context, own(10), model)
}

/** The draw of the subsets and queries by which a version's quality is measured. */
export const drawLayout = recordLayout({
  /** L1 block that draws. */
  l1Number: 'uint64',
  /** What it drew, once it is kept here. */
  value: 'uint192',
  /** Seconds; 0 until then. */
  drawnAt: 'uint64',
})

export function drawPlace(context: CallContext, version: bigint): Place {
  return at(context, own(11), version)
}

/** The last quality record of a version, in force or not. */
export const qualityLayout = recordLayout({
  /** From 1. */
  record: 'uint64',
  /** Seconds. */
  recordedAt: 'uint64',
  /** Seconds; 0 while the quorum is missing. */
  acceptedAt: 'uint64',
  qualityBps: 'uint16',
  runs: 'uint16',
  recordHash: 'bytes32',
  /** Wei of validators that have attested the record; their total when it was made. */
  attestedStake: 'uint128',
  stakeAtRecord: 'uint128',
})

export function qualityPlace(context: CallContext, version: bigint): Place {
  return at(context, own(12), version)
}

/** 1 where the validator has attested the quality record. */
export function qualityMarkPlace(context: CallContext, version: bigint, record: bigint, validator: Address): Place {
  return at(context, at(context, at(context, own(13), version), record), validator)
}

/** How many open disputes hold the version's bond. */
export function holdsPlace(context: CallContext, version: bigint): Place {
  return at(context, own(14), version)
}

/** Who created a model, and what its creator chose that resales owe. */
export const originLayout = recordLayout({
  creator: 'address',
  royaltyBps: 'uint16',
  /** Whether it was ever chosen. */
  chosen: 'bool',
})

export function originPlace(context: CallContext, model: bigint): Place {
  return at(context, own(16), model)
}

/** How many models an account owns. */
export function modelCountPlace(context: CallContext, owner: Address): Place {
  return at(context, own(17), owner)
}

/** What has become of a version's publisher's word (version-standing.ts). */
export const standingLayout = recordLayout({
  /** Seconds; 0 where no proof has failed the version. */
  failedAt: 'uint64',
  /** Seconds and block; 0 where the publisher has not retired it. */
  retiredAt: 'uint64',
  retiredIn: 'uint64',
  /** Seconds from which the bond of a retired version may be taken back. */
  bondAt: 'uint64',
})

export function standingPlace(context: CallContext, version: bigint): Place {
  return at(context, own(18), version)
}
