/**
 * Softmax over a part of a row, with zeros outside it, and the cross entropy of logits. Sums are by lanes: lane l adds up
 * i ≡ l mod 4 in ascending order, then (0 + 1) + (2 + 3); masked places add +0, so a row that is longer or that starts at
 * another multiple of four gives the same bits.
 */
import { addLanes, dotOf, largestLane } from './lanes'
import { exponentials, logarithm } from './exponential'

/**
 * Scales x[from … to − 1] in place, sets the rest of its n floats (a multiple of 4, at least 4) to −Infinity, and returns the largest.
 */
function scaleWithin(x: usize, n: i32, from: i32, to: i32, scale: f32): f32 {
  const outside = f32x4.splat(-Infinity)
  const step = f32x4.splat(scale)
  const low = i32x4.splat(from)
  const high = i32x4.splat(to)
  let largest = outside
  let index = i32x4(0, 1, 2, 3)
  for (let i = 0; i < n; i += 4) {
    const at = x + (<usize>i << 2)
    const within = v128.and(i32x4.ge_s(index, low), i32x4.lt_s(index, high))
    const v = v128.bitselect(f32x4.mul(v128.load(at), step), outside, within)
    v128.store(at, v)
    // Quicker than max, and forgets a NaN; the sum of what follows does not.
    largest = f32x4.pmax(largest, v)
    index = i32x4.add(index, i32x4.splat(4))
  }
  return largestLane(largest)
}

/** x = e^(x − largest); returns the sum. */
function exponentiateRow(x: usize, n: i32, largest: f32): f32 {
  const top = f32x4.splat(largest)
  let sum = f32x4.splat(0)
  for (let i = 0; i < n; i += 4) {
    const at = x + (<usize>i << 2)
    const e = exponentials(f32x4.sub(v128.load(at), top))
    v128.store(at, e)
    sum = f32x4.add(sum, e)
  }
  return addLanes(sum)
}

function scaleRow(x: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor)
  for (let i = 0; i < n; i += 4) {
    const at = x + (<usize>i << 2)
    v128.store(at, f32x4.mul(v128.load(at), f))
  }
}

/** x = (x·first)·second */
function scaleRowTwice(x: usize, n: i32, first: f32, second: f32): void {
  const a = f32x4.splat(first)
  const b = f32x4.splat(second)
  for (let i = 0; i < n; i += 4) {
    const at = x + (<usize>i << 2)
    v128.store(at, f32x4.mul(f32x4.mul(v128.load(at), a), b))
  }
}

/**
 * Softmax of scale·x[from … to − 1] in place, zeros elsewhere in its n floats (a multiple of 4). `kept` takes the largest
 * scaled value and 1/Σ: enough to repeat the row's bits (softmaxAgain).
 */
export function softmaxWithin(x: usize, n: i32, from: i32, to: i32, scale: f32, kept: usize): void {
  const largest = scaleWithin(x, n, from, to, scale)
  const inverse = <f32>1 / exponentiateRow(x, n, largest)
  scaleRow(x, n, inverse)
  store<f32>(kept, largest)
  store<f32>(kept, inverse, 4)
}

export function softmaxAgain(x: usize, n: i32, from: i32, to: i32, scale: f32, kept: usize): void {
  scaleWithin(x, n, from, to, scale)
  exponentiateRow(x, n, load<f32>(kept))
  scaleRow(x, n, load<f32>(kept, 4))
}

/** Copies n floats to room, which has place for them and up to three more. */
function copyRow(from: usize, n: i32, room: usize): void {
  memory.copy(room, from, <usize>n << 2)
}

/**
 * target[row] = softmax of scale · x[row][from[row] … to[row] − 1], zeros elsewhere; rows first … last − 1 of n floats.
 * `rooms`: n rounded up to a multiple of 4, and 4 more, floats for every thread.
 */
export function softmax(
  x: usize, target: usize, from: usize, to: usize, n: i32, scale: f32, rooms: usize, first: i32, last: i32, thread: i32,
): void {
  const whole = (n + 3) & ~3
  const room = rooms + ((<usize>thread * (whole + 4)) << 2)
  for (let row = first; row < last; row++) {
    const at = (<usize>row * n) << 2
    copyRow(x + at, n, room)
    const index = <usize>row << 2
    softmaxWithin(room, whole, load<i32>(from + index), load<i32>(to + index), scale, room + (<usize>whole << 2))
    memory.copy(target + at, room, <usize>n << 2)
  }
}

/** dx = scale·y·(d − Σ y·d), y a row of softmax; rows first … last − 1 of n floats. dx may be d. */
export function softmaxBackward(y: usize, d: usize, dx: usize, n: i32, scale: f32, first: i32, last: i32): void {
  for (let row = first; row < last; row++) {
    const start = (<usize>row * n) << 2
    const mean = dotOf(y + start, d + start, n)
    for (let i = 0; i < n; i++) {
      const at = start + (<usize>i << 2)
      store<f32>(dx + at, scale * (load<f32>(y + at) * (load<f32>(d + at) - mean)))
    }
  }
}

/**
 * Cross entropy of rows first … last − 1 of n logits: losses[row] = ln Σ e^(x − max) − (x[target] − max), and, where
 * dLogits is not 0, dLogits = scale·(softmax − [i = target]). A target of −1 counts for nothing: loss and gradient are 0.
 * dLogits may be the logits. `rooms` as in softmax.
 */
export function crossEntropy(
  logits: usize, targets: usize, losses: usize, dLogits: usize, n: i32, scale: f32, rooms: usize,
  first: i32, last: i32, thread: i32,
): void {
  const whole = (n + 3) & ~3
  const bytes = <usize>n << 2
  const room = rooms + ((<usize>thread * (whole + 4)) << 2)
  for (let row = first; row < last; row++) {
    const at = <usize>row * bytes
    const target = load<i32>(targets + (<usize>row << 2))
    if (target < 0) {
      store<f32>(losses + (<usize>row << 2), 0)
      if (dLogits) memory.fill(dLogits + at, 0, bytes)
      continue
    }
    const wanted = load<f32>(logits + at + (<usize>target << 2))
    copyRow(logits + at, n, room)
    const largest = scaleWithin(room, whole, 0, n, 1)
    const sum = exponentiateRow(room, whole, largest)
    store<f32>(losses + (<usize>row << 2), <f32>(logarithm(sum) - (<f64>wanted - <f64>largest)))
    if (dLogits) {
      const inverse = <f32>1 / sum
      const one = room + (<usize>target << 2)
      const ofTarget = scale * (load<f32>(one) * inverse - 1)
      scaleRowTwice(room, whole, inverse, scale)
      store<f32>(one, ofTarget)
      memory.copy(dLogits + at, room, bytes)
    }
  }
}
