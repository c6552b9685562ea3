/**
 * What a node answers to malformed input: a JSON-RPC error that names the field, the value and the reason, and nothing
 * is written, neither to the pool nor to the chain.
 */
import {
  concat,
  encodeFunctionData,
  type Hex,
  isHex,
  keccak256,
  parseEther,
  parseSignature,
  stringToHex,
  toHex,
  toRlp,
} from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { stakingAbi } from '../../genesis/abi/staking.ts'
import { NATIVE, type NativeName } from '../../genesis/addresses.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { FilterRegistry } from '../../rpc/filter-registry.ts'
import { methodTable } from '../../rpc/method-table.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const [ALICE, BOB] = [ACCOUNTS[0]!, ACCOUNTS[1]!]
/** Order of secp256k1. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const GWEI = 1_000_000_000n

let node: WholeNode
beforeAll(async () => {
  node = await WholeNode.start()
  // Alice has sent one transaction, and another waits: her next nonce is 2.
  await node.mined(node.wallet().sendTransaction({ to: BOB.address, value: 1n }))
  await node.wallet().sendTransaction({ to: BOB.address, value: 1n })
})
afterAll(() => node.stop())

/** All that bad input could change. */
async function written() {
  const { hash, stateRoot } = await node.client.getBlock()
  const pool = (await node.ask('txpool_content')).result
  return { hash, stateRoot, pool, head: node.chain.head('unsafe').hash }
}

let before: Awaited<ReturnType<typeof written>>
beforeEach(async () => {
  before = await written()
})
afterEach(async () => {
  expect(await written()).toEqual(before)
  expect(node.defects).toEqual([])
})

// Transactions

type Field = bigint | Hex | Field[]
type Rlp = Hex | Rlp[]

const rlpOf = (field: Field): Rlp => {
  if (typeof field === 'bigint') return field === 0n ? '0x' : toHex(field)
  return Array.isArray(field) ? field.map(rlpOf) : field
}

const FEE_MARKET = {
  chainId: 901n as Field,
  nonce: 2n as Field,
  maxPriorityFeePerGas: 1n as Field,
  maxFeePerGas: (10n * GWEI) as Field,
  gasLimit: 21_000n as Field,
  to: BOB.address as Field,
  value: 0n as Field,
  data: '0x' as Field,
  accessList: [] as Field,
}

/** A type 2 transaction (EIP-1559) of Alice's, signed over whatever fields it is given; `tail` changes what comes after. */
async function feeMarket(
  changes: Partial<typeof FEE_MARKET> = {},
  tail: (yParity: bigint, r: bigint, s: bigint) => Field[] = (...signature) => signature,
): Promise<Hex> {
  return envelope('0x02', Object.values({ ...FEE_MARKET, ...changes }), tail)
}

/** A type 4 transaction (EIP-7702) with these authorizations. */
const setCode = (to: Field, authorizations: Field[]) =>
  envelope('0x04', [...Object.values({ ...FEE_MARKET, gasLimit: 100_000n, to }), authorizations])

async function envelope(
  type: Hex,
  fields: Field[],
  tail: (yParity: bigint, r: bigint, s: bigint) => Field[] = (...signature) => signature,
): Promise<Hex> {
  const body = fields.map(rlpOf)
  const signature = parseSignature(await ALICE.sign({ hash: keccak256(concat([type, toRlp(body)])) }))
  const signed = tail(BigInt(signature.yParity), BigInt(signature.r), BigInt(signature.s))
  return concat([type, toRlp([...body, ...signed.map(rlpOf)])])
}

/** A legacy transaction (EIP-155) of Alice's for this chain. */
async function legacy(chainId: bigint, v?: bigint): Promise<Hex> {
  const body = [2n, 10n * GWEI, 21_000n, BOB.address, 0n, '0x'] as const
  const signature = parseSignature(
    await ALICE.sign({ hash: keccak256(toRlp([...body, chainId, 0n, 0n].map((field) => rlpOf(field)))) }),
  )
  const tail = [v ?? chainId * 2n + 35n + BigInt(signature.yParity), BigInt(signature.r), BigInt(signature.s)]
  return toRlp([...body, ...tail].map((field) => rlpOf(field)))
}

