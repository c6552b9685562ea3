/** The contract of bonded validators over the real oracle, on an anvil whose clock the tests move. No L2 is needed. */
import {
  type Abi,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  numberToHex,
  publicActions,
  zeroAddress,
  zeroHash,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { developmentAccount } from '../../devnet/accounts.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type ContractName, contractArtifact } from '../../genesis/contracts.ts'
import { ANVIL_CHAIN_ID, ANVIL_KEY, anvilBinary, startAnvil, type TestAnvil } from '../../node/l1/testing/anvil.ts'
import { quorumOf, signOutput } from '../../sequencer/output-validators.ts'

const OWNER = privateKeyToAccount(ANVIL_KEY)
const named = (name: string) => developmentAccount(`output validators: ${name}`)
const [PROPOSER, STRANGER] = [named('proposer'), named('stranger')]
const VALIDATORS = ['a', 'b', 'c']
  .map(named)
  .sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1))
const [A, B, C] = VALIDATORS as [Account, Account, Account]
type Account = typeof PROPOSER
const BOND = 1_000n
const PERIOD = 100
const root = (byte: string): Hex => `0x${byte.repeat(32)}`
const [GOOD, BAD, WORSE] = [root('aa'), root('bb'), root('cc')]

it('a quorum is two thirds, rounded up', () => {
  expect([0n, 1n, 2n, 3n, 4n, 5n, 6n, 100n].map(quorumOf)).toEqual([0n, 1n, 2n, 2n, 3n, 4n, 4n, 67n])
})

