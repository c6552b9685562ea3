import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keccak256 } from './keccak.ts'
import { DIMS, SIGN_BYTES } from './row.ts'
import { agreeingSigns, areSame, repeats } from './same-rows.ts'

/** Signs that are their own for each seed. */
function signsOf(seed: number): Uint8Array {
  const signs = new Uint8Array(SIGN_BYTES)
  for (let at = 0; at < SIGN_BYTES; at += 32) signs.set(keccak256(Uint8Array.of(seed, at >> 8, at & 255)), at)
  return signs
}

/** Signs that differ from others in `count`, from sign `first` on. */
function differing(signs: Uint8Array, count: number, first = 0): Uint8Array {
  const changed = Uint8Array.from(signs)
  for (let i = 0; i < count; i++) {
    const k = (first + i) % DIMS
    changed[k >> 3] = changed[k >> 3]! ^ (1 << (k & 7))
  }
  return changed
}

const row = (signs: Uint8Array, cluster = 1n, scale = 1) => ({ cluster, scale, signs })
const SIGNS = signsOf(1)

describe('rows', () => {
  it('agree in the signs that they share', () => {
    const check = (count: number) => {
      expect(agreeingSigns(SIGNS, differing(SIGNS, count))).toBe(DIMS - count)
    }
    fc.assert(fc.property(fc.nat({ max: DIMS }), check), { numRuns: 10 })
    expect(agreeingSigns(new Uint8Array(SIGN_BYTES), new Uint8Array(SIGN_BYTES).fill(255))).toBe(0)
  })

  it('are the same from 85 % on, wherever they differ: 4,915 of 32,768 signs may', () => {
    const check = (first: number, beyond: number) => {
      expect(areSame(row(SIGNS), row(differing(SIGNS, 4_915, first)))).toBe(true)
      expect(areSame(row(SIGNS), row(differing(SIGNS, 4_916 + beyond, first)))).toBe(false)
    }
    fc.assert(fc.property(fc.nat({ max: DIMS }), fc.nat({ max: 20_000 }), check), { numRuns: 20 })
  })

  it('that are void are the same as none', () => {
    const nothing = row(new Uint8Array(SIGN_BYTES), 1n, 0)
    expect(areSame(nothing, nothing)).toBe(false)
    expect(areSame(row(SIGNS), row(SIGNS, 1n, 0))).toBe(false)
  })
})

describe('repetitions', () => {
  it('are told by their cluster’s earlier rows that stay: not by void ones, nor by another cluster’s', () => {
    const near = differing(SIGNS, 4_000)
    // Far from the first, the same as the second, which is itself a repetition and so decides nothing.
    const far = differing(SIGNS, 8_000)
    const rows = [row(SIGNS), row(near), row(far), row(SIGNS, 2n), row(far), row(SIGNS, 3n, 0), row(SIGNS, 3n)]
    expect(areSame(row(near), row(far))).toBe(true)
    expect(repeats(rows)).toEqual([false, true, false, false, true, false, false])
  })
})
