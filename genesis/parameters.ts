/**
 * Every governed number of the ledger: its id (the storage key in Parameters), unit, and value at
 * genesis on a production network and on a development network. Rates are basis points (1e-4).
 */
export const PARAMETERS = {
  /** Fee split of a settled request; the six add up to 10,000. */
  contributorsBps: { id: 1, production: 4500n, development: 4500n },
  modelOwnerBps: { id: 2, production: 2000n, development: 2000n },
  computeBps: { id: 3, production: 1500n, development: 1500n },
  stakersBps: { id: 4, production: 1000n, development: 1000n },
  curatorsBps: { id: 5, production: 500n, development: 500n },
  treasuryBps: { id: 6, production: 500n, development: 500n },
  /** Share of the contributors' pool that goes by entries where a version has no recorded quality. */
  unmeasuredQualityBps: { id: 7, production: 0n, development: 5000n },
  /** A row counts where raw > thresholdZ · 32 · √dims. */
  thresholdZ: { id: 8, production: 5n, development: 5n },
  /** Most entries of one leaf. */
  maxEntries: { id: 9, production: 32n, development: 32n },
  /** A row's scale is at most this many times the version's median scale. */
  maxScaleFactor: { id: 10, production: 4n, development: 4n },
  /** Seconds from settlement to maturity (the dispute window, and the length of a payout bucket). */
  window: { id: 11, production: 86_400n, development: 12n },
  /** Seconds that a commitment stays open. */
  commitLifetime: { id: 12, production: 86_400n, development: 86_400n },
  /** Wei posted with a commitment. */
  commitBond: { id: 13, production: 10_000_000_000_000_000n, development: 1_000_000_000_000_000n },
  /** Wei posted with a version. */
  versionBond: { id: 14, production: 100_000_000_000_000_000_000n, development: 1_000_000_000_000_000_000n },
  /** Seconds between publication and the earliest moment at which a version is live. */
  attestationWindow: { id: 15, production: 3_600n, development: 2n },
  /** Share of the validators' stake that makes a version live. */
  attestationQuorumBps: { id: 16, production: 6_667n, development: 6_667n },
  /** Stake locked by a settlement, as a multiple of its fee. */
  lockMultiple: { id: 17, production: 20n, development: 4n },
  /** Least stake of a prover, a validator and a curator, in wei. */
  minProverStake: { id: 18, production: 1_000_000_000_000_000_000_000n, development: 10_000_000_000_000_000_000n },
  minValidatorStake: { id: 19, production: 1_000_000_000_000_000_000_000n, development: 10_000_000_000_000_000_000n },
  minCuratorStake: { id: 20, production: 1_000_000_000_000_000_000_000n, development: 10_000_000_000_000_000_000n },
  /** Seconds that unstaked OPEN waits; longer than any window. */
  unstakeDelay: { id: 21, production: 1_209_600n, development: 60n },
  /** Seconds between closing a channel and its refund. */
  channelCloseDelay: { id: 22, production: 86_400n, development: 12n },
  /** Oldest `asOf` block of a leaf, in L2 blocks (an hour at 2 s a block; at 1 s on a development network). */
  maxLeafAge: { id: 23, production: 1_800n, development: 3_600n },
  /** Payouts at or below this many wei wait for more. */
  dustLimit: { id: 24, production: 1_000_000_000n, development: 1_000_000_000n },
  /** Largest content that rides in calldata, in bytes. */
  maxContentBytes: { id: 25, production: 57_344n, development: 57_344n },
  /** Estimated Jaccard similarity (basis points) at which a contribution joins a founder's cluster. */
  clusterJaccardBps: { id: 26, production: 8_000n, development: 8_000n },
  /** Seconds that curators have for a proposal before its contributor may take it back with its bond. */
  reviewPeriod: { id: 27, production: 604_800n, development: 60n },
  /** Part of what a model's owner receives that goes up to the model whose version a run builds on. */
  lineageShareBps: { id: 28, production: 1_000n, development: 1_000n },
  /** Wei that a challenge stakes, and that a false one loses. */
  challengeBond: { id: 29, production: 10_000_000_000_000_000_000n, development: 100_000_000_000_000_000n },
  /** Wei that goes to who reveals what a demand asks for: twice what revealing costs. */
  openingBond: { id: 30, production: 1_000_000_000_000_000_000n, development: 10_000_000_000_000_000n },
  /** Seconds to answer a demand, leastWindow or more; two more for each demand that is open. */
  openingPeriod: { id: 31, production: 86_400n, development: 20n },
  /** Seats of a challenge's committee. */
  committeeSize: { id: 40, production: 9n, development: 9n },
  /** L1 blocks from a challenge to its draw: on production more than a sequencer may lag behind L1 (1,800 s). */
  drawDelay: { id: 41, production: 160n, development: 8n },
  /** Seconds in which votes are committed, then revealed, and after which the result may be appealed. */
  votePeriod: { id: 42, production: 21_600n, development: 12n },
  revealPeriod: { id: 43, production: 21_600n, development: 12n },
  appealPeriod: { id: 44, production: 43_200n, development: 12n },
  /** Wei that a seat earns by revealing what is decided. */
  seatReward: { id: 45, production: 500_000_000_000_000_000n, development: 5_000_000_000_000_000n },
  /** Wei of its holder's stake that a seat locks, and loses where its holder reveals nothing. */
  seatStake: { id: 46, production: 10_000_000_000_000_000_000n, development: 100_000_000_000_000_000n },
  /** Least bond of an appeal, in challengeBonds. */
  appealFactor: { id: 47, production: 10n, development: 10n },
  /** Seconds between the announcement of a model's prices and the moment from which they stand. */
  priceNotice: { id: 35, production: 86_400n, development: 10n },
  /** Most of a fee that goes from the treasury's part of it to the run's Datanets, by weight; below treasuryBps. */
  subsidyBps: { id: 32, production: 250n, development: 250n },
  /** Seconds below which `window` is never set: on a production network the sequencing window and 12 h. Set by block 0 alone. */
  leastWindow: { id: 33, production: 86_400n, development: 1n },
  /** Largest royalty that a model's creator may choose. */
  maxRoyaltyBps: { id: 54, production: 1_000n, development: 1_000n },
  /** Draws of a batch: each pays the same part of its fees. */
  batchDraws: { id: 48, production: 32n, development: 8n },
  /** Seconds from a batch to the moment at which draws that were not settled are forfeited. */
  batchPeriod: { id: 49, production: 43_200n, development: 300n },
  /** Least stake of an agent that accepts jobs, in wei. */
  minAgentStake: { id: 51, production: 100_000_000_000_000_000_000n, development: 1_000_000_000_000_000_000n },
  /** Part of a job's fee that the agent loses of its stake where it misses the deadline. */
  jobForfeitBps: { id: 52, production: 2_000n, development: 2_000n },
  /** Seconds that a job's client has to accept or reject a result. */
  jobReviewPeriod: { id: 53, production: 259_200n, development: 20n },
} as const satisfies Record<string, { id: number; production: bigint; development: bigint }>

