/**
 * Matrix products. Every element is C[i][j] = (…((c + a₀·b₀) + a₁·b₁) + …) over ascending k, each product and each sum
 * rounded to f32, with c the old C[i][j] where products accumulate and +0 where not. Blocks and threads only
 * choose when an element goes on, never its order: the bits are those of the plain triple loop.
 *
 * Blocks (Goto and van de Geijn 2008): KB × NB of B is copied into panels of 8 columns, k after k, so that the inner
 * loop reads it in a row; a panel of KB × 8 (8 KiB) stays in the first cache while MB rows of A pass.
 *
 *     panel p of B:  k = 0: B[0][8p … 8p+7]   k = 1: B[1][8p … 8p+7]   …
 *     panel p of Aᵀ: k = 0: A[4p … 4p+3][0]   k = 1: A[4p … 4p+3][1]   …
 *
 * Strides are in bytes; one of the two strides of B, and of C, is that of neighbours (4).
 */

/** Rows of A, columns of B and terms of the sum that are used together. */
export const MB: i32 = 128
const NB: i32 = 256
const KB: i32 = 256
/** Below so many rows a copy of B does not pay. */
const FEW_ROWS: i32 = 16
/** Below so many columns a copy of A does not pay. */
const FEW_COLUMNS: i32 = 16

/** What multiply needs to itself: panels of B ‖ panels of A ‖ one block of C of 4 × 8. */
const PANELS_OF_A: usize = <usize>(KB * NB) << 2
const EDGE: usize = PANELS_OF_A + (<usize>(MB * KB) << 2)

/** C = A·B, or C += A·B: A is m × k, B is k × n, at any strides; `room` holds 512 KiB. */
export function multiply(
  a: usize, aRow: usize, aStep: usize,
  b: usize, bStep: usize, bColumn: usize,
  c: usize, cRow: usize,
  m: i32, n: i32, k: i32, accumulate: bool, room: usize,
): void {
  if (k == 0 && !accumulate) {
    for (let i = 0; i < m; i++) memory.fill(c + <usize>i * cRow, 0, <usize>n << 2)
    return
  }
  if (m < 4 && bColumn == 4) return rowsTimesRows(a, aRow, aStep, b, bStep, c, cRow, m, n, k, accumulate)
  if (m < 4 && bStep == 4) return rowsTimesColumns(a, aRow, aStep, b, bColumn, c, cRow, m, n, k, accumulate)
  const packsA = aStep != 4 && n > FEW_COLUMNS
  const direct = bColumn == 4 && m <= FEW_ROWS
  for (let n0 = 0; n0 < n; n0 += NB) {
    const columns = min(n - n0, NB)
    for (let k0 = 0; k0 < k; k0 += KB) {
      const terms = min(k - k0, KB)
      const goesOn = accumulate || k0 > 0
      const from = b + <usize>n0 * bColumn + <usize>k0 * bStep
      const whole = direct ? columns & ~7 : 0
      packColumns(from, bStep, bColumn, room, whole, columns, terms)
      for (let m0 = 0; m0 < m; m0 += MB) {
        const rows = min(m - m0, MB)
        const rowsAt = a + <usize>m0 * aRow + <usize>k0 * aStep
        if (packsA) packRows(rowsAt, aRow, aStep, room + PANELS_OF_A, rows, terms)
        const target = c + <usize>m0 * cRow + (<usize>n0 << 2)
        for (let j = 0; j < columns; j += 8) {
          const inPlace = j < whole
          const panel = inPlace ? from + (<usize>j << 2) : room + ((<usize>j * terms) << 2)
          const step = inPlace ? bStep : 32
          const wide = min(columns - j, 8)
          for (let i = 0; i < rows; i += 4) {
            const left = packsA ? room + PANELS_OF_A + ((<usize>i * terms) << 2) : rowsAt + <usize>i * aRow
            const leftRow: usize = packsA ? 4 : aRow
            const leftStep: usize = packsA ? 16 : aStep
            const at = target + <usize>i * cRow + (<usize>j << 2)
            const high = min(rows - i, 4)
            if (high == 4 && wide == 8) block(left, left + leftRow, left + 2 * leftRow, left + 3 * leftRow, leftStep, panel, step, at, cRow, terms, goesOn)
            else edgeBlock(left, leftRow, leftStep, panel, step, at, cRow, terms, goesOn, high, wide, room + EDGE)
          }
        }
      }
    }
  }
}

