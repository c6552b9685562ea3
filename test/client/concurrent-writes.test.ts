/** Several parts of one process write by one account, as a prover that settles while it publishes: each transaction has a nonce of its own. */
import { createWalletClient, http, keccak256, toHex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openledgerActions, openledgerChain } from '../../client/index.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { RpcNode } from '../../rpc/testing/rpc-node.ts'

let node: RpcNode

beforeAll(async () => {
  node = await RpcNode.start()
})
afterAll(() => node.stop())

it('transactions that are sent at once are all taken', async () => {
  const options = { account: ACCOUNTS[0]!, chain: openledgerChain(node.config), cacheTime: 0 }
  const clients = [0, 1].map(() =>
    createWalletClient({ ...options, transport: http(node.url) }).extend(openledgerActions()),
  )
  const bond = await clients[0]!.getParameter({ name: 'commitBond' })
  const hashes = await Promise.all(
    Array.from({ length: 6 }, (_, i) => clients[i % 2]!.commitContribution({ commitment: keccak256(toHex(i)), bond })),
  )
  await node.mine()
  const nonces = await Promise.all(hashes.map(async (hash) => (await node.client.getTransaction({ hash })).nonce))
  expect(nonces.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
  for (const hash of hashes)
    expect(await node.client.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
})
