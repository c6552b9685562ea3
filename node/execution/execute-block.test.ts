import { concatHex, type Hex, numberToHex, parseEther, parseGwei, type TransactionSerializableEIP1559 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import {
  type Address,
  BEACON_ROOTS,
  HISTORY_STORAGE,
  L1_ATTRIBUTES_DEPOSITOR,
  PREDEPLOYS,
} from '../../genesis/addresses.ts'
import { genesisAllocations } from '../../genesis/allocations.ts'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { decodeBlock, encodeBlock } from './block-codec.ts'
import { hexToBytes, wordHex } from './bytes.ts'
import { attributesOf, executeBlock, type TransactionSource } from './execute-block.ts'
import { createdAddress } from './execute-message.ts'
import {
  advance,
  CHAIN_ID,
  type FixtureAccounts,
  type FixtureChain,
  fixtureAttributes,
  fixtureChain,
} from './execution-fixture.ts'
import { l1FeeParameters } from './fees.ts'
import { EMPTY_REQUESTS_HASH, headerHash } from './header.ts'
import { InvalidBlockError } from './invalid-block.ts'
import { decodeReceipts, encodeReceipts } from './receipt.ts'
import { type DepositFields, decodeSignedTransaction, encodeDeposit, type SignedTransaction } from './transaction.ts'

const alice = privateKeyToAccount(`0x${'a1'.repeat(32)}`)
const ALICE = alice.address.toLowerCase() as Address
const BOB: Address = '0xb0b0000000000000000000000000000000000b0b'
const CAROL: Address = '0xca40100000000000000000000000000000000001'
const SUPPLY = parseEther('100')

/** The genesis of a development network, and Alice with 100 OPEN. */
async function development(): Promise<FixtureChain> {
  const accounts: FixtureAccounts = { [ALICE]: { balance: SUPPLY } }
  for (const { address, balance, nonce, code, storage } of genesisAllocations(sampleConfig())) {
    const slots = Object.entries(storage ?? {}).map(([slot, value]) => [slot, BigInt(value)])
    accounts[address] = {
      balance,
      nonce,
      ...(code && { code: hexToBytes(code) }),
      storage: Object.fromEntries(slots),
    }
  }
  return fixtureChain(accounts)
}

function send(fields: Partial<TransactionSerializableEIP1559> = {}): Promise<Uint8Array> {
  return alice
    .signTransaction({
      type: 'eip1559',
      chainId: Number(CHAIN_ID),
      nonce: 0,
      to: BOB,
      value: 5n,
      gas: 21_000n,
      maxFeePerGas: parseGwei('3'),
      maxPriorityFeePerGas: parseGwei('1'),
      ...fields,
    })
    .then(hexToBytes)
}

function deposit(fields: Partial<DepositFields> = {}): Uint8Array {
  return encodeDeposit({
    sourceHash: wordHex(1n),
    sender: CAROL,
    to: BOB,
    mint: 0n,
    value: 0n,
    gasLimit: 100_000n,
    data: new Uint8Array(),
    isSystemTransaction: false,
    ...fields,
  })
}

const L1_FEES = {
  baseFee: 7_000_000_000n,
  blobBaseFee: 3_000_000n,
  baseFeeScalar: 1_000n,
  blobBaseFeeScalar: 2_000n,
  operatorFeeScalar: 4n,
  operatorFeeConstant: 5n,
  daFootprintGasScalar: 400n,
}

/** The L1 attributes deposit (Jovian), 178 bytes of calldata. */
function l1Attributes(fees = L1_FEES): Uint8Array {
  const u = (value: bigint, size: number): Hex => numberToHex(value, { size })
  const data = concatHex([
    '0x3db6be2b',
    u(fees.baseFeeScalar, 4),
    u(fees.blobBaseFeeScalar, 4),
    u(1n, 8),
    u(1_700_000_000n, 8),
    u(9n, 8),
    u(fees.baseFee, 32),
    u(fees.blobBaseFee, 32),
    wordHex(0xabn),
    wordHex(0xcdn),
    u(fees.operatorFeeScalar, 4),
    u(fees.operatorFeeConstant, 8),
    u(fees.daFootprintGasScalar, 2),
  ])
  return deposit({
    sender: L1_ATTRIBUTES_DEPOSITOR,
    to: PREDEPLOYS.l1Block,
    gasLimit: 1_000_000n,
    data: hexToBytes(data),
  })
}

async function run(chain: FixtureChain, transactions: Uint8Array[], fields = {}) {
  const executed = await executeBlock(chain, chain.head, fixtureAttributes(chain.head, { transactions, ...fields }))
  await advance(chain, executed)
  return executed
}

async function refusal(chain: FixtureChain, transactions: Uint8Array[], fields = {}): Promise<string> {
  const attributes = fixtureAttributes(chain.head, { transactions, ...fields })
  const error = await executeBlock(chain, chain.head, attributes).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(InvalidBlockError)
  return (error as InvalidBlockError).message
}

describe('a block without transactions', () => {
  it('calls the two system contracts and moves nothing else', async () => {
    const chain = await development()
    const parent = chain.head
    const { hash, block } = await run(chain, [])
    const { header } = block
    expect(chain.state.storage(HISTORY_STORAGE, wordHex(0n))).toBe(BigInt(parent.hash))
    const slot = header.timestamp % 8191n
    expect(chain.state.storage(BEACON_ROOTS, wordHex(slot))).toBe(header.timestamp)
    expect(chain.state.storage(BEACON_ROOTS, wordHex(slot + 8191n))).toBe(BigInt(header.parentBeaconBlockRoot))
    expect(header).toMatchObject({ number: 1n, gasUsed: 0n, blobGasUsed: 0n, requestsHash: EMPTY_REQUESTS_HASH })
    expect(header.withdrawalsRoot).toBe(chain.state.account(PREDEPLOYS.l2ToL1MessagePasser)?.storageRoot)
    expect(hash).toBe(headerHash(header))
  })

  it('must come after its parent in time', async () => {
    const chain = await development()
    const timestamp = chain.head.block.header.timestamp
    expect(await refusal(chain, [], { timestamp })).toContain('timestamp must be after')
  })
})

describe('the L1 attributes deposit', () => {
  it('sets the fees that the transactions after it pay, in the same block', async () => {
    const chain = await development()
    const executed = await run(chain, [l1Attributes(), await send()])
    expect(l1FeeParameters(chain.state)).toEqual(L1_FEES)
    const [attributes, transfer] = executed.receipts
    expect(attributes).toMatchObject({ succeeded: true, l1Fee: 0n, operatorFee: 0n, depositNonce: 0n, daFootprint: 0n })
    // 100 bytes: 100e6 · (1000·7e9·16 + 2000·3e6) / 1e12; and 21,000 · 4 · 100 + 5; and 100 · 400.
    expect(transfer).toMatchObject({ l1Fee: 11_200_600_000n, operatorFee: 8_400_005n, daFootprint: 40_000n })
    expect(executed.block.header.blobGasUsed).toBe(40_000n)
  })
})

describe('an ordinary transaction', () => {
  it('pays base fee, tip, L1 fee and operator fee to their vaults, and no wei is lost', async () => {
    const chain = await development()
    const { block, receipts } = await run(chain, [l1Attributes(), await send({ gas: 50_000n })])
    const { baseFeePerGas } = block.header
    const balance = (address: Address) => chain.state.account(address)?.balance ?? 0n
    expect(receipts[1]).toMatchObject({
      succeeded: true,
      gasUsed: 21_000n,
      effectiveGasPrice: baseFeePerGas + parseGwei('1'),
    })
    expect(balance(PREDEPLOYS.baseFeeVault)).toBe(21_000n * baseFeePerGas)
    expect(balance(PREDEPLOYS.sequencerFeeVault)).toBe(21_000n * parseGwei('1'))
    expect(balance(PREDEPLOYS.l1FeeVault)).toBe(11_200_600_000n)
    expect(balance(PREDEPLOYS.operatorFeeVault)).toBe(8_400_005n)
    expect(balance(BOB)).toBe(5n)
    const vaults = [
      PREDEPLOYS.baseFeeVault,
      PREDEPLOYS.sequencerFeeVault,
      PREDEPLOYS.l1FeeVault,
      PREDEPLOYS.operatorFeeVault,
    ]
    const total = [ALICE, BOB, ...vaults].reduce((sum, address) => sum + balance(address), 0n)
    expect(total).toBe(SUPPLY)
  })

  it('makes the block invalid where it may not stand, by name', async () => {
    const chain = await development()
    expect(await refusal(chain, [await send({ nonce: 2 })])).toBe(
      `transaction 0: nonce too high: address ${ALICE}, tx: 2 state: 0`,
    )
    expect(await refusal(chain, [await send({ value: SUPPLY })])).toContain('transaction 0: insufficient funds for gas')
    expect(await refusal(chain, [await send({ gas: 20_999n })])).toContain(
      'intrinsic gas too low: have 20999, want 21000',
    )
    expect(await refusal(chain, [await send({ maxFeePerGas: 1n, maxPriorityFeePerGas: 0n })])).toContain(
      'max fee per gas less than block base fee',
    )
    const data: Hex = `0x${'01'.repeat(1_000)}`
    expect(await refusal(chain, [await send({ data, gas: 40_000n })])).toContain(
      'floor data gas cost: have 40000, want 61000',
    )
    expect(await refusal(chain, [new Uint8Array([2, 0xc0])])).toContain('transaction 0: transaction envelope')
  })

  it('burns what it pays to a beneficiary that it has created and destroyed', async () => {
    const chain = await development()
    const created = createdAddress(ALICE, 0n)
    // PUSH20 Bob, SELFDESTRUCT: the account goes when the transaction ends, with the tip that it has received.
    const data = concatHex(['0x73', BOB, '0xff'])
    const raw = await send({ to: undefined, data, value: 5n, gas: 200_000n })
    const attributes = fixtureAttributes(chain.head, { suggestedFeeRecipient: created, transactions: [raw] })
    const { receipts, state } = await executeBlock(chain, chain.head, attributes)
    expect(receipts[0]!.succeeded).toBe(true)
    await chain.store.write(state.operations)
    chain.state.applied(state)
    expect(chain.state.account(created)).toBeUndefined()
    expect(chain.state.account(BOB)?.balance).toBe(5n)
  })

  it('pays at least 10 gas per token of data (EIP-7623)', async () => {
    const chain = await development()
    const data: Hex = `0x${'01'.repeat(1_000)}`
    const { receipts } = await run(chain, [await send({ data, gas: 100_000n })])
    expect(receipts[0]!.gasUsed).toBe(21_000n + 40_000n)
  })
})

describe('a block has room for', () => {
  it('its gas limit, by the gas limits of what comes', async () => {
    const chain = await development()
    const gasLimit = 50_000n
    expect(await refusal(chain, [await send({ gas: 50_001n })], { gasLimit })).toContain('gas limit reached')
    const two = [await send(), await send({ nonce: 1, gas: 29_001n })]
    expect(await refusal(chain, two, { gasLimit })).toContain('transaction 1: gas limit reached')
  })

  it('its gas limit in data-availability footprint (Jovian)', async () => {
    const chain = await development()
    const greedy = l1Attributes({ ...L1_FEES, daFootprintGasScalar: 20_000n })
    expect(await refusal(chain, [greedy, await send()], { gasLimit: 1_999_999n })).toContain(
      'footprint would be 2000000',
    )
    await run(chain, [greedy, await send()], { gasLimit: 2_000_000n })
  })

  it('deposits only at its head', async () => {
    const chain = await development()
    expect(await refusal(chain, [await send(), deposit()])).toBe('transaction 1: deposits must come first in a block')
  })
})

describe('a deposit', () => {
  it('mints, executes without paying, and tells its nonce', async () => {
    const chain = await development()
    const { receipts } = await run(chain, [deposit({ mint: 10n, value: 4n }), deposit({ value: 1n })])
    expect(receipts.map(({ succeeded, gasUsed, depositNonce }) => ({ succeeded, gasUsed, depositNonce }))).toEqual([
      { succeeded: true, gasUsed: 21_000n, depositNonce: 0n },
      { succeeded: true, gasUsed: 21_000n, depositNonce: 1n },
    ])
    expect(chain.state.account(CAROL)).toMatchObject({ balance: 5n, nonce: 2n })
    expect(chain.state.account(BOB)?.balance).toBe(5n)
  })

  it('that cannot execute keeps its mint, counts up the nonce and uses all its gas', async () => {
    const chain = await development()
    const cases = [
      deposit({ mint: 10n, value: 11n }),
      deposit({ mint: 10n, gasLimit: 20_000n }),
      deposit({ mint: 10n, isSystemTransaction: true }),
      deposit({ mint: 10n, to: undefined, data: new Uint8Array(49_153), gasLimit: 9_000_000n }),
    ]
    const { receipts } = await run(chain, cases)
    expect(receipts.map(({ succeeded }) => succeeded)).toEqual([false, false, false, false])
    expect(receipts.map(({ gasUsed }) => gasUsed)).toEqual([100_000n, 20_000n, 100_000n, 9_000_000n])
    expect(chain.state.account(CAROL)).toMatchObject({ balance: 40n, nonce: 4n })
    expect(chain.state.account(BOB)).toBeUndefined()
  })

  it('whose code reverts keeps its mint and pays for what it ran', async () => {
    const chain = await development()
    // PUSH1 0 DUP1 REVERT as init code
    const { receipts } = await run(chain, [
      deposit({ mint: 3n, value: 3n, to: undefined, data: hexToBytes('0x600080fd') }),
    ])
    expect(receipts[0]).toMatchObject({
      succeeded: false,
      depositNonce: 0n,
      contractAddress: createdAddress(CAROL, 0n),
    })
    expect(receipts[0]!.gasUsed).toBeLessThan(60_000n)
    expect(chain.state.account(CAROL)).toMatchObject({ balance: 3n, nonce: 1n })
  })

  it('must fit into the block like everything else', async () => {
    const chain = await development()
    expect(await refusal(chain, [deposit({ gasLimit: 30_000_001n })])).toContain('gas limit reached')
  })
})

describe('a builder', () => {
  /** Offers the transactions in order and notes what became of each. */
  function listSource(offered: SignedTransaction[]) {
    const notes: string[] = []
    const source: TransactionSource = {
      next: () => offered.shift(),
      included: ({ nonce }) => notes.push(`included ${nonce}`),
      refused: ({ nonce }, reason) => notes.push(`refused ${nonce}: ${reason.split(':')[0]}`),
      skipped: ({ nonce }) => notes.push(`skipped ${nonce}`),
    }
    return { source, notes }
  }
  const decode = async (fields: Partial<TransactionSerializableEIP1559>) =>
    decodeSignedTransaction(await send(fields), CHAIN_ID)

  it('takes what fits, passes over what does not, drops what is not valid', async () => {
    const chain = await development()
    const offered = [
      await decode({}),
      await decode({ nonce: 7 }),
      await decode({ nonce: 1, gas: 31_000_000n }),
      await decode({ nonce: 1 }),
    ]
    const { source, notes } = listSource(offered)
    const attributes = fixtureAttributes(chain.head, { transactions: [l1Attributes()], noTxPool: false })
    const executed = await executeBlock(chain, chain.head, attributes, source)
    expect(notes).toEqual(['included 0', 'refused 7: nonce too high', 'skipped 1', 'included 1'])
    expect(executed.transactions).toHaveLength(3)
  })

  it('adds nothing where derivation has said what the block is', async () => {
    const chain = await development()
    const { source, notes } = listSource([await decode({})])
    const executed = await executeBlock(chain, chain.head, fixtureAttributes(chain.head), source)
    expect(notes).toEqual([])
    expect(executed.transactions).toHaveLength(0)
  })

  it('makes a block that everybody executes to the same hash, from its bytes', async () => {
    const builder = await development()
    const follower = await development()
    const { source } = listSource([await decode({}), await decode({ nonce: 1 })])
    const attributes = fixtureAttributes(builder.head, { transactions: [l1Attributes(), deposit()], noTxPool: false })
    const built = await executeBlock(builder, builder.head, attributes, source)
    const carried = decodeBlock(encodeBlock(built.block))
    const executed = await executeBlock(follower, follower.head, attributesOf(carried))
    expect(executed.hash).toBe(built.hash)
    expect(decodeReceipts(encodeReceipts(executed.receipts))).toEqual(built.receipts)
  })

  it('will not execute on a state that is not the parent’s', async () => {
    const chain = await development()
    const { hash, block } = await executeBlock(chain, chain.head, fixtureAttributes(chain.head))
    await expect(executeBlock(chain, { hash, block }, fixtureAttributes({ hash, block }))).rejects.toThrow(
      'the state is that of block 0',
    )
  })
})
