import { type Hex, hexToBytes, keccak256 } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Address } from '../genesis/addresses.ts'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { TransactionRejected } from '../node/chain/reads.ts'
import { MemoryL1 } from '../node/chain/testing/memory-l1.ts'
import { ACCOUNTS, ONE_OPEN, openNode, type TestNode, testConfig, transfer } from '../node/chain/testing/test-chain.ts'
import { prepareAttributes } from '../node/derivation/attributes.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import type { TransactionSource } from '../node/execution/execute-block.ts'
import { type PoolOptions, TransactionPool } from './pool.ts'

const GWEI = 1_000_000_000n
let l1: MemoryL1
let config: ChainConfig
let node: TestNode
let pool: TransactionPool

beforeEach(async () => {
  l1 = new MemoryL1(1_700_000_000n)
  config = await testConfig(l1.head)
  node = await openNode(config)
  pool = new TransactionPool({ config, chain: node.chain })
})

function limited(options: PoolOptions): TransactionPool {
  pool.stop()
  pool = new TransactionPool({ config, chain: node.chain }, options)
  return pool
}

/** A block of these transactions, or of the pool's. */
async function build(content: Uint8Array[] | TransactionSource): Promise<HashedBlock> {
  const { chain } = node
  const parent = chain.headRef('unsafe')
  const prepared = await prepareAttributes(
    { config, l1 },
    parent,
    await chain.systemConfigOf(parent.number),
    parent.l1Origin,
  )
  if (!Array.isArray(content)) return chain.build(parent, { ...prepared, noTxPool: false }, content)
  return chain.build(parent, { ...prepared, transactions: [...prepared.transactions, ...content] })
}

const addressOf = (index: number): Address => ACCOUNTS[index]!.address.toLowerCase() as Address
const nonces = (list: { pending: unknown[]; queued: unknown[] }): [number, number] => [
  list.pending.length,
  list.queued.length,
]

/** What a block takes from the source, in order, as `account:nonce`. */
function drain(source: TransactionSource, baseFee = GWEI, gasLeft = 30_000_000n): string[] {
  const taken: string[] = []
  for (let next = source.next({ baseFee, gasLeft }); next !== undefined; next = source.next({ baseFee, gasLeft })) {
    const { sender, nonce } = next
    taken.push(`${ACCOUNTS.findIndex((_, index) => addressOf(index) === sender)}:${nonce}`)
    source.included(next)
  }
  return taken
}

