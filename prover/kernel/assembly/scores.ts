/**
 * Raw scores of one-bit rows against int8 queries, by nibble tables (the "fast scan" of product quantisation,
 * André, Kermarrec and Le Scouarnec 2015, with exact sums).
 *
 * Four coordinates of a query with any four signs can only add up to one of 16 numbers. A table holds them;
 * one swizzle looks up four coordinates for 16 rows at once. A sum v of four lies in −508 … 508, so it
 * is kept as v + 512 = low + 64·high, low in 0 … 63 and high in 0 … 15, a byte each:
 *   four lows add up to at most 252, sixteen highs to at most 240: bytes do not overflow;
 *   512 lows (a tile of 2,048 dimensions) add up to at most 32,256: 16-bit lanes do not overflow.
 * A 16-bit lane sums an even row plus 256 × an odd row; the odd rows are summed beside it, and taken off at the end.
 *
 * Rows lie interleaved in blocks of 16: byte j of rows 0 … 15, then byte j + 1 of rows 0 … 15, and so on.
 * Tables: per group of four dimensions 16 bytes of lows, then 16 bytes of highs.
 */

/** Dimensions whose tables (16 KiB) are used together. */
const TILE: usize = 2048
/** Blocks of 16 rows that pass through a tile before the next query does. */
const CHUNK: i32 = 8

/** Interleaves 16 rows of `bytes` bytes, one after the other at `source`, into `target`. */
export function interleave(source: usize, target: usize, bytes: usize): void {
  for (let row: usize = 0; row < 16; row++) {
    const from = source + row * bytes
    const to = target + row
    for (let j: usize = 0; j < bytes; j++) store<u8>(to + (j << 4), load<u8>(from + j))
  }
}

/** Writes the tables of one query (`dims` bytes at `query`) to `target`: 8 × dims bytes. */
export function tabulate(query: usize, target: usize, dims: usize): void {
  for (let k: usize = 0; k < dims; k += 4) {
    const a = i16x8.splat(load<i8>(query + k))
    const b = i16x8.splat(load<i8>(query + k, 1))
    const c = i16x8.splat(load<i8>(query + k, 2))
    const d = i16x8.splat(load<i8>(query + k, 3))
    // Entry n adds the coordinates whose bit is set in n and takes the others away.
    const three = i16x8.add(
      i16x8.splat(512),
      i16x8.add(
        i16x8.mul(a, i16x8(-1, 1, -1, 1, -1, 1, -1, 1)),
        i16x8.add(i16x8.mul(b, i16x8(-1, -1, 1, 1, -1, -1, 1, 1)), i16x8.mul(c, i16x8(-1, -1, -1, -1, 1, 1, 1, 1))),
      ),
    )
    const without = i16x8.sub(three, d)
    const withIt = i16x8.add(three, d)
    const six = i16x8.splat(63)
    const at = target + (k << 3)
    v128.store(at, i8x16.narrow_i16x8_u(v128.and(without, six), v128.and(withIt, six)))
    v128.store(at, i8x16.narrow_i16x8_u(i16x8.shr_u(without, 6), i16x8.shr_u(withIt, 6)), 16)
  }
}

/**
 * Scores `blocks` blocks of 16 rows (an even number) at `rows` against `queries` queries whose tables lie at `tables`, one after the other.
 * Writes i32 [query][row] at `target`. dims: a multiple of 64.
 */
export function scores(rows: usize, blocks: i32, tables: usize, queries: i32, target: usize, dims: usize): void {
  const blockBytes = dims << 1
  const rowCount = <usize>blocks << 4
  const groups = <i32>(dims >> 2)
  const start = i32x4.splat(-512 * groups)
  for (let at: usize = 0; at < <usize>queries * rowCount; at += 4) v128.store(target + (at << 2), start)
  for (let first = 0; first < blocks; first += CHUNK) {
    const last = min(first + CHUNK, blocks)
    for (let tile: usize = 0; tile < dims; tile += TILE) {
      const size = min(TILE, dims - tile)
      for (let query = 0; query < queries; query++) {
        const table = tables + ((<usize>query * dims + tile) << 3)
        const line = target + ((<usize>query * rowCount) << 2)
        for (let block = first; block < last; block += 2) {
          const signs = rows + <usize>block * blockBytes + (tile << 1)
          addTile(signs, signs + blockBytes, table, line + (<usize>block << 6), size)
        }
      }
    }
  }
}

