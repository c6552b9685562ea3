/**
 * Attention with grouped queries (Vaswani et al. 2017; Ainslie et al. 2023), by blocks of queries. Nothing quadratic is
 * kept: a row's largest score and 1/Σ suffice to repeat its weights, bit for bit, on the way back (as in Dao et al. 2022).
 *
 * q and out are queries × heads·dims, k and v are keys × groups·dims, head h uses group h / (heads/groups). Query t sees
 * the keys from[t] … past + t. `kept` holds two floats for each head and query: [head][query][largest, 1/Σ].
 *
 * Sums over keys and over queries ascend as everywhere; what is masked adds zeros, so block sizes do not show in the bits,
 * and one query with its past gives the bits it has in the whole sequence.
 */
import { clear, dotOf } from './lanes'
import { multiply } from './product'
import { softmaxAgain, softmaxWithin } from './softmax'

/** The keys that a block of queries sees: from the lowest of from[first … end − 1], down to a multiple of four. */
function lowestKey(from: usize, first: i32, end: i32): i32 {
  let low = i32.MAX_VALUE
  for (let t = first; t < end; t++) low = min(low, load<i32>(from + (<usize>t << 2)))
  return low & ~3
}

/**
 * Units are blocks of `blockRows` queries of one head, head after head. `scores`: for every thread blockRows × `scoresRow`
 * floats, scoresRow a multiple of 4 not below the number of keys + 3. `rooms`: as in product.ts.
 */
export function attend(
  q: usize, k: usize, v: usize, out: usize, kept: usize, from: usize,
  queries: i32, past: i32, heads: i32, groups: i32, dims: i32, scale: f32,
  blockRows: i32, scores: usize, scoresRow: i32, rooms: usize, roomBytes: i32,
  first: i32, last: i32, thread: i32,
): void {
  const blocks = (queries + blockRows - 1) / blockRows
  const room = rooms + <usize>thread * <usize>roomBytes
  const s = scores + ((<usize>(thread * blockRows) * <usize>scoresRow) << 2)
  const qRow = <usize>(heads * dims) << 2
  const kRow = <usize>(groups * dims) << 2
  for (let unit = first; unit < last; unit++) {
    const head = unit / blocks
    const start = (unit % blocks) * blockRows
    const end = min(start + blockRows, queries)
    const low = lowestKey(from, start, end)
    const keys = past + end - low
    const columns = (keys + 3) & ~3
    const row = <usize>columns << 2
    const qAt = <usize>start * qRow + (<usize>(head * dims) << 2)
    const kAt = <usize>low * kRow + (<usize>((head / (heads / groups)) * dims) << 2)
    multiply(q + qAt, qRow, 4, k + kAt, 4, kRow, s, row, end - start, keys, dims, false, room)
    for (let t = start; t < end; t++) {
      const visible = load<i32>(from + (<usize>t << 2)) - low
      softmaxWithin(s + <usize>(t - start) * row, columns, visible, past + t + 1 - low, scale, kept + (<usize>(head * queries + t) << 3))
    }
    multiply(s, row, 4, v + kAt, kRow, 4, out + qAt, qRow, end - start, dims, keys, false, room)
  }
}

/**
 * Units are heads. dq is written; the head's parts of dk and dv go to dkParts and dvParts, [head][key][dims], for
 * gatherGroups. `scores` holds 2 × blockRows × scoresRow floats for every thread.
 */
export function attendBackward(
  q: usize, k: usize, v: usize, out: usize, kept: usize, from: usize, dOut: usize, dq: usize, dkParts: usize, dvParts: usize,
  queries: i32, past: i32, heads: i32, groups: i32, dims: i32, scale: f32,
  blockRows: i32, scores: usize, scoresRow: i32, rooms: usize, roomBytes: i32,
  first: i32, last: i32, thread: i32,
): void {
  const room = rooms + <usize>thread * <usize>roomBytes
  const block = (<usize>blockRows * <usize>scoresRow) << 2
  const s = scores + <usize>thread * 2 * block
  const ds = s + block
  const qRow = <usize>(heads * dims) << 2
  const kRow = <usize>(groups * dims) << 2
  const partRow = <usize>dims << 2
  const total = past + queries
  for (let head = first; head < last; head++) {
    const part = <usize>head * <usize>total * partRow
    clear(dkParts + part, total * dims)
    clear(dvParts + part, total * dims)
    for (let start = 0; start < queries; start += blockRows) {
      const end = min(start + blockRows, queries)
      const rows = end - start
      const low = lowestKey(from, start, end)
      const keys = past + end - low
      const columns = (keys + 3) & ~3
      const row = <usize>columns << 2
      const qAt = <usize>start * qRow + (<usize>(head * dims) << 2)
      const kAt = <usize>low * kRow + (<usize>((head / (heads / groups)) * dims) << 2)
      const partAt = part + <usize>low * partRow
      multiply(q + qAt, qRow, 4, k + kAt, 4, kRow, s, row, rows, keys, dims, false, room)
      multiply(dOut + qAt, qRow, 4, v + kAt, 4, kRow, ds, row, rows, keys, dims, false, room)
      for (let t = start; t < end; t++) {
        const line = <usize>(t - start) * row
        const visible = load<i32>(from + (<usize>t << 2)) - low
        const until = past + t + 1 - low
        softmaxAgain(s + line, columns, visible, until, scale, kept + (<usize>(head * queries + t) << 3))
        const at = qAt + <usize>(t - start) * qRow
        scoreGradient(s + line, ds + line, keys, dotOf(dOut + at, out + at, dims), scale)
      }
      multiply(s, 4, row, dOut + qAt, qRow, 4, dvParts + partAt, partRow, keys, dims, rows, true, room)
      multiply(ds, row, 4, k + kAt, kRow, 4, dq + qAt, qRow, rows, dims, keys, false, room)
      multiply(ds, 4, row, q + qAt, qRow, 4, dkParts + partAt, partRow, keys, dims, rows, true, room)
    }
  }
}

/** ds = scale·p·(dp − Σ p·dp) in place of dp; the sum equals dOut·out of the row. */
function scoreGradient(p: usize, dp: usize, n: i32, mean: f32, scale: f32): void {
  const m = f32x4.splat(mean)
  const f = f32x4.splat(scale)
  // Rows are padded to a multiple of four; p is 0 there and what dp holds there is never read.
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2
    v128.store(dp + at, f32x4.mul(f, f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(dp + at), m))))
  }
}

/** target (keys × groups·dims) = the sum of a group's heads in parts ([head][key][dims]), heads ascending. Keys first … last − 1. */
export function gatherGroups(parts: usize, target: usize, keys: i32, heads: i32, groups: i32, dims: i32, first: i32, last: i32): void {
  const each = heads / groups
  for (let key = first; key < last; key++) {
    for (let group = 0; group < groups; group++) {
      const to = target + ((<usize>(key * groups + group) * dims) << 2)
      for (let i = 0; i < dims; i++) {
        let sum: f32 = 0
        for (let head = group * each; head < (group + 1) * each; head++) {
          sum += load<f32>(parts + ((((<usize>head * keys) + key) * dims + i) << 2))
        }
        store<f32>(to + (<usize>i << 2), sum)
      }
    }
  }
}
