import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { NATIVE, PREDEPLOYS } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { prepareAttributes } from '../derivation/attributes.ts'
import type { HashedBlock, PayloadAttributes } from '../execution/block.ts'
import { headerHash } from '../execution/header.ts'
import type { NativeContracts } from '../execution/native.ts'
import { TABLES } from '../store/tables.ts'
import type { Chain } from './chain.ts'
import { genesisHash } from './genesis-block.ts'
import { BlockMismatchError, CompetingBlockError, ParentMissingError } from './import-error.ts'
import { outputRoot } from './output-root.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { ACCOUNTS, ONE_OPEN, openNode, type TestNode, testConfig, transfer } from './testing/test-chain.ts'

let l1: MemoryL1
let config: ChainConfig
let node: TestNode

beforeEach(async () => {
  l1 = new MemoryL1(1_700_000_000n)
  config = await testConfig(l1.head)
  node = await openNode(config)
})

/** Attributes on the unsafe head with these transactions after the deposits. */
async function attributes(
  chain: Chain,
  transactions: Uint8Array[] = [],
  origin = chain.headRef('unsafe').l1Origin,
): Promise<PayloadAttributes> {
  const parent = chain.headRef('unsafe')
  const prepared = await prepareAttributes({ config, l1 }, parent, await chain.systemConfigOf(parent.number), origin)
  return { ...prepared, transactions: [...prepared.transactions, ...transactions] }
}

async function build(
  chain: Chain,
  transactions: Uint8Array[] = [],
  origin?: { hash: Hex; number: bigint },
): Promise<HashedBlock> {
  return chain.build(chain.head('unsafe'), await attributes(chain, transactions, origin))
}

const numbers = (chain: Chain): bigint[] =>
  (['finalized', 'safe', 'unsafe'] as const).map((label) => chain.head(label).block.header.number)

const balance = (chain: Chain, index: number): bigint =>
  chain.headState().account(ACCOUNTS[index]!.address.toLowerCase() as Hex)?.balance ?? 0n

describe('block 0', () => {
  it('does not depend on the hash that the config names', async () => {
    const other = structuredClone(config)
    other.genesis.l2.hash = `0x${'77'.repeat(32)}`
    expect(await genesisHash(other)).toBe(config.genesis.l2.hash)
  })

  it('has the header of Jovian and is all three heads of a new chain', () => {
    const { block, hash } = node.chain.head('unsafe')
    expect(hash).toBe(headerHash(block.header))
    expect(block.header).toMatchObject({
      number: 0n,
      timestamp: 1_700_000_000n,
      gasLimit: 30_000_000n,
      baseFeePerGas: 1_000_000_000n,
      extraData: `0x01${'000000fa'}${'00000006'}${'0000000000000000'}`,
      beneficiary: PREDEPLOYS.sequencerFeeVault,
    })
    expect(numbers(node.chain)).toEqual([0n, 0n, 0n])
    expect(balance(node.chain, 0)).toBe(1_000n * ONE_OPEN)
  })

  it('is refused where the config names another hash, by name', async () => {
    const other = structuredClone(config)
    other.genesis.l2.hash = `0x${'77'.repeat(32)}`
    await expect(openNode(other, { store: node.store })).rejects.toThrow(/genesis\.l2\.hash.*0x7777.*block 0 is 0x/)
    await expect(openNode(other)).rejects.toThrow(/genesis\.l2\.hash/)
  })
})

