/** A node that keeps a window of history serves and takes back every block in it, and says so of those before. */
import { verifyMerkleProof } from '@ethereumjs/mpt'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { encodeAccount } from '../state/account-codec.ts'
import type { Chain } from './chain.ts'
import { checkDatabase } from './database-check.ts'
import { buildOn } from './testing/building.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { ACCOUNTS, ONE_OPEN, openNode, testConfig, transfer } from './testing/test-chain.ts'

const l1 = new MemoryL1(1_700_000_000n)
const config = await testConfig(l1.head)
const RECEIVER = ACCOUNTS[1]!.address.toLowerCase() as Hex

async function chainOf(blocks: number, history: bigint) {
  const node = await openNode(config, { history })
  for (let nonce = 0; nonce < blocks; nonce++)
    await buildOn({ config, l1, chain: node.chain }, [await transfer({ nonce, value: ONE_OPEN })])
  return node
}

const balanceAt = async (chain: Chain, number: bigint) => (await chain.stateAt(number)).account(RECEIVER)?.balance

/** L1Block.number() in a block: the L1 origin's number. */
async function originByCall(chain: Chain, number: bigint): Promise<bigint> {
  const data = hexToBytes('0x8381f58a')
  const request = { from: RECEIVER, to: PREDEPLOYS.l1Block, gas: undefined, gasPrice: undefined, value: 0n, data }
  const { returnData } = await chain.call(request, number)
  return BigInt(bytesToHex(returnData))
}

describe('a node with a history of 6 blocks', () => {
  it('serves balances, calls and proofs at every block in it', async () => {
    const { chain } = await chainOf(20, 6n)
    for (let number = 14n; number <= 20n; number++) {
      expect(await balanceAt(chain, number)).toBe((1_000n + number) * ONE_OPEN)
      expect(await originByCall(chain, number)).toBe(0n)
      const { account, accountProof } = await chain.proof(RECEIVER, [], number)
      const { stateRoot } = (await chain.blockByNumber(number))!.block.header
      const proved = await verifyMerkleProof(keccak256(hexToBytes(RECEIVER)), accountProof, {
        root: hexToBytes(stateRoot),
      })
      expect(proved && bytesToHex(proved)).toBe(bytesToHex(encodeAccount(account!)))
    }
  })

  it('refuses blocks before it by name, and still has their transactions and receipts', async () => {
    const { chain } = await chainOf(20, 6n)
    const refusal = 'missing trie node: historical state of block 13 is not available (kept from block 14 on)'
    await expect(chain.stateAt(13n)).rejects.toThrow(refusal)
    await expect(chain.proof(RECEIVER, [], 13n)).rejects.toThrow(refusal)
    await expect(originByCall(chain, 13n)).rejects.toThrow(refusal)
    const block = (await chain.blockByNumber(3n))!
    expect(await chain.receipts(block.hash)).toHaveLength(2)
  })

  it('goes back through it, and says what to do where L1 asks for more', async () => {
    const { chain, store } = await chainOf(20, 6n)
    await expect(chain.resetTo(13n)).rejects.toThrow(
      'cannot go back to block 13: states are kept from block 14 on (--history); remove the data directory',
    )
    await chain.resetTo(14n)
    expect(chain.headState().account(RECEIVER)?.balance).toBe(1_014n * ONE_OPEN)
    await buildOn({ config, l1, chain }, [await transfer({ nonce: 14, value: 3n * ONE_OPEN })])
    expect(await balanceAt(chain, 15n)).toBe(1_017n * ONE_OPEN)
    expect(await checkDatabase(store)).toMatchObject({ blocks: 16, historyBlocks: 1 })
  })
})
