/**
 * The native contracts as an ordinary contract meets them: test/native/solidity/NativeCaller.sol, compiled here with
 * npm's solc against the interfaces of genesis/solidity, on a whole node, seen through JSON-RPC and viem.
 */
import {
  decodeErrorResult,
  encodeFunctionData,
  getAddress,
  type Hex,
  hexToBytes,
  keccak256,
  parseAbi,
  parseEther,
  parseEventLogs,
  stringToBytes,
  stringToHex,
  toHex,
  zeroAddress,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitmentOf } from '../../client/index.ts'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { type Address, NATIVE, PREINSTALLS } from '../../genesis/addresses.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { proveAccount } from '../fixtures/account-proof.ts'
import { type Compiled, compileSolidity } from '../fixtures/solidity.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const [user, prover, stranger] = ACCOUNTS
const caughtAbi = parseAbi(['event Caught(bytes reason)'])
const SLOT_0 = toHex(0, { size: 32 })
const SALT = toHex(7, { size: 32 })
const CONTENT = stringToBytes('A contract may call another contract, and be called by one. '.repeat(8))
const COMMIT_BOND = parseEther('0.001')
/** More than any call below uses, so that no estimate hides a failure. */
const GAS = 3_000_000n

let node: WholeNode
let compiled: Compiled
let contract: Address

beforeAll(async () => {
  compiled = compileSolidity('test/native/solidity/NativeCaller.sol', 'NativeCaller')
  node = await WholeNode.start()
  const deployed = await node.mined(node.wallet().deployContract({ ...compiled, gas: GAS }))
  contract = getAddress(deployed.contractAddress!)
  await node.mined(node.wallet().sendTransaction({ to: contract, value: parseEther('50') }))
  await node.mined(node.wallet(prover!).stake({ role: STAKE_ROLE.prover, amount: parseEther('20') }))
}, 60_000)

