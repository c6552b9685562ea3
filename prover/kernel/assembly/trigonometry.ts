/**
 * sin and cos of doubles, for the tables of rotary embeddings. x = n·π/2 + r with |r| ≤ π/4 by three parts of
 * π/2 (Cody and Waite 1980); a Taylor polynomial for r; n mod 4 says which and with what sign.
 */
const TWO_OVER_PI: f64 = 0.6366197723675814
/** π/2 in parts of 30, 30 and 53 bits: n times either of the first two is exact for |n| < 2²³. */
const QUARTER_1: f64 = 1.570796325802803
const QUARTER_2: f64 = 9.920935791635221e-10
const QUARTER_3: f64 = 5.170182981794105e-19
/** |x| ≤ 2²² radians: beyond, the result is NaN rather than wrong. */
const FARTHEST: f64 = 4194304

/** Taylor to the 17th power on |r| ≤ π/4: off by less than 1e-19. */
function sineNear(r: f64): f64 {
  const r2 = r * r
  let p: f64 = 1
  for (let i: f64 = 16; i > 0; i -= 2) p = 1 - (p * r2) / (i * (i + 1))
  return r * p
}

/** Taylor to the 18th power on |r| ≤ π/4. */
function cosineNear(r: f64): f64 {
  const r2 = r * r
  let p: f64 = 1
  for (let i: f64 = 18; i > 0; i -= 2) p = 1 - (p * r2) / (i * (i - 1))
  return p
}

/** sin(x + shift·π/2). */
function turned(x: f64, shift: i32): f64 {
  if (!(abs(x) <= FARTHEST)) return NaN
  const n = nearest<f64>(x * TWO_OVER_PI)
  const r = x - n * QUARTER_1 - n * QUARTER_2 - n * QUARTER_3
  const quarter = (<i32>n + shift) & 3
  const value = quarter & 1 ? cosineNear(r) : sineNear(r)
  return quarter & 2 ? -value : value
}

/** sin x for |x| ≤ 2²², within 2⁻⁵² absolutely; NaN beyond. */
export function sine(x: f64): f64 {
  return turned(x, 0)
}

/** cos x for |x| ≤ 2²², within 2⁻⁵² absolutely; NaN beyond. */
export function cosine(x: f64): f64 {
  return turned(x, 1)
}
