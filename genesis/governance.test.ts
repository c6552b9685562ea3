/** Governance as genesis leaves it, against what the constructors of the same contracts leave when they run. */
import {
  type Abi,
  concatHex,
  decodeErrorResult,
  decodeFunctionResult,
  domainSeparator,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  parseEther,
  stringToHex,
  zeroAddress,
} from 'viem'
import { formatAbiItem } from 'viem/utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { gopenAbi, governorAbi, timelockAbi } from './abi/governance.ts'
import { type Address, PREDEPLOYS } from './addresses.ts'
import { type Allocation, genesisAllocations } from './allocations.ts'
import { type ContractName, contractArtifact } from './contracts.ts'
import { governanceSettings } from './governance.ts'
import { type GenesisEvm, genesisEvm } from './testing/genesis-evm.ts'
import { sampleConfig } from './testing/sample-config.ts'

const person: Address = `0x${'b0'.repeat(20)}`
const settings = { votingDelay: 3, votingPeriod: 11, proposalThreshold: 77n, quorumPercent: 5, timelockDelay: 13 }
const config = sampleConfig({ balances: { [person]: parseEther('9') }, governance: settings })
const born = BigInt(config.genesis.l2Time)
const allocations = genesisAllocations(config)
const at = (address: Address) => allocations.find((account) => account.address === address)!
const { gopen, governor, timelock } = PREDEPLOYS

const CONSTRUCTED: [ContractName, Address, readonly unknown[]][] = [
  ['GOPEN', gopen, []],
  ['OpenTimelock', timelock, [settings.timelockDelay, governor]],
  [
    'OpenGovernor',
    governor,
    [gopen, timelock, settings.votingDelay, settings.votingPeriod, settings.proposalThreshold, settings.quorumPercent],
  ],
]

/** Runs a constructor at the predeploy's own address: its creation code lies there and is called. */
async function constructed(name: ContractName, address: Address, args: readonly unknown[]) {
  const { abi, bytecode } = contractArtifact(name)
  const item = abi.find((each) => each.type === 'constructor')
  const code = concatHex([bytecode, encodeAbiParameters(item?.inputs ?? [], args)])
  const bare: Allocation = { address, balance: 0n, nonce: 0n, code }
  const others = allocations.filter((account) => account.address !== address)
  const evm = await genesisEvm([...others, bare], config.l2ChainId, born)
  const { data, failed } = await evm.call({ from: person, to: address })
  if (failed) throw new Error(`the constructor of ${name} reverted: ${data}`)
  return { code: data, storage: evm.storageOf(address) }
}

let evm: GenesisEvm
beforeEach(async () => {
  evm = await genesisEvm(allocations, config.l2ChainId, born + 100n)
})

async function read(name: ContractName, address: Address, functionName: string, args: unknown[] = []) {
  const { abi } = contractArtifact(name)
  const { data, failed } = await evm.call({
    from: person,
    to: address,
    data: encodeFunctionData({ abi, functionName, args }),
  })
  if (failed) throw new Error(`${functionName} reverted: ${data}`)
  return decodeFunctionResult({ abi, functionName, data }) as unknown
}

async function write(name: ContractName, address: Address, functionName: string, args: unknown[] = [], value = 0n) {
  const abi: Abi = contractArtifact(name).abi
  const outcome = await evm.call({
    from: person,
    to: address,
    data: encodeFunctionData({ abi, functionName, args }),
    value,
  })
  return outcome.failed ? decodeErrorResult({ abi, data: outcome.data }).errorName : 'done'
}

describe('governance at block 0', () => {
  it.each(CONSTRUCTED)(
    '%s is what its constructor leaves: the same code, the same storage',
    async (name, address, args) => {
      const left = await constructed(name, address, args)
      expect(at(address).code).toBe(left.code)
      expect(at(address).storage).toEqual(left.storage)
    },
  )

  it('has settings of days on a production network and of seconds on a development one, unless the config has its own', () => {
    const own = sampleConfig()
    expect(governanceSettings({ ...own, network: 'production' })).toEqual({
      votingDelay: 86_400,
      votingPeriod: 604_800,
      proposalThreshold: parseEther('100000'),
      quorumPercent: 4,
      timelockDelay: 172_800,
    })
    const { votingDelay, votingPeriod, timelockDelay } = governanceSettings(own)
    expect(votingDelay + votingPeriod + timelockDelay).toBeLessThan(30)
    expect(governanceSettings(config)).toEqual(settings)
  })
})