export type ParameterName = keyof typeof PARAMETERS

const BPS = 10_000n
const OPEN = 10n ** 18n
const DAY = 86_400n

/** Least and greatest value of each parameter. */
export const PARAMETER_RANGES: Readonly<Record<ParameterName, readonly [least: bigint, greatest: bigint]>> = {
  contributorsBps: [0n, BPS],
  modelOwnerBps: [0n, BPS],
  computeBps: [0n, BPS],
  stakersBps: [0n, BPS],
  curatorsBps: [0n, BPS],
  treasuryBps: [0n, BPS],
  unmeasuredQualityBps: [0n, BPS],
  thresholdZ: [5n, 64n],
  maxEntries: [1n, 32n],
  maxScaleFactor: [1n, 16n],
  window: [1n, 30n * DAY],
  commitLifetime: [60n, 30n * DAY],
  commitBond: [0n, 1_000n * OPEN],
  versionBond: [0n, 1_000_000n * OPEN],
  attestationWindow: [0n, 30n * DAY],
  attestationQuorumBps: [5_001n, BPS],
  lockMultiple: [4n, 1_000n],
  minProverStake: [1n, 10_000_000n * OPEN],
  minValidatorStake: [1n, 10_000_000n * OPEN],
  minCuratorStake: [1n, 10_000_000n * OPEN],
  unstakeDelay: [3n, 365n * DAY],
  channelCloseDelay: [1n, 30n * DAY],
  /** An hour of blocks of a second. */
  maxLeafAge: [1n, 3_600n],
  dustLimit: [0n, OPEN],
  maxContentBytes: [1n, 57_344n],
  clusterJaccardBps: [5_000n, BPS],
  reviewPeriod: [1n, 365n * DAY],
  lineageShareBps: [0n, BPS],
  challengeBond: [0n, 1_000_000n * OPEN],
  openingBond: [0n, 1_000_000n * OPEN],
  openingPeriod: [1n, 30n * DAY],
  minAgentStake: [0n, 10_000_000n * OPEN],
  jobForfeitBps: [0n, BPS],
  jobReviewPeriod: [1n, 30n * DAY],
  committeeSize: [1n, 33n],
  drawDelay: [2n, 1_000n],
  votePeriod: [1n, 30n * DAY],
  revealPeriod: [1n, 30n * DAY],
  appealPeriod: [1n, 30n * DAY],
  seatReward: [0n, 1_000n * OPEN],
  seatStake: [0n, 10_000n * OPEN],
  appealFactor: [1n, 1_000n],
  priceNotice: [0n, 30n * DAY],
  maxRoyaltyBps: [0n, BPS],
  subsidyBps: [0n, BPS],
  leastWindow: [1n, 30n * DAY],
  batchDraws: [1n, 64n],
  /** Less than the ring of randomness remembers (8,192 L1 blocks of 12 s). */
  batchPeriod: [1n, DAY],
}

/** A network's parameters at genesis by name. */
export type ParameterValues = Record<ParameterName, bigint>

export function parameterDefaults(network: 'production' | 'development'): ParameterValues {
  const entries = Object.entries(PARAMETERS).map(([name, parameter]) => [name, parameter[network]])
  return Object.fromEntries(entries) as ParameterValues
}

/** Storage slot of a parameter in the Parameters account (NATIVE.parameters): its id as a 32-byte word. */
export function parameterSlot(id: number): `0x${string}` {
  return `0x${id.toString(16).padStart(64, '0')}`
}

/** Storage slot of the governor's address in the Parameters account: the highest one, which no id reaches. */
export const GOVERNOR_SLOT: `0x${string}` = `0x${'f'.repeat(64)}`
