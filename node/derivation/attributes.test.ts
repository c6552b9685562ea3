import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { L1_ATTRIBUTES_DEPOSITOR, MATURING_DEPOSITOR, NATIVE, PREDEPLOYS } from '../../genesis/addresses.ts'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { CriticalError, ResetError, TemporaryError } from '../errors.ts'
import type { Log } from '../execution/block.ts'
import { bytesToHex, concatBytes, hexToBytes, wordBytes, wordHex } from '../execution/bytes.ts'
import { type DepositFields, decodeTransaction } from '../execution/transaction.ts'
import { depositsOnly, prepareAttributes } from './attributes.ts'
import { decodeDepositLog, encodeDepositLog, userDeposits } from './deposit.ts'
import { decodeL1Info, encodeL1Info } from './l1-info.ts'
import { maturingDeposit, maturingGas } from './maturing-deposit.ts'
import { applyConfigUpdates, CONFIG_UPDATE, configUpdate, systemConfigFromBlock } from './system-config.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { MemoryL2 } from './testing/memory-l2.ts'

const config = sampleConfig()
const portal = config.depositContractAddress
const deposit: Omit<DepositFields, 'sourceHash'> = {
  sender: `0x${'5e'.repeat(20)}`,
  to: `0x${'70'.repeat(20)}`,
  mint: 10n ** 18n,
  value: 10n ** 18n,
  gasLimit: 100_000n,
  isSystemTransaction: false,
  data: Uint8Array.of(1, 2, 3),
}
const updateLog = (type: bigint, ...words: bigint[]): Log => ({
  address: config.l1SystemConfigAddress,
  topics: [CONFIG_UPDATE, wordHex(0n), wordHex(type)],
  data: concatBytes(wordBytes(32n), wordBytes(BigInt(words.length * 32)), ...words.map(wordBytes)),
})
const receiptOf = (...logs: Log[]) => ({ transactionHash: wordHex(1n), succeeded: true, logs })
const decoded = (transactions: Uint8Array[]) => transactions.map((raw) => decodeTransaction(raw, 901n))

async function network() {
  const l1 = new MemoryL1(config)
  const l2 = new MemoryL2(config)
  return { l1, l2, modules: { config, l1 } }
}

