/**
 * Four floats at a time: how the rest of a length that four does not divide is read and written, and in which
 * order lanes are added up.
 */

/** The first `count` (1 to 3) floats at `at`; zeros in the lanes above. Reads no byte beyond them. */
// @ts-ignore: decorator
@inline
export function loadSome(at: usize, count: i32): v128 {
  let v = v128.load32_zero(at)
  if (count > 1) v = f32x4.replace_lane(v, 1, load<f32>(at, 4))
  if (count > 2) v = f32x4.replace_lane(v, 2, load<f32>(at, 8))
  return v
}

/** Writes the first `count` (1 to 3) lanes to `at`, and no byte beyond them. */
// @ts-ignore: decorator
@inline
export function storeSome(at: usize, v: v128, count: i32): void {
  store<f32>(at, f32x4.extract_lane(v, 0))
  if (count > 1) store<f32>(at, f32x4.extract_lane(v, 1), 4)
  if (count > 2) store<f32>(at, f32x4.extract_lane(v, 2), 8)
}

/** (0 + 1) + (2 + 3): the order in which every sum of lanes is taken. */
// @ts-ignore: decorator
@inline
export function addLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/** The largest lane; NaN where one is NaN. */
// @ts-ignore: decorator
@inline
export function largestLane(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  )
}

/**
 * Σ a[i]·b[i] over n floats: lane l adds up the products of i ≡ l mod 4 in ascending order, then addLanes.
 * Trailing zeros change nothing, so neither does padding.
 */
export function dotOf(a: usize, b: usize, n: i32): f32 {
  let sum = f32x4.splat(0)
  let i = 0
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2
    sum = f32x4.add(sum, f32x4.mul(v128.load(a + at), v128.load(b + at)))
  }
  if (i < n) {
    const at = <usize>i << 2
    sum = f32x4.add(sum, f32x4.mul(loadSome(a + at, n - i), loadSome(b + at, n - i)))
  }
  return addLanes(sum)
}

export function clear(at: usize, n: i32): void {
  memory.fill(at, 0, <usize>n << 2)
}