afterAll(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

const send = (functionName: string, args: unknown[], value = 0n) =>
  node.mined(node.wallet().writeContract({ ...compiled, address: contract, functionName, args, value, gas: GAS }))

const read = (functionName: string, args: unknown[]) =>
  node.client.readContract({ ...compiled, address: contract, functionName, args })

/** What a call would return, whatever it writes. */
async function simulated(functionName: string, args: unknown[]): Promise<unknown> {
  const call = { ...compiled, address: contract, functionName, args, account: user! }
  return (await node.client.simulateContract(call)).result
}

/** All that an account is but for its nonce and code: what a revert must leave as it was. */
async function footprint(address: Address) {
  const { balance, storageHash } = await node.client.getProof({ address, storageKeys: [] })
  return { balance, storageHash, slot0: await node.client.getStorageAt({ address, slot: '0x0' }) }
}

const nativeFootprints = () => Promise.all(Object.values(NATIVE).map(footprint))

describe('a contract that calls the native contracts', () => {
  it('creates a Datanet, whose owner it is', async () => {
    const receipt = await send('createDatanet', ['of a contract'])
    expect(receipt.status).toBe('success')
    const [created] = parseEventLogs({ abi: datanetsAbi, logs: receipt.logs, eventName: 'DatanetCreated' })
    expect(created).toMatchObject({
      address: NATIVE.datanets,
      args: { datanet: 1n, owner: contract, name: 'of a contract' },
    })
    expect(await node.wallet().getDatanet({ datanet: 1n })).toMatchObject({
      owner: contract,
      domain: 'smart contracts',
    })
  })

  it('commits with a bond out of its own balance and contributes, which brings the bond back', async () => {
    const before = await node.client.getBalance({ address: contract })
    const commitment = commitmentOf({ owner: contract, datanet: 1n, content: CONTENT, salt: SALT })
    expect((await send('commit', [commitment])).status).toBe('success')
    expect(await node.client.getBalance({ address: contract })).toBe(before - COMMIT_BOND)
    const receipt = await send('contribute', [1n, toHex(CONTENT), 'cid', SALT])
    const [contributed] = parseEventLogs({ abi: datanetsAbi, logs: receipt.logs, eventName: 'Contributed' })
    expect(contributed?.args).toMatchObject({ contribution: 1n, contributor: contract, cluster: 1n, founder: true })
    expect(await node.client.getBalance({ address: contract })).toBe(before)
    expect((await node.ask('openledger_getContent', '0x1')).result).toBe(toHex(CONTENT))
  })

  it('stakes with the value it was sent', async () => {
    expect((await send('stake', [STAKE_ROLE.validator], parseEther('10'))).status).toBe('success')
    expect(await node.wallet().getStake({ account: contract, role: STAKE_ROLE.validator })).toMatchObject({
      amount: parseEther('10'),
    })
  })

  it('opens a channel with value, closes it, and is refunded by a movement without a call', async () => {
    const before = await node.client.getBalance({ address: contract })
    const escrow = await node.client.getBalance({ address: NATIVE.channels })
    const receipt = await send('openChannel', [prover!.address], parseEther('3'))
    const [opened] = parseEventLogs({ abi: channelsAbi, logs: receipt.logs, eventName: 'Opened' })
    expect(opened?.args).toMatchObject({ payer: contract, receiver: prover!.address, deposit: parseEther('3') })
    expect(await node.client.getBalance({ address: NATIVE.channels })).toBe(escrow + parseEther('3'))
    const { channel } = opened!.args
    expect(await read('channelOf', [channel])).toMatchObject({ payer: contract, deposit: parseEther('3') })
    await send('closeChannel', [channel])
    // The delay of a development network is 12 s: six blocks.
    for (let block = 0; block < 6; block++) await node.mine()
    expect((await send('refundChannel', [channel])).status).toBe('success')
    expect(await node.client.getBalance({ address: contract })).toBe(before + parseEther('3'))
    expect(await read('channelOf', [channel])).toMatchObject({ closed: true })
  })

  it('reads what it wrote through views, as structs of the interfaces', async () => {
    expect(await read('datanetOf', [1n])).toMatchObject({ owner: contract, name: 'of a contract', contributions: 1n })
    expect(await read('contributionOf', [1n])).toMatchObject({
      contributor: contract,
      contentHash: keccak256(CONTENT),
      size: CONTENT.length,
      cid: 'cid',
    })
    expect(await read('ownStake', [STAKE_ROLE.validator])).toMatchObject({ amount: parseEther('10') })
  })

  it('is no different from any other caller to Multicall3', async () => {
    const view = { address: NATIVE.datanets, abi: datanetsAbi } as const
    const answers = await node.client.multicall({
      contracts: [
        { ...view, functionName: 'datanetCount' },
        { ...view, functionName: 'getDatanet', args: [99n] },
      ],
      multicallAddress: PREINSTALLS.multicall3,
    })
    expect(answers).toMatchObject([
      { status: 'success', result: 1n },
      { status: 'failure', error: { cause: { data: { errorName: 'UnknownDatanet', args: [99n] } } } },
    ])
  })
})

describe('which calls reach native code', () => {
  const view = encodeFunctionData({ abi: datanetsAbi, functionName: 'datanetCount' })
  const write = encodeFunctionData({ abi: datanetsAbi, functionName: 'commit', args: [SALT] })

  it('STATICCALL of a view does', async () => {
    expect(await read('staticCall', [NATIVE.datanets, view])).toEqual([true, toHex(1, { size: 32 })])
  })

  it('STATICCALL of a write does, and is refused with a reason', async () => {
    const close = encodeFunctionData({ abi: channelsAbi, functionName: 'close', args: [SALT] })
    const config = encodeFunctionData({
      abi: datanetsAbi,
      functionName: 'create',
      args: [
        {
          name: 'static',
          domain: '',
          policy: 0,
          curators: [],
          quorum: 0,
          licence: { feePerRow: 0n, revenueShareBps: 0, commercialUse: true, expiry: 0n, attributionDuty: false },
          bond: 0n,
          uri: '',
        },
      ],
    })
    const [ok, answer] = (await read('staticCall', [NATIVE.datanets, config])) as [boolean, Hex]
    expect(ok).toBe(false)
    expect(decodeErrorResult({ abi: datanetsAbi, data: answer })).toMatchObject({
      errorName: 'InvalidField',
      args: ['call', expect.stringContaining('static call allows no writes')],
    })
    expect(await read('staticCall', [NATIVE.channels, close])).toMatchObject([false, expect.stringMatching(/^0x/)])
    expect(
      await node.client.readContract({ address: NATIVE.datanets, abi: datanetsAbi, functionName: 'datanetCount' }),
    ).toBe(1n)
  })

  it('DELEGATECALL does not: it runs the account’s code, 0xfe, which takes all gas and returns nothing', async () => {
    for (const data of [view, write]) {
      const [ok, answer, gasUsed] = (await simulated('delegateCall', [NATIVE.datanets, data, 100_000n])) as [
        boolean,
        Hex,
        bigint,
      ]
      expect({ ok, answer }).toEqual({ ok: false, answer: '0x' })
      expect(gasUsed).toBeGreaterThanOrEqual(100_000n)
    }
    const before = await nativeFootprints()
    expect((await send('delegateCall', [NATIVE.datanets, write, 100_000n])).status).toBe('success')
    expect(await nativeFootprints()).toEqual(before)
  })

  it('an EIP-7702 delegation to a native contract does not', async () => {
    const delegating = privateKeyToAccount(generatePrivateKey())
    const wallet = node.wallet(stranger!)
    const authorization = await wallet.signAuthorization({ account: delegating, contractAddress: NATIVE.datanets })
    // viem asks the node what this costs before it sends it.
    const delegated = await node.mined(wallet.sendTransaction({ authorizationList: [authorization], to: zeroAddress }))
    expect(delegated).toMatchObject({ status: 'success', type: 'eip7702' })
    expect(await node.client.getCode({ address: delegating.address })).toBe(`0xef0100${NATIVE.datanets.slice(2)}`)

    const call = node.client.call({ to: delegating.address, data: view, gas: 100_000n })
    await expect(call).rejects.toThrow(/invalid opcode/i)
    const receipt = await node.mined(wallet.sendTransaction({ to: delegating.address, data: view, gas: 100_000n }))
    expect(receipt).toMatchObject({ status: 'reverted', gasUsed: 100_000n })
    // The native contract itself answers the same bytes.
    expect((await node.client.call({ to: NATIVE.datanets, data: view })).data).toBe(toHex(1, { size: 32 }))
  })
})

describe('a revert around native calls', () => {
  const commitment = keccak256(stringToHex('to be undone'))

  it('undoes their storage, their movements of value and their logs', async () => {
    const before = { natives: await nativeFootprints(), contract: await footprint(contract) }
    const receipt = await send('doAndRevert', ['undone', prover!.address, commitment], parseEther('2'))
    expect(receipt).toMatchObject({ status: 'reverted', logs: [] })
    expect({ natives: await nativeFootprints(), contract: await footprint(contract) }).toEqual(before)
    expect(await node.ask('eth_getStorageAt', NATIVE.datanets, '0x0', 'latest')).toMatchObject({
      result: before.natives[0]!.slot0,
    })
  })

  it('undoes them where the caller goes on, and what the caller did stays', async () => {
    const before = { natives: await nativeFootprints(), contract: await footprint(contract) }
    const done = (await read('completed', [])) as bigint
    const receipt = await send('doRevertAndGoOn', ['undone', prover!.address, commitment], parseEther('2'))
    expect(receipt.status).toBe('success')
    const caught = parseEventLogs({ abi: caughtAbi, logs: receipt.logs })
    expect(receipt.logs).toHaveLength(1)
    expect(decodeErrorResult({ abi: compiled.abi, data: caught[0]!.args.reason })).toMatchObject({
      errorName: 'Undone',
      args: [2n, expect.stringMatching(/^0x[0-9a-f]{64}$/)],
    })
    expect(await nativeFootprints()).toEqual(before.natives)
    expect(await read('completed', [])).toBe(done + 1n)
    // The value of the inner call came back to the contract.
    expect(await node.client.getBalance({ address: contract })).toBe(before.contract.balance + parseEther('2'))
  })

  it('leaves no id used: the next Datanet takes the number of the undone one', async () => {
    const receipt = await send('createDatanet', ['second'])
    const [created] = parseEventLogs({ abi: datanetsAbi, logs: receipt.logs, eventName: 'DatanetCreated' })
    expect(created?.args.datanet).toBe(2n)
    const changed = await footprint(NATIVE.datanets)
    expect(changed.slot0).not.toBe(toHex(0, { size: 32 }))
  })
})

describe('an error of a native contract', () => {
  it('reaches a try/catch with its bytes, and the contract goes on', async () => {
    const receipt = await send('createIfUnknown', [42n, 'third'])
    expect(receipt.status).toBe('success')
    const [caught] = parseEventLogs({ abi: caughtAbi, logs: receipt.logs })
    expect(decodeErrorResult({ abi: datanetsAbi, data: caught!.args.reason })).toMatchObject({
      errorName: 'UnknownDatanet',
      args: [42n],
    })
    expect(await node.wallet().getDatanet({ datanet: 3n })).toMatchObject({ name: 'third' })
    expect(parseEventLogs({ abi: datanetsAbi, logs: (await send('createIfUnknown', [3n, 'no'])).logs })).toEqual([])
  })

  it('passes through a contract that does not catch it', async () => {
    await expect(read('datanetOf', [77n])).rejects.toMatchObject({ cause: { raw: expect.stringMatching(/^0x/) } })
    const { error } = await node.ask('eth_call', {
      to: contract,
      data: encodeFunctionData({ abi: compiled.abi, functionName: 'datanetOf', args: [77n] }),
    })
    expect(error).toMatchObject({ code: 3 })
    expect(decodeErrorResult({ abi: datanetsAbi, data: error!.data! })).toMatchObject({ args: [77n] })
  })

  it('decodes in viem, by name and with named arguments', async () => {
    await expect(node.wallet().getDatanet({ datanet: 77n })).rejects.toMatchObject({
      name: 'NativeContractError',
      contract: 'datanets',
      functionName: 'getDatanet',
      errorName: 'UnknownDatanet',
      args: { datanet: 77n },
    })
    const refused = node.wallet().openChannel({ receiver: stranger!.address, deposit: 1n })
    await expect(refused).rejects.toMatchObject({
      errorName: 'ReceiverNotProver',
      args: { receiver: stranger!.address },
    })
  })
})

describe('native storage', () => {
  it('is proved by eth_getProof against the header’s state root', async () => {
    const { stateRoot, number } = await node.client.getBlock()
    // Datanets' counters: datanets, contributions, clusters, commitments, 64 bits each from the low end.
    const unwritten = keccak256(stringToHex('nothing lies here'))
    const proof = await node.client.getProof({
      address: NATIVE.datanets,
      storageKeys: [SLOT_0, unwritten],
      blockNumber: number,
    })
    const proved = await proveAccount(stateRoot, proof)
    expect(proved).toMatchObject({ nonce: 1n, codeHash: keccak256('0xfe') })
    expect(proved.storage).toEqual({ [SLOT_0]: 3n | (1n << 64n) | (1n << 128n) | (1n << 192n), [unwritten]: 0n })
    expect(BigInt((await node.client.getStorageAt({ address: NATIVE.datanets, slot: '0x0' }))!)).toBe(
      proved.storage[SLOT_0],
    )
  })

  it('is not proved by a proof that was tampered with, or against another root', async () => {
    const block = await node.client.getBlock()
    const proof = await node.client.getProof({ address: NATIVE.datanets, storageKeys: [SLOT_0] })
    const forged = structuredClone(proof)
    const leaf = hexToBytes(forged.storageProof[0]!.proof.at(-1)!)
    leaf[leaf.length - 1]! ^= 1
    forged.storageProof[0]!.proof[forged.storageProof[0]!.proof.length - 1] = toHex(leaf)
    await expect(proveAccount(block.stateRoot, forged)).rejects.toThrow()
    const parent = await node.client.getBlock({ blockNumber: block.number - 1n })
    await expect(proveAccount(parent.stateRoot, proof)).rejects.toThrow()
  })
})