describe('building', () => {
  it('makes the new block the unsafe head, with receipts and places of its transactions', async () => {
    const raw = await transfer({ nonce: 0, value: ONE_OPEN })
    const heard: bigint[] = []
    node.chain.onHead('unsafe', ({ block }) => heard.push(block.header.number))
    const block = await build(node.chain, [raw])
    expect(numbers(node.chain)).toEqual([0n, 0n, 1n])
    expect(heard).toEqual([1n])
    expect(balance(node.chain, 1)).toBe(1_001n * ONE_OPEN)
    const [attributesDeposit, sent] = (await node.chain.transactions(block.hash))!
    expect(attributesDeposit).toMatchObject({ type: 0x7e, to: PREDEPLOYS.l1Block })
    expect(await node.chain.locate(sent!.hash)).toEqual({ block, index: 1 })
    const receipts = await node.chain.receipts(block.hash)
    expect(receipts!.map(({ succeeded }) => succeeded)).toEqual([true, true])
    expect(await node.chain.blockByHash(block.hash)).toEqual(block)
  })

  it('refuses to build on anything but the head', async () => {
    const genesis = node.chain.head('unsafe')
    const prepared = await attributes(node.chain)
    await build(node.chain)
    await expect(node.chain.build(genesis, prepared)).rejects.toMatchObject({ severity: 'temporary' })
  })

  it('keeps the state of every block readable and provable', async () => {
    await build(node.chain, [await transfer({ nonce: 0, value: ONE_OPEN })])
    await build(node.chain, [await transfer({ nonce: 1, value: ONE_OPEN })])
    const address = ACCOUNTS[1]!.address.toLowerCase() as Hex
    const balances = await Promise.all(
      [0n, 1n, 2n].map(async (number) => (await node.chain.stateAt(number)).account(address)!.balance),
    )
    expect(balances).toEqual([1_000n, 1_001n, 1_002n].map((open) => open * ONE_OPEN))
    expect((await node.chain.proof(address, [], 1n)).account?.balance).toBe(1_001n * ONE_OPEN)
  })

  it('states the output root of a block', async () => {
    const block = await build(node.chain)
    const output = node.chain.outputAtBlock(1n)
    expect(output).toMatchObject({ outputRoot: outputRoot(block), stateRoot: block.block.header.stateRoot })
    expect(output.blockRef).toMatchObject({ number: 1n, sequenceNumber: 1n, l1Origin: { number: 0n } })
  })

  it('answers eth_call on a past state', async () => {
    await build(node.chain, [await transfer({ nonce: 0, value: ONE_OPEN })])
    const request = {
      from: ACCOUNTS[3]!.address.toLowerCase() as Hex,
      to: PREDEPLOYS.l1Block,
      gas: undefined,
      gasPrice: undefined,
      value: 0n,
      data: new Uint8Array([0x83, 0x81, 0xf5, 0x8a]),
    }
    const result = await node.chain.call(request, 1n)
    expect(result).toMatchObject({ succeeded: true })
    expect(BigInt(`0x${Buffer.from(result.returnData).toString('hex')}`)).toBe(0n)
  })
})

describe('contents that native calls accept', () => {
  it('are written with their block and readable by hash, also after the block is gone', async () => {
    const bytes = new TextEncoder().encode('a contribution')
    const hash = `0x${'c0'.repeat(32)}` as const
    const accepting: NativeContracts = {
      addresses: new Set([NATIVE.datanets]),
      call: () => ({
        ok: true,
        returnData: new Uint8Array(0),
        writes: [],
        transfers: [],
        logs: [],
        gasUsed: 100n,
        refund: 0n,
        accessed: [],
        contents: [{ hash, bytes }],
      }),
    }
    node = await openNode(config, { natives: accepting })
    const call = await ACCOUNTS[0]!.signTransaction({
      type: 'eip1559',
      chainId: 901,
      nonce: 0,
      to: NATIVE.datanets,
      gas: 100_000n,
      maxFeePerGas: 10_000_000_000n,
    })
    expect(await node.chain.content(hash)).toBeUndefined()
    await build(node.chain, [Buffer.from(call.slice(2), 'hex')])
    expect(await node.chain.content(hash)).toEqual(bytes)
    await node.chain.resetTo(0n)
    expect(await node.chain.content(hash)).toEqual(bytes)
  })
})

