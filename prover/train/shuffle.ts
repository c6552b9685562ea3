/**
 * A seeded order: Fisher and Yates's shuffle, driven by SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014). Integers only, so that the same seed gives the same order everywhere.
 */
const MASK = (1n << 64n) - 1n
const GOLDEN = 0x9e37_79b9_7f4a_7c15n

/** SplitMix64's output function: one 64-bit number of another. */
export function mix64(x: bigint): bigint {
  let z = x & MASK
  z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK
  z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK
  return z ^ (z >> 31n)
}

/** A seed of its own for part `part` (an epoch, a purpose) of what `seed` rules. 64 bits. */
export function partSeed(seed: bigint, part: number): bigint {
  return mix64(mix64(seed + GOLDEN) + BigInt(part) * GOLDEN)
}

/** The items in another order; every order is as likely as another to within 2⁻³². Leaves the argument as it is. */
export function shuffled<Item>(items: readonly Item[], seed: bigint): Item[] {
  const order = [...items]
  let state = seed & MASK
  for (let last = order.length - 1; last > 0; last--) {
    state = (state + GOLDEN) & MASK
    // The upper 32 bits as a fraction, times the number of choices.
    const chosen = Number(((mix64(state) >> 32n) * BigInt(last + 1)) >> 32n)
    const item = order[last]!
    order[last] = order[chosen]!
    order[chosen] = item
  }
  return order
}
