import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Hex, keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import { BEACON_ROOTS, HISTORY_STORAGE, NATIVE, PREDEPLOYS, PREINSTALLS } from './addresses.ts'
import {
  type Allocation,
  genesisAllocations,
  implementationAddress,
  PROXY_ADMIN_SLOT,
  PROXY_IMPLEMENTATION_SLOT,
} from './allocations.ts'
import { ChainConfigError } from './chain-config.ts'
import { GOVERNOR_SLOT, PARAMETERS, parameterSlot } from './parameters.ts'
import { sampleConfig } from './testing/sample-config.ts'

const config = sampleConfig()
const allocations = genesisAllocations(config)
const at = (address: string, all: Allocation[] = allocations) => all.find((account) => account.address === address)!
const word = (value: bigint | Hex) => `0x${BigInt(value).toString(16).padStart(64, '0')}`

describe('genesis allocations', () => {
  it('are sorted by address, each once, in lower case, without zeros in storage', () => {
    const addresses = allocations.map((account) => account.address)
    expect(addresses).toEqual([...new Set(addresses)].sort())
    for (const { address, storage } of allocations) {
      expect(address).toMatch(/^0x[0-9a-f]{40}$/)
      for (const [slot, value] of Object.entries(storage ?? {})) {
        expect(slot).toMatch(/^0x[0-9a-f]{64}$/)
        expect(value).toMatch(/^0x[0-9a-f]{64}$/)
        expect(BigInt(value)).not.toBe(0n)
      }
    }
  })

  it('are the same for equal configs, in the same order', () => {
    expect(JSON.stringify(genesisAllocations(sampleConfig()), replacer)).toBe(JSON.stringify(allocations, replacer))
  })

  it('put every predeploy of the OP Stack behind a proxy whose code lies in the code namespace', () => {
    const unproxied: string[] = [PREDEPLOYS.wopen, PREDEPLOYS.gopen, PREDEPLOYS.governor, PREDEPLOYS.timelock]
    for (const address of Object.values(PREDEPLOYS)) {
      if (unproxied.includes(address)) continue
      expect(at(address).storage).toMatchObject({
        [PROXY_IMPLEMENTATION_SLOT]: word(implementationAddress(address)),
        [PROXY_ADMIN_SLOT]: word(PREDEPLOYS.proxyAdmin),
      })
      expect(at(implementationAddress(address)).code!.length, address).toBeGreaterThan(100)
    }
    expect(at(PREDEPLOYS.wopen).storage).toBeUndefined()
  })

  it('give native accounts the code 0xfe and nonce 1', () => {
    for (const address of Object.values(NATIVE))
      expect(at(address)).toMatchObject({ code: '0xfe', nonce: 1n, balance: 0n })
  })

  it("write each parameter into the slot of its id: the network's default or the config's value", () => {
    const changed = genesisAllocations(sampleConfig({ parameters: { window: 7n } }))
    const storage = at(NATIVE.parameters, changed).storage!
    expect(storage[parameterSlot(PARAMETERS.window.id)]).toBe(word(7n))
    expect(storage[parameterSlot(PARAMETERS.thresholdZ.id)]).toBe(word(5n))
    expect(storage[GOVERNOR_SLOT]).toBe(word(config.genesis.governor))
  })

  it('keep the window of a production network above the sequencing window and half a day', () => {
    const production = { ...sampleConfig({ parameters: { window: 86_399n } }), network: 'production' } as const
    expect(() => genesisAllocations(production)).toThrow('genesis.parameters.window: must be at least 86400, got 86399')
    const wider = { ...sampleConfig(), network: 'production', seqWindowSize: 3_601 } as const
    expect(() => genesisAllocations(wider)).toThrow('must be at least 86412, got 86400')
    const hasty = { ...sampleConfig({ parameters: { openingPeriod: 21_600n } }), network: 'production' } as const
    expect(() => genesisAllocations(hasty)).toThrow('parameters.openingPeriod: must be at least 86400, got 21600')
    const storage = at(NATIVE.parameters, genesisAllocations({ ...wider, seqWindowSize: 3_600 })).storage!
    expect(storage[parameterSlot(PARAMETERS.leastWindow.id)]).toBe(word(86_400n))
  })

  it('refuse a parameter that does not exist, by name', () => {
    expect(() => genesisAllocations(sampleConfig({ parameters: { windw: 7n } }))).toThrow(ChainConfigError)
    expect(() => genesisAllocations(sampleConfig({ parameters: { windw: 7n } }))).toThrow('genesis.parameters.windw')
  })

  it.each([
    ['drawDelay', 0n, 'must be 2 to 1000, got 0'],
    ['committeeSize', 300n, 'must be 1 to 33, got 300'],
    ['batchDraws', 0n, 'must be 1 to 64, got 0'],
  ])('refuse %s = %d, which no setter would take', (name, value, reason) => {
    const refused = sampleConfig({ parameters: { [name]: value } })
    expect(() => genesisAllocations(refused)).toThrow(`genesis.parameters.${name}: ${reason}`)
  })

  it("add the config's balances, to accounts with code too, and leave out zeros", () => {
    const person = `0x${'ab'.repeat(20)}` as const
    const all = genesisAllocations(
      sampleConfig({ balances: { [person]: 5n, [NATIVE.staking]: 3n, [`0x${'cd'.repeat(20)}`]: 0n } }),
    )
    expect(at(person, all)).toEqual({ address: person, balance: 5n, nonce: 0n })
    expect(at(NATIVE.staking, all)).toMatchObject({ balance: 3n, code: '0xfe', nonce: 1n })
    expect(all.length).toBe(allocations.length + 1)
  })

  it('have the code that EIP-2935 gives, by its hash', () => {
    expect(keccak256(at(HISTORY_STORAGE).code!)).toBe(
      '0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d',
    )
  })
})

