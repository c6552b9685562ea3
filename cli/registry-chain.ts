/**
 * A chain's entry in the superchain registry (TOML), as far as block 0 needs it: its forks and the hash that it should have.
 * Forks that the entry leaves out are the network's shared ones, where the entry says since when it shares them
 * (`superchain_time`); a chain without that word has only its own.
 */
import { type OpSchedule, OpScheduleError, opScheduleOf } from '../node/execution/op-schedule.ts'
import { UserError } from './user-error.ts'

/** Shared by all chains of a network, seconds (superchain-registry, superchain.toml of each network). */
export const SHARED_FORKS = {
  mainnet: {
    canyon_time: 1704992401,
    delta_time: 1708560000,
    ecotone_time: 1710374401,
    fjord_time: 1720627201,
    granite_time: 1726070401,
    holocene_time: 1736445601,
    isthmus_time: 1746806401,
    jovian_time: 1764691201,
  },
  sepolia: {
    canyon_time: 1699981200,
    delta_time: 1703203200,
    ecotone_time: 1708534800,
    fjord_time: 1716998400,
    granite_time: 1723478400,
    holocene_time: 1732633200,
    isthmus_time: 1744905600,
    jovian_time: 1763568001,
  },
} as const

export type RegistryNetwork = keyof typeof SHARED_FORKS

export type RegistryChain = { schedule: OpSchedule; genesisHash: string | undefined }

/** `network` is where shared forks come from; throws a UserError where they are needed and it is not given. */
export function parseRegistryChain(toml: string, path: string, network: RegistryNetwork | undefined): RegistryChain {
  const sections = readSections(toml)
  const own = Object.fromEntries(
    [...(sections.get('hardforks') ?? [])].flatMap(([name, value]) =>
      name.endsWith('_time') ? [[name, integer(value, `${path}: hardforks.${name}`)]] : [],
    ),
  )
  const since = sections.get('')?.get('superchain_time')
  const shared = since === undefined ? {} : sharedForks(own, integer(since, `${path}: superchain_time`), path, network)
  const hash = sections.get('genesis.l2')?.get('hash')
  try {
    // Every chain of the registry began with Regolith at the latest.
    return { schedule: opScheduleOf({ regolith_time: 0, ...shared, ...own }), genesisHash: hash?.replaceAll('"', '') }
  } catch (error) {
    if (error instanceof OpScheduleError) throw new UserError(`${path}: ${error.message}`)
    throw error
  }
}

/** The network's forks from the time on at which the chain shares them, but for those that the entry gives itself. */
function sharedForks(own: Record<string, number>, since: number, path: string, network: RegistryNetwork | undefined) {
  const names = Object.keys(SHARED_FORKS.mainnet)
  if (names.every((name) => name in own)) return {}
  if (network === undefined)
    throw new UserError(
      `${path}: shares its network's forks (superchain_time = ${since}); name the network with --network`,
    )
  return Object.fromEntries(Object.entries(SHARED_FORKS[network]).filter(([, at]) => at >= since))
}

/** Keys and values as they are written, by section; '' before the first. Arrays and inline tables stay text. */
function readSections(toml: string): Map<string, Map<string, string>> {
  let current = new Map<string, string>()
  const sections = new Map([['', current]])
  for (const line of toml.split('\n')) {
    const section = /^\s*\[([\w.]+)\]/.exec(line)?.[1]
    if (section !== undefined) {
      current = new Map()
      sections.set(section, current)
    }
    const field = /^\s*(\w+)\s*=\s*("[^"]*"|[^#]*?)\s*(#.*)?$/.exec(line)
    if (field !== null) current.set(field[1]!, field[2]!)
  }
  return sections
}

function integer(text: string, where: string): number {
  if (!/^\d[\d_]*$/.test(text)) throw new UserError(`${where}: must be a whole number, got ${text}`)
  return Number(text.replaceAll('_', ''))
}
