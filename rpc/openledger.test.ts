import {
  bytesToHex,
  createWalletClient,
  decodeFunctionData,
  defineChain,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionData,
  encodeFunctionResult,
  type Hex,
  hexToBytes,
  http,
  keccak256,
  parseEther,
  stringToBytes,
  toHex,
} from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import { attributionAbi } from '../genesis/abi/attribution.ts'
import { datanetsAbi } from '../genesis/abi/datanets.ts'
import { NATIVE } from '../genesis/addresses.ts'
import { DatanetId } from '../genesis/units.ts'
import { ACCOUNTS } from '../node/chain/testing/test-chain.ts'
import type { NativeCall, NativeContracts, NativeReader, NativeResult } from '../node/execution/native.ts'
import { contributionCommitment } from '../protocol/commitment.ts'
import { encodeLeaf, type Leaf } from '../protocol/leaf.ts'
import { RpcNode } from './testing/rpc-node.ts'

const ALICE = ACCOUNTS[0]!
const SALT = toHex(7, { size: 32 })

let node: RpcNode
afterEach(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

function wallet() {
  const chain = defineChain({
    id: 901,
    name: 'test',
    nativeCurrency: { name: 'OPEN', symbol: 'OPEN', decimals: 18 },
    rpcUrls: { default: { http: [node.url] } },
  })
  return createWalletClient({ account: ALICE, chain, transport: http(node.url, { retryCount: 0 }) })
}

async function send(to: Hex, data: Hex, value = 0n): Promise<void> {
  const hash = await wallet().sendTransaction({ to, data, value, gas: 5_000_000n })
  await node.mine()
  expect((await node.client.getTransactionReceipt({ hash })).status).toBe('success')
}

describe('Datanets over RPC', () => {
  it('are listed, with contributions and their contents', async () => {
    node = await RpcNode.start()
    const config = {
      name: 'smart contracts',
      domain: 'solidity',
      policy: 0,
      curators: [],
      quorum: 0,
      licence: { feePerRow: 0n, revenueShareBps: 0, commercialUse: true, expiry: 0n, attributionDuty: true },
      bond: 0n,
      uri: '',
    }
    const content = stringToBytes('contract Vault { mapping(address => uint256) public balanceOf; }')
    const contentHash = keccak256(content)
    const commitment = contributionCommitment({
      owner: ALICE.address.toLowerCase() as Hex,
      datanet: DatanetId(1n),
      contentHash,
      salt: SALT,
    })
    await send(NATIVE.datanets, encodeFunctionData({ abi: datanetsAbi, functionName: 'create', args: [config] }))
    await send(
      NATIVE.datanets,
      encodeFunctionData({ abi: datanetsAbi, functionName: 'commit', args: [commitment] }),
      parseEther('0.001'),
    )
    const contribute = [1n, bytesToHex(content), '', SALT] as const
    await send(
      NATIVE.datanets,
      encodeFunctionData({ abi: datanetsAbi, functionName: 'contributeContent', args: contribute }),
    )

    const datanet = {
      id: '0x1',
      name: 'smart contracts',
      owner: expect.stringMatching(/^0x/),
      contributions: '0x1',
      quorum: 0,
    }
    expect((await node.ask('openledger_getDatanets')).result).toMatchObject({ total: '0x1', datanets: [datanet] })
    expect((await node.ask('openledger_getDatanets', 2, 10)).result).toEqual({ total: '0x1', datanets: [] })
    expect((await node.ask('openledger_getDatanet', 1)).result).toMatchObject(datanet)
    expect((await node.ask('openledger_getDatanet', '0x1', '0x1')).result).toMatchObject({ contributions: '0x0' })
    expect((await node.ask('openledger_getContribution', '1')).result).toMatchObject({
      id: '0x1',
      datanet: '0x1',
      contentHash,
      size: content.length,
    })
    expect((await node.ask('openledger_getContent', contentHash)).result).toBe(bytesToHex(content))
    expect((await node.ask('openledger_getContent', 1)).result).toBe(bytesToHex(content))
    expect((await node.ask('openledger_getContent', `0x${'11'.repeat(32)}`)).result).toBeNull()
    expect((await node.ask('openledger_getPayouts', ALICE.address)).result).toEqual({
      recipient: ALICE.address.toLowerCase(),
      pending: '0x0',
      earned: '0x0',
    })
  })

  it('names what it does not know', async () => {
    node = await RpcNode.start()
    expect((await node.ask('openledger_getDatanet', 9)).error).toMatchObject({
      code: -32000,
      message: 'UnknownDatanet(datanet: 9)',
    })
    expect((await node.ask('openledger_getContribution', 9)).error?.message).toBe(
      'UnknownContribution(contribution: 9)',
    )
    expect((await node.ask('openledger_getVersion', 9)).error?.message).toBe('UnknownVersion(version: 9)')
    expect((await node.ask('openledger_getSettlement', SALT)).result).toBeNull()
    expect((await node.ask('openledger_getLeaf', SALT)).result).toBeNull()
    expect((await node.ask('openledger_settlements')).result).toEqual({ total: '0x0', settlements: [] })
    expect((await node.ask('openledger_getDatanet', -1)).error?.message).toMatch(
      /invalid argument 0 \(datanet\): must be an id.*got -1/,
    )
  })
})

const LEAF: Leaf = {
  channel: `0x${'c1'.repeat(32)}`,
  n: 3n,
  version: 1n,
  fee: 10n ** 15n,
  promptTokens: 12,
  outputTokens: 80,
  promptHash: `0x${'a1'.repeat(32)}`,
  outputHash: `0x${'a2'.repeat(32)}`,
  openable: true,
  asOf: 1n,
  queryHash: `0x${'a3'.repeat(32)}`,
  entries: [{ row: 4, cluster: 2n, raw: 99_000, scale: 300 }],
}
const REQUEST: Hex = `0x${'e7'.repeat(32)}`

/** Attribution with one settlement in it: any transaction settles, at its block's time. */
class OneSettlement implements NativeContracts {
  readonly addresses = new Set([NATIVE.attribution])

  call(reader: NativeReader, call: NativeCall): NativeResult {
    const slot = toHex(0, { size: 32 })
    const settledAt = reader.storage(NATIVE.attribution, slot)
    if (call.isStatic || call.data.length > 1) return done({ returnData: this.#view(call.data, settledAt) })
    const topics = encodeEventTopics({
      abi: attributionAbi,
      eventName: 'Settled',
      args: { request: REQUEST, version: 1n, prover: call.caller },
    })
    const data = hexToBytes(encodeAbiParameters([{ type: 'bytes' }], [bytesToHex(encodeLeaf(LEAF))]))
    return done({
      writes: [{ address: NATIVE.attribution, slot, value: call.block.timestamp }],
      logs: [{ address: NATIVE.attribution, topics: topics as Hex[], data }],
    })
  }

  #view(data: Uint8Array, settledAt: bigint): Uint8Array {
    const { functionName } = decodeFunctionData({ abi: attributionAbi, data: bytesToHex(data) })
    if (functionName === 'settlementCount')
      return result(encodeFunctionResult({ abi: attributionAbi, functionName, result: settledAt === 0n ? 0n : 1n }))
    if (functionName === 'requestAt')
      return result(encodeFunctionResult({ abi: attributionAbi, functionName, result: REQUEST }))
    if (functionName !== 'getSettlement') throw new Error(`unexpected call of ${functionName}`)
    const settlement = {
      prover: ALICE.address,
      version: 1n,
      fee: LEAF.fee,
      leafHash: keccak256(encodeLeaf(LEAF)),
      settledAt,
      maturesAt: settledAt + 12n,
      lockedStake: 0n,
      matured: false,
    }
    return result(encodeFunctionResult({ abi: attributionAbi, functionName, result: settlement }))
  }
}

const result = (hex: Hex): Uint8Array => hexToBytes(hex)

function done(parts: Partial<Extract<NativeResult, { ok: true }>>): NativeResult {
  const nothing = {
    returnData: new Uint8Array(0),
    writes: [],
    transfers: [],
    logs: [],
    gasUsed: 100n,
    refund: 0n,
    accessed: [],
    contents: [],
  }
  return { ok: true, ...nothing, ...parts }
}

describe('settlements over RPC', () => {
  it('come with the leaf of their log, from the block that settled them', async () => {
    node = await RpcNode.start({}, new OneSettlement())
    await node.mine()
    await send(NATIVE.attribution, '0x01')
    await node.mine()
    const settlement = { request: REQUEST, fee: toHex(LEAF.fee), settledAt: toHex(1_700_000_004n), matured: false }
    expect((await node.ask('openledger_getSettlement', REQUEST)).result).toMatchObject(settlement)
    expect((await node.ask('openledger_settlements', 0, 5)).result).toMatchObject({
      total: '0x1',
      settlements: [settlement],
    })
    expect((await node.ask('openledger_getSettlement', REQUEST, '0x1')).result).toBeNull()
    expect((await node.ask('openledger_getLeaf', REQUEST)).result).toMatchObject({
      request: REQUEST,
      blockNumber: '0x2',
      leaf: {
        n: '0x3',
        promptTokens: 12,
        openable: true,
        entries: [{ row: 4, cluster: '0x2', raw: 99_000, scale: 300 }],
      },
    })
  })
})
