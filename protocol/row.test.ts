import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClusterId, ContributionId } from '../genesis/units.ts'
import { decodeRow, encodeRow, type Row, rowLeaf, SIGN_BYTES } from './row.ts'

const rows: fc.Arbitrary<Row> = fc.record({
  index: fc.nat({ max: 0xffffffff }),
  contribution: fc.bigInt(0n, (1n << 64n) - 1n).map(ContributionId),
  cluster: fc.bigInt(0n, (1n << 64n) - 1n).map(ClusterId),
  scale: fc.nat({ max: 0xffff }),
  signs: fc.uint8Array({ minLength: SIGN_BYTES, maxLength: SIGN_BYTES }),
})

describe('a row', () => {
  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(rows, (row) => {
        expect(decodeRow(encodeRow(row))).toEqual(row)
      }),
      { numRuns: 20 },
    )
  })

  it('has its fields in order, big endian', () => {
    const signs = new Uint8Array(SIGN_BYTES).fill(0xaa)
    const bytes = encodeRow({
      index: 1,
      contribution: ContributionId(2n),
      cluster: ClusterId(3n),
      scale: 0x0405,
      signs,
    })
    expect([...bytes.slice(0, 23)]).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5, 0xaa])
    expect(bytes.length).toBe(4 + 8 + 8 + 2 + 4096)
  })

  it('is refused with a byte too few, a byte too many, or a number that does not fit', () => {
    const row = {
      index: 0,
      contribution: ContributionId(0n),
      cluster: ClusterId(0n),
      scale: 1,
      signs: new Uint8Array(SIGN_BYTES),
    }
    const bytes = encodeRow(row)
    expect(() => decodeRow(bytes.slice(1))).toThrow('4117 bytes')
    expect(() => decodeRow(new Uint8Array(bytes.length + 1))).toThrow('4119 bytes')
    expect(() => encodeRow({ ...row, scale: 65_536 })).toThrow('65536')
    expect(() => encodeRow({ ...row, signs: new Uint8Array(8) })).toThrow('signs')
    expect(rowLeaf(row)).not.toEqual(rowLeaf({ ...row, scale: 2 }))
  })
})
