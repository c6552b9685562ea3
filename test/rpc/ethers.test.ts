/** What ethers 6 asks of a node, as an application would use it, on a whole node that mines what arrives. */
import {
  Contract,
  ContractFactory,
  Interface,
  id,
  isError,
  JsonRpcProvider,
  parseEther,
  type Result,
  Wallet,
  zeroPadValue,
} from 'ethers'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type Compiled, compileSolidity } from '../fixtures/solidity.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

/** The keys of the accounts that a test chain funds. */
const key = (number: number) => `0x${number.toString(16).padStart(64, '0')}` as const
const BOB = privateKeyToAccount(key(2)).address

let node: WholeNode
let provider: JsonRpcProvider
let wallet: Wallet
let compiled: Compiled

beforeAll(async () => {
  compiled = compileSolidity('test/rpc/solidity/Notes.sol', 'Notes')
  node = await WholeNode.start()
  node.mineOnArrival()
  provider = new JsonRpcProvider(node.url, undefined, { pollingInterval: 20, cacheTimeout: -1 })
  wallet = new Wallet(key(1), provider)
}, 60_000)

afterAll(async () => {
  provider.destroy()
  await node.stop()
  expect(node.defects).toEqual([])
})

const deployed = async () => {
  const contract = await new ContractFactory(
    new Interface(JSON.stringify(compiled.abi)),
    compiled.bytecode,
    wallet,
  ).deploy('first')
  await contract.waitForDeployment()
  return new Contract(await contract.getAddress(), contract.interface, wallet)
}

/** The custom error that a call fails with: ethers itself decodes it in calls, but not where its gas estimate meets it. */
async function customError(contract: Contract, call: Promise<unknown>) {
  const failure: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!isError(failure, 'CALL_EXCEPTION')) throw failure ?? new Error('the call did not fail')
  const { name, args } = contract.interface.parseError(failure.data ?? '0x')!
  return { name, args: args.toArray() }
}