describe('the ABIs of genesis/abi/governance.ts', () => {
  const shape = (item: Abi[number]) =>
    item.type === 'fallback' || item.type === 'receive' || item.type === 'constructor' ? '' : formatAbiItem(item)

  it.each<[string, Abi, ContractName[]]>([
    ['gopenAbi', gopenAbi, ['GOPEN']],
    ['governorAbi', governorAbi, ['OpenGovernor']],
    ['timelockAbi', timelockAbi, ['OpenTimelock']],
  ])('%s says what the contract has', (_, abi, names) => {
    const there = new Set(names.flatMap((name) => contractArtifact(name).abi.map(shape)))
    expect(abi.map(shape).filter((item) => !there.has(item))).toEqual([])
  })
})

describe('gOPEN', () => {
  it('locks OPEN one for one and gives it back', async () => {
    expect(await write('GOPEN', gopen, 'deposit', [], 5n)).toBe('done')
    await evm.call({ from: person, to: gopen, value: 2n })
    expect(await read('GOPEN', gopen, 'balanceOf', [person])).toBe(7n)
    expect(await evm.balanceOf(gopen)).toBe(7n)
    expect(await write('GOPEN', gopen, 'withdraw', [8n])).toBe('ERC20InsufficientBalance')
    expect(await write('GOPEN', gopen, 'withdraw', [6n])).toBe('done')
    expect(await read('GOPEN', gopen, 'totalSupply')).toBe(1n)
    expect(await evm.balanceOf(gopen)).toBe(1n)
    expect(await evm.balanceOf(person)).toBe(parseEther('9') - 1n)
  })

  it('votes once it is delegated, counts time in seconds, and has a permit domain of its own', async () => {
    await write('GOPEN', gopen, 'deposit', [], 5n)
    expect(await read('GOPEN', gopen, 'getVotes', [person])).toBe(0n)
    await write('GOPEN', gopen, 'delegate', [person])
    expect(await read('GOPEN', gopen, 'getVotes', [person])).toBe(5n)
    expect(await read('GOPEN', gopen, 'clock')).toBe(Number(born + 100n))
    expect(await read('GOPEN', gopen, 'CLOCK_MODE')).toBe('mode=timestamp')
    expect(await read('GOPEN', gopen, 'symbol')).toBe('gOPEN')
    const domain = {
      name: 'Governance OPEN',
      version: '1',
      chainId: config.l2ChainId,
      verifyingContract: gopen,
    }
    expect(await read('GOPEN', gopen, 'DOMAIN_SEPARATOR')).toBe(domainSeparator({ domain }))
  })
})

describe('the Governor', () => {
  const governed = (functionName: string, args: unknown[] = []) => read('OpenGovernor', governor, functionName, args)

  it("has the config's settings, gOPEN's clock and the timelock as its hand", async () => {
    expect(await governed('votingDelay')).toBe(3n)
    expect(await governed('votingPeriod')).toBe(11n)
    expect(await governed('proposalThreshold')).toBe(77n)
    expect(await governed('quorumNumerator')).toBe(5n)
    expect(await governed('name')).toBe('OpenLedger Governor')
    expect(String(await governed('token')).toLowerCase()).toBe(gopen)
    expect(String(await governed('timelock')).toLowerCase()).toBe(timelock)
    expect(await governed('CLOCK_MODE')).toBe('mode=timestamp')
    await write('GOPEN', gopen, 'deposit', [], 1_000n)
    // A quorum of the past: nothing was locked before this moment.
    expect(await governed('quorum', [born + 99n])).toBe(0n)
  })
})

describe('the timelock', () => {
  const has = (role: Hex, account: Address) => read('OpenTimelock', timelock, 'hasRole', [role, account])
  const role = (name: string) => keccak256(stringToHex(name))

  it('is proposed to and cancelled by the Governor, executed by anybody, administered by itself', async () => {
    const admin: Hex = `0x${'00'.repeat(32)}`
    expect(await has(role('PROPOSER_ROLE'), governor)).toBe(true)
    expect(await has(role('CANCELLER_ROLE'), governor)).toBe(true)
    expect(await has(role('EXECUTOR_ROLE'), zeroAddress)).toBe(true)
    expect(await has(admin, timelock)).toBe(true)
    for (const each of [admin, role('PROPOSER_ROLE'), role('CANCELLER_ROLE')])
      for (const stranger of [person, zeroAddress, config.genesis.feeRecipient])
        expect(await has(each, stranger)).toBe(false)
    expect(await read('OpenTimelock', timelock, 'getMinDelay')).toBe(13n)
    const operation = [person, 0n, '0x', admin, admin, 13n]
    expect(await write('OpenTimelock', timelock, 'schedule', operation)).toBe('AccessControlUnauthorizedAccount')
  })
})
