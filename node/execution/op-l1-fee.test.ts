import { describe, expect, it } from 'vitest'
import { hexToBytes } from './bytes.ts'
import { bedrockL1Fee, ecotoneL1Fee, isthmusOperatorFee } from './op-l1-fee.ts'

/** op-geth's emptyTx, and the parameters of its rollup-cost tests. */
const EMPTY = hexToBytes('0xdd80808094095e7baea6a6c7c4c2dfeb977efac326af552d878080808080')
const OLD = { baseFee: 1_000_000_000n, overhead: 50n, scalar: 7_000_000n }
const ECOTONE = { baseFee: 1_000_000_000n, blobBaseFee: 10_000_000n, baseFeeScalar: 2n, blobBaseFeeScalar: 3n }

describe("the OP Stack's earlier fees", () => {
  it("are op-geth's published figures for the bytes on L1", () => {
    expect(bedrockL1Fee(EMPTY, OLD, 'bedrock')).toBe(11_326_000_000_000n)
    expect(bedrockL1Fee(EMPTY, OLD, 'regolith')).toBe(3_710_000_000_000n)
    expect(ecotoneL1Fee(EMPTY, ECOTONE)).toBe(960_900n)
  })

  it('charge for the operator by millionths of gas at Isthmus', () => {
    const parameters = { operatorFeeScalar: 1_439_103_868n, operatorFeeConstant: 1_256_417_826_609_331_460n }
    expect(isthmusOperatorFee(21_000n, parameters)).toBe(
      (21_000n * 1_439_103_868n) / 1_000_000n + 1_256_417_826_609_331_460n,
    )
  })
})