const cut = (hex: Hex, bytes: number): Hex => `0x${hex.slice(2, hex.length - bytes * 2)}`

describe('a raw transaction that is malformed is refused, with field, value and reason', () => {
  const cases: [string, RegExp, () => Hex | Promise<Hex>][] = [
    ['of no bytes', /^transaction envelope: is empty$/, () => '0x'],
    ['of an unknown type', /type not supported.*type: must be 0, 1, 2, 4.*, got 5/, () => '0x05c0'],
    ['with blobs', /type not supported.*type: 3 \(blobs\) is not carried by a layer 2/, () => '0x03c0'],
    [
      'that is a deposit of the chain itself',
      /type not supported.*type: 0x7e \(deposit\) comes from L1/,
      async () =>
        (await node.ask('eth_getRawTransactionByHash', (await node.client.getBlock()).transactions[0])).result as Hex,
    ],
    [
      'cut off',
      /^transaction envelope: not canonical RLP: item at byte 0 runs past the end/,
      async () => cut(await feeMarket(), 1),
    ],
    [
      'with bytes left over',
      /^transaction envelope: not canonical RLP: 1 bytes left over/,
      async () => concat([await feeMarket(), '0x00']),
    ],
    [
      'with a field too few',
      /^transaction envelope: must have 12 fields, got 11/,
      () => feeMarket({}, (_, r, s) => [r, s]),
    ],
    [
      'with a field too many',
      /^transaction envelope: must have 12 fields, got 13/,
      () => feeMarket({}, (...signature) => [...signature, 1n]),
    ],
    [
      'of another chain',
      /^invalid chain id for signer: transaction chainId: must be 901, got 902/,
      () => feeMarket({ chainId: 902n }),
    ],
    [
      'of another chain, legacy',
      /^invalid chain id for signer: transaction chainId: must be 901, got 1$/,
      () => legacy(1n),
    ],
    ['with a v of nothing', /^transaction v: must be 27, 28 or at least 35, got 30/, () => legacy(901n, 30n)],
    [
      'with leading zeros in an integer',
      /^transaction nonce: must be an integer without leading zeros/,
      () => feeMarket({ nonce: '0x0002' }),
    ],
    [
      'with a nonce of 2^64 − 1',
      /^transaction nonce: must be at most 0xfffffffffffffffe, got 0xffffffffffffffff/,
      () => feeMarket({ nonce: 2n ** 64n - 1n }),
    ],
    [
      'with a gas limit past 64 bits',
      /^transaction gasLimit: must be at most 0xffffffffffffffff, got 0x10000000000000000/,
      () => feeMarket({ gasLimit: 2n ** 64n }),
    ],
    [
      'with a value past 256 bits',
      /^transaction value: must be at most 0xf{64}, got 33 bytes/,
      () => feeMarket({ value: toHex(2n ** 256n) }),
    ],
    ['to 19 bytes', /^transaction to: must be empty or 20 bytes, got 19/, () => feeMarket({ to: cut(BOB.address, 1) })],
    [
      'with a list as its data',
      /^transaction data: must be a string of bytes, got a list/,
      () => feeMarket({ data: [] }),
    ],
    [
      'with a short key in its access list',
      /^transaction accessList\[0\]\.storageKeys\[1\]: must be 32 bytes, got 31/,
      () => feeMarket({ accessList: [[BOB.address, [toHex(1, { size: 32 }), toHex(1, { size: 31 })]]] }),
    ],
    [
      'with a parity of 2',
      /^transaction yParity: must be at most 0x1, got 0x2/,
      () => feeMarket({}, (_, r, s) => [2n, r, s]),
    ],
    [
      'with a signature in the upper half (EIP-2)',
      /^transaction s: must be in the lower half of the curve order \(EIP-2\), got 0x[0-9a-f]{64}/,
      () => feeMarket({}, (parity, r, s) => [1n - parity, r, N - s]),
    ],
    [
      'with a signature of nobody',
      /^transaction signature: belongs to no key: r 0x0, s 0x1$/,
      () => feeMarket({}, (parity) => [parity, 0n, 1n]),
    ],
    [
      'that sets code and creates',
      /^transaction to: must be an address/,
      () => setCode('0x', [[901n, BOB.address, 0n, 0n, 1n, 1n]]),
    ],
    [
      'that sets no code',
      /^transaction authorizationList: must have at least one item/,
      () => setCode(BOB.address, []),
    ],
    [
      'with half an authorization',
      /^transaction authorizationList\[0\]: must have 6 fields, got 2/,
      () => setCode(BOB.address, [[901n, BOB.address]]),
    ],
    [
      'over 128 KiB',
      /^oversized data: transaction size 131\d{3}, limit 131072/,
      () => feeMarket({ data: `0x${'00'.repeat(131_000)}` }),
    ],
  ]
  it.each(cases)('%s', async (_, reason, make) => {
    const { error, result } = await node.ask('eth_sendRawTransaction', await make())
    expect(result).toBeUndefined()
    expect(error).toMatchObject({ code: -32000, message: expect.stringMatching(reason) })
  })
})

