/** Operations on floats one by one. A target may be one of the sources; else they do not overlap. Elements first … last − 1. */
import { loadSome, storeSome } from './lanes'
import { exponentials, sigmoids } from './exponential'

/** target = value */
export function fill(target: usize, value: f32, first: i32, last: i32): void {
  const v = f32x4.splat(value)
  let i = first
  for (; i + 4 <= last; i += 4) v128.store(target + (<usize>i << 2), v)
  if (i < last) storeSome(target + (<usize>i << 2), v, last - i)
}

/** target = a + b */
export function add(a: usize, b: usize, target: usize, first: i32, last: i32): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, f32x4.add(v128.load(a + at), v128.load(b + at)))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(target + at, f32x4.add(loadSome(a + at, last - i), loadSome(b + at, last - i)), last - i)
  }
}

/** target = a · b */
export function multiplyEach(a: usize, b: usize, target: usize, first: i32, last: i32): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, f32x4.mul(v128.load(a + at), v128.load(b + at)))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(target + at, f32x4.mul(loadSome(a + at, last - i), loadSome(b + at, last - i)), last - i)
  }
}

/** target = target + factor · x */
export function addScaled(target: usize, x: usize, factor: f32, first: i32, last: i32): void {
  const f = f32x4.splat(factor)
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, f32x4.add(v128.load(target + at), f32x4.mul(f, v128.load(x + at))))
  }
  if (i < last) {
    const at = <usize>i << 2
    const sum = f32x4.add(loadSome(target + at, last - i), f32x4.mul(f, loadSome(x + at, last - i)))
    storeSome(target + at, sum, last - i)
  }
}

/** target = factor · x */
export function scale(x: usize, factor: f32, target: usize, first: i32, last: i32): void {
  const f = f32x4.splat(factor)
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, f32x4.mul(f, v128.load(x + at)))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(target + at, f32x4.mul(f, loadSome(x + at, last - i)), last - i)
  }
}

/** target = e^x */
export function exponentiate(x: usize, target: usize, first: i32, last: i32): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, exponentials(v128.load(x + at)))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(target + at, exponentials(loadSome(x + at, last - i)), last - i)
  }
}

/** target = x^−½ = 1/√x by two correct roundings: within 1.5 ulp. */
export function inverseRoot(x: usize, target: usize, first: i32, last: i32): void {
  const one = f32x4.splat(1)
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, f32x4.div(one, f32x4.sqrt(v128.load(x + at))))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(target + at, f32x4.div(one, f32x4.sqrt(loadSome(x + at, last - i))), last - i)
  }
}

// @ts-ignore: decorator
@inline
function siluOf(x: v128): v128 {
  return f32x4.mul(x, sigmoids(x))
}

/** s·(1 + x·(1 − s)), s = σ(x): what SiLU does to a small change of x. */
// @ts-ignore: decorator
@inline
function siluSlope(x: v128, s: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))))
}

// @ts-ignore: decorator
@inline
function slopeAt(x: v128): v128 {
  return siluSlope(x, sigmoids(x))
}

/** target = x·σ(x) */
export function silu(x: usize, target: usize, first: i32, last: i32): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, siluOf(v128.load(x + at)))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(target + at, siluOf(loadSome(x + at, last - i)), last - i)
  }
}

/** dx = d · (x·σ(x))′ */
export function siluBackward(x: usize, d: usize, dx: usize, first: i32, last: i32): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(dx + at, f32x4.mul(v128.load(d + at), slopeAt(v128.load(x + at))))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(dx + at, f32x4.mul(loadSome(d + at, last - i), slopeAt(loadSome(x + at, last - i))), last - i)
  }
}

/** target = gate·σ(gate)·up (Shazeer 2020, SwiGLU) */
export function swiglu(gate: usize, up: usize, target: usize, first: i32, last: i32): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    v128.store(target + at, f32x4.mul(siluOf(v128.load(gate + at)), v128.load(up + at)))
  }
  if (i < last) {
    const at = <usize>i << 2
    storeSome(target + at, f32x4.mul(siluOf(loadSome(gate + at, last - i)), loadSome(up + at, last - i)), last - i)
  }
}

/** dUp = d·silu(gate), dGate = d·up·silu′(gate). The targets may be gate and up. */
export function swigluBackward(gate: usize, up: usize, d: usize, dGate: usize, dUp: usize, first: i32, last: i32): void {
  let i = first
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2
    const g = v128.load(gate + at)
    const u = v128.load(up + at)
    const y = v128.load(d + at)
    const s = sigmoids(g)
    v128.store(dGate + at, f32x4.mul(f32x4.mul(y, u), siluSlope(g, s)))
    v128.store(dUp + at, f32x4.mul(y, f32x4.mul(g, s)))
  }
  if (i < last) {
    const at = <usize>i << 2
    const rest = last - i
    const g = loadSome(gate + at, rest)
    const u = loadSome(up + at, rest)
    const y = loadSome(d + at, rest)
    const s = sigmoids(g)
    storeSome(dGate + at, f32x4.mul(f32x4.mul(y, u), siluSlope(g, s)), rest)
    storeSome(dUp + at, f32x4.mul(y, f32x4.mul(g, s)), rest)
  }
}