describe('importing', () => {
  it('comes to the same hashes and state on a second chain', async () => {
    const blocks = [
      await build(node.chain, [await transfer({ nonce: 0 }), await transfer({ from: 1, to: 2, nonce: 0 })]),
      await build(node.chain, []),
      await build(node.chain, [await transfer({ nonce: 1, data: '0xdeadbeef', gas: 30_000n })]),
    ]
    const other = await openNode(config)
    for (const { hash, block } of blocks) expect((await other.chain.insertUnsafe(block)).hash).toBe(hash)
    expect(other.state.head).toEqual(node.state.head)
  })

  it('takes a block that it holds without doing anything', async () => {
    const { block, hash } = await build(node.chain)
    await build(node.chain)
    expect((await node.chain.insertUnsafe(block)).hash).toBe(hash)
    expect(numbers(node.chain)).toEqual([0n, 0n, 2n])
  })

  it('names what is missing below a block from the future', async () => {
    const other = await openNode(config)
    await build(node.chain)
    await build(node.chain)
    const third = await build(node.chain)
    const error = await other.chain.insertUnsafe(third.block).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ParentMissingError)
    expect(error).toMatchObject({ from: 1n, to: 2n, severity: 'temporary' })
  })

  it('refuses a block that competes with one that it holds', async () => {
    const other = await openNode(config)
    await build(other.chain, [await transfer({ nonce: 0 })])
    const { block } = await build(node.chain)
    await expect(other.chain.insertUnsafe(block)).rejects.toThrow(CompetingBlockError)
    expect(numbers(other.chain)).toEqual([0n, 0n, 1n])
  })

  it('refuses a block whose header lies, naming the field, and stays usable', async () => {
    const { block } = await build(node.chain)
    const other = await openNode(config)
    const lie = { ...block, header: { ...block.header, stateRoot: `0x${'00'.repeat(32)}` as Hex } }
    await expect(other.chain.insertUnsafe(lie)).rejects.toThrow(BlockMismatchError)
    await expect(other.chain.insertUnsafe(lie)).rejects.toThrow(/stateRoot is 0x0000/)
    expect(numbers(other.chain)).toEqual([0n, 0n, 0n])
    await other.chain.insertUnsafe(block)
    expect(numbers(other.chain)).toEqual([0n, 0n, 1n])
  })
})

describe('a replay bundle', () => {
  it('holds what was claimed and what came out, for a block that lies', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'replay-'))
    try {
      const { block } = await build(node.chain, [await transfer({ nonce: 0 })])
      const other = await openNode(config, { replayDirectory: directory })
      const lie = { ...block, header: { ...block.header, gasUsed: 1n } }
      await expect(other.chain.insertUnsafe(lie)).rejects.toThrow(BlockMismatchError)
      const files = await readdir(directory)
      expect(files).toHaveLength(1)
      const bundle = JSON.parse(await readFile(join(directory, files[0]!), 'utf8'))
      expect(bundle).toMatchObject({
        reason: `block 1: gasUsed is 1 in the header, execution gives ${block.header.gasUsed}`,
        chain: { name: 'test', genesis: config.genesis.l2.hash },
        parent: { hash: config.genesis.l2.hash },
        claimed: { header: { gasUsed: '1' } },
        computed: { hash: headerHash(block.header) },
      })
      expect(bundle.attributes.transactions).toHaveLength(2)
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})

describe('safe blocks from L1', () => {
  const derivedFrom = () => l1.head

  it('consolidate with the unsafe block that says the same', async () => {
    const wanted = await attributes(node.chain, [await transfer({ nonce: 0 })])
    const parent = node.chain.headRef('unsafe')
    const block = await node.chain.build(parent, wanted)
    const made = await node.chain.deriveSafe({ attributes: wanted, parent, derivedFrom: derivedFrom() })
    expect(made).toEqual({ block, outcome: 'consolidated', depositsOnly: false })
    expect(numbers(node.chain)).toEqual([0n, 1n, 1n])
  })

  it('are executed where there is no unsafe block', async () => {
    const parent = node.chain.headRef('unsafe')
    const made = await node.chain.deriveSafe({
      attributes: await attributes(node.chain),
      parent,
      derivedFrom: derivedFrom(),
    })
    expect(made.outcome).toBe('executed')
    expect(numbers(node.chain)).toEqual([0n, 1n, 1n])
  })

  it('replace unsafe blocks that say otherwise, with their indexes', async () => {
    const parent = node.chain.headRef('unsafe')
    const wanted = await attributes(node.chain)
    const raw = await transfer({ nonce: 0, value: ONE_OPEN })
    const lost = await build(node.chain, [raw])
    const lostTop = await build(node.chain)
    const sent = (await node.chain.transactions(lost.hash))![1]!
    const made = await node.chain.deriveSafe({ attributes: wanted, parent, derivedFrom: derivedFrom() })
    expect(made.outcome).toBe('reorged')
    expect(numbers(node.chain)).toEqual([0n, 1n, 1n])
    expect(await node.chain.blockByNumber(2n)).toBeUndefined()
    expect(await node.chain.blockByHash(lostTop.hash)).toBeUndefined()
    expect(await node.chain.locate(sent.hash)).toBeUndefined()
    expect(await node.chain.receipts(lost.hash)).toBeUndefined()
    expect(balance(node.chain, 1)).toBe(1_000n * ONE_OPEN)
    expect(node.state.head!.stateRoot).toBe(made.block.block.header.stateRoot)
  })

  it('hold their deposits alone where the batch has an invalid transaction (Holocene)', async () => {
    const parent = node.chain.headRef('unsafe')
    const wrongNonce = await transfer({ nonce: 7 })
    const wanted = await attributes(node.chain, [wrongNonce])
    const made = await node.chain.deriveSafe({ attributes: wanted, parent, derivedFrom: derivedFrom() })
    expect(made.depositsOnly).toBe(true)
    expect(made.block.block.transactions).toHaveLength(1)
  })

  it('must follow the safe head', async () => {
    const wanted = await attributes(node.chain)
    const parent = { hash: `0x${'12'.repeat(32)}` as Hex, number: 0n }
    await expect(
      node.chain.deriveSafe({ attributes: wanted, parent, derivedFrom: derivedFrom() }),
    ).rejects.toMatchObject({ severity: 'reset' })
  })
})

