/** Names of the forks, oldest first, and what lies between them. */

/**
 * Ethereum's forks, from execution-specs' list. The DAO fork moves balances and changes no rule (see ethereum/dao-fork.ts);
 * forks of parameters only (bpo1 …, EIP-7892) change what a block may hold of blobs.
 */
export const FORKS = [
  'frontier',
  'homestead',
  'tangerineWhistle',
  'spuriousDragon',
  'byzantium',
  'constantinople',
  'petersburg',
  'istanbul',
  'muirGlacier',
  'berlin',
  'london',
  'arrowGlacier',
  'grayGlacier',
  'paris',
  'shanghai',
  'cancun',
  'prague',
  'osaka',
  'bpo1',
  'bpo2',
  'bpo3',
  'bpo4',
  'bpo5',
] as const

export type Fork = (typeof FORKS)[number]

/** Whether a chain at `fork` has gone through `milestone`. */
export function isAtLeast(fork: Fork, milestone: Fork): boolean {
  return FORKS.indexOf(fork) >= FORKS.indexOf(milestone)
}
