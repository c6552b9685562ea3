import { describe, expect, it } from 'vitest'
import { forkAt } from './fork-schedule.ts'
import { GenesisError, parseGenesis } from './genesis.ts'

/** Every fork, five blocks or ten seconds apart; the merge between. */
const CONFIG = {
  chainId: 7,
  homesteadBlock: 0,
  eip150Block: 5,
  eip155Block: 10,
  eip158Block: 10,
  byzantiumBlock: 15,
  constantinopleBlock: 20,
  petersburgBlock: 25,
  istanbulBlock: 30,
  berlinBlock: 35,
  londonBlock: 40,
  terminalTotalDifficulty: 1000,
  shanghaiTime: 500,
  cancunTime: 510,
  pragueTime: 520,
  osakaTime: 530,
}
const FILE = {
  config: CONFIG,
  gasLimit: '0x1c9c380',
  difficulty: '0x20000',
  alloc: { '00000000000000000000000000000000000000aa': { balance: '1000', storage: {} } },
}

const text = (changes: object = {}, config: object = {}) =>
  JSON.stringify({ ...FILE, ...changes, config: { ...CONFIG, ...config } })

function fault(source: string): string {
  try {
    parseGenesis(source)
  } catch (error) {
    expect(error).toBeInstanceOf(GenesisError)
    return (error as GenesisError).message
  }
  throw new Error('the genesis was taken')
}

describe("a geth-style genesis's schedule", () => {
  const { schedule } = parseGenesis(text())
  const byNumber = (number: bigint) =>
    forkAt(schedule, { number, timestamp: number * 10n, parentTotalDifficulty: 999n })
  const byTime = (timestamp: bigint) => forkAt(schedule, { number: 60n, timestamp, parentTotalDifficulty: 1000n })

  it('goes by block number to the merge', () => {
    expect([0n, 5n, 10n, 15n, 20n, 25n, 30n, 35n, 40n].map(byNumber)).toEqual([
      'homestead',
      'tangerineWhistle',
      'spuriousDragon',
      'byzantium',
      'constantinople',
      'petersburg',
      'istanbul',
      'berlin',
      'london',
    ])
  })

  it('goes by total difficulty for the merge, whatever the time says before it', () => {
    expect(byNumber(60n)).toBe('london')
    expect(byTime(499n)).toBe('paris')
  })

  it('goes by time since', () => {
    expect([500n, 510n, 520n, 530n].map(byTime)).toEqual(['shanghai', 'cancun', 'prague', 'osaka'])
  })

  it('reads total difficulties to the last digit', () => {
    const big = text().replace('"terminalTotalDifficulty":1000', '"terminalTotalDifficulty":58750000000000000000001')
    expect(parseGenesis(big).schedule.terminalTotalDifficulty).toBe(58_750_000_000_000_000_000_001n)
  })
})

describe('a genesis with a wrong field', () => {
  it('is refused with the field, the value and what it must be', () => {
    expect(fault('{')).toContain('genesis is not JSON')
    expect(fault(text({ gasLimit: 'many' }))).toBe('genesis: gasLimit: must be a quantity, got "many"')
    expect(fault(text({ coinbase: '0x12' }))).toBe(
      'genesis: coinbase: must be an address: 40 hexadecimal digits, got "0x12"',
    )
    expect(fault(text({}, { londonBlock: 'soon' }))).toBe('genesis: config.londonBlock: must be a quantity, got "soon"')
    expect(fault(text({ alloc: { '00000000000000000000000000000000000000aa': {} } }))).toContain('.balance')
  })

  it('is refused where it names a fork that is not known, rather than silently without it', () => {
    expect(fault(text({}, { cancunTme: 5 }))).toBe(
      'genesis: config.cancunTme: no such field is known to any fork up to bpo5',
    )
  })

  it('is refused where forks are out of order or one is left out', () => {
    expect(fault(text({}, { berlinBlock: 29 }))).toBe(
      'genesis: config.berlinBlock: must not be before istanbulBlock (30), got 29',
    )
    expect(fault(text({}, { cancunTime: undefined }))).toBe(
      'genesis: config.cancunTime: must be given, because pragueTime (520) comes after it',
    )
    expect(fault(text({}, { eip158Block: 11 }))).toBe("genesis: config.eip158Block: must be eip155Block's 10, got 11")
  })
})
