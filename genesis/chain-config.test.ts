import { describe, expect, it } from 'vitest'
import { PREDEPLOYS } from './addresses.ts'
import { ChainConfigError, parseChainConfig, serializeChainConfig } from './chain-config.ts'
import { sampleConfig } from './testing/sample-config.ts'

type Json = { [key: string]: unknown }

const GOVERNANCE = {
  votingDelay: 1,
  votingPeriod: 2,
  proposalThreshold: '1000000000000000000',
  quorumPercent: 3,
  timelockDelay: 4,
}

/** The sample config's text with one field changed; undefined takes the field out. */
function changed(path: string, value: unknown): string {
  const json: Json = JSON.parse(serializeChainConfig(sampleConfig()))
  const keys = path.split('.')
  const last = keys.pop()!
  const holder = keys.reduce<Json>((at, key) => at[key] as Json, json)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return JSON.stringify(json)
}

describe('a chain config', () => {
  it('reads back what was written', () => {
    const config = sampleConfig({ balances: { [`0x${'ab'.repeat(20)}`]: 10n ** 24n } })
    expect(parseChainConfig(serializeChainConfig(config))).toEqual(config)
  })

  it.each<[string, unknown, string]>([
    ['blockTime', 0, 'chain config: blockTime: must be a whole number above 0, got 0'],
    ['blockTime', '2', 'chain config: blockTime: must be a whole number above 0, got "2"'],
    ['l2ChainId', -1, 'chain config: l2ChainId: must be a whole number from 0, got -1'],
    ['maxSequencerDrift', 1.5, 'chain config: maxSequencerDrift: must be a whole number from 0, got 1.5'],
    ['name', '', 'chain config: name: must be a text that is not empty, got ""'],
    ['network', 'test', 'chain config: network: must be "production" or "development", got "test"'],
    ['protocolVersion', 2, 'chain config: protocolVersion: must be 1, got 2'],
    ['batchInboxAddress', '0x12', 'chain config: batchInboxAddress: must be 0x and 40 hexadecimal digits, got "0x12"'],
    ['batchInboxAddress', 7, 'chain config: batchInboxAddress: must be 0x and 40 hexadecimal digits, got 7'],
    ['genesis.l1.hash', 'x', 'chain config: genesis.l1.hash: must be 0x and 64 hexadecimal digits, got "x"'],
    ['genesis.l2.number', 5, 'chain config: genesis.l2.number: must be 0, got 5'],
    [
      'genesis.systemConfig.minBaseFee',
      '1e9',
      'chain config: genesis.systemConfig.minBaseFee: must be a decimal string of wei, got "1e9"',
    ],
    [
      'genesis.systemConfig.minBaseFee',
      1,
      'chain config: genesis.systemConfig.minBaseFee: must be a decimal string of wei, got 1',
    ],
    [
      'genesis.balances',
      { bob: '1' },
      'chain config: genesis.balances: keys must be 0x and 40 hexadecimal digits, got "bob"',
    ],
    ['genesis.balances', [], 'chain config: genesis.balances: must be an object, got []'],
    ['genesis.systemConfig', undefined, 'chain config: genesis.systemConfig: is missing, must be an object'],
    ['genesis.governor', 7, 'chain config: genesis.governor: must be 0x and 40 hexadecimal digits, got 7'],
    [
      'genesis.governance',
      { ...GOVERNANCE, quorumPercent: 101 },
      'chain config: genesis.governance.quorumPercent: must be a whole number from 0 to 100, got 101',
    ],
    [
      'genesis.governance',
      { ...GOVERNANCE, votingPeriod: 0 },
      'chain config: genesis.governance.votingPeriod: must be a whole number above 0, got 0',
    ],
    [
      'genesis.governance',
      { ...GOVERNANCE, timelockDelay: undefined },
      'chain config: genesis.governance.timelockDelay: is missing, must be a whole number from 0',
    ],
    ['genesis.l2tme', 5, 'chain config: genesis.l2tme: is not a field of a chain config, got 5'],
  ])('with %s = %j is refused, with field, rule and value', (path, value, message) => {
    expect(() => parseChainConfig(changed(path, value))).toThrow(new ChainConfigError(message))
  })

  it('names the timelock as governor where it names nobody, and keeps settings of its own for the Governor', () => {
    expect(parseChainConfig(changed('genesis.governor', undefined)).genesis.governor).toBe(PREDEPLOYS.timelock)
    const own = parseChainConfig(changed('genesis.governance', GOVERNANCE))
    expect(own.genesis.governance).toEqual({ ...GOVERNANCE, proposalThreshold: 10n ** 18n })
    expect(parseChainConfig(serializeChainConfig(own))).toEqual(own)
  })

  it('that is no config at all is refused in one line', () => {
    expect(() => parseChainConfig('{"name": ')).toThrow(/^chain config is not JSON: /)
    expect(() => parseChainConfig('[]')).toThrow('chain config: must be an object, got []')
    const long = changed('genesis.l1', 'x'.repeat(1_000))
    expect(() => parseChainConfig(long)).toThrow(/^chain config: genesis\.l1: must be an object, got "x{90,110}…$/)
  })
})