describe.skipIf(anvilBinary() === undefined)('bonded validators of outputs', () => {
  let anvil: TestAnvil
  let snapshot: unknown
  let contract: Address
  let oracle: Address
  let token: Address

  const client = () =>
    createWalletClient({ account: OWNER, transport: http(anvil.url), pollingInterval: 10, cacheTime: 0 }).extend(
      publicActions,
    )
  const create = async (name: ContractName, args: unknown[] = []): Promise<Address> => {
    const { abi, bytecode } = contractArtifact(name)
    const hash = await client().deployContract({ abi, bytecode, args, chain: null })
    return (await client().waitForTransactionReceipt({ hash })).contractAddress!
  }
  const proxied = async (
    name: ContractName,
  ): Promise<{ proxy: Address; initialize: (args: unknown[]) => Promise<void> }> => {
    const proxy = await create('Proxy', [OWNER.address])
    const implementation = await create(name)
    const initialize = async (args: unknown[]) => {
      const data = encodeFunctionData({ abi: contractArtifact(name).abi, functionName: 'initialize', args })
      await send(OWNER, {
        address: proxy,
        abi: contractArtifact('Proxy').abi,
        functionName: 'upgradeToAndCall',
        args: [implementation, data],
      })
    }
    return { proxy, initialize }
  }
  type Call = { address: Address; abi: Abi; functionName: string; args?: unknown[] }
  /** Simulated first, so that a revert tells its name. */
  const send = async (account: Account, call: Call) => {
    await client().simulateContract({ ...call, account })
    const hash = await client().writeContract({ ...call, account, chain: null })
    const receipt = await client().waitForTransactionReceipt({ hash })
    expect(receipt.status).toBe('success')
  }
  const on = (name: ContractName, address: () => Address) => ({
    send: (account: Account, functionName: string, ...args: unknown[]) =>
      send(account, { address: address(), abi: contractArtifact(name).abi, functionName, args }),
    read: (functionName: string, ...args: unknown[]): Promise<unknown> =>
      client().readContract({ address: address(), abi: contractArtifact(name).abi, functionName, args }),
  })
  const validators = on('OutputValidators', () => contract)
  const outputs = on('L2OutputOracle', () => oracle)
  const open = on('OpenToken', () => token)

  const signatures = (accounts: Account[], outputRoot: Hex, l2Block: bigint) =>
    Promise.all(accounts.map((account) => signOutput(account, contract, ANVIL_CHAIN_ID, { outputRoot, l2Block })))
  const propose = async (account: Account, outputRoot: Hex, signers: Account[] = []) => {
    const l2Block = (await outputs.read('nextBlockNumber')) as bigint
    const signed = await signatures(signers, outputRoot, l2Block)
    await validators.send(account, 'propose', outputRoot, l2Block, zeroHash, 0n, signed)
  }
  const passTime = async (seconds: number) => {
    await anvil.request('evm_increaseTime', [seconds])
    await anvil.request('evm_mine')
  }
  const bondOf = async ({ address }: Account) => ((await validators.read('accounts', address)) as [bigint])[0]
  const balance = ({ address }: Account) => open.read('balanceOf', address) as Promise<bigint>
  const isDisputed = async () => ((await validators.read('dispute')) as Hex[])[4] !== zeroAddress

  beforeAll(async () => {
    anvil = await startAnvil()
    const funds = numberToHex(10n ** 20n)
    for (const { address } of [...VALIDATORS, PROPOSER, STRANGER])
      await anvil.request('anvil_setBalance', [address, funds])
    token = await create('OpenToken', [OWNER.address])
    const [ofOracle, ofContract] = [await proxied('L2OutputOracle'), await proxied('OutputValidators')]
    oracle = ofOracle.proxy
    contract = ofContract.proxy
    await ofContract.initialize([oracle, token, OWNER.address, PROPOSER.address, BOND])
    await ofOracle.initialize([1n, 1n, 0n, 1n, contract, contract, BigInt(PERIOD)])
    await open.send(OWNER, 'approve', contract, 100n * BOND)
    for (const { address } of VALIDATORS) await validators.send(OWNER, 'setValidator', address, true)
    for (const { address } of [...VALIDATORS, PROPOSER]) await validators.send(OWNER, 'bond', address, BOND)
    await propose(PROPOSER, GOOD)
  })
  afterAll(() => anvil?.stop())
  beforeEach(async () => {
    if (snapshot !== undefined) await anvil.request('evm_revert', [snapshot])
    snapshot = await anvil.request('evm_snapshot')
  })

  it('count where they are admitted, bonded and not retiring', async () => {
    expect(await validators.read('activeCount')).toBe(3n)
    await validators.send(A, 'retire')
    expect(await validators.read('activeCount')).toBe(2n)
    await validators.send(OWNER, 'bond', A.address, 1n)
    expect(await validators.read('activeCount')).toBe(3n)
    await validators.send(OWNER, 'setValidator', B.address, false)
    await validators.send(OWNER, 'setValidator', STRANGER.address, true)
    expect(await validators.read('activeCount')).toBe(2n)
    await validators.send(OWNER, 'bond', STRANGER.address, BOND)
    expect(await validators.read('activeCount')).toBe(3n)
  })

  it('are named by the owner alone, and the proposer too', async () => {
    await expect(validators.send(STRANGER, 'setValidator', STRANGER.address, true)).rejects.toThrow('NotOwner')
    await expect(validators.send(STRANGER, 'setProposer', STRANGER.address)).rejects.toThrow('NotOwner')
    await expect(propose(STRANGER, GOOD)).rejects.toThrow('NotProposer')
    await validators.send(OWNER, 'setProposer', STRANGER.address)
    await expect(propose(STRANGER, GOOD)).rejects.toThrow('BondTooSmall')
  })

  it('take their bond back two finalization periods after they retire, and not before', async () => {
    await expect(validators.send(A, 'withdraw')).rejects.toThrow('TooEarly')
    await validators.send(A, 'retire')
    await passTime(2 * PERIOD - 5)
    await expect(validators.send(A, 'withdraw')).rejects.toThrow('TooEarly')
    await passTime(6)
    await validators.send(A, 'withdraw')
    expect([await bondOf(A), await balance(A)]).toEqual([0n, BOND])
    await validators.send(A, 'withdraw')
    expect(await balance(A)).toBe(BOND)
  })

  it('sign each once, in the order of their addresses, and nobody else does', async () => {
    await propose(PROPOSER, GOOD, [A, B])
    await expect(propose(PROPOSER, GOOD, [B, A])).rejects.toThrow('SignersNotAscending')
    await expect(propose(PROPOSER, GOOD, [A, A])).rejects.toThrow('SignersNotAscending')
    await expect(propose(PROPOSER, GOOD, [STRANGER])).rejects.toThrow('NotValidator')
  })

  it('open one dispute at a time, over outputs that are not final', async () => {
    await propose(PROPOSER, BAD)
    await propose(PROPOSER, GOOD)
    await expect(validators.send(STRANGER, 'challenge', 1n, GOOD)).rejects.toThrow('NotValidator')
    await expect(validators.send(A, 'challenge', 1n, BAD)).rejects.toThrow('SameRoot')
    await expect(validators.send(A, 'challenge', 1n, zeroHash)).rejects.toThrow('InvalidField')
    await validators.send(A, 'challenge', 1n, GOOD)
    expect(await outputs.read('nextOutputIndex')).toBe(1n)
    await expect(validators.send(B, 'challenge', 0n, BAD)).rejects.toThrow('DisputeOpen')
    await passTime(PERIOD)
    await propose(PROPOSER, GOOD, [A, B])
    await expect(validators.send(B, 'challenge', 0n, BAD)).rejects.toThrow('already been finalized')
  })

  it('settle by two thirds, whoever brings their signatures; bonds stand still meanwhile', async () => {
    await propose(PROPOSER, BAD)
    await validators.send(A, 'challenge', 1n, GOOD)
    for (const [account, call] of [
      [A, 'retire'],
      [A, 'withdraw'],
    ] as const)
      await expect(validators.send(account, call)).rejects.toThrow('DisputeOpen')
    await expect(validators.send(OWNER, 'bond', A.address, 1n)).rejects.toThrow('DisputeOpen')
    await expect(propose(PROPOSER, BAD)).rejects.toThrow('TooFewSignatures')
    await expect(propose(STRANGER, GOOD, [A])).rejects.toThrow('TooFewSignatures')
    await propose(STRANGER, GOOD, [A, C])
    expect(await isDisputed()).toBe(false)
    expect([await bondOf(PROPOSER), await bondOf(A)]).toEqual([0n, BOND])
    expect(await balance(A)).toBe(BOND / 2n)
    await expect(validators.send(B, 'challenge', 1n, WORSE)).rejects.toThrow('AlreadySettled')
  })

  it('leave a dispute open where the owner has dismissed all of them', async () => {
    await propose(PROPOSER, BAD)
    await validators.send(A, 'challenge', 1n, GOOD)
    for (const { address } of VALIDATORS) await validators.send(OWNER, 'setValidator', address, false)
    await expect(propose(STRANGER, WORSE)).rejects.toThrow('TooFewSignatures')
    expect(await isDisputed()).toBe(true)
  })

  it('burn both bonds where both sides were wrong, and pay nobody', async () => {
    const supply = (await open.read('totalSupply')) as bigint
    await propose(PROPOSER, BAD)
    await validators.send(A, 'challenge', 1n, WORSE)
    await propose(PROPOSER, GOOD, [B, C])
    expect([await bondOf(PROPOSER), await bondOf(A)]).toEqual([0n, 0n])
    expect([await balance(PROPOSER), await balance(A)]).toEqual([0n, 0n])
    expect(supply - ((await open.read('totalSupply')) as bigint)).toBe(2n * BOND)
    expect(await validators.read('activeCount')).toBe(2n)
  })

  it('answer for what they signed once a dispute was settled otherwise, retiring or not, and once', async () => {
    await propose(PROPOSER, BAD, [B])
    await validators.send(A, 'challenge', 1n, GOOD)
    await propose(PROPOSER, GOOD, [A, C])
    const [signed] = await signatures([B], BAD, 2n)
    const [honest] = await signatures([C], GOOD, 2n)
    await validators.send(B, 'retire')
    await validators.send(STRANGER, 'slashSigner', BAD, 2n, signed)
    expect([await bondOf(B), await balance(STRANGER)]).toEqual([0n, BOND / 2n])
    await expect(validators.send(STRANGER, 'slashSigner', BAD, 2n, signed)).rejects.toThrow('NothingToSlash')
    await expect(validators.send(STRANGER, 'slashSigner', GOOD, 2n, honest)).rejects.toThrow('NothingToSlash')
    const [elsewhere] = await signatures([C], BAD, 3n)
    await expect(validators.send(STRANGER, 'slashSigner', BAD, 3n, elsewhere)).rejects.toThrow('NothingToSlash')
  })

  it('cannot be initialized a second time, nor behind the proxy', async () => {
    const arguments_ = [oracle, token, STRANGER.address, STRANGER.address, 1n]
    await expect(validators.send(STRANGER, 'initialize', ...arguments_)).rejects.toThrow('InvalidInitialization')
    const bare = await create('OutputValidators')
    await expect(on('OutputValidators', () => bare).send(STRANGER, 'initialize', ...arguments_)).rejects.toThrow(
      'InvalidInitialization',
    )
  })
})
