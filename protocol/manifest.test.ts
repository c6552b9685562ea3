import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContributionId } from '../genesis/units.ts'
import { cutWindows, encodeManifestItem, manifestLeaf, manifestRoot } from './manifest.ts'
import { merkleRoot } from './merkle.ts'

const item = (index: number) => ({
  index,
  contribution: ContributionId(9n),
  contentHash: `0x${'ab'.repeat(32)}` as const,
  start: 512,
  end: 700,
})

describe('cutWindows', () => {
  it('covers every token once with windows of 512 and a shorter last one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (count) => {
        const windows = cutWindows(count)
        expect(windows.length).toBe(Math.ceil(count / 512))
        expect(windows[0]!.start).toBe(0)
        expect(windows.at(-1)!.end).toBe(count)
        windows.forEach((window, i) => {
          expect(window.end).toBe(windows[i + 1]?.start ?? count)
        })
      }),
    )
    expect(cutWindows(512)).toEqual([{ start: 0, end: 512 }])
    expect(cutWindows(513)).toEqual([
      { start: 0, end: 512 },
      { start: 512, end: 513 },
    ])
  })

  it('gives an empty content one empty window', () => {
    expect(cutWindows(0)).toEqual([{ start: 0, end: 0 }])
  })
})

describe('manifestRoot', () => {
  it('is the root over the items’ 52 bytes, in the order of their indices', () => {
    expect(encodeManifestItem(item(0)).length).toBe(52)
    expect(manifestRoot([item(0), item(1)])).toBe(merkleRoot([manifestLeaf(item(0)), manifestLeaf(item(1))]))
    expect(() => manifestRoot([item(1), item(0)])).toThrow('manifest item 0 has index 1')
  })
})