describe('heads', () => {
  it('move along the canonical chain in order: finalized, safe, unsafe', async () => {
    const first = await build(node.chain)
    const second = await build(node.chain)
    const ref = ({ hash, block }: HashedBlock) => ({ hash, number: block.header.number })
    await expect(node.chain.setHead('finalized', ref(first))).rejects.toThrow(/finalized 1, safe 0/)
    await node.chain.setHead('safe', ref(second))
    await node.chain.setHead('finalized', ref(first))
    expect(numbers(node.chain)).toEqual([1n, 2n, 2n])
    await expect(node.chain.setHead('safe', { number: 1n, hash: second.hash })).rejects.toThrow(/not on this chain/)
  })

  it('are all lowered by a reset, and the chain grows again from there', async () => {
    const first = await build(node.chain, [await transfer({ nonce: 0, value: ONE_OPEN })])
    const second = await build(node.chain, [await transfer({ nonce: 1, value: ONE_OPEN })])
    await node.chain.setHead('safe', { hash: second.hash, number: 2n })
    await node.chain.resetTo(1n)
    expect(numbers(node.chain)).toEqual([0n, 1n, 1n])
    expect(node.chain.head('unsafe').hash).toBe(first.hash)
    expect(balance(node.chain, 1)).toBe(1_001n * ONE_OPEN)
    const again = await build(node.chain, [await transfer({ nonce: 1, value: ONE_OPEN })])
    expect(again.hash).toBe(second.hash)
  })

  it('come back as they were when the store is opened again', async () => {
    const first = await build(node.chain)
    await build(node.chain)
    await node.chain.setHead('safe', { hash: first.hash, number: 1n })
    const again = await openNode(config, { store: node.store })
    expect(numbers(again.chain)).toEqual([0n, 1n, 2n])
    expect(again.chain.head('unsafe')).toEqual(node.chain.head('unsafe'))
    await build(again.chain)
    expect(numbers(again.chain)).toEqual([0n, 1n, 3n])
  })
})

describe('a damaged store', () => {
  it('is named when the state is not that of the unsafe head', async () => {
    await build(node.chain)
    const reverted = node.state.revertTo(0n)
    await node.store.write(reverted.operations)
    await expect(openNode(config, { store: node.store })).rejects.toThrow(
      /unsafe head is block 1 .* the state of block 0/,
    )
  })

  it('is named when a label is missing', async () => {
    await node.store.write([{ type: 'del', table: TABLES.labels, key: Buffer.from('safe') }])
    await expect(openNode(config, { store: node.store })).rejects.toThrow(/safe head label is missing/)
  })

  it('is named when the head block is missing', async () => {
    const { hash } = await build(node.chain)
    await node.store.write([{ type: 'del', table: TABLES.blocks, key: Buffer.from(hash.slice(2), 'hex') }])
    await expect(openNode(config, { store: node.store })).rejects.toThrow(/block 1 .* of the unsafe head is missing/)
  })
})

describe('several writers at once', () => {
  it('take turns', async () => {
    const other = await openNode(config)
    const blocks: HashedBlock[] = []
    for (let count = 0; count < 4; count++) blocks.push(await build(node.chain))
    const results = await Promise.all(blocks.map(({ block }) => other.chain.insertUnsafe(block)))
    expect(results.map(({ hash }) => hash)).toEqual(blocks.map(({ hash }) => hash))
  })
})