describe('a transaction that cannot stand is refused, with field, value and reason', () => {
  const balance = parseEther('1000')
  const cases: [string, RegExp, () => Promise<Hex>][] = [
    ['with a nonce that is used', /^nonce too low: next nonce 1, tx nonce 0/, () => feeMarket({ nonce: 0n })],
    [
      'with a nonce that waits, for the same fee',
      /^replacement transaction underpriced: nonce 1 is taken by 0x[0-9a-f]{64}; raise its fees by 10 %/,
      () => feeMarket({ nonce: 1n }),
    ],
    [
      'that spends more than there is',
      /^insufficient funds for gas \* price \+ value: balance \d+, queued cost \d+, tx cost 1000\d+, overshot \d+/,
      () => feeMarket({ value: balance }),
    ],
    [
      'whose gas costs more than there is',
      /^insufficient funds for gas \* price \+ value: balance/,
      () => feeMarket({ maxFeePerGas: balance / 20_000n }),
    ],
    [
      'with more gas than a block',
      /^exceeds block gas limit: gas 30000001, limit 30000000/,
      () => feeMarket({ gasLimit: 30_000_001n }),
    ],
    [
      'with too little gas',
      /^intrinsic gas too low: gas 20999, minimum needed 21000/,
      () => feeMarket({ gasLimit: 20_999n }),
    ],
    [
      'below the floor of its data',
      /^insufficient gas for floor data gas cost: gas 40000, minimum needed 61000/,
      () => feeMarket({ gasLimit: 40_000n, data: `0x${'01'.repeat(1_000)}` }),
    ],
    [
      'with a tip above its cap',
      /^max priority fee per gas higher than max fee per gas: address 0x7e5f.*maxPriorityFeePerGas: 10000000001, maxFeePerGas: 10000000000/,
      () => feeMarket({ maxPriorityFeePerGas: 10n * GWEI + 1n }),
    ],
    [
      'with a cap below the base fee',
      /^max fee per gas less than block base fee: address 0x7e5f.*maxFeePerGas: 1, baseFee: \d+/,
      () => feeMarket({ maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }),
    ],
    [
      'with too much creation code',
      /^max initcode size exceeded: code size 49153, limit 49152/,
      () => feeMarket({ to: '0x', gasLimit: 5_000_000n, data: `0x${'00'.repeat(49_153)}` }),
    ],
  ]
  it.each(cases)('%s', async (_, reason, make) => {
    const { error, result } = await node.ask('eth_sendRawTransaction', await make())
    expect(result).toBeUndefined()
    expect(error).toMatchObject({ code: -32000, message: expect.stringMatching(reason) })
  })

  it('twice', async () => {
    const [waiting] = node.pool.content().pending
    const { error } = await node.ask('eth_sendRawTransaction', toHex(waiting!.raw))
    expect(error).toEqual({ code: -32000, message: 'already known' })
  })
})

