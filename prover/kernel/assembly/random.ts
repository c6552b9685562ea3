/**
 * Random numbers that depend on a seed and an index only, so that any part can be drawn by any thread. The generator is
 * SplitMix64 (Steele, Lea and Flood 2014), read at its index.
 */
import { logarithm } from './exponential'
import { cosine } from './trigonometry'

const GOLDEN: u64 = 0x9e3779b97f4a7c15
const TAU: f64 = 6.283185307179586

/** The 64 bits of `index` under a seed. */
// @ts-ignore: decorator
@inline
function bitsAt(seed: u64, index: u64): u64 {
  let z = seed + (index + 1) * GOLDEN
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb
  return z ^ (z >> 31)
}

// @ts-ignore: decorator
@inline
function seedOf(low: u32, high: u32): u64 {
  return (<u64>high << 32) | <u64>low
}

/** A double in [0, 1) of 53 bits. */
// @ts-ignore: decorator
@inline
function unit(bits: u64): f64 {
  return <f64>(bits >> 11) * 1.1102230246251565e-16
}

/** target[i] = low + (high − low)·u, u in [0, 1). Elements first … last − 1. */
export function uniform(target: usize, seedLow: u32, seedHigh: u32, low: f64, high: f64, first: i32, last: i32): void {
  const seed = seedOf(seedLow, seedHigh)
  for (let i = first; i < last; i++) store<f32>(target + (<usize>i << 2), <f32>(low + (high - low) * unit(bitsAt(seed, i))))
}

/** target[i] = deviation · a normal number, by Box and Muller (1958): √(−2·ln(1 − u))·cos(2π·w). */
export function normal(target: usize, seedLow: u32, seedHigh: u32, deviation: f64, first: i32, last: i32): void {
  const seed = seedOf(seedLow, seedHigh)
  for (let i = first; i < last; i++) {
    const u = unit(bitsAt(seed, 2 * <u64>i))
    const w = unit(bitsAt(seed, 2 * <u64>i + 1))
    store<f32>(target + (<usize>i << 2), <f32>(deviation * sqrt<f64>(-2 * logarithm(1 - u)) * cosine(TAU * w)))
  }
}

/** count bytes, eight of an index each, least significant first. */
export function randomBytes(target: usize, seedLow: u32, seedHigh: u32, count: i32): void {
  const seed = seedOf(seedLow, seedHigh)
  for (let i = 0; i < count; i++) store<u8>(target + <usize>i, <u8>(bitsAt(seed, <u64>(i >> 3)) >> (<u64>(i & 7) << 3)))
}