describe('what may enter', () => {
  it('is a transaction that can pay for itself; its hash comes back', async () => {
    const raw = await transfer({ nonce: 0 })
    expect(await pool.submit(raw)).toBe(keccak256(raw))
    expect(pool.byHash(keccak256(raw))).toMatchObject({ sender: addressOf(0), nonce: 0n })
  })

  it.each<[string, RegExp, () => Promise<Uint8Array>]>([
    ['bytes that are no transaction', /^transaction/, async () => new Uint8Array([0xc0, 0xff])],
    ['an unknown type', /^transaction type not supported: .*got 5/, async () => new Uint8Array([5, 0xc0])],
    ['a blob transaction', /^transaction type not supported/, async () => new Uint8Array([3, 0xc0])],
    [
      'a deposit',
      /^transaction type not supported.*comes from L1/,
      async () => (await node.chain.blockByNumber(1n))!.block.transactions[0]!,
    ],
    [
      'more than 128 KiB',
      /^oversized data: transaction size 131073, limit 131072/,
      async () => new Uint8Array(131_073),
    ],
    [
      'too little gas',
      /^intrinsic gas too low: gas 20999, minimum needed 21000/,
      () => transfer({ nonce: 1, gas: 20_999n }),
    ],
  ])('is not: %s', async (_, reason, make) => {
    await build([await transfer({ nonce: 0 })])
    await expect(pool.submit(await make())).rejects.toThrow(reason)
    expect(pool.size).toBe(0)
  })

  it('is not a transaction below the floor of its data (EIP-7623)', async () => {
    // 1,000 non-zero bytes: 21,000 + 16,000 intrinsic, 21,000 + 40,000 floor.
    const raw = await transfer({ nonce: 0, gas: 40_000n, data: `0x${'01'.repeat(1_000)}` })
    await expect(pool.submit(raw)).rejects.toThrow(
      'insufficient gas for floor data gas cost: gas 40000, minimum needed 61000',
    )
  })

  it('is not a transaction of another chain', async () => {
    const signed = await ACCOUNTS[0]!.signTransaction({
      type: 'eip1559',
      chainId: 1,
      to: addressOf(1),
      gas: 21_000n,
      maxFeePerGas: GWEI,
    })
    await expect(pool.submit(hexToBytes(signed))).rejects.toThrow(/^invalid chain id for signer.*must be 901, got 1/)
  })

  it('is not one that is known, or whose nonce is used', async () => {
    const raw = await transfer({ nonce: 0 })
    await pool.submit(raw)
    await expect(pool.submit(raw)).rejects.toThrow('already known')
    await build([await transfer({ nonce: 0 }), await transfer({ nonce: 1 })])
    await expect(pool.submit(raw)).rejects.toThrow('nonce too low: next nonce 2, tx nonce 0')
  })

  it('is not one that the balance does not cover, L1 fee included', async () => {
    const raw = await transfer({ nonce: 0, value: 1_000n * ONE_OPEN - 21_000n * 10n * GWEI + 1n })
    await expect(pool.submit(raw)).rejects.toThrow(
      /^insufficient funds for gas \* price \+ value: balance 1000000000000000000000, tx cost 1000000000000000000001, overshot 1$/,
    )
    await build([])
    const exact = await transfer({ nonce: 0, value: 1_000n * ONE_OPEN - 21_000n * 10n * GWEI })
    await expect(pool.submit(exact)).rejects.toThrow(/^insufficient funds .* overshot [1-9]/)
  })

  it('counts what the account has already promised', async () => {
    await pool.submit(await transfer({ nonce: 0, value: 600n * ONE_OPEN }))
    await expect(pool.submit(await transfer({ nonce: 1, value: 600n * ONE_OPEN }))).rejects.toThrow(
      /^insufficient funds .*queued cost 600/,
    )
  })

  it('is not one whose cap lies below the base fee', async () => {
    await expect(pool.submit(await transfer({ nonce: 0, cap: 1n, tip: 0n }))).rejects.toThrow(
      /^max fee per gas less than block base fee: address 0x7e5f.*, maxFeePerGas: 1, baseFee: 9/,
    )
  })

  it('is not one that asks for more gas than a block has', async () => {
    await expect(pool.submit(await transfer({ nonce: 0, gas: 30_000_001n }))).rejects.toThrow(
      'exceeds block gas limit: gas 30000001, limit 30000000',
    )
  })

  it('throws TransactionRejected, which RPC tells from a defect', async () => {
    await expect(pool.submit(new Uint8Array([1]))).rejects.toThrow(TransactionRejected)
  })
})

describe('an account', () => {
  it('shows its next nonce across consecutive transactions, and holds those after a gap back', async () => {
    expect(pool.nextNonce(addressOf(0))).toBeUndefined()
    await pool.submit(await transfer({ nonce: 0 }))
    await pool.submit(await transfer({ nonce: 2 }))
    expect(pool.nextNonce(addressOf(0))).toBe(1n)
    expect(nonces(pool.content())).toEqual([1, 1])
    await pool.submit(await transfer({ nonce: 1 }))
    expect(pool.nextNonce(addressOf(0))).toBe(3n)
    expect(nonces(pool.content())).toEqual([3, 0])
  })

  it('replaces a transaction only for ten percent more, in cap and tip', async () => {
    await pool.submit(await transfer({ nonce: 0, cap: 10n * GWEI, tip: GWEI }))
    const low = await transfer({ nonce: 0, cap: 20n * GWEI, tip: (GWEI * 109n) / 100n })
    await expect(pool.submit(low)).rejects.toThrow(/^replacement transaction underpriced/)
    const high = await transfer({ nonce: 0, cap: 11n * GWEI, tip: (GWEI * 11n) / 10n })
    await pool.submit(high)
    expect(pool.size).toBe(1)
    expect(pool.byHash(keccak256(high))).toBeDefined()
  })

  it('has a limit', async () => {
    limited({ accountLimit: 2 })
    await pool.submit(await transfer({ nonce: 0 }))
    await pool.submit(await transfer({ nonce: 1 }))
    await expect(pool.submit(await transfer({ nonce: 2 }))).rejects.toThrow(
      /^account limit exceeded: 0x7e5f.* has 2 transactions in the pool, limit 2/,
    )
    await pool.submit(await transfer({ from: 1, nonce: 0 }))
  })
})

