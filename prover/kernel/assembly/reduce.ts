/**
 * Sums over many floats, in doubles: the product of two floats is exact there. Chunks of 4,096 are summed apart and their sums
 * written down; the caller adds those in ascending order.
 */
const CHUNK: i32 = 4096

/** partials[c] = Σ a·b over chunk c of n floats: four doubles for i mod 4, added as (0 + 1) + (2 + 3). Chunks first … last − 1. */
export function dotChunks(a: usize, b: usize, partials: usize, n: i32, first: i32, last: i32): void {
  for (let chunk = first; chunk < last; chunk++) {
    const end = min((chunk + 1) * CHUNK, n)
    let low = f64x2.splat(0)
    let high = low
    let i = chunk * CHUNK
    for (; i + 4 <= end; i += 4) {
      const x = v128.load(a + (<usize>i << 2))
      const y = v128.load(b + (<usize>i << 2))
      low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)))
      const xh = v128.shuffle<i64>(x, x, 1, 0)
      const yh = v128.shuffle<i64>(y, y, 1, 0)
      high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(xh), f64x2.promote_low_f32x4(yh)))
    }
    let sum =
      f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1) + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1))
    for (; i < end; i++) sum += <f64>load<f32>(a + (<usize>i << 2)) * <f64>load<f32>(b + (<usize>i << 2))
    store<f64>(partials + (<usize>chunk << 3), sum)
  }
}

/** partials[c] = Σ x over chunk c, in ascending order. */
export function sumChunks(x: usize, partials: usize, n: i32, first: i32, last: i32): void {
  for (let chunk = first; chunk < last; chunk++) {
    const end = min((chunk + 1) * CHUNK, n)
    let sum: f64 = 0
    for (let i = chunk * CHUNK; i < end; i++) sum += <f64>load<f32>(x + (<usize>i << 2))
    store<f64>(partials + (<usize>chunk << 3), sum)
  }
}

/** Index of the first float that is NaN or infinite, n where there is none. */
export function firstNonFinite(x: usize, n: i32): i32 {
  let i = 0
  for (; i + 4 <= n; i += 4) {
    // Only of a finite number is the difference from itself 0.
    const v = v128.load(x + (<usize>i << 2))
    if (!i32x4.all_true(f32x4.eq(f32x4.sub(v, v), f32x4.splat(0)))) break
  }
  for (; i < n; i++) {
    const v = load<f32>(x + (<usize>i << 2))
    if (v - v != 0) return i
  }
  return n
}
