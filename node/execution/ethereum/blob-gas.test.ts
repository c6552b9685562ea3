import { describe, expect, it } from 'vitest'
import { blobBaseFee, excessBlobGasAfter, GAS_PER_BLOB } from './blob-gas.ts'
import { MAINNET_BLOBS } from './fork-schedule.ts'

const cancun = MAINNET_BLOBS.cancun!
const osaka = MAINNET_BLOBS.osaka!

describe('the price of blob gas', () => {
  it('is 1 wei without excess and e times as much for every update fraction', () => {
    expect(blobBaseFee(0n, cancun)).toBe(1n)
    expect(blobBaseFee(cancun.baseFeeUpdateFraction, cancun)).toBe(2n)
    expect(blobBaseFee(10n * cancun.baseFeeUpdateFraction, cancun)).toBe(22_026n)
  })
})

describe('excess blob gas', () => {
  const parent = { excessBlobGas: 0n, blobGasUsed: 0n, baseFeePerGas: 0n }
  const excessAfter = (fields: Partial<typeof parent>, reserve = false) =>
    excessBlobGasAfter({ ...parent, ...fields }, reserve ? osaka : cancun, reserve)

  it('grows by what is used beyond the target and never falls below 0', () => {
    expect(excessAfter({ blobGasUsed: 3n * GAS_PER_BLOB })).toBe(0n)
    expect(excessAfter({ blobGasUsed: 6n * GAS_PER_BLOB })).toBe(3n * GAS_PER_BLOB)
    expect(excessAfter({ excessBlobGas: GAS_PER_BLOB })).toBe(0n)
  })

  it('does not fall while blobs cost less than their verification (EIP-7918)', () => {
    const excessBlobGas = 20n * GAS_PER_BLOB
    const blobGasUsed = 9n * GAS_PER_BLOB
    // 8,192 gas at 17 wei are more than 131,072 units of blob gas at 1 wei.
    expect(excessAfter({ excessBlobGas, blobGasUsed, baseFeePerGas: 17n }, true)).toBe(excessBlobGas + blobGasUsed / 3n)
    expect(excessAfter({ excessBlobGas, blobGasUsed, baseFeePerGas: 16n }, true)).toBe(
      excessBlobGas + 3n * GAS_PER_BLOB,
    )
  })
})
