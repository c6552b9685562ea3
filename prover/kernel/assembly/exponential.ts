/**
 * exp and log. Every step is one IEEE operation, so the bits are the same wherever WebAssembly runs.
 *
 * exp: x = n·ln 2 + r with n the nearest integer of x/ln 2 and |r| ≤ 0.3467; a polynomial for e^r; n goes into the
 * exponent. log: x = 2^n·m with m in √½ … √2, then the series of 2·artanh((m − 1)/(m + 1)).
 */
const LOG2E: f32 = 1.4426950216293335
/** ln 2 in two parts; the first, 355/512, times an integer below 2¹⁵ is exact. */
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -0.00021219444170128554
/** Below ln 2⁻¹²⁶ the result would be subnormal: it is 0. Above the other it is Infinity. */
const LEAST: f32 = -87.33654022216797
const LARGEST: f32 = 88.72283172607422
/** Chebyshev fit of (e^r − 1 − r)/r² on |r| ≤ 0.3467; e^r by it is off by less than 8e-10 of itself. */
const E2: f32 = 0.5
const E3: f32 = 0.1666666716337204
const E4: f32 = 0.041666463017463684
const E5: f32 = 0.00833331048488617
const E6: f32 = 0.0013933685841038823
const E7: f32 = 0.00019891030387952924

/** 1.5·2²³: a float added to it is rounded to an integer, half to even, which then stands in the lowest bits. */
const ROUNDER: f32 = 12582912

/** e^x of four floats, within 1 ulp; 0 below ln 2⁻¹²⁶, Infinity above ln of the largest float, NaN of NaN. */
// @ts-ignore: decorator
@inline
export function exponentials(x: v128): v128 {
  const rounded = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2E)), f32x4.splat(ROUNDER))
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER))
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)))
  let p = f32x4.add(f32x4.mul(f32x4.splat(E7), r), f32x4.splat(E6))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(E5))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(E4))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(E3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(E2))
  p = f32x4.add(f32x4.splat(1), f32x4.add(r, f32x4.mul(f32x4.mul(r, r), p)))
  // 2^n: n is added to the exponent; the shift drops all of `rounded` but n's low bits. Between the limits p·2^n is a normal float.
  p = i32x4.add(p, i32x4.shl(rounded, 23))
  p = v128.andnot(p, f32x4.lt(x, f32x4.splat(LEAST)))
  p = v128.bitselect(f32x4.splat(Infinity), p, f32x4.gt(x, f32x4.splat(LARGEST)))
  // All ones are a NaN.
  return v128.or(p, f32x4.ne(x, x))
}

/** 1/(1 + e^−x) of four floats. */
// @ts-ignore: decorator
@inline
export function sigmoids(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exponentials(f32x4.neg(x))))
}

const WIDE_LN2_HIGH: f64 = 0.6931471804855391
const WIDE_LN2_LOW: f64 = 7.440617110012396e-11
const WIDE_LOG2E: f64 = 1.4426950408889634

/** e^x of a double, within 2 ulp for −708 ≤ x ≤ 709; 0 below, Infinity above, NaN of NaN. */
export function exponential(x: f64): f64 {
  if (x < -708) return 0
  if (x > 709) return Infinity
  if (x != x) return x
  const n = nearest<f64>(x * WIDE_LOG2E)
  const r = x - n * WIDE_LN2_HIGH - n * WIDE_LN2_LOW
  // Taylor to the 13th power: 0.3467¹⁴/14! < 5e-18.
  let p: f64 = 1
  for (let i: f64 = 13; i > 0; i--) p = 1 + (p * r) / i
  return p * reinterpret<f64>((<i64>n + 1023) << 52)
}

/** ln x of a double, within 3 ulp (absolutely 2⁻⁵³ near 1); −Infinity of 0, NaN of negatives and NaN. Subnormals count as 0. */
export function logarithm(x: f64): f64 {
  if (x != x || x < 0) return NaN
  if (x < 2.2250738585072014e-308) return -Infinity
  if (x == Infinity) return x
  const bits = reinterpret<i64>(x)
  let n = <i32>(bits >> 52) - 1023
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (m > 1.4142135623730951) {
    m = m * 0.5
    n++
  }
  const s = (m - 1) / (m + 1)
  const s2 = s * s
  // Σ s^(2k+1)/(2k+1), s² ≤ 0.0295: what follows k = 11 is below 1e-19.
  let sum: f64 = 0
  for (let k: f64 = 23; k > 1; k -= 2) sum = (sum + 1 / k) * s2
  return <f64>n * WIDE_LN2_HIGH + (<f64>n * WIDE_LN2_LOW + (2 * s + 2 * s * sum))
}
