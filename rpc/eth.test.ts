import {
  createWalletClient,
  defineChain,
  encodeErrorResult,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  parseAbi,
  parseEther,
  toHex,
} from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ACCOUNTS } from '../node/chain/testing/test-chain.ts'
import { RpcNode } from './testing/rpc-node.ts'

/**
 * Without calldata: slot 0 = 42, and a log with topic 7 and 32 zero bytes. With calldata: reverts with it.
 *   CALLDATASIZE PUSH 0x11 JUMPI  42→slot 0  LOG1(0, 32, 7)  STOP  JUMPDEST  copy calldata, REVERT
 */
const RUNTIME = '36601157602a600055600760206000a1005b366000600037366000fd'
const CREATION: Hex = `0x601c600c600039601c6000f3${RUNTIME}`
const TOPIC = toHex(7, { size: 32 })
const [ALICE, BOB] = [ACCOUNTS[0]!, ACCOUNTS[1]!]

let node: RpcNode
beforeEach(async () => {
  node = await RpcNode.start()
})
afterEach(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

function wallet(account = ALICE) {
  const chain = defineChain({
    id: 901,
    name: 'test',
    nativeCurrency: { name: 'OPEN', symbol: 'OPEN', decimals: 18 },
    rpcUrls: { default: { http: [node.url] } },
  })
  return createWalletClient({ account, chain, transport: http(node.url, { retryCount: 0 }) })
}

async function deployed(): Promise<Hex> {
  await wallet().deployContract({ abi: [], bytecode: CREATION })
  await node.mine()
  return getContractAddress({ from: ALICE.address, nonce: 0n })
}

describe('a viem wallet', () => {
  it('sends a transfer whose every field it filled in itself, and finds it pending and mined', async () => {
    const hash = await wallet().sendTransaction({ to: BOB.address, value: parseEther('2') })
    expect(await node.client.getTransaction({ hash })).toMatchObject({
      blockHash: null,
      nonce: 0,
      value: parseEther('2'),
    })
    expect(await node.client.getTransactionCount({ address: ALICE.address, blockTag: 'pending' })).toBe(1)
    expect(await node.client.getTransactionCount({ address: ALICE.address })).toBe(0)
    expect((await node.ask('txpool_status')).result).toEqual({ pending: '0x1', queued: '0x0' })
    const block = await node.mine()
    expect(await node.client.getTransaction({ hash })).toMatchObject({
      blockHash: block.hash,
      transactionIndex: 1,
      from: ALICE.address.toLowerCase(),
      type: 'eip1559',
    })
    expect(await node.client.getTransactionReceipt({ hash })).toMatchObject({
      status: 'success',
      gasUsed: 21_000n,
      blockNumber: 1n,
    })
    expect(await node.client.getBalance({ address: BOB.address })).toBe(parseEther('1002'))
    expect(await node.client.getBalance({ address: BOB.address, blockNumber: 0n })).toBe(parseEther('1000'))
    expect(keccak256(((await node.ask('eth_getRawTransactionByHash', hash)).result as Hex) ?? '0x')).toBe(hash)
  })

  it('deploys a contract, reads its code and storage, and sees why a call reverts', async () => {
    const contract = await deployed()
    expect(await node.client.getCode({ address: contract })).toBe(`0x${RUNTIME}`)
    await wallet().sendTransaction({ to: contract })
    await node.mine()
    expect(await node.client.getStorageAt({ address: contract, slot: '0x0' })).toBe(toHex(42, { size: 32 }))
    const data = encodeErrorResult({ abi: parseAbi(['error Error(string)']), args: ['not today'] })
    expect((await node.ask('eth_call', { to: contract, input: data }, 'latest')).error).toEqual({
      code: 3,
      message: 'execution reverted: not today',
      data,
    })
    expect((await node.ask('eth_estimateGas', { to: contract, data: '0xdeadbeef' })).error).toEqual({
      code: 3,
      message: 'execution reverted',
      data: '0xdeadbeef',
    })
    expect((await node.ask('eth_call', { to: contract, input: '0x01', data: '0x02' })).error?.code).toBe(-32602)
  })

  it('sees state overrides in calls', async () => {
    const code = '0x60005460005260206000f3'
    const slots = { [toHex(0, { size: 32 })]: toHex(77, { size: 32 }) }
    const call = [{ to: BOB.address }, 'latest', { [BOB.address]: { code, stateDiff: slots } }]
    expect((await node.ask('eth_call', ...call)).result).toBe(toHex(77, { size: 32 }))
    const both = [{ to: BOB.address }, 'latest', { [BOB.address]: { state: slots, stateDiff: slots } }]
    expect((await node.ask('eth_call', ...both)).error?.message).toMatch(/state and stateDiff, choose one/)
  })
})

describe('blocks', () => {
  it('read with hashes and with whole transactions, by number, tag and hash', async () => {
    await wallet().sendTransaction({ to: BOB.address, value: 1n })
    const { hash } = await node.mine()
    const block = await node.client.getBlock({ blockNumber: 1n, includeTransactions: true })
    expect(block).toMatchObject({ hash, number: 1n, timestamp: 1_700_000_002n, uncles: [], size: expect.any(BigInt) })
    expect(block.transactions.map(({ typeHex }) => typeHex)).toEqual(['0x7e', '0x2'])
    expect(await node.client.getBlock({ blockHash: hash })).toMatchObject({
      transactions: block.transactions.map(({ hash }) => hash),
    })
    expect((await node.client.getBlock({ blockTag: 'safe' })).number).toBe(0n)
    expect((await node.client.getBlock({ blockTag: 'earliest' })).number).toBe(0n)
    expect(await node.client.getBlockTransactionCount({ blockHash: hash })).toBe(2)
    expect((await node.ask('eth_getBlockByNumber', '0x9', true)).result).toBeNull()
    expect((await node.ask('eth_getTransactionByBlockNumberAndIndex', 'latest', '0x5')).result).toBeNull()
    expect((await node.ask('eth_getUncleCountByBlockHash', hash)).result).toBe('0x0')
  })

  it('show the L1 attributes deposit as op-geth does', async () => {
    await node.mine()
    const { result } = await node.ask('eth_getTransactionByBlockNumberAndIndex', 'latest', '0x0')
    expect(result).toMatchObject({
      type: '0x7e',
      nonce: '0x0',
      gasPrice: '0x0',
      v: '0x0',
      r: '0x0',
      s: '0x0',
      sourceHash: expect.stringMatching(/^0x/),
      depositReceiptVersion: '0x1',
    })
    expect(result).not.toHaveProperty('mint')
    expect(result).not.toHaveProperty('isSystemTx')
  })
})

describe('receipts', () => {
  it('carry what the transaction paid for L1, and a deposit its nonce', async () => {
    await wallet().sendTransaction({ to: BOB.address, value: 1n })
    await node.mine()
    const receipts = (await node.ask('eth_getBlockReceipts', 'latest')).result as Record<string, Hex>[]
    expect(receipts[0]).toMatchObject({ type: '0x7e', depositNonce: '0x0', depositReceiptVersion: '0x1' })
    expect(receipts[0]).not.toHaveProperty('l1Fee')
    expect(receipts[1]).toMatchObject({
      transactionIndex: '0x1',
      l1GasPrice: '0x7',
      l1BlobBaseFee: '0x1',
      l1BaseFeeScalar: '0x3e8',
      l1BlobBaseFeeScalar: '0x3e8',
      daFootprintGasScalar: '0x190',
      operatorFeeScalar: '0x0',
      operatorFeeConstant: '0x0',
      l1GasUsed: '0x640',
      blobGasUsed: '0x9c40',
    })
    expect(BigInt(receipts[1]!.cumulativeGasUsed!)).toBe(BigInt(receipts[0]!.gasUsed!) + 21_000n)
    expect((await node.ask('eth_getTransactionReceipt', receipts[1]!.transactionHash)).result).toEqual(receipts[1])
    expect((await node.ask('eth_getTransactionReceipt', `0x${'00'.repeat(32)}`)).result).toBeNull()
  })
})

describe('proofs', () => {
  it('come for past blocks, in the form of EIP-1186', async () => {
    const contract = await deployed()
    await wallet().sendTransaction({ to: contract })
    await node.mine()
    const proof = await node.client.getProof({ address: contract, storageKeys: [toHex(0, { size: 32 })] })
    expect(proof).toMatchObject({ nonce: 1, storageProof: [{ value: 42n }] })
    expect(proof.accountProof.length).toBeGreaterThan(0)
    const before = await node.client.getProof({
      address: contract,
      storageKeys: [toHex(0, { size: 32 })],
      blockNumber: 1n,
    })
    expect(before.storageProof).toEqual([{ key: toHex(0, { size: 32 }), value: 0n, proof: [] }])
    const { stateRoot } = await node.client.getBlock({ blockNumber: 1n })
    expect(keccak256(before.accountProof[0]!)).toBe(stateRoot)
  })
})

describe('logs', () => {
  it('are found by address and topic, through blooms, and refused out of bounds', async () => {
    const contract = await deployed()
    const hash = await wallet().sendTransaction({ to: contract })
    const block = await node.mine()
    const logs = async (filter: object) =>
      (await node.ask('eth_getLogs', { fromBlock: '0x0', ...filter })).result as unknown[]
    expect(await logs({ address: contract })).toEqual([
      {
        address: contract.toLowerCase(),
        topics: [TOPIC],
        data: toHex(0, { size: 32 }),
        blockNumber: '0x2',
        blockHash: block.hash,
        blockTimestamp: toHex(1_700_000_004n),
        transactionHash: hash,
        transactionIndex: '0x1',
        logIndex: '0x0',
        removed: false,
      },
    ])
    expect(await logs({ topics: [[TOPIC, toHex(8, { size: 32 })]] })).toHaveLength(1)
    expect(await logs({ topics: [null] })).toHaveLength(1)
    expect(await logs({ topics: [TOPIC, null] })).toHaveLength(0)
    expect(await logs({ topics: [toHex(8, { size: 32 })] })).toHaveLength(0)
    expect(await logs({ address: [BOB.address] })).toHaveLength(0)
    expect(await logs({ toBlock: '0x1', address: contract })).toHaveLength(0)
    expect((await node.ask('eth_getLogs', { blockHash: block.hash })).result).toHaveLength(1)
    expect((await node.ask('eth_getLogs', { blockHash: block.hash, fromBlock: '0x0' })).error?.code).toBe(-32602)
    expect((await node.ask('eth_getLogs', { fromBlock: '0x2', toBlock: '0x1' })).error?.message).toMatch(
      /fromBlock 2 is after toBlock 1/,
    )
  })

  it('come once each through a polled filter', async () => {
    const contract = await deployed()
    const logFilter = (await node.ask('eth_newFilter', { address: contract })).result
    const blockFilter = (await node.ask('eth_newBlockFilter')).result
    await wallet().sendTransaction({ to: contract })
    const block = await node.mine()
    expect((await node.ask('eth_getFilterChanges', logFilter)).result).toHaveLength(1)
    expect((await node.ask('eth_getFilterChanges', logFilter)).result).toEqual([])
    expect((await node.ask('eth_getFilterChanges', blockFilter)).result).toEqual([block.hash])
    expect((await node.ask('eth_getFilterLogs', logFilter)).result).toHaveLength(1)
    expect((await node.ask('eth_uninstallFilter', logFilter)).result).toBe(true)
    expect((await node.ask('eth_getFilterChanges', logFilter)).error?.message).toMatch(/filter not found/)
  })
})

describe('fees', () => {
  it('are estimated as wallets ask for them', async () => {
    for (let i = 0; i < 2; i++) {
      await wallet().sendTransaction({ to: BOB.address, value: 1n, maxPriorityFeePerGas: 5_000_000n })
      await node.mine()
    }
    const { baseFeePerGas } = await node.client.getBlock()
    const history = await node.client.getFeeHistory({ blockCount: 5, rewardPercentiles: [0, 50, 100] })
    expect(history.oldestBlock).toBe(0n)
    expect(history.baseFeePerGas).toHaveLength(4)
    expect(history.baseFeePerGas[2]).toBe(baseFeePerGas)
    expect(history.reward).toEqual([
      [0n, 0n, 0n],
      [5_000_000n, 5_000_000n, 5_000_000n],
      [5_000_000n, 5_000_000n, 5_000_000n],
    ])
    expect(await node.client.getGasPrice()).toBe(history.baseFeePerGas[3]! + 1_000_000n)
    expect(await node.client.estimateMaxPriorityFeePerGas()).toBe(1_000_000n)
    expect(await node.client.getBlobBaseFee()).toBe(1n)
    expect((await node.ask('eth_feeHistory', '0x1', 'latest', [50, 10])).error?.message).toMatch(
      /rewardPercentiles.*must be ascending/,
    )
  })
})

describe('the rollup', () => {
  it('tells its heads, config and output roots as op-node does', async () => {
    const block = await node.mine()
    expect((await node.ask('optimism_syncStatus')).result).toMatchObject({
      unsafe_l2: { hash: block.hash, number: 1, l1origin: { number: 0 }, sequenceNumber: 1 },
      safe_l2: { number: 0 },
    })
    expect((await node.ask('optimism_rollupConfig')).result).toMatchObject({
      block_time: 2,
      l2_chain_id: 901,
      jovian_time: 0,
      genesis: { l2: { hash: node.config.genesis.l2.hash }, system_config: { gasLimit: 30_000_000 } },
      chain_op_config: { eip1559Denominator: 250, eip1559Elasticity: 6 },
    })
    expect((await node.ask('optimism_outputAtBlock', '0x1')).result).toMatchObject({
      outputRoot: node.chain.outputAtBlock(1n).outputRoot,
      stateRoot: block.block.header.stateRoot,
      blockRef: { number: 1 },
    })
  })
})
