/**
 * The networks that Ethereum's tests name: a fork from block 0 on ("Cancun"), or one that gives way to another
 * ("BerlinToLondonAt5" by block, "ParisToShanghaiAtTime15k" by time, "ArrowGlacierToParisAtDiffC0000" by difficulty).
 */

import { z } from 'zod'
import type { BlobParameters } from '../../node/execution/ethereum/blob-gas.ts'
import {
  type ForkSchedule,
  MAINNET_BLOBS,
  MAINNET_DEPOSIT_CONTRACT,
} from '../../node/execution/ethereum/fork-schedule.ts'
import { FORKS, type Fork, isAtLeast } from '../../node/execution/fork.ts'
import { quantity } from './fixture.ts'

const NAMES: Record<string, Fork> = {
  Frontier: 'frontier',
  Homestead: 'homestead',
  EIP150: 'tangerineWhistle',
  EIP158: 'spuriousDragon',
  Byzantium: 'byzantium',
  Constantinople: 'constantinople',
  ConstantinopleFix: 'petersburg',
  Istanbul: 'istanbul',
  MuirGlacier: 'muirGlacier',
  Berlin: 'berlin',
  London: 'london',
  ArrowGlacier: 'arrowGlacier',
  GrayGlacier: 'grayGlacier',
  Merge: 'paris',
  Paris: 'paris',
  Shanghai: 'shanghai',
  Cancun: 'cancun',
  Prague: 'prague',
  Osaka: 'osaka',
  BPO1: 'bpo1',
  BPO2: 'bpo2',
  BPO3: 'bpo3',
  BPO4: 'bpo4',
  BPO5: 'bpo5',
}

/** The unit in "AtTime15k". */
const THOUSAND = 1_000n
const TRANSITION = /^(\w+?)To(\w+?)At(Time|Diff)?([0-9A-F]+)(k?)$/

/** A test's network that nobody here knows. */
export class UnknownNetworkError extends Error {
  override name = 'UnknownNetworkError'

  constructor(network: string) {
    super(
      `unknown network ${JSON.stringify(network)}: must be one of ${Object.keys(NAMES).join(', ')}, or a transition`,
    )
  }
}

/** A fixture's own blob parameters, by its names of forks (EIP-7840). */
export const blobsSchema = z.record(
  z.string(),
  z.object({ target: quantity, max: quantity, baseFeeUpdateFraction: quantity }),
)

export type NetworkOptions = {
  chainId?: bigint
  /** What the fixture itself says of blobs, by its names of forks. */
  blobs?: Record<string, BlobParameters>
}

/** Throws {@link UnknownNetworkError}. */
export function networkSchedule(network: string, { chainId = 1n, blobs = {} }: NetworkOptions = {}): ForkSchedule {
  // Forks beyond those that we know may be named too, and never come.
  const named = Object.entries(blobs).flatMap(([name, parameters]) => (NAMES[name] ? [[NAMES[name], parameters]] : []))
  const schedule = NAMES[network] === undefined ? transition(network) : from(NAMES[network])
  return { ...schedule, chainId, blobs: { ...MAINNET_BLOBS, ...Object.fromEntries(named) } }
}

function forkNamed(name: string): Fork {
  const fork = NAMES[name]
  if (fork === undefined) throw new UnknownNetworkError(name)
  return fork
}

/** Every fork up to this one, from block 0 on. */
function from(fork: Fork): ForkSchedule {
  const past = FORKS.filter((name) => name !== 'frontier' && isAtLeast(fork, name))
  const byBlock = past.filter((name) => !isAtLeast(name, 'paris'))
  const byTime = past.filter((name) => isAtLeast(name, 'shanghai'))
  return {
    chainId: 1n,
    blocks: Object.fromEntries(byBlock.map((name) => [name, 0n])),
    times: Object.fromEntries(byTime.map((name) => [name, 0n])),
    terminalTotalDifficulty: isAtLeast(fork, 'paris') ? 0n : undefined,
    dao: undefined,
    blobs: MAINNET_BLOBS,
    depositContract: MAINNET_DEPOSIT_CONTRACT,
  }
}

function transition(network: string): ForkSchedule {
  const match = TRANSITION.exec(network)
  if (match === null) throw new UnknownNetworkError(network)
  const [, before = '', after = '', kind, digits = '', thousands] = match
  const schedule = from(forkNamed(before))
  if (kind === 'Diff') return { ...schedule, terminalTotalDifficulty: BigInt(`0x${digits}`) }
  const at = BigInt(digits) * (thousands === 'k' ? THOUSAND : 1n)
  if (after === 'Dao') return { ...schedule, dao: { block: at, supported: true } }
  const target = forkNamed(after)
  const news = FORKS.filter((name) => isAtLeast(target, name) && !isAtLeast(forkNamed(before), name))
  const added = Object.fromEntries(news.map((name) => [name, at]))
  return kind === 'Time'
    ? { ...schedule, times: { ...schedule.times, ...added } }
    : { ...schedule, blocks: { ...schedule.blocks, ...added } }
}
