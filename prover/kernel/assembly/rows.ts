/** Operations on rows, and sums over them. A row's result depends on nothing but that row. */
import { addLanes, dotOf, loadSome, storeSome } from './lanes'

/** target[r] = x[r] + bias, rows first … last − 1 of n floats. */
export function addToRows(x: usize, bias: usize, target: usize, n: i32, first: i32, last: i32): void {
  for (let r = first; r < last; r++) {
    const from = x + ((<usize>r * n) << 2)
    const to = target + ((<usize>r * n) << 2)
    let i = 0
    for (; i + 4 <= n; i += 4) {
      const at = <usize>i << 2
      v128.store(to + at, f32x4.add(v128.load(from + at), v128.load(bias + at)))
    }
    if (i < n) {
      const at = <usize>i << 2
      storeSome(to + at, f32x4.add(loadSome(from + at, n - i), loadSome(bias + at, n - i)), n - i)
    }
  }
}

/** target[i] += Σ_r x[r][i], r ascending; columns first … last − 1 of n. */
export function addRowsUp(x: usize, target: usize, rows: i32, n: i32, first: i32, last: i32): void {
  for (let r = 0; r < rows; r++) {
    const row = x + ((<usize>r * n) << 2)
    let i = first
    for (; i + 4 <= last; i += 4) {
      const at = <usize>i << 2
      v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(row + at)))
    }
    if (i < last) {
      const at = <usize>i << 2
      storeSome(target + at, f32x4.add(loadSome(target + at, last - i), loadSome(row + at, last - i)), last - i)
    }
  }
}

/** target = xᵀ: x is rows × n; rows first … last − 1 of x. */
export function transpose(x: usize, target: usize, rows: i32, n: i32, first: i32, last: i32): void {
  for (let i = 0; i < n; i += 16) {
    const end = min(i + 16, n)
    for (let r = first; r < last; r++) {
      const from = x + ((<usize>r * n) << 2)
      const to = target + (<usize>r << 2)
      for (let j = i; j < end; j++) store<f32>(to + ((<usize>j * rows) << 2), load<f32>(from + (<usize>j << 2)))
    }
  }
}

/** target[t][i] = x[t][columns[i]]; x has rows of n floats, target of count. Rows first … last − 1. */
export function takeColumns(x: usize, columns: usize, target: usize, n: i32, count: i32, first: i32, last: i32): void {
  for (let r = first; r < last; r++) {
    const from = x + ((<usize>r * n) << 2)
    const to = target + ((<usize>r * count) << 2)
    for (let i: usize = 0; i < <usize>count; i++) {
      store<f32>(to + (i << 2), load<f32>(from + (<usize>load<u32>(columns + (i << 2)) << 2)))
    }
  }
}

/** target[t] = table[ids[t]], rows of n floats. Rows first … last − 1. */
export function gatherRows(table: usize, ids: usize, target: usize, n: i32, first: i32, last: i32): void {
  const bytes = <usize>n << 2
  for (let t = first; t < last; t++) {
    memory.copy(target + <usize>t * bytes, table + <usize>load<u32>(ids + (<usize>t << 2)) * bytes, bytes)
  }
}

/** table[ids[t]] += x[t] for t = 0 … rows − 1 in this order; columns first … last − 1 of n. */
export function scatterRows(table: usize, ids: usize, x: usize, rows: i32, n: i32, first: i32, last: i32): void {
  const row = <usize>n << 2
  for (let t = 0; t < rows; t++) {
    const to = table + <usize>load<u32>(ids + (<usize>t << 2)) * row
    const from = x + <usize>t * row
    let i = first
    for (; i + 4 <= last; i += 4) {
      const at = <usize>i << 2
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)))
    }
    if (i < last) {
      const at = <usize>i << 2
      storeSome(to + at, f32x4.add(loadSome(to + at, last - i), loadSome(from + at, last - i)), last - i)
    }
  }
}

/**
 * RMSNorm (Zhang and Sennrich 2019): target = (x·r)·weight, r = 1/√(mean x² + epsilon), kept in inverses[row].
 * The mean of squares is dotOf's, divided by n.
 */
