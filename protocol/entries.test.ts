import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClusterId } from '../genesis/units.ts'
import { checkEntryOrder, type Entry, entryScore, selectEntries } from './entries.ts'

const row = (cluster: bigint, scale: number, withdrawn = false) => ({ cluster: ClusterId(cluster), scale, withdrawn })
const entry = (index: number, cluster: bigint, raw: number, scale: number): Entry => ({
  row: index,
  cluster: ClusterId(cluster),
  raw,
  scale,
})

describe('selectEntries', () => {
  it('takes every row above theta, several of one cluster too, best score first, then lowest index', () => {
    const rows = [row(1n, 10), row(1n, 20), row(2n, 5), row(3n, 10), row(4n, 99), row(5n, 99, true)]
    const raws = Int32Array.of(300, 200, 800, 400, 100, 900)
    expect(selectEntries({ rows, raws, theta: 100n, maxEntries: 32 })).toEqual([
      entry(1, 1n, 200, 20),
      entry(2, 2n, 800, 5),
      entry(3, 3n, 400, 10),
      entry(0, 1n, 300, 10),
    ])
    expect(selectEntries({ rows, raws, theta: 100n, maxEntries: 1 })).toEqual([entry(1, 1n, 200, 20)])
  })

  it('of clusters that were merged since takes rows of one only, that of the best row, under its own name', () => {
    const merged = (cluster: bigint, canonical: bigint) => ({ ...row(cluster, 1), canonical })
    const rows = [merged(1n, 7n), merged(2n, 7n), merged(1n, 7n), merged(2n, 7n), row(3n, 1)]
    const raws = Int32Array.of(500, 900, 800, 300, 600)
    expect(selectEntries({ rows, raws, theta: 100n, maxEntries: 32 })).toEqual([
      entry(1, 2n, 900, 1),
      entry(4, 3n, 600, 1),
      entry(3, 2n, 300, 1),
    ])
  })

  it('leaves out void rows, whatever their signs say', () => {
    const rows = [row(1n, 0), row(2n, 1)]
    const entries = selectEntries({ rows, raws: Int32Array.of(900, 200), theta: 100n, maxEntries: 32 })
    expect(entries).toEqual([entry(1, 2n, 200, 1)])
    expect(checkEntryOrder(entries, 100n, 32)).toBeUndefined()
  })

  it('gives lists that checkEntryOrder accepts, with nothing better left out', () => {
    const requests = fc.array(
      fc.record({
        cluster: fc.bigInt(1n, 6n),
        scale: fc.integer({ min: 1, max: 4 }),
        raw: fc.integer({ min: -20, max: 20 }),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 6 }), (items, maxEntries) => {
        const rows = items.map(({ cluster, scale }) => row(cluster, scale))
        const entries = selectEntries({ rows, raws: Int32Array.from(items, ({ raw }) => raw), theta: 3n, maxEntries })
        expect(checkEntryOrder(entries, 3n, maxEntries)).toBeUndefined()
        const last = entries.at(-1)
        items.forEach((item, i) => {
          if (item.raw <= 3 || entries.some((listed) => listed.row === i)) return
          expect(entries.length, `row ${i}`).toBe(maxEntries)
          expect(entryScore(item) <= entryScore(last!), `row ${i}`).toBe(true)
        })
      }),
    )
  })
})

describe('checkEntryOrder', () => {
  const good = [entry(4, 1n, 50, 2), entry(2, 2n, 100, 1), entry(7, 3n, 100, 1)]
  const reason = (entries: Entry[]) => checkEntryOrder(entries, 10n, 3)

  it('accepts an ordered list, and none', () => {
    expect(reason([good[1]!, good[0]!, good[2]!])).toBeUndefined()
    expect(reason([])).toBeUndefined()
  })

  it('says what is wrong', () => {
    expect(reason(good)).toBe('entry 1 stands after one that it precedes')
    expect(reason([good[2]!, good[1]!])).toBe('entry 1 stands after one that it precedes')
    expect(reason([entry(1, 1n, 10, 1)])).toBe('entry 0: raw 10 is not above 10')
    expect(reason([entry(1, 1n, 11, 0)])).toContain('scale 0')
    expect(reason([entry(1, 1n, 50, 1), entry(1, 1n, 40, 1)])).toBe('entry 1: row 1 is listed twice')
    expect(reason([entry(1, 1n, 50, 1), entry(2, 1n, 40, 1)])).toBeUndefined()
    expect(reason([1, 2, 3, 4].map((i) => entry(i, BigInt(i), 50 - i, 1)))).toBe('4 entries, at most 3')
  })
})
