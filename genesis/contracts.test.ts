import { describe, expect, it } from 'vitest'
import {
  BEDROCK_CONTRACTS,
  ContractArtifactError,
  contractArtifact,
  NATIVE_INTERFACES,
  OWN_CONTRACTS,
  preinstallCodes,
  runtimeCode,
  writeWords,
} from './contracts.ts'

const ONE = `0x${'1'.padStart(64, '0')}` as const

describe('compiled contracts', () => {
  it('are there by name, within the size that EIP-170 allows', () => {
    for (const name of [...OWN_CONTRACTS, ...BEDROCK_CONTRACTS]) {
      const bytes = (contractArtifact(name).deployedBytecode.length - 2) / 2
      expect(bytes, name).toBeGreaterThan(0)
      expect(bytes, name).toBeLessThanOrEqual(24_576)
    }
  })

  it('have no code where they are interfaces', () => {
    for (const name of NATIVE_INTERFACES) expect(contractArtifact(name).deployedBytecode).toBe('0x')
  })

  it('hold no unlinked library', () => {
    for (const name of [...OWN_CONTRACTS, ...BEDROCK_CONTRACTS]) {
      expect(contractArtifact(name).bytecode, name).toMatch(/^0x[0-9a-f]+$/)
    }
  })

  it('include the preinstalled codes', () => {
    expect(preinstallCodes().create2Deployer).toMatch(/^0x7f.*60005260206000f3$|^0x7f[0-9a-f]+$/)
    expect(preinstallCodes().beaconRoots.length).toBe(2 + 97 * 2)
  })
})

describe('runtimeCode', () => {
  it('writes every immutable into each of its places', () => {
    const { deployedBytecode, immutables } = contractArtifact('OperatorFeeVault')
    const code = runtimeCode('OperatorFeeVault', { RECIPIENT: ONE, MIN_WITHDRAWAL_AMOUNT: ONE })
    const places = Object.values(immutables).flat()
    expect(places.length).toBeGreaterThan(1)
    for (const place of places) expect(code.slice(2 + place * 2, 66 + place * 2)).toBe(ONE.slice(2))
    expect(code.length).toBe(deployedBytecode.length)
  })

  it('names the immutables that it needs and those that it got', () => {
    expect(() => runtimeCode('OperatorFeeVault')).toThrow(ContractArtifactError)
    expect(() => runtimeCode('OperatorFeeVault', { RECIPIENT: ONE })).toThrow(
      'MIN_WITHDRAWAL_AMOUNT, RECIPIENT), got (RECIPIENT)',
    )
  })
})

describe('writeWords', () => {
  it('replaces 32 bytes and nothing else', () => {
    expect(writeWords(`0xaa${'00'.repeat(32)}bb`, [1], ONE)).toBe(`0xaa${ONE.slice(2)}bb`)
  })

  it('refuses a place outside of the code and a value that is no word', () => {
    expect(() => writeWords('0xaabb', [0], ONE)).toThrow('no word at byte 0 of a code of 2')
    expect(() => writeWords(`0x${'00'.repeat(32)}`, [0], '0x01')).toThrow('0x01 is not a 32-byte word')
  })
})