/** 4 × 8 of C, over `terms` terms; starts from C where it goes on, else from 0. */
function block(
  a0: usize, a1: usize, a2: usize, a3: usize, aStep: usize,
  b: usize, bStep: usize,
  c: usize, cRow: usize, terms: i32, goesOn: bool,
): void {
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  if (goesOn) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  }
  for (let i = terms; i > 0; i--) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let x = v128.load32_splat(a0)
    s00 = f32x4.add(s00, f32x4.mul(x, b0))
    s01 = f32x4.add(s01, f32x4.mul(x, b1))
    x = v128.load32_splat(a1)
    s10 = f32x4.add(s10, f32x4.mul(x, b0))
    s11 = f32x4.add(s11, f32x4.mul(x, b1))
    x = v128.load32_splat(a2)
    s20 = f32x4.add(s20, f32x4.mul(x, b0))
    s21 = f32x4.add(s21, f32x4.mul(x, b1))
    x = v128.load32_splat(a3)
    s30 = f32x4.add(s30, f32x4.mul(x, b0))
    s31 = f32x4.add(s31, f32x4.mul(x, b1))
    b += bStep
    a0 += aStep
    a1 += aStep
    a2 += aStep
    a3 += aStep
  }
  v128.store(c, s00)
  v128.store(c, s01, 16)
  v128.store(c1, s10)
  v128.store(c1, s11, 16)
  v128.store(c2, s20)
  v128.store(c2, s21, 16)
  v128.store(c3, s30)
  v128.store(c3, s31, 16)
}

/** A block cut by an edge of C: `high` × `wide` of it, taken through a whole block at `whole`. Rows that are missing repeat the last. */
function edgeBlock(
  a: usize, aRow: usize, aStep: usize,
  b: usize, bStep: usize,
  c: usize, cRow: usize, terms: i32, goesOn: bool, high: i32, wide: i32, whole: usize,
): void {
  const bytes = <usize>wide << 2
  if (goesOn) for (let i = 0; i < high; i++) memory.copy(whole + (<usize>i << 5), c + <usize>i * cRow, bytes)
  const last = <usize>(high - 1)
  block(a, a + min<usize>(1, last) * aRow, a + min<usize>(2, last) * aRow, a + min<usize>(3, last) * aRow, aStep, b, bStep, whole, 32, terms, goesOn)
  for (let i = 0; i < high; i++) memory.copy(c + <usize>i * cRow, whole + (<usize>i << 5), bytes)
}

/** Copies columns first (a multiple of 8) to n of B into panels; beyond n the last panel holds zeros. */
function packColumns(b: usize, bStep: usize, bColumn: usize, target: usize, first: i32, n: i32, terms: i32): void {
  for (let j = first; j < n; j += 8) {
    const panel = target + ((<usize>j * terms) << 2)
    const from = b + <usize>j * bColumn
    if (n - j < 8) packEdge(from, bStep, bColumn, panel, n - j, terms)
    else if (bColumn == 4) packNatural(from, bStep, panel, terms)
    else packTransposed(from, bStep, bColumn, panel, terms)
  }
}

function packEdge(from: usize, bStep: usize, bColumn: usize, panel: usize, wide: i32, terms: i32): void {
  memory.fill(panel, 0, <usize>terms << 5)
  for (let i = 0; i < terms; i++) {
    for (let j = 0; j < wide; j++) {
      store<f32>(panel + (<usize>i << 5) + (<usize>j << 2), load<f32>(from + <usize>i * bStep + <usize>j * bColumn))
    }
  }
}

function packNatural(from: usize, bStep: usize, panel: usize, terms: i32): void {
  for (let i = terms; i > 0; i--) {
    v128.store(panel, v128.load(from))
    v128.store(panel, v128.load(from, 16), 16)
    from += bStep
    panel += 32
  }
}

/** Columns whose terms are neighbours (bStep 4): 4 × 4 at a time. Any other step goes one by one. */
function packTransposed(from: usize, bStep: usize, bColumn: usize, panel: usize, terms: i32): void {
  if (bStep != 4) return packEdge(from, bStep, bColumn, panel, 8, terms)
  const four = bColumn << 2
  let i = 0
  for (; i + 4 <= terms; i += 4) {
    transpose(from, bColumn, panel, 32)
    transpose(from + four, bColumn, panel + 16, 32)
    from += 16
    panel += 128
  }
  if (i < terms) packEdge(from, 4, bColumn, panel, 8, terms - i)
}

