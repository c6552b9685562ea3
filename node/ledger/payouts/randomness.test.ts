import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MATURING_DEPOSITOR, NATIVE, PREDEPLOYS } from '../../../genesis/addresses.ts'
import { RANDOMNESS_GAS } from '../../../genesis/gas.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { wordHex } from '../../execution/bytes.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { World } from '../testing/ledger-harness.ts'
import { l1Number, RANDOMNESS_RING, randomnessOf } from './randomness.ts'

const drawn = (world: World, number: bigint) => world.view((context) => randomnessOf(context, number))
const first192 = (prevRandao: `0x${string}`) => BigInt(hexOf(keccak256(bytesOf(prevRandao)))) >> 64n

describe('randomness', () => {
  it('is what the L1 block drew, recorded by the maturing deposit of its epoch', () => {
    const world = new World()
    world.epoch(7n, wordHex(99n))
    expect(world.view(l1Number)).toBe(7n)
    expect(drawn(world, 7n)).toBe(first192(wordHex(99n)))
    expect([drawn(world, 6n), drawn(world, 8n), drawn(world, 7n + RANDOMNESS_RING)]).toEqual(Array(3).fill(undefined))
  })

  it('of one L1 number is never replaced', () => {
    const world = new World()
    world.epoch(7n, wordHex(1n))
    world.epoch(7n, wordHex(2n))
    expect(drawn(world, 7n)).toBe(first192(wordHex(1n)))
  })

  it('is remembered for 8,192 L1 blocks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 30 }), (steps) => {
        const world = new World()
        const numbers: bigint[] = []
        for (const step of steps) numbers.push((numbers.at(-1) ?? 0n) + BigInt(step))
        for (const number of numbers) expect(world.epoch(number)).toMatchObject({ ok: true })
        // A number is forgotten only when one a whole ring later takes its place.
        for (const number of numbers) {
          const replaced = numbers.some((other) => other > number && (other - number) % RANDOMNESS_RING === 0n)
          expect(drawn(world, number)).toBe(replaced ? undefined : first192(wordHex(number)))
        }
      }),
      { numRuns: 30 },
    )
  })

  it('takes one slot, within the gas that is reserved for it', () => {
    const world = new World()
    const result = world.epoch(7n)
    if (!result.ok) throw new Error('the maturing deposit failed')
    expect(result.writes.map(({ address }) => address)).toEqual([NATIVE.attribution])
    expect(result.gasUsed).toBeLessThan(RANDOMNESS_GAS)
  })

  it('is left out where the gas is short, and at no gas does the deposit revert for it', () => {
    for (const gas of [RANDOMNESS_GAS - 1n, 30_000n, 10_000n]) {
      const world = new World()
      world.storage.set(PREDEPLOYS.l1Block + wordHex(0n), 7n)
      expect(world.raw(MATURING_DEPOSITOR, 'attribution', new Uint8Array(0), { gas })).toMatchObject({
        ok: true,
        writes: [],
      })
      expect(drawn(world, 7n)).toBeUndefined()
    }
  })
})