export function normalise(
  x: usize, weight: usize, target: usize, inverses: usize, n: i32, epsilon: f32, first: i32, last: i32,
): void {
  for (let row = first; row < last; row++) {
    const from = x + ((<usize>row * n) << 2)
    const to = target + ((<usize>row * n) << 2)
    const inverse: f32 = <f32>1 / sqrt<f32>(dotOf(from, from, n) / <f32>n + epsilon)
    store<f32>(inverses + (<usize>row << 2), inverse)
    const r = f32x4.splat(inverse)
    let i = 0
    for (; i + 4 <= n; i += 4) {
      const at = <usize>i << 2
      v128.store(to + at, f32x4.mul(f32x4.mul(v128.load(from + at), r), v128.load(weight + at)))
    }
    if (i < n) {
      const at = <usize>i << 2
      storeSome(to + at, f32x4.mul(f32x4.mul(loadSome(from + at, n - i), r), loadSome(weight + at, n - i)), n - i)
    }
  }
}

/** Σ (d·weight)·x over a row, in dotOf's order. */
function weightedDot(d: usize, weight: usize, x: usize, n: i32): f32 {
  let sum = f32x4.splat(0)
  let i = 0
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2
    sum = f32x4.add(sum, f32x4.mul(f32x4.mul(v128.load(d + at), v128.load(weight + at)), v128.load(x + at)))
  }
  if (i < n) {
    const at = <usize>i << 2
    const rest = n - i
    const u = f32x4.mul(loadSome(d + at, rest), loadSome(weight + at, rest))
    sum = f32x4.add(sum, f32x4.mul(u, loadSome(x + at, rest)))
  }
  return addLanes(sum)
}

/** dx (+)= r·(d·weight) − x·(r³/n)·Σ (d·weight)·x. Where it does not accumulate, dx may be d. */
export function normaliseBackward(
  x: usize, weight: usize, inverses: usize, d: usize, dx: usize, n: i32, accumulate: i32, first: i32, last: i32,
): void {
  for (let row = first; row < last; row++) {
    const start = (<usize>row * n) << 2
    const inverse = load<f32>(inverses + (<usize>row << 2))
    const shrink = (weightedDot(d + start, weight, x + start, n) * inverse * inverse * inverse) / <f32>n
    const r = f32x4.splat(inverse)
    const c = f32x4.splat(shrink)
    let i = 0
    for (; i + 4 <= n; i += 4) {
      const at = start + (<usize>i << 2)
      const u = f32x4.mul(v128.load(d + at), v128.load(weight + (<usize>i << 2)))
      let v = f32x4.sub(f32x4.mul(u, r), f32x4.mul(v128.load(x + at), c))
      if (accumulate) v = f32x4.add(v128.load(dx + at), v)
      v128.store(dx + at, v)
    }
    if (i < n) {
      const at = start + (<usize>i << 2)
      const u = f32x4.mul(loadSome(d + at, n - i), loadSome(weight + (<usize>i << 2), n - i))
      let v = f32x4.sub(f32x4.mul(u, r), f32x4.mul(loadSome(x + at, n - i), c))
      if (accumulate) v = f32x4.add(loadSome(dx + at, n - i), v)
      storeSome(dx + at, v, n - i)
    }
  }
}

/** dWeight[i] += Σ_row d·(x·r), rows ascending; columns first … last − 1 of n. */
export function normaliseWeightBackward(
  x: usize, inverses: usize, d: usize, dWeight: usize, rows: i32, n: i32, first: i32, last: i32,
): void {
  const row = <usize>n << 2
  for (let t = 0; t < rows; t++) {
    const r = f32x4.splat(load<f32>(inverses + (<usize>t << 2)))
    const start = <usize>t * row
    let i = first
    for (; i + 4 <= last; i += 4) {
      const at = <usize>i << 2
      const part = f32x4.mul(v128.load(d + start + at), f32x4.mul(v128.load(x + start + at), r))
      v128.store(dWeight + at, f32x4.add(v128.load(dWeight + at), part))
    }
    if (i < last) {
      const at = <usize>i << 2
      const rest = last - i
      const part = f32x4.mul(loadSome(d + start + at, rest), f32x4.mul(loadSome(x + start + at, rest), r))
      storeSome(dWeight + at, f32x4.add(loadSome(dWeight + at, rest), part), rest)
    }
  }
}