/** Four rows of four floats, `row` bytes apart, to four columns, `column` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose(from: usize, row: usize, target: usize, column: usize): void {
  const r0 = v128.load(from)
  const r1 = v128.load(from + row)
  const r2 = v128.load(from + 2 * row)
  const r3 = v128.load(from + 3 * row)
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
  v128.store(target, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
  v128.store(target + column, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7))
  v128.store(target + 2 * column, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5))
  v128.store(target + 3 * column, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7))
}

/** Copies rows of A into panels of four; the rows missing from the last repeat the last row. */
function packRows(a: usize, aRow: usize, aStep: usize, target: usize, rows: i32, terms: i32): void {
  for (let i = 0; i < rows; i += 4) {
    const panel = target + ((<usize>i * terms) << 2)
    const from = a + <usize>i * aRow
    if (aRow == 4 && i + 4 <= rows) {
      for (let t = 0; t < terms; t++) v128.store(panel + (<usize>t << 4), v128.load(from + <usize>t * aStep))
    } else {
      for (let j = 0; j < 4; j++) {
        const row = from + <usize>min(j, rows - i - 1) * aRow
        for (let t = 0; t < terms; t++) store<f32>(panel + (<usize>t << 4) + (<usize>j << 2), load<f32>(row + <usize>t * aStep))
      }
    }
  }
}

/** Few rows of A with B as it lies, row after row: 32 columns at a time. */
function rowsTimesRows(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, c: usize, cRow: usize, m: i32, n: i32, k: i32, accumulate: bool,
): void {
  for (let i = 0; i < m; i++) {
    const row = a + <usize>i * aRow
    const target = c + <usize>i * cRow
    let j = 0
    for (; j + 32 <= n; j += 32) rowTimes32(row, aStep, b + (<usize>j << 2), bStep, target + (<usize>j << 2), k, accumulate)
    for (; j + 4 <= n; j += 4) {
      const at = target + (<usize>j << 2)
      let s = accumulate ? v128.load(at) : f32x4.splat(0)
      for (let t = 0; t < k; t++) {
        s = f32x4.add(s, f32x4.mul(v128.load32_splat(row + <usize>t * aStep), v128.load(b + <usize>t * bStep + (<usize>j << 2))))
      }
      v128.store(at, s)
    }
    for (; j < n; j++) oneElement(row, aStep, b + (<usize>j << 2), bStep, target + (<usize>j << 2), k, accumulate)
  }
}

function oneElement(a: usize, aStep: usize, b: usize, bStep: usize, c: usize, k: i32, accumulate: bool): void {
  let s: f32 = accumulate ? load<f32>(c) : 0
  for (let t = 0; t < k; t++) s += load<f32>(a + <usize>t * aStep) * load<f32>(b + <usize>t * bStep)
  store<f32>(c, s)
}

export function rowTimes32(a: usize, aStep: usize, b: usize, bStep: usize, c: usize, k: i32, accumulate: bool): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  let s4 = s0
  let s5 = s0
  let s6 = s0
  let s7 = s0
  if (accumulate) {
    s0 = v128.load(c)
    s1 = v128.load(c, 16)
    s2 = v128.load(c, 32)
    s3 = v128.load(c, 48)
    s4 = v128.load(c, 64)
    s5 = v128.load(c, 80)
    s6 = v128.load(c, 96)
    s7 = v128.load(c, 112)
  }
  for (let t = k; t > 0; t--) {
    const x = v128.load32_splat(a)
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)))
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)))
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(b, 32)))
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(b, 48)))
    s4 = f32x4.add(s4, f32x4.mul(x, v128.load(b, 64)))
    s5 = f32x4.add(s5, f32x4.mul(x, v128.load(b, 80)))
    s6 = f32x4.add(s6, f32x4.mul(x, v128.load(b, 96)))
    s7 = f32x4.add(s7, f32x4.mul(x, v128.load(b, 112)))
    a += aStep
    b += bStep
  }
  v128.store(c, s0)
  v128.store(c, s1, 16)
  v128.store(c, s2, 32)
  v128.store(c, s3, 48)
  v128.store(c, s4, 64)
  v128.store(c, s5, 80)
  v128.store(c, s6, 96)
  v128.store(c, s7, 112)
}

