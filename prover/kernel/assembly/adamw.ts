/**
 * One step of AdamW (Loshchilov and Hutter 2019), weight decay apart from the gradient:
 *     m = β₁·m + (1 − β₁)·g,  v = β₂·v + (1 − β₂)·g²
 *     p = p·(1 − rate·decay) − (rate/(1 − β₁ᵗ))·m / (√v/√(1 − β₂ᵗ) + ε)
 */
import { loadSome, storeSome } from './lanes'

/**
 * keep = 1 − rate·decay, step = rate/(1 − β₁ᵗ), root = √(1 − β₂ᵗ), rest1 = 1 − β₁, rest2 = 1 − β₂; g is taken times
 * gradientScale (clipping). Elements first … last − 1.
 */
export function adamw(
  p: usize, g: usize, m: usize, v: usize,
  gradientScale: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, keep: f32, step: f32, root: f32, epsilon: f32,
  first: i32, last: i32,
): void {
  const by = f32x4.splat(gradientScale)
  const b1 = f32x4.splat(beta1)
  const r1 = f32x4.splat(rest1)
  const b2 = f32x4.splat(beta2)
  const r2 = f32x4.splat(rest2)
  const k = f32x4.splat(keep)
  const s = f32x4.splat(step)
  const rt = f32x4.splat(root)
  const e = f32x4.splat(epsilon)
  for (let i = first; i < last; i += 4) {
    const at = <usize>i << 2
    const rest = last - i
    const whole = rest >= 4
    const grad = f32x4.mul(by, whole ? v128.load(g + at) : loadSome(g + at, rest))
    const mean = f32x4.add(f32x4.mul(b1, whole ? v128.load(m + at) : loadSome(m + at, rest)), f32x4.mul(r1, grad))
    const square = f32x4.add(
      f32x4.mul(b2, whole ? v128.load(v + at) : loadSome(v + at, rest)),
      f32x4.mul(r2, f32x4.mul(grad, grad)),
    )
    const move = f32x4.div(f32x4.mul(s, mean), f32x4.add(f32x4.div(f32x4.sqrt(square), rt), e))
    const value = f32x4.sub(f32x4.mul(k, whole ? v128.load(p + at) : loadSome(p + at, rest)), move)
    if (whole) {
      v128.store(m + at, mean)
      v128.store(v + at, square)
      v128.store(p + at, value)
    } else {
      storeSome(m + at, mean, rest)
      storeSome(v + at, square, rest)
      storeSome(p + at, value, rest)
    }
  }
}