describe('attributes', () => {
  it('inside an epoch hold the L1 attributes alone, with the next sequence number', async () => {
    const { l2, modules } = await network()
    const attributes = await prepareAttributes(modules, l2.headRef, config.genesis.systemConfig, l2.headRef.l1Origin)
    const [info, ...rest] = decoded(attributes.transactions)
    expect(rest).toEqual([])
    expect(info).toMatchObject({
      type: 0x7e,
      sender: L1_ATTRIBUTES_DEPOSITOR,
      to: PREDEPLOYS.l1Block,
      gasLimit: 1_000_000n,
    })
    expect(info).toMatchObject({ mint: 0n, value: 0n, isSystemTransaction: false })
    expect(decodeL1Info(info!.data)).toMatchObject({ number: 1n, sequenceNumber: 1n, batcher: `0x${'ba'.repeat(20)}` })
    expect(attributes).toMatchObject({
      timestamp: 1_700_000_002n,
      suggestedFeeRecipient: PREDEPLOYS.sequencerFeeVault,
      gasLimit: 15_000_000n,
      eip1559Params: '0x000000fa00000006',
      minBaseFee: 1_000_000n,
      noTxPool: true,
    })
  })

  it('that open an epoch add user deposits in log order and the maturing deposit last', async () => {
    const { l1, l2, modules } = await network()
    const other = { ...encodeDepositLog(portal, deposit), address: `0x${'99'.repeat(20)}` as const }
    const logs = [
      other,
      encodeDepositLog(portal, deposit),
      encodeDepositLog(portal, { ...deposit, to: undefined, mint: 0n }),
    ]
    const origin = l1.mine({ after: 2n, logs })
    const attributes = await prepareAttributes(modules, l2.headRef, config.genesis.systemConfig, origin)
    const [info, first, second, last] = decoded(attributes.transactions)
    expect(attributes.transactions).toHaveLength(4)
    expect(decodeL1Info(info!.data)).toMatchObject({ number: 2n, hash: origin.hash, sequenceNumber: 0n, baseFee: 14n })
    expect(first).toMatchObject({ sender: deposit.sender, to: deposit.to, mint: 10n ** 18n, gasLimit: 100_000n })
    const inner = keccak256(concatBytes(hexToBytes(origin.hash), wordBytes(1n)))
    expect(first).toMatchObject({ sourceHash: bytesToHex(keccak256(concatBytes(wordBytes(0n), inner))) })
    expect(second).toMatchObject({ to: undefined, mint: 0n })
    expect(last).toMatchObject({
      sender: MATURING_DEPOSITOR,
      to: NATIVE.attribution,
      mint: 0n,
      value: 0n,
      data: new Uint8Array(0),
    })
    expect(last).toMatchObject({ gasLimit: 4_500_000n, sourceHash: maturingDeposit(origin.hash, 1n).sourceHash })
    expect(attributes.prevRandao).toBe(origin.mixHash)
    expect(attributes.parentBeaconBlockRoot).toBe(origin.parentBeaconBlockRoot)
  })

  it('of the first block in an epoch are under the system config that its L1 block sets, and the block tells it', async () => {
    const { l1, l2 } = await network()
    l1.mine({ after: 2n, logs: [updateLog(2n, 20_000_000n), updateLog(7n, 300n), updateLog(6n, 5n)] })
    await l2.sequence(l1)
    expect(l2.head.block.header.gasLimit).toBe(20_000_000n)
    expect(systemConfigFromBlock(config, l2.head.block)).toEqual({
      ...config.genesis.systemConfig,
      gasLimit: 20_000_000,
      daFootprintGasScalar: 300,
      minBaseFee: 5n,
    })
  })

  it('are refused on an L1 block that does not follow the parent, or is later than the L2 block', async () => {
    const { l1, l2, modules } = await network()
    const skipped = [l1.mine(), l1.mine({ after: 1n })][1]!
    const prepare = (origin: { hash: `0x${string}`; number: bigint }) =>
      prepareAttributes(modules, l2.headRef, config.genesis.systemConfig, origin)
    await expect(prepare(skipped)).rejects.toThrow(ResetError)
    await expect(prepare((await l1.blockByNumber(2n))!)).rejects.toThrow(/would precede its L1 origin/)
    await expect(prepare({ hash: wordHex(5n), number: 2n })).rejects.toThrow(TemporaryError)
  })

  it('with their deposits alone lose the batch and nothing else', () => {
    const attributes = { transactions: [Uint8Array.of(0x7e, 1), Uint8Array.of(2), Uint8Array.of(0xc0)] }
    const full = { ...attributes } as Parameters<typeof depositsOnly>[0]
    expect(depositsOnly(full).transactions).toEqual([Uint8Array.of(0x7e, 1)])
  })
})

describe("the portal's deposit event", () => {
  it('is the same after encoding and decoding', () => {
    const deposits = fc.record({
      mint: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      gasLimit: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      data: fc.uint8Array({ maxLength: 100 }),
      to: fc.constantFrom(undefined, deposit.to),
    })
    fc.assert(
      fc.property(deposits, (fields) => {
        const read = decodeDepositLog(encodeDepositLog(portal, { ...deposit, ...fields }))
        expect({ ...read, data: bytesToHex(read.data) }).toEqual({
          ...deposit,
          ...fields,
          data: bytesToHex(fields.data),
        })
      }),
    )
  })

  it('stops the node where it cannot be read: a deposit may not be left out', () => {
    const log = encodeDepositLog(portal, deposit)
    const malformed = [
      { ...log, topics: log.topics.slice(0, 3) },
      { ...log, topics: [...log.topics.slice(0, 3), wordHex(1n)] },
      { ...log, data: log.data.subarray(0, 64) },
      { ...log, data: log.data.subarray(0, -1) },
    ]
    for (const bad of malformed)
      expect(() => userDeposits(portal, wordHex(1n), [receiptOf(bad)])).toThrow(CriticalError)
  })

  it('of a failed transaction counts for nothing', () => {
    const receipt = { ...receiptOf(encodeDepositLog(portal, deposit)), succeeded: false }
    expect(userDeposits(portal, wordHex(1n), [receipt])).toEqual([])
  })
})