/** Adds the sums of `size` dimensions of two blocks to their 32 scores at `target`. */
function addTile(left: usize, right: usize, table: usize, target: usize, size: usize): void {
  const nibble = i8x16.splat(15)
  let lowL = i16x8.splat(0)
  let lowOddL = lowL
  let highL = lowL
  let highOddL = lowL
  let lowR = lowL
  let lowOddR = lowL
  let highR = lowL
  let highOddR = lowL
  // size/8 bytes of each of 16 rows
  const end = left + (size << 1)
  while (left < end) {
    let highsL = i8x16.splat(0)
    let highsR = highsL
    // 16 groups: 64 dimensions, 128 bytes of each block
    const pause = left + 128
    while (left < pause) {
      const l0 = v128.load(left)
      const r0 = v128.load(right)
      const l1 = v128.load(left, 16)
      const r1 = v128.load(right, 16)
      const la = v128.and(l0, nibble)
      const lb = v128.and(i16x8.shr_u(l0, 4), nibble)
      const lc = v128.and(l1, nibble)
      const ld = v128.and(i16x8.shr_u(l1, 4), nibble)
      const ra = v128.and(r0, nibble)
      const rb = v128.and(i16x8.shr_u(r0, 4), nibble)
      const rc = v128.and(r1, nibble)
      const rd = v128.and(i16x8.shr_u(r1, 4), nibble)
      let t = v128.load(table)
      let lowsL = i8x16.swizzle(t, la)
      let lowsR = i8x16.swizzle(t, ra)
      t = v128.load(table, 32)
      lowsL = i8x16.add(lowsL, i8x16.swizzle(t, lb))
      lowsR = i8x16.add(lowsR, i8x16.swizzle(t, rb))
      t = v128.load(table, 64)
      lowsL = i8x16.add(lowsL, i8x16.swizzle(t, lc))
      lowsR = i8x16.add(lowsR, i8x16.swizzle(t, rc))
      t = v128.load(table, 96)
      lowsL = i8x16.add(lowsL, i8x16.swizzle(t, ld))
      lowsR = i8x16.add(lowsR, i8x16.swizzle(t, rd))
      t = v128.load(table, 16)
      highsL = i8x16.add(highsL, i8x16.swizzle(t, la))
      highsR = i8x16.add(highsR, i8x16.swizzle(t, ra))
      t = v128.load(table, 48)
      highsL = i8x16.add(highsL, i8x16.swizzle(t, lb))
      highsR = i8x16.add(highsR, i8x16.swizzle(t, rb))
      t = v128.load(table, 80)
      highsL = i8x16.add(highsL, i8x16.swizzle(t, lc))
      highsR = i8x16.add(highsR, i8x16.swizzle(t, rc))
      t = v128.load(table, 112)
      highsL = i8x16.add(highsL, i8x16.swizzle(t, ld))
      highsR = i8x16.add(highsR, i8x16.swizzle(t, rd))
      lowL = i16x8.add(lowL, lowsL)
      lowOddL = i16x8.add(lowOddL, i16x8.shr_u(lowsL, 8))
      lowR = i16x8.add(lowR, lowsR)
      lowOddR = i16x8.add(lowOddR, i16x8.shr_u(lowsR, 8))
      left += 32
      right += 32
      table += 128
    }
    highL = i16x8.add(highL, highsL)
    highOddL = i16x8.add(highOddL, i16x8.shr_u(highsL, 8))
    highR = i16x8.add(highR, highsR)
    highOddR = i16x8.add(highOddR, i16x8.shr_u(highsR, 8))
  }
  addBlock(target, lowL, lowOddL, highL, highOddL)
  addBlock(target + 64, lowR, lowOddR, highR, highOddR)
}

/** Adds low + 64·high of a block's 16 rows to its scores. Lane i of the sums is rows 2i (with 256 × row 2i + 1) and 2i + 1. */
function addBlock(target: usize, low: v128, lowOdd: v128, high: v128, highOdd: v128): void {
  const lowEven = i16x8.sub(low, i16x8.shl(lowOdd, 8))
  const highEven = i16x8.sub(high, i16x8.shl(highOdd, 8))
  const even = join(i32x4.extend_low_i16x8_u(lowEven), i32x4.extend_low_i16x8_u(highEven))
  const odd = join(i32x4.extend_low_i16x8_u(lowOdd), i32x4.extend_low_i16x8_u(highOdd))
  addPairs(target, even, odd)
  const evenAbove = join(i32x4.extend_high_i16x8_u(lowEven), i32x4.extend_high_i16x8_u(highEven))
  const oddAbove = join(i32x4.extend_high_i16x8_u(lowOdd), i32x4.extend_high_i16x8_u(highOdd))
  addPairs(target + 32, evenAbove, oddAbove)
}

function join(low: v128, high: v128): v128 {
  return i32x4.add(low, i32x4.shl(high, 6))
}

/** Adds eight scores: even and odd rows taken in turn. */
function addPairs(target: usize, even: v128, odd: v128): void {
  const below = v128.shuffle<i32>(even, odd, 0, 4, 1, 5)
  const above = v128.shuffle<i32>(even, odd, 2, 6, 3, 7)
  v128.store(target, i32x4.add(v128.load(target), below))
  v128.store(target, i32x4.add(v128.load(target, 16), above), 16)
}

/** Reads all of `size` bytes (a multiple of 64) and returns their exclusive or: the speed limit that memory sets, for bench/scores.ts. */
export function readThrough(source: usize, size: usize): i32 {
  let a = i32x4.splat(0)
  let b = a
  let c = a
  let d = a
  for (let at = source; at < source + size; at += 64) {
    a = v128.xor(a, v128.load(at))
    b = v128.xor(b, v128.load(at, 16))
    c = v128.xor(c, v128.load(at, 32))
    d = v128.xor(d, v128.load(at, 48))
  }
  const all = v128.xor(v128.xor(a, b), v128.xor(c, d))
  return i32x4.extract_lane(all, 0) ^ i32x4.extract_lane(all, 1) ^ i32x4.extract_lane(all, 2) ^ i32x4.extract_lane(all, 3)
}
