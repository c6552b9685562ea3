/**
 * Rotary position embedding (Su et al. 2021), halves apart as checkpoints of LLaMA lie: coordinates i and i + n of a head
 * turn by the angle position · frequency[i], i < n. Coordinates from 2n on stay.
 */
import { cosine, sine } from './trigonometry'
import { loadSome, storeSome } from './lanes'

/** Rows first … last − 1 of the tables: factor · cos and factor · sin of row · frequencies[i] (doubles), rounded once to f32. */
export function rotaryTables(frequencies: usize, n: i32, factor: f64, cosines: usize, sines: usize, first: i32, last: i32): void {
  for (let row = first; row < last; row++) {
    const at = (<usize>row * n) << 2
    for (let i: usize = 0; i < <usize>n; i++) {
      const angle = <f64>row * load<f64>(frequencies + (i << 3))
      store<f32>(cosines + at + (i << 2), <f32>(factor * cosine(angle)))
      store<f32>(sines + at + (i << 2), <f32>(factor * sine(angle)))
    }
  }
}

/**
 * Turns every head of rows first … last − 1 in place: row t by row positions[t] of the tables; backwards (the gradient)
 * where `sign` is −1.
 */
export function rotate(
  x: usize, positions: usize, cosines: usize, sines: usize, heads: i32, dims: i32, n: i32, sign: f32, first: i32, last: i32,
): void {
  const s = f32x4.splat(sign)
  const half = <usize>n << 2
  for (let t = first; t < last; t++) {
    const table = (<usize>load<u32>(positions + (<usize>t << 2)) * n) << 2
    for (let head = 0; head < heads; head++) {
      const at = x + ((<usize>(t * heads + head) * dims) << 2)
      let i = 0
      for (; i + 4 <= n; i += 4) {
        const o = <usize>i << 2
        const cos = v128.load(cosines + table + o)
        const sin = f32x4.mul(s, v128.load(sines + table + o))
        const a = v128.load(at + o)
        const b = v128.load(at + half + o)
        v128.store(at + o, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)))
        v128.store(at + half + o, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)))
      }
      if (i < n) {
        const o = <usize>i << 2
        const rest = n - i
        const cos = loadSome(cosines + table + o, rest)
        const sin = f32x4.mul(s, loadSome(sines + table + o, rest))
        const a = loadSome(at + o, rest)
        const b = loadSome(at + half + o, rest)
        storeSome(at + o, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)), rest)
        storeSome(at + half + o, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)), rest)
      }
    }
  }
}