describe('the maturing deposit', () => {
  it("takes half of what the portal's deposits and the L1 attributes leave, at most 10M gas", () => {
    expect([6_000_000n, 15_000_000n, 26_000_000n, 60_000_000n, 1n].map(maturingGas)).toEqual([
      0n,
      4_500_000n,
      10_000_000n,
      10_000_000n,
      0n,
    ])
  })
})

describe('L1 attributes', () => {
  it('take 178 bytes under the Jovian selector', () => {
    const info = {
      number: 4n,
      hash: wordHex(9n),
      timestamp: 5n,
      sequenceNumber: 3n,
      baseFee: 6n,
      blobBaseFee: 7n,
      baseFeeScalar: 1,
      blobBaseFeeScalar: 2,
      batcher: `0x${'ba'.repeat(20)}`,
      operatorFeeScalar: 8,
      operatorFeeConstant: 10n,
      daFootprintGasScalar: 400,
    } as const
    const word = (value: number) => value.toString(16).padStart(64, '0')
    expect(bytesToHex(encodeL1Info(info))).toBe(
      '0x3db6be2b' +
        '0000000100000002' +
        '000000000000000300000000000000050000000000000004' +
        `${word(6)}${word(7)}${word(9)}${'00'.repeat(12)}${'ba'.repeat(20)}` +
        '00000008000000000000000a0190',
    )
    expect(decodeL1Info(encodeL1Info(info))).toEqual(info)
  })
})

describe('system config updates', () => {
  const batcher = BigInt(`0x${'b2'.repeat(20)}`)
  it.each([
    ['batcher', updateLog(0n, batcher), { batcherAddr: `0x${'b2'.repeat(20)}` }],
    [
      'fee scalars',
      updateLog(1n, 77n, (1n << 248n) | (2n << 32n) | 3n),
      { scalar: wordHex((1n << 248n) | (2n << 32n) | 3n) },
    ],
    ['gas limit', updateLog(2n, 30_000_000n), { gasLimit: 30_000_000 }],
    ['unsafe block signer: nothing that derivation knows', updateLog(3n, batcher), {}],
    ['EIP-1559 parameters', updateLog(4n, (8n << 32n) | 2n), { eip1559Params: '0x0000000800000002' }],
    ['operator fee', updateLog(5n, (9n << 64n) | 10n), { operatorFeeScalar: 9, operatorFeeConstant: 10n }],
    ['minimum base fee', updateLog(6n, 11n), { minBaseFee: 11n }],
    ['DA footprint', updateLog(7n, 12n), { daFootprintGasScalar: 12 }],
  ])('set the %s', (_, log, expected) => expect(configUpdate(log)).toEqual(expected))

  it.each([
    ['an unknown type', updateLog(99n, 1n)],
    ['a value too large', updateLog(2n, 1n << 64n)],
    ['a batcher of more than 20 bytes', updateLog(0n, 1n << 160n)],
    ['scalars of an unknown version', updateLog(1n, 0n, 2n << 248n)],
    ['scalars whose padding is not zero', updateLog(1n, 0n, (1n << 248n) | (1n << 64n))],
    ['too few words', updateLog(2n)],
    ['another version', { ...updateLog(2n, 1n), topics: [CONFIG_UPDATE, wordHex(1n), wordHex(2n)] }],
  ])('with %s are skipped', (_, log) => expect(configUpdate(log)).toEqual({}))

  it('count only from the SystemConfig contract and from transactions that succeeded', () => {
    const current = config.genesis.systemConfig
    const foreign = { ...updateLog(2n, 1n), address: portal }
    const failed = { ...receiptOf(updateLog(2n, 2n)), succeeded: false }
    expect(applyConfigUpdates(config, current, [receiptOf(foreign), failed])).toEqual(current)
    const both = [receiptOf(updateLog(2n, 3n)), receiptOf(updateLog(2n, 4n))]
    expect(applyConfigUpdates(config, current, both).gasLimit).toBe(4)
  })
})
