/**
 * Products of few rows with a matrix that was laid down for them. One row uses every float of B once, so that what counts is how it
 * reads them: in panels of 32 columns, from end to end. The bits are product.ts's.
 *
 *     panel p of B (n × k, as weights lie):  k = 0: B[32p … 32p+31][0]   k = 1: B[32p … 32p+31][1]   …
 *
 * The last panel holds zeros beyond n.
 */
import { ROOM, rowTimes32 } from './product'

const WIDTH: i32 = 32

/** Lays panels first … last − 1 of b, n × k. */
export function layPanels(b: usize, target: usize, n: i32, k: i32, first: i32, last: i32, thread: i32): void {
  for (let panel = first; panel < last; panel++) {
    let at = target + ((<usize>panel * <usize>k * <usize>WIDTH) << 2)
    const column = panel * WIDTH
    const wide = min(n - column, WIDTH)
    const from = b + ((<usize>column * <usize>k) << 2)
    for (let t = 0; t < k; t++) {
      for (let j = 0; j < WIDTH; j++) {
        store<f32>(at, j < wide ? load<f32>(from + ((<usize>j * <usize>k + <usize>t) << 2)) : 0)
        at += 4
      }
    }
  }
}

/** Columns of panels first … last − 1 of C = A·Bᵀ, A is m × k, C is m × n. */
export function multiplyPanels(
  a: usize, panels: usize, c: usize, m: i32, n: i32, k: i32, rooms: usize, first: i32, last: i32, thread: i32,
): void {
  const room = rooms + <usize>thread * ROOM
  for (let panel = first; panel < last; panel++) {
    const b = panels + ((<usize>panel * <usize>k * <usize>WIDTH) << 2)
    const column = panel * WIDTH
    const wide = min(n - column, WIDTH)
    for (let i = 0; i < m; i++) {
      const row = a + ((<usize>i * <usize>k) << 2)
      const target = c + ((<usize>i * <usize>n + <usize>column) << 2)
      rowTimes32(row, 4, b, <usize>WIDTH << 2, wide == WIDTH ? target : room, k, false)
      if (wide < WIDTH) memory.copy(target, room, <usize>wide << 2)
    }
  }
}