describe('ethers', () => {
  it('knows the network by its chain id', async () => {
    expect((await provider.getNetwork()).chainId).toBe(901n)
  })

  it('reads balance, nonce and code', async () => {
    expect(await provider.getBalance(BOB, 0)).toBe(parseEther('1000'))
    expect(await provider.getBalance(BOB)).toBe(parseEther('1000'))
    expect(await provider.getTransactionCount(BOB)).toBe(0)
    expect(await provider.getCode(NATIVE.datanets)).toBe('0xfe')
  })

  it('sends a transfer, whose fields it fills in itself, and waits for its receipt', async () => {
    const sent = await wallet.sendTransaction({ to: BOB, value: parseEther('1.5') })
    expect(sent).toMatchObject({ type: 2, nonce: 0, chainId: 901n, gasLimit: 21_000n })
    const receipt = await sent.wait()
    expect(receipt).toMatchObject({ status: 1, gasUsed: 21_000n, type: 2, from: wallet.address, to: BOB })
    expect(await provider.getBalance(BOB)).toBe(parseEther('1001.5'))
    const found = await provider.getTransaction(sent.hash)
    expect(found).toMatchObject({ hash: sent.hash, blockNumber: receipt!.blockNumber, value: parseEther('1.5') })
    expect(await found!.confirmations()).toBe(1)
    // The execution fee, as ethers adds it up, and what the layer 2 takes on top for its data on L1.
    const { l1Fee } = (await node.ask('eth_getTransactionReceipt', sent.hash)).result as { l1Fee: string }
    const spent = parseEther('1000') - parseEther('1.5') - (await provider.getBalance(wallet.address))
    expect(spent).toBe(receipt!.fee + BigInt(l1Fee))
  })

  it('sends transactions of types 0 and 1 too', async () => {
    for (const type of [0, 1]) {
      const sent = await wallet.sendTransaction({ to: BOB, value: 1n, type })
      expect(await sent.wait()).toMatchObject({ status: 1, type })
    }
  })

  it('sends a transaction of type 4, which delegates an account (EIP-7702)', async () => {
    const contract = await deployed()
    const delegating = new Wallet(key(3), provider)
    const authorization = await delegating.authorize({ address: await contract.getAddress(), nonce: 0 })
    const sent = await wallet.sendTransaction({ to: BOB, type: 4, authorizationList: [authorization] })
    expect(await sent.wait()).toMatchObject({ status: 1, type: 4 })
    expect(await provider.getCode(delegating.address)).toBe(
      `0xef0100${(await contract.getAddress()).slice(2).toLowerCase()}`,
    )
    expect((await provider.getTransaction(sent.hash))!.authorizationList).toMatchObject([{ nonce: 0n, chainId: 901n }])
  })

  it('estimates fees', async () => {
    const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData()
    const { baseFeePerGas } = (await provider.getBlock('latest'))!
    expect(maxPriorityFeePerGas).toBe(1_000_000n)
    expect(maxFeePerGas).toBe(baseFeePerGas! * 2n + maxPriorityFeePerGas!)
    expect(gasPrice).toBeGreaterThan(maxPriorityFeePerGas!)
    expect(await provider.estimateGas({ from: wallet.address, to: BOB, value: 1n })).toBe(21_000n)
  })

  it('reads a block with its transactions, the L1 attributes deposit first', async () => {
    const sent = await wallet.sendTransaction({ to: BOB, value: 1n })
    const receipt = await sent.wait()
    const block = (await provider.getBlock(receipt!.blockNumber, true))!
    expect(block).toMatchObject({ number: receipt!.blockNumber, gasLimit: 30_000_000n, difficulty: 0n })
    const [deposit, transfer] = block.prefetchedTransactions
    expect(deposit).toMatchObject({ type: 0x7e, gasPrice: 0n, nonce: block.number - 1, value: 0n })
    expect(transfer).toMatchObject({ hash: sent.hash, type: 2, from: wallet.address })
    expect((await provider.getTransaction(deposit!.hash))!.from.toLowerCase()).toBe(
      '0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001',
    )
    expect(await provider.getTransactionReceipt(deposit!.hash)).toMatchObject({ status: 1, type: 0x7e, gasPrice: 0n })
    expect((await block.getTransaction(1)).hash).toBe(sent.hash)
    expect((await provider.getBlock('safe'))!.number).toBe(0)
    expect(await provider.getBlock(1_000_000)).toBeNull()
  })

  it('deploys a contract, calls it, and decodes its revert', async () => {
    const contract = await deployed()
    expect(await contract.getFunction('note')()).toBe('first')
    const sent = await contract.getFunction('write')('second')
    expect(await sent.wait()).toMatchObject({ status: 1 })
    expect(await contract.getFunction('note')()).toBe('second')
    expect(await contract.getFunction('note').staticCall({ blockTag: sent.blockNumber ?? 'latest' })).toBe('second')
    expect(await provider.getStorage(await contract.getAddress(), 1)).toBe(zeroPadValue('0x02', 32))
    const write = contract.getFunction('write')
    expect(await customError(contract, write(''))).toEqual({ name: 'Empty', args: [2n] })
    expect(await customError(contract, write.staticCall(''))).toEqual({ name: 'Empty', args: [2n] })
  })

  it('finds logs by filter, and hears new ones', async () => {
    const contract = await deployed()
    const heard: [author: string, count: bigint][] = []
    await contract.on('Written', (author: string, count: bigint) => heard.push([author, count]))
    const receipt = await (await contract.getFunction('write')('logged')).wait()
    // ethers asks for new logs some time after `on`, so that it may hear only of a later one.
    for (let tries = 0; heard.length === 0 && tries < 50; tries++)
      await (await contract.getFunction('write')('heard')).wait()
    expect(heard[0]).toEqual([wallet.address, expect.any(BigInt)])
    await contract.removeAllListeners()
    const logs = await contract.queryFilter('Written', receipt.blockNumber, receipt.blockNumber)
    expect(logs).toMatchObject([
      { blockNumber: receipt.blockNumber, transactionHash: receipt.hash, args: [wallet.address, 2n] },
    ])
    const raw = await provider.getLogs({
      address: await contract.getAddress(),
      topics: [id('Written(address,uint256)'), zeroPadValue(wallet.address, 32)],
      fromBlock: 0,
      toBlock: receipt.blockNumber,
    })
    expect(raw.map(({ index, blockNumber }) => ({ index, later: blockNumber >= receipt.blockNumber }))).toEqual([
      { index: 0, later: false },
      { index: 0, later: true },
    ])
  })

  it('waits for a transaction and sees that it reverted', async () => {
    const contract = await deployed()
    const sent = await contract.getFunction('write')('', { gasLimit: 100_000n })
    const failed: unknown = await sent.wait().catch((error: unknown) => error)
    expect(isError(failed, 'CALL_EXCEPTION') && failed.receipt).toMatchObject({ status: 0, hash: sent.hash })
  })

  it('calls native contracts by their ABI, and decodes their errors', async () => {
    const datanets = new Contract(NATIVE.datanets, new Interface(JSON.stringify(datanetsAbi)), wallet)
    const licence = { feePerRow: 0n, revenueShareBps: 0, commercialUse: true, expiry: 0n, attributionDuty: false }
    const config = { name: 'by ethers', domain: '', policy: 0, curators: [], quorum: 0, licence, bond: 0n, uri: '' }
    const receipt = await (await datanets.getFunction('create')(config)).wait()
    expect(receipt.logs).toMatchObject([
      { fragment: { name: 'DatanetCreated' }, args: [1n, wallet.address, 'by ethers', ''] },
    ])
    const datanet: Result = await datanets.getFunction('getDatanet')(1n)
    expect(datanet.toObject()).toMatchObject({ name: 'by ethers', owner: wallet.address })
    expect(await customError(datanets, datanets.getFunction('getDatanet')(9n))).toEqual({
      name: 'UnknownDatanet',
      args: [9n],
    })
    const channels = new Contract(NATIVE.channels, new Interface(JSON.stringify(channelsAbi)), wallet)
    const opened = channels.getFunction('open')(BOB, { value: 1n })
    expect(await customError(channels, opened)).toEqual({ name: 'ReceiverNotProver', args: [BOB] })
  })

  it('names what a transaction lacks', async () => {
    const poor = Wallet.createRandom(provider)
    const sent: unknown = await poor
      .sendTransaction({ to: BOB, value: 1n, gasLimit: 21_000n })
      .catch((error: unknown) => error)
    expect(isError(sent, 'INSUFFICIENT_FUNDS')).toBe(true)
    const again: unknown = await wallet
      .sendTransaction({ to: BOB, value: 1n, nonce: 0 })
      .catch((error: unknown) => error)
    expect(isError(again, 'NONCE_EXPIRED')).toBe(true)
  })
})
