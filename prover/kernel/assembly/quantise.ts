/** From floats to the integers of protocol/row.ts and protocol/query.ts. */

/** Bit i (byte i/8, least significant first) = x[i] > 0, or that of `ties` where x[i] is 0. n a multiple of 8. */
export function signBits(x: usize, ties: usize, target: usize, n: i32): void {
  const zero = f32x4.splat(0)
  for (let i = 0; i < n; i += 8) {
    const a = v128.load(x + (<usize>i << 2))
    const b = v128.load(x + (<usize>i << 2), 16)
    const above = i32x4.bitmask(f32x4.gt(a, zero)) | (i32x4.bitmask(f32x4.gt(b, zero)) << 4)
    const equal = i32x4.bitmask(f32x4.eq(a, zero)) | (i32x4.bitmask(f32x4.eq(b, zero)) << 4)
    const at = <usize>i >> 3
    store<u8>(target + at, above | (equal & <i32>load<u8>(ties + at)))
  }
}

/**
 * target[i] = x[i]·gain rounded half to even and cut to ±127, n int8 (n a multiple of 4); returns Σ of their squares.
 * The squares of 2¹⁷ coordinates add up to less than 2³¹.
 */
export function quantise(x: usize, gain: f32, target: usize, n: i32): i32 {
  const g = f32x4.splat(gain)
  const most = f32x4.splat(127)
  const least = f32x4.splat(-127)
  let squares = i32x4.splat(0)
  for (let i = 0; i < n; i += 4) {
    const v = f32x4.nearest(f32x4.mul(v128.load(x + (<usize>i << 2)), g))
    const q = i32x4.trunc_sat_f32x4_s(f32x4.max(least, f32x4.min(most, v)))
    squares = i32x4.add(squares, i32x4.mul(q, q))
    const words = i16x8.narrow_i32x4_s(q, q)
    store<i32>(target + <usize>i, i32x4.extract_lane(i8x16.narrow_i16x8_s(words, words), 0))
  }
  return (
    i32x4.extract_lane(squares, 0) + i32x4.extract_lane(squares, 1) + i32x4.extract_lane(squares, 2) + i32x4.extract_lane(squares, 3)
  )
}
