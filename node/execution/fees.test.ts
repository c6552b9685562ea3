import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import { hexToBytes, wordHex } from './bytes.ts'
import { fixtureHeader } from './execution-fixture.ts'
import { decodeExtraData, eip1559ParamsOf, encodeExtraData, extraDataFor } from './extra-data.ts'
import { fastLzLength } from './fast-lz.ts'
import {
  daFootprint,
  estimatedSizeScaled,
  type L1FeeParameters,
  l1DataFee,
  l1FeeParameters,
  nextBaseFee,
  operatorFee,
} from './fees.ts'
import { InvalidBlockError } from './invalid-block.ts'

/** OP Mainnet's transaction 0x8eb9dd4e…b594, a call of 345 bytes. */
const CONTRACT_CALL = hexToBytes(
  '0x02f901550a758302df1483be21b88304743f94f80e51afb613d764fa61751affd3313c190a86bb870151bd62fd12adb8e41ef24f3f000000000000000000000000000000000000000000000000000000000000006e000000000000000000000000af88d065e77c8cc2239327c5edb3a432268e5831000000000000000000000000000000000000000000000000000000000003c1e5000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000a000000000000000000000000000000000000000000000000000000000000000148c89ed219d02f1a5be012c689b4f5b731827bebe000000000000000000000000c001a033fd89cb37c31b2cba46b6466e040c61fc9b2a3675a7f5f493ebd5ad77c497f8a07cdf65680e238392693019b4092f610222e71b7cec06449cb922b93b6a12744e',
)

const PARAMETERS: L1FeeParameters = {
  baseFee: 1_000_000_000n,
  blobBaseFee: 10_000_000n,
  baseFeeScalar: 2n,
  blobBaseFeeScalar: 3n,
  operatorFeeScalar: 0n,
  operatorFeeConstant: 0n,
  daFootprintGasScalar: 400n,
}

describe('the length under FastLZ', () => {
  it("is what op-geth's published figures say", () => {
    expect(fastLzLength(new Uint8Array())).toBe(0)
    expect(fastLzLength(new Uint8Array(1000).fill(1))).toBe(21)
    expect(fastLzLength(new Uint8Array(1000))).toBe(21)
    expect(fastLzLength(CONTRACT_CALL)).toBe(202)
  })

  it('is at most one byte in 32 more than what does not compress', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(fastLzLength(bytes)).toBeLessThanOrEqual(bytes.length + Math.ceil(bytes.length / 32) * 2)
      }),
    )
  })

  it('does not depend on what was measured before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 500 }), (a, b) => {
        const first = fastLzLength(a)
        fastLzLength(b)
        expect(fastLzLength(a)).toBe(first)
      }),
    )
  })
})

describe('the L1 data fee', () => {
  it('of a small transaction is that of 100 bytes: 100e6 · (2·1e9·16 + 3·1e7) / 1e12', () => {
    expect(l1DataFee(estimatedSizeScaled(new Uint8Array(40)), PARAMETERS)).toBe(3_203_000n)
  })

  it('of a larger one follows the linear model: −42.5856 + 0.8365 · 202 bytes', () => {
    const size = estimatedSizeScaled(CONTRACT_CALL)
    expect(size).toBe(836_500n * 202n - 42_585_600n)
    expect(l1DataFee(size, PARAMETERS)).toBe((size * 32_030_000_000n) / 1_000_000_000_000n)
  })

  it('takes its parameters from the slots of L1Block', () => {
    const slots = new Map([
      [wordHex(1n), 5n],
      [wordHex(3n), (11n << 96n) | (13n << 64n) | 99n],
      [wordHex(7n), 6n],
      [wordHex(8n), (400n << 96n) | (17n << 64n) | 19n],
    ])
    const state = {
      storage: (address: string, slot: string) =>
        address === PREDEPLOYS.l1Block ? (slots.get(slot as `0x${string}`) ?? 0n) : 0n,
    }
    expect(l1FeeParameters(state)).toEqual({
      baseFee: 5n,
      blobBaseFee: 6n,
      baseFeeScalar: 11n,
      blobBaseFeeScalar: 13n,
      operatorFeeScalar: 17n,
      operatorFeeConstant: 19n,
      daFootprintGasScalar: 400n,
    })
  })
})

describe('the operator fee and the footprint', () => {
  it('charge gas · scalar · 100 + constant', () => {
    expect(operatorFee(21_000n, { ...PARAMETERS, operatorFeeScalar: 3n, operatorFeeConstant: 5n })).toBe(6_300_005n)
  })

  it('charge 400 gas of footprint per estimated whole byte', () => {
    expect(daFootprint(estimatedSizeScaled(new Uint8Array(40)), PARAMETERS)).toBe(40_000n)
    // 126.3874 bytes
    expect(daFootprint(estimatedSizeScaled(CONTRACT_CALL), PARAMETERS)).toBe(126n * 400n)
  })
})

describe('the next base fee', () => {
  const parameters = (minBaseFee: bigint) => encodeExtraData({ denominator: 50, elasticity: 2, minBaseFee })
  const parent = fixtureHeader({ gasLimit: 30_000_000n, baseFeePerGas: 1_000_000_000n, extraData: parameters(0n) })

  it('stays at the target, rises and falls by at most 1/50', () => {
    expect(nextBaseFee({ ...parent, gasUsed: 15_000_000n })).toBe(1_000_000_000n)
    expect(nextBaseFee({ ...parent, gasUsed: 30_000_000n })).toBe(1_020_000_000n)
    expect(nextBaseFee({ ...parent, gasUsed: 0n })).toBe(980_000_000n)
  })

  it('rises by at least one wei', () => {
    expect(nextBaseFee({ ...parent, baseFeePerGas: 1n, gasUsed: 15_000_001n })).toBe(2n)
  })

  it('counts the data-availability footprint where it is more than the gas (Jovian)', () => {
    expect(nextBaseFee({ ...parent, gasUsed: 0n, blobGasUsed: 30_000_000n })).toBe(1_020_000_000n)
    expect(nextBaseFee({ ...parent, gasUsed: 30_000_000n, blobGasUsed: 1n })).toBe(1_020_000_000n)
  })

  it("does not fall below the header's least", () => {
    expect(nextBaseFee({ ...parent, gasUsed: 0n, extraData: parameters(990_000_000n) })).toBe(990_000_000n)
  })
})

describe('extraData', () => {
  it('holds version, denominator, elasticity and least base fee in 17 bytes', () => {
    const extraData = encodeExtraData({ denominator: 250, elasticity: 6, minBaseFee: 7n })
    expect(extraData).toBe('0x01000000fa000000060000000000000007')
    expect(decodeExtraData(extraData)).toEqual({ denominator: 250, elasticity: 6, minBaseFee: 7n })
    expect(eip1559ParamsOf(extraData)).toBe('0x000000fa00000006')
  })

  it('takes the defaults where the attributes say zero', () => {
    expect(extraDataFor('0x0000000000000000', 1n)).toBe('0x01000000fa000000060000000000000001')
    expect(extraDataFor('0x0000003200000002', 0n)).toBe('0x0100000032000000020000000000000000')
  })

  it('refuses what would divide by zero, and other versions', () => {
    expect(() => extraDataFor('0x0000000000000002', 0n)).toThrow(InvalidBlockError)
    expect(() => decodeExtraData('0x00000000fa000000060000000000000007')).toThrow('version must be 1, got 0')
    expect(() => decodeExtraData('0x00000000fa00000006')).toThrow('must be 17 bytes, got 9')
  })
})