// Parameters

describe('a parameter that is malformed is refused, with its position, name, value and reason', () => {
  const address = BOB.address
  const word = toHex(1, { size: 32 })
  const cases: [string, unknown[], RegExp][] = [
    ['eth_sendRawTransaction', [], /^missing value for required argument 0 \(transaction\)$/],
    ['eth_sendRawTransaction', ['0xabc'], /^invalid argument 0 \(transaction\): must be data: .*got "0xabc"/],
    ['eth_sendRawTransaction', [7], /^invalid argument 0 \(transaction\): must be data: .*got 7/],
    ['eth_sendRawTransaction', ['0x', '0x'], /^too many arguments, want at most 1 \(transaction\), got 2/],
    ['eth_getBalance', ['bob', 'latest'], /^invalid argument 0 \(address\): must be an address: .*got "bob"/],
    ['eth_getBalance', [address, 'newest'], /^invalid argument 1 \(block\): must be a block number.*got "newest"/],
    ['eth_getBalance', [address, '0x01'], /^invalid argument 1 \(block\).*got "0x01"/],
    ['eth_getBalance', [address, { blockHash: '0x1' }], /^invalid argument 1 \(block.*\).*got /],
    [
      'eth_getStorageAt',
      [address, '0xzz', 'latest'],
      /^invalid argument 1 \(slot\): must be a storage slot.*got "0xzz"/,
    ],
    [
      'eth_getProof',
      [address, '0x0', 'latest'],
      /^invalid argument 1 \(slots\): must be a list of storage slots, got "0x0"/,
    ],
    ['eth_getTransactionByHash', [address], /^invalid argument 0 \(hash\): must be a 32-byte hash.*got "0x/],
    ['eth_getBlockByNumber', ['latest', 'yes'], /^invalid argument 1 \(full\): must be true or false, got "yes"/],
    [
      'eth_getTransactionByBlockNumberAndIndex',
      ['latest', '0x100000000'],
      /^invalid argument 1 \(index\): must be below 2\^32/,
    ],
    [
      'eth_call',
      [{ to: address, value: 1 }, 'latest'],
      /^invalid argument 0 \(transaction\.value\): must be a quantity.*got 1$/,
    ],
    [
      'eth_call',
      [{ to: address, value: '1' }, 'latest'],
      /^invalid argument 0 \(transaction\.value\): must be a quantity.*got "1"/,
    ],
    [
      'eth_call',
      [{ to: address, data: '0x1' }, 'latest'],
      /^invalid argument 0 \(transaction\.data\): must be data.*got "0x1"/,
    ],
    ['eth_call', [{ to: address, chainId: '0x1' }, 'latest'], /chainId does not match the node's: want 901, got 1/],
    ['eth_call', ['0x', 'latest'], /^invalid argument 0 \(transaction\): must be a transaction object, got "0x"/],
    ['eth_call', [{ to: address }, 'latest', { bob: {} }], /^invalid argument 2 \(overrides.*\)/],
    [
      'eth_estimateGas',
      [
        {
          to: address,
          authorizationList: [{ address, chainId: '0x1', nonce: '0x0', yParity: '0x2', r: '0x1', s: '0x1' }],
        },
      ],
      /^invalid argument 0 \(transaction\.authorizationList\.0\.yParity\): must be 0x0 or 0x1, got "0x2"/,
    ],
    [
      'eth_estimateGas',
      [{ to: address, maxFeePerGas: '0x1', maxPriorityFeePerGas: '0x2' }],
      /maxFeePerGas \(1\) < maxPriorityFeePerGas \(2\)/,
    ],
    [
      'eth_getLogs',
      [{ address: 'bob' }],
      /^invalid argument 0 \(filter\.address\): must be an address or a list.*got "bob"/,
    ],
    [
      'eth_getLogs',
      [{ topics: [word, word, word, word, word] }],
      /^invalid argument 0 \(filter\.topics\): must have at most 4 positions/,
    ],
    [
      'eth_feeHistory',
      ['many', 'latest'],
      /^invalid argument 0 \(blockCount\): must be a number of blocks, got "many"/,
    ],
    [
      'eth_feeHistory',
      ['0x1', 'latest', [101]],
      /^invalid argument 2 \(rewardPercentiles\.0\): must be 0 to 100, got 101/,
    ],
    ['openledger_getDatanet', ['first'], /^invalid argument 0 \(datanet\): must be an id: .*got "first"/],
    ['openledger_getDatanet', [-1], /^invalid argument 0 \(datanet\): must be an id: .*got -1/],
    ['openledger_getDatanets', [1, 1000], /^invalid argument 1 \(size\): must be at most 100, got 1000/],
    ['openledger_getLeaf', ['0x12'], /^invalid argument 0 \(request\): must be a 32-byte hash.*got "0x12"/],
    ['openledger_getPayouts', [word], /^invalid argument 0 \(address\): must be an address.*got "0x0000/],
  ]
  it.each(cases)('%s %j', async (method, parameters, reason) => {
    const { error, result } = await node.ask(method, ...parameters)
    expect(result).toBeUndefined()
    expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(reason) })
  })

  it('whatever it is, by every method, and never as a defect of the node', async () => {
    const filters = new FilterRegistry({ chain: node.chain, now: () => 0 })
    const methods = Object.keys(methodTable({ chain: node.chain, sink: node.pool, pool: node.pool }, filters, ''))
    expect(methods.length).toBeGreaterThan(50)
    const junk = [
      null,
      true,
      -1,
      2 ** 53,
      1.5,
      '',
      'x'.repeat(10_000),
      '0x',
      '0xg',
      `0x${'f'.repeat(65)}`,
      [],
      [[]],
      {},
      { to: {} },
    ]
    for (const method of methods) {
      for (const value of junk) {
        for (const parameters of [
          [value],
          [BOB.address, value],
          [word, value],
          ['latest', value],
          ['0x1', 'latest', value],
        ]) {
          const { error } = await node.ask(method, ...parameters)
          if (error !== undefined) expect([-32602, -32600, -32000, -32005, 3]).toContain(error.code)
        }
      }
    }
  }, 60_000)
})

// Calls of the native contracts

describe('a call that a native contract refuses says which field, and why, before anything is sent', () => {
  const licence = { feePerRow: 0n, revenueShareBps: 0, commercialUse: true, expiry: 0n, attributionDuty: false }
  const datanet = { name: 'x', domain: '', policy: 0, curators: [], quorum: 0, licence, bond: 0n, uri: '' }
  const create = (changes: Partial<typeof datanet>) =>
    encodeFunctionData({ abi: datanetsAbi, functionName: 'create', args: [{ ...datanet, ...changes }] })
  const contribute = (content: Hex, cid = '') =>
    encodeFunctionData({
      abi: datanetsAbi,
      functionName: 'contributeContent',
      args: [1n, content, cid, keccak256('0x')],
    })

  const cases: [string, NativeName, Hex, bigint, RegExp][] = [
    [
      'a Datanet without a name',
      'datanets',
      create({ name: '' }),
      0n,
      /InvalidField\(field: "name", reason: "must have 1 to 64 bytes, has 0"\)/,
    ],
    [
      'a Datanet with curators',
      'datanets',
      create({ policy: 1 }),
      0n,
      /InvalidField\(field: "curators", reason: "must be 1 to 32, are 0"\)/,
    ],
    [
      'a share of more than everything',
      'datanets',
      create({ licence: { ...licence, revenueShareBps: 10_001 } }),
      0n,
      /InvalidField\(field: "licence.revenueShareBps", reason: "must be at most 10000, got 10001"\)/,
    ],
    [
      'an empty contribution',
      'datanets',
      contribute('0x'),
      0n,
      /InvalidField\(field: "content", reason: "must not be empty"\)/,
    ],
    [
      'a contribution that is too large',
      'datanets',
      contribute(`0x${'61'.repeat(57_345)}`),
      0n,
      /ContentTooLarge\(size: 57345, limit: 57344\)/,
    ],
    [
      'a contribution with a long cid',
      'datanets',
      contribute('0x61', 'c'.repeat(129)),
      0n,
      /InvalidField\(field: "cid", reason: "must have 0 to 128 bytes, has 129"\)/,
    ],
    ['a contribution to nothing', 'datanets', contribute('0x61'), 0n, /UnknownDatanet\(datanet: 1\)/],
    [
      'a commitment without its bond',
      'datanets',
      encodeFunctionData({ abi: datanetsAbi, functionName: 'commit', args: [keccak256('0x')] }),
      1n,
      /BondTooSmall\(required: 1000000000000000, sent: 1\)/,
    ],
    [
      'a channel to nobody',
      'channels',
      encodeFunctionData({ abi: channelsAbi, functionName: 'open', args: [BOB.address] }),
      5n,
      new RegExp(`ReceiverNotProver\\(receiver: ${BOB.address}\\)`),
    ],
    [
      'a stake in an unknown role',
      'staking',
      encodeFunctionData({ abi: stakingAbi, functionName: 'stake', args: [9] }),
      5n,
      /UnknownRole\(role: 9\)/,
    ],
    [
      'an unknown function',
      'models',
      '0xdeadbeef',
      0n,
      /InvalidField\(field: "calldata", reason: "unknown function selector 0xdeadbeef"\)/,
    ],
    [
      'value to a function that takes none',
      'datanets',
      create({}),
      7n,
      /InvalidField\(field: "value", reason: "create is not payable, got 7 wei"\)/,
    ],
    [
      'calldata with dirty padding',
      'datanets',
      `${encodeFunctionData({ abi: datanetsAbi, functionName: 'getDatanet', args: [1n] }).slice(0, 10) as Hex}${'ff'.repeat(32)}`,
      0n,
      /InvalidField\(field: "calldata", reason: "not the canonical ABI encoding of the arguments of getDatanet"\)/,
    ],
  ]
  it.each(cases)('%s', async (_, contract, data, value, reason) => {
    const call = { from: ALICE.address, to: NATIVE[contract], data, value: toHex(value) }
    for (const method of ['eth_call', 'eth_estimateGas']) {
      const { error } = await node.ask(method, call, 'latest')
      expect(error).toMatchObject({ code: 3, message: expect.stringMatching(reason) })
      expect(error?.message).toMatch(/^execution reverted: /)
      expect(isHex(error?.data)).toBe(true)
    }
  })

  it('and text that a contract returns is told as it is', async () => {
    const revertsWithInput = '0x366000600037366000fd'
    const overrides = { [BOB.address]: { code: revertsWithInput } }
    const unknown = await node.ask('eth_call', { to: BOB.address, data: '0x12345678' }, 'latest', overrides)
    expect(unknown.error).toEqual({ code: 3, message: 'execution reverted', data: '0x12345678' })
    const halved = `${keccak256(stringToHex('UnknownDatanet(uint64)')).slice(0, 10)}00`
    const broken = await node.ask('eth_call', { to: BOB.address, data: halved }, 'latest', overrides)
    expect(broken.error).toEqual({ code: 3, message: 'execution reverted', data: halved })
  })
})
