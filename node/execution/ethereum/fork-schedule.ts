/** Which fork a block of an Ethereum chain belongs to: by number to the merge, by total difficulty for the merge, by time since. */
import type { Address } from '../../../genesis/addresses.ts'
import { FORKS, type Fork, isAtLeast } from '../fork.ts'
import { ETHEREUM_RULES, type Rules } from '../rules.ts'
import type { BlobParameters } from './blob-gas.ts'

export type ForkSchedule = {
  chainId: bigint
  /** Before the merge; a fork that is not named never comes by number. Frontier is always there. */
  blocks: Partial<Record<Fork, bigint>>
  /** Shanghai and after, which come only after the merge; seconds. */
  times: Partial<Record<Fork, bigint>>
  /** A block whose parent has reached this belongs to Paris; undefined: never. */
  terminalTotalDifficulty: bigint | undefined
  /** Block at which the DAO's balances move, and whether this chain moves them. */
  dao: { block: bigint; supported: boolean } | undefined
  /** By the fork with which they begin. */
  blobs: Partial<Record<Fork, BlobParameters>>
  /** Whose logs are deposits to the beacon chain (EIP-6110). */
  depositContract: Address
}

/** What holds for one block. */
export type Era = {
  rules: Rules
  /** undefined before Cancun. */
  blobs: BlobParameters | undefined
}

/** The deposit contract of Ethereum's main network. */
export const MAINNET_DEPOSIT_CONTRACT: Address = '0x00000000219ab540356cbb839cbe05303d7705fa'

/** Ethereum's main network's blobs (EIP-4844, 7691, 7892). */
export const MAINNET_BLOBS: Partial<Record<Fork, BlobParameters>> = {
  cancun: { target: 3n, max: 6n, baseFeeUpdateFraction: 3_338_477n },
  prague: { target: 6n, max: 9n, baseFeeUpdateFraction: 5_007_716n },
  osaka: { target: 6n, max: 9n, baseFeeUpdateFraction: 5_007_716n },
  bpo1: { target: 10n, max: 15n, baseFeeUpdateFraction: 8_346_193n },
  bpo2: { target: 14n, max: 21n, baseFeeUpdateFraction: 11_684_671n },
}

export type Moment = {
  number: bigint
  timestamp: bigint
  /** Total difficulty up to the parent, the parent's own included. */
  parentTotalDifficulty: bigint
}

export function forkAt(schedule: ForkSchedule, { number, timestamp, parentTotalDifficulty }: Moment): Fork {
  const { blocks, times, terminalTotalDifficulty } = schedule
  const isMerged = terminalTotalDifficulty !== undefined && parentTotalDifficulty >= terminalTotalDifficulty
  if (!isMerged) return latest((fork) => isReached(blocks[fork], number)) ?? 'frontier'
  return latest((fork) => isReached(times[fork], timestamp)) ?? 'paris'
}

function isReached(from: bigint | undefined, at: bigint): boolean {
  return from !== undefined && at >= from
}

function latest(isActive: (fork: Fork) => boolean): Fork | undefined {
  return FORKS.findLast(isActive)
}

export function eraAt(schedule: ForkSchedule, moment: Moment): Era {
  const fork = forkAt(schedule, moment)
  const withBlobs = FORKS.findLast((name) => isAtLeast(fork, name) && schedule.blobs[name] !== undefined)
  const rules = ETHEREUM_RULES[fork]
  return { rules, blobs: rules.hasBlobGas && withBlobs !== undefined ? schedule.blobs[withBlobs] : undefined }
}
