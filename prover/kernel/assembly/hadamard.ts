/**
 * The fast Walsh–Hadamard transform, not normalised, natural order: stages of half = 1, 2, 4, … take (x[i], x[i + half])
 * to (x[i] + x[i + half], x[i] − x[i + half]). Two stages go at once, and blocks that fit the first cache go
 * through all of theirs before the next; the bits are those of one stage after the other.
 */
import { loadSome, storeSome } from './lanes'

/** Floats that pass together: 16 KiB. */
const CACHED: i32 = 4096

/** x[i] = −x[i] where bit i of `signs` (byte i/8, least significant first) is 0. Rows first … last − 1 of n floats, one sign a column. */
export function applySigns(x: usize, signs: usize, n: i32, first: i32, last: i32): void {
  for (let row = first; row < last; row++) {
    const at = x + ((<usize>row * n) << 2)
    for (let i = 0; i < n; i += 4) {
      const bits = <i32>load<u8>(signs + (<usize>i >> 3)) >> (i & 4)
      const minus = v128.andnot(i32x4.splat(-2147483648), i32x4.shl(placed(bits), 31))
      const to = at + (<usize>i << 2)
      if (i + 4 <= n) v128.store(to, v128.xor(v128.load(to), minus))
      else storeSome(to, v128.xor(loadSome(to, n - i), minus), n - i)
    }
  }
}

/** Bits 0 … 3, each as the lowest bit of its lane (above it anything). */
// @ts-ignore: decorator
@inline
function placed(bits: i32): v128 {
  return i32x4.replace_lane(
    i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(bits), 1, bits >> 1), 2, bits >> 2), 3, bits >> 3,
  )
}

/** Transforms rows first … last − 1 of n floats in place; n a power of two. */
export function hadamard(x: usize, n: i32, first: i32, last: i32): void {
  for (let row = first; row < last; row++) {
    const at = x + ((<usize>row * n) << 2)
    if (n < 4) {
      if (n == 2) small(at)
      continue
    }
    const inner = min(n, CACHED)
    for (let block = 0; block < n; block += inner) {
      const start = at + (<usize>block << 2)
      withinLanes(start, inner)
      stages(start, inner, 4)
    }
    if (n > CACHED) stages(at, n, CACHED)
  }
}

function small(at: usize): void {
  const a = load<f32>(at)
  const b = load<f32>(at, 4)
  store<f32>(at, a + b)
  store<f32>(at, a - b, 4)
}

/** The stages of half = 1 and 2. */
function withinLanes(at: usize, n: i32): void {
  const odd = i32x4(0, -2147483648, 0, -2147483648)
  const upper = i32x4(0, 0, -2147483648, -2147483648)
  for (let i = 0; i < n; i += 4) {
    const to = at + (<usize>i << 2)
    let v = v128.load(to)
    v = f32x4.add(v128.shuffle<f32>(v, v, 0, 0, 2, 2), v128.xor(v128.shuffle<f32>(v, v, 1, 1, 3, 3), odd))
    v = f32x4.add(v128.shuffle<f32>(v, v, 0, 1, 0, 1), v128.xor(v128.shuffle<f32>(v, v, 2, 3, 2, 3), upper))
    v128.store(to, v)
  }
}

/** The stages of half = `half` (at least 4), 2·half, … below n. */
function stages(at: usize, n: i32, half: i32): void {
  for (; half * 2 < n; half *= 4) {
    const step = <usize>half << 2
    for (let block = 0; block < n; block += 4 * half) {
      const start = at + (<usize>block << 2)
      for (let p = start; p != start + step; p += 16) {
        const a = v128.load(p)
        const b = v128.load(p + step)
        const c = v128.load(p + 2 * step)
        const d = v128.load(p + 3 * step)
        const ab = f32x4.add(a, b)
        const aB = f32x4.sub(a, b)
        const cd = f32x4.add(c, d)
        const cD = f32x4.sub(c, d)
        v128.store(p, f32x4.add(ab, cd))
        v128.store(p + step, f32x4.add(aB, cD))
        v128.store(p + 2 * step, f32x4.sub(ab, cd))
        v128.store(p + 3 * step, f32x4.sub(aB, cD))
      }
    }
  }
  if (half < n) {
    const step = <usize>half << 2
    for (let p = at; p != at + step; p += 16) {
      const a = v128.load(p)
      const b = v128.load(p + step)
      v128.store(p, f32x4.add(a, b))
      v128.store(p + step, f32x4.sub(a, b))
    }
  }
}
