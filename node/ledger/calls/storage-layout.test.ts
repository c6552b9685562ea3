import fc from 'fast-check'
import { encodeAbiParameters, keccak256, pad } from 'viem'
import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { wordHex } from '../../execution/bytes.ts'
import { World } from '../testing/ledger-harness.ts'
import { CallContext } from './context.ts'
import {
  at,
  clearRecord,
  readBytes,
  readRecord,
  readRecords,
  recordLayout,
  slotAfter,
  variable,
  writeBytes,
  writeRecord,
  writeRecords,
} from './storage-layout.ts'

const owner = '0x00000000000000000000000000000000000000aa'
const root = variable(NATIVE.datanets, 3)

function context(gas = 100_000_000n): CallContext {
  const block = { number: 1n, timestamp: 1n, prevRandao: '0x00', chainId: 1n } as const
  const call = {
    to: NATIVE.datanets,
    caller: owner,
    origin: owner,
    value: 0n,
    data: new Uint8Array(0),
    isStatic: false,
  } as const
  return new CallContext(new World().reader(), { ...call, gas, block })
}

const layout = recordLayout({ who: 'address', count: 'uint64', open: 'bool', hash: 'bytes32', tail: 'uint128' })
const record = { who: owner, count: 2n ** 64n - 1n, open: true, hash: wordHex(99n), tail: 5n } as const

describe('places', () => {
  it('are where Solidity puts a mapping: keccak of the key and the slot', () => {
    const expected = keccak256(encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [12n, 3n]))
    expect(wordHex(at(context(), root, 12n).slot)).toBe(expected)
    expect(at(context(), root, pad(owner)).slot).toBe(at(context(), root, owner).slot)
  })

  it('wrap at 2²⁵⁶', () => {
    expect(slotAfter({ account: NATIVE.datanets, slot: 2n ** 256n - 1n }, 1n).slot).toBe(0n)
  })
})

describe('records', () => {
  it('pack their fields from the low bits up, and open a slot where one does not fit', () => {
    const state = context()
    writeRecord(state, root, layout, record)
    expect(layout.words).toBe(3)
    expect(state.read(root)).toBe((1n << 224n) | ((2n ** 64n - 1n) << 160n) | 0xaan)
    expect(state.read(slotAfter(root, 1n))).toBe(99n)
    expect(readRecord(state, root, layout)).toEqual(record)
  })

  it('keep the other fields of a slot when one is written', () => {
    const state = context()
    writeRecord(state, root, layout, record)
    writeRecord(state, root, layout, { count: 1n })
    expect(readRecord(state, root, layout)).toEqual({ ...record, count: 1n })
    expect(readRecord(state, root, layout, ['open'])).toEqual({ open: true })
  })

  it('refuse a value that does not fit its field', () => {
    expect(() => writeRecord(context(), root, layout, { count: 2n ** 64n })).toThrow('count')
  })

  it('leave zeros when cleared', () => {
    const state = context()
    writeRecord(state, root, layout, record)
    clearRecord(state, root, layout)
    expect([0n, 1n, 2n].map((slot) => state.read(slotAfter(root, slot)))).toEqual([0n, 0n, 0n])
  })

  it('come back from arrays in order', () => {
    const state = context()
    const list = [record, { ...record, count: 3n }]
    writeRecords(state, root, layout, list)
    expect(readRecords(state, root, layout)).toEqual(list)
  })
})

describe('bytes', () => {
  it('of 31 share the slot with twice their length', () => {
    const state = context()
    writeBytes(state, root, Uint8Array.of(0xab))
    expect(state.read(root)).toBe((0xabn << 248n) | 2n)
  })

  it('come back at any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const state = context()
        writeBytes(state, root, bytes)
        expect(readBytes(state, root)).toEqual(bytes)
      }),
    )
  })
})