const conformance = process.env.OPENLEDGER_CONFORMANCE ?? new URL('../../shared/conformance', import.meta.url).pathname
const publicGenesis = join(conformance, 'op/genesis/sepolia-devnet-2-sepolia-devnet-2.json.gz')

describe.skipIf(!existsSync(publicGenesis))("a public OP chain's genesis (conformance data: op/genesis)", () => {
  type PublicAccount = { code?: Hex; storage?: Record<Hex, Hex>; nonce?: Hex }
  const alloc = (): Record<string, PublicAccount> => {
    const json = JSON.parse(gunzipSync(readFileSync(publicGenesis)).toString()) as {
      alloc: Record<string, PublicAccount>
    }
    return Object.fromEntries(
      Object.entries(json.alloc).map(([address, account]) => [
        `0x${address.toLowerCase().replace(/^0x/, '')}`,
        account,
      ]),
    )
  }

  it('has the same code of proxies, preinstalls and system contracts', () => {
    const theirs = alloc()
    for (const address of [
      PREDEPLOYS.l1Block,
      PREINSTALLS.multicall3,
      PREINSTALLS.create2Deployer,
      BEACON_ROOTS,
      HISTORY_STORAGE,
    ]) {
      expect(at(address).code, address).toBe(theirs[address]!.code)
    }
  })

  it("differs in Permit2 in the chain's id and domain alone", () => {
    const theirs = alloc()[PREINSTALLS.permit2]!.code!
    const ours = at(PREINSTALLS.permit2).code!
    expect(ours.length).toBe(theirs.length)
    const different = [...ours].flatMap((digit, index) =>
      digit === theirs[index] ? [] : [Math.floor((index - 2) / 2)],
    )
    expect(different.length).toBeGreaterThan(0)
    for (const byte of different) expect((byte >= 6_945 && byte < 6_977) || (byte >= 6_983 && byte < 7_015)).toBe(true)
  })

  it('uses the same slots of messenger, bridge, factory and proxies, and the same nonces of preinstalls', () => {
    const theirs = alloc()
    const contracts = [
      PREDEPLOYS.l2CrossDomainMessenger,
      PREDEPLOYS.l2StandardBridge,
      PREDEPLOYS.optimismMintableErc20Factory,
      PREDEPLOYS.l2ToL1MessagePasser,
    ]
    for (const address of contracts) {
      expect(Object.keys(at(address).storage!).sort(), address).toEqual(Object.keys(theirs[address]!.storage!).sort())
    }
    for (const address of Object.values(PREINSTALLS)) expect(at(address).nonce).toBe(BigInt(theirs[address]!.nonce!))
  })
})

function replacer(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