/** Few rows of A with B lying column after column (a weight of shape [out, in]): eight columns at a time, turned in registers. */
function rowsTimesColumns(
  a: usize, aRow: usize, aStep: usize, b: usize, bColumn: usize, c: usize, cRow: usize, m: i32, n: i32, k: i32, accumulate: bool,
): void {
  for (let i = 0; i < m; i++) {
    const row = a + <usize>i * aRow
    const target = c + <usize>i * cRow
    let j = 0
    for (; j + 8 <= n; j += 8) rowTimes8Columns(row, aStep, b + <usize>j * bColumn, bColumn, target + (<usize>j << 2), k, accumulate)
    for (; j < n; j++) oneElement(row, aStep, b + <usize>j * bColumn, 4, target + (<usize>j << 2), k, accumulate)
  }
}

function rowTimes8Columns(a: usize, aStep: usize, b: usize, bColumn: usize, c: usize, k: i32, accumulate: bool): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  if (accumulate) {
    s0 = v128.load(c)
    s1 = v128.load(c, 16)
  }
  const four = b + (bColumn << 2)
  let t = 0
  for (; t + 4 <= k; t += 4) {
    const at = <usize>t << 2
    s0 = addTurned(s0, a, aStep, b + at, bColumn)
    s1 = addTurned(s1, a, aStep, four + at, bColumn)
    a += aStep << 2
  }
  for (; t < k; t++) {
    const at = <usize>t << 2
    const x = v128.load32_splat(a)
    s0 = f32x4.add(s0, f32x4.mul(x, gather(b + at, bColumn)))
    s1 = f32x4.add(s1, f32x4.mul(x, gather(four + at, bColumn)))
    a += aStep
  }
  v128.store(c, s0)
  v128.store(c, s1, 16)
}

/** Four terms of four columns, term after term. */
// @ts-ignore: decorator
@inline
function addTurned(s: v128, a: usize, aStep: usize, b: usize, bColumn: usize): v128 {
  const r0 = v128.load(b)
  const r1 = v128.load(b + bColumn)
  const r2 = v128.load(b + 2 * bColumn)
  const r3 = v128.load(b + 3 * bColumn)
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
  s = f32x4.add(s, f32x4.mul(v128.load32_splat(a), v128.shuffle<f32>(low01, low23, 0, 1, 4, 5)))
  s = f32x4.add(s, f32x4.mul(v128.load32_splat(a + aStep), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7)))
  s = f32x4.add(s, f32x4.mul(v128.load32_splat(a + 2 * aStep), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5)))
  return f32x4.add(s, f32x4.mul(v128.load32_splat(a + 3 * aStep), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7)))
}

// @ts-ignore: decorator
@inline
function gather(at: usize, step: usize): v128 {
  let v = v128.load32_zero(at)
  v = f32x4.replace_lane(v, 1, load<f32>(at + step))
  v = f32x4.replace_lane(v, 2, load<f32>(at + 2 * step))
  return f32x4.replace_lane(v, 3, load<f32>(at + 3 * step))
}

/** Bytes of every thread's room for panels; see multiply. */
export const ROOM: usize = 524288

/**
 * Tiles first … last − 1 of C = A·B, tileRows × tileColumns each, numbered row of tiles after row of tiles. Strides in
 * floats. `rooms`: ROOM bytes for every thread.
 */
export function matmul(
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, bColumn: i32,
  c: usize, cRow: i32,
  m: i32, n: i32, k: i32, accumulate: i32,
  tileRows: i32, tileColumns: i32, rooms: usize,
  first: i32, last: i32, thread: i32,
): void {
  const across = (n + tileColumns - 1) / tileColumns
  for (let tile = first; tile < last; tile++) {
    const m0 = (tile / across) * tileRows
    const n0 = (tile % across) * tileColumns
    multiply(
      a + ((<usize>m0 * <usize>aRow) << 2), <usize>aRow << 2, <usize>aStep << 2,
      b + ((<usize>n0 * <usize>bColumn) << 2), <usize>bStep << 2, <usize>bColumn << 2,
      c + ((<usize>m0 * <usize>cRow + <usize>n0) << 2), <usize>cRow << 2,
      min(m - m0, tileRows), min(n - n0, tileColumns), k, accumulate != 0,
      rooms + <usize>thread * ROOM,
    )
  }
}
