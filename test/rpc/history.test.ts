/** JSON-RPC on a node that keeps the state of some blocks only: all of them serve, older ones are refused as geth refuses them. */
import type { GetProofReturnType, Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { proveAccount } from '../fixtures/account-proof.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const BOB = ACCOUNTS[1]!.address
const BLOCKS = 20n
const HISTORY = 6n
const OLDEST = BLOCKS - HISTORY
/** L1Block.sequenceNumber(): L2 blocks since the L1 origin changed. */
const SEQUENCE_NUMBER = '0x64ca23ef'

const nameOf = (number: bigint): Hex => `0x${number.toString(16)}`

let node: WholeNode
let first: bigint
beforeAll(async () => {
  node = await WholeNode.start({}, { history: HISTORY })
  first = await node.client.getBalance({ address: BOB })
  for (let number = 1n; number <= BLOCKS; number++) await pay()
})
afterAll(() => node.stop())

/** One wei to Bob, in a block of its own. */
const pay = () => node.mined(node.wallet().sendTransaction({ to: BOB, value: 1n }))

async function proved(number: bigint) {
  const proof: GetProofReturnType = await node.client.getProof({ address: BOB, storageKeys: [], blockNumber: number })
  const { stateRoot } = await node.client.getBlock({ blockNumber: number })
  return proveAccount(stateRoot, proof)
}

async function sequenceNumber(number: bigint): Promise<bigint> {
  const { data } = await node.client.call({ to: PREDEPLOYS.l1Block, data: SEQUENCE_NUMBER, blockNumber: number })
  return BigInt(data!)
}

describe('JSON-RPC on a node with a history of 6 blocks', () => {
  it('answers balances, calls and proofs at every block in it', async () => {
    for (let number = OLDEST; number <= BLOCKS; number++) {
      expect(await node.client.getBalance({ address: BOB, blockNumber: number })).toBe(first + number)
      expect((await proved(number)).balance).toBe(first + number)
      expect(await sequenceNumber(number)).toBe(number)
    }
  })

  it.each<[string, (block: Hex) => unknown[]]>([
    ['eth_getBalance', (block) => [BOB, block]],
    ['eth_getTransactionCount', (block) => [BOB, block]],
    ['eth_getCode', (block) => [PREDEPLOYS.l1Block, block]],
    ['eth_getStorageAt', (block) => [PREDEPLOYS.l1Block, '0x0', block]],
    ['eth_call', (block) => [{ to: PREDEPLOYS.l1Block, data: SEQUENCE_NUMBER }, block]],
    ['eth_estimateGas', (block) => [{ from: ACCOUNTS[0]!.address, to: BOB, value: '0x1' }, block]],
    ['eth_getProof', (block) => [BOB, [], block]],
  ])("%s refuses a block before it in geth's words", async (method, params) => {
    expect((await node.ask(method, ...params(nameOf(OLDEST)))).error).toBeUndefined()
    const { error } = await node.ask(method, ...params(nameOf(OLDEST - 1n)))
    expect(error).toEqual({
      code: -32000,
      message: 'missing trie node: historical state of block 13 is not available (kept from block 14 on)',
    })
    expect(node.defects).toEqual([])
  })

  it('still has the blocks, transactions and receipts before it', async () => {
    const { transactions } = await node.client.getBlock({ blockNumber: 2n })
    const { status, blockNumber } = await node.client.getTransactionReceipt({ hash: transactions.at(-1)! })
    expect([status, blockNumber]).toEqual(['success', 2n])
  })

  it('follows the chain back to the oldest block in it, and on', async () => {
    await node.chain.resetTo(OLDEST)
    expect(await node.client.getBlockNumber()).toBe(OLDEST)
    expect(await node.client.getBalance({ address: BOB })).toBe(first + OLDEST)
    expect((await proved(OLDEST)).balance).toBe(first + OLDEST)
    expect((await node.ask('eth_getBalance', BOB, nameOf(OLDEST + 1n))).error?.message).toMatch(
      /header not found|unknown block/,
    )
    await node.mine()
    const head = await node.client.getBlockNumber()
    expect(head, 'the sequencer makes up for the time').toBeGreaterThan(OLDEST)
    expect((await proved(head)).balance).toBe(await node.client.getBalance({ address: BOB }))
  })
})