describe('a full pool', () => {
  it('drops what waits behind a gap first, then what pays least; never for something that pays less', async () => {
    limited({ totalLimit: 2 })
    const waiting = await transfer({ from: 0, nonce: 5, tip: 9n * GWEI })
    await pool.submit(waiting)
    await pool.submit(await transfer({ from: 1, nonce: 0, tip: 2n }))
    await pool.submit(await transfer({ from: 2, nonce: 0, tip: 3n }))
    expect(pool.byHash(keccak256(waiting))).toBeUndefined()
    await expect(pool.submit(await transfer({ from: 3, nonce: 0, tip: 2n }))).rejects.toThrow(
      /^txpool is full.*tip of 2 wei per gas, this one 2/,
    )
    await pool.submit(await transfer({ from: 3, nonce: 0, tip: 4n }))
    expect(drain(pool.source())).toEqual(['3:0', '2:0'])
  })

  it('counts bytes too', async () => {
    limited({ byteLimit: 3_000 })
    await pool.submit(await transfer({ nonce: 0, gas: 100_000n, data: `0x${'00'.repeat(2_000)}`, tip: 1n }))
    await pool.submit(await transfer({ from: 1, nonce: 0, gas: 100_000n, data: `0x${'00'.repeat(2_000)}`, tip: 2n }))
    expect(drain(pool.source())).toEqual(['1:0'])
  })
})

describe('the order of a block', () => {
  it('is by tip, each account in order of nonces, first come first served among equals', async () => {
    await pool.submit(await transfer({ from: 0, nonce: 0, tip: 5n }))
    await pool.submit(await transfer({ from: 0, nonce: 1, tip: 50n }))
    await pool.submit(await transfer({ from: 1, nonce: 0, tip: 10n }))
    await pool.submit(await transfer({ from: 2, nonce: 0, tip: 10n }))
    expect(drain(pool.source())).toEqual(['1:0', '2:0', '0:0', '0:1'])
  })

  it('leaves out what the base fee has outgrown, and what does not fit', async () => {
    await pool.submit(await transfer({ from: 0, nonce: 0, cap: 2n * GWEI }))
    await pool.submit(await transfer({ from: 1, nonce: 0, gas: 500_000n }))
    await pool.submit(await transfer({ from: 2, nonce: 0 }))
    expect(drain(pool.source(), 3n * GWEI, 100_000n)).toEqual(['2:0'])
    expect(pool.size).toBe(3)
  })

  it('drops what execution refuses, and holds the account back for this block', async () => {
    await pool.submit(await transfer({ nonce: 0 }))
    await pool.submit(await transfer({ nonce: 1 }))
    const source = pool.source()
    const first = source.next({ baseFee: GWEI, gasLeft: 30_000_000n })!
    source.refused(first, 'made up')
    expect(source.next({ baseFee: GWEI, gasLeft: 30_000_000n })).toBeUndefined()
    expect(nonces(pool.content())).toEqual([0, 1])
  })
})

describe('a new head', () => {
  it('takes what was included out of the pool', async () => {
    for (const nonce of [0, 1, 2]) await pool.submit(await transfer({ nonce }))
    const block = await build(pool.source())
    expect(block.block.transactions).toHaveLength(4)
    expect(pool.size).toBe(0)
    expect(pool.nextNonce(addressOf(0))).toBeUndefined()
  })

  it('takes out what another block made impossible', async () => {
    const raw = await transfer({ nonce: 0, value: 5n })
    await pool.submit(raw)
    await build([await transfer({ nonce: 0, value: 6n })])
    expect(pool.byHash(keccak256(raw))).toBeUndefined()
  })

  it('brings back what was included in blocks that are no more', async () => {
    const raws: Hex[] = []
    for (const nonce of [0, 1]) raws.push(await pool.submit(await transfer({ nonce })))
    await build(pool.source())
    await build([])
    expect(pool.size).toBe(0)
    await node.chain.resetTo(0n)
    expect(raws.map((hash) => pool.byHash(hash)?.hash)).toEqual(raws)
    expect((await build(pool.source())).block.transactions).toHaveLength(3)
    expect(pool.size).toBe(0)
  })
})
