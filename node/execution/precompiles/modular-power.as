/**
 * Powers modulo an odd number, by Montgomery's products (P. L. Montgomery, "Modular Multiplication Without Trial Division", 1985), and
 * modulo a power of two, by products cut off; in AssemblyScript. Numbers are words of 32 bits, little endian, at most 256 of them;
 * a modulus of two words has products of its own. The exponent comes in pieces, from the left, four bits a step.
 *
 *   memory  1,024 modulus · 2,048 result · 3,072 product, two words more · 8,192 powers 0 to 15 of the base · 32,768 piece
 *
 * With R = 2^(32·words), a number a stands for a·R where the modulus is odd.
 */

const MODULUS: usize = 1_024
const RESULT: usize = 2_048
const PRODUCT: usize = 3_072
const POWERS: usize = 8_192
const PIECE: usize = 32_768

/** Bytes of a number. */
let size: usize = 0
let isOdd: bool = true
/** The modulus's inverse modulo 2^64. */
let inverse: u64 = 0

/** The high half of a product of 64 bits each. */
@inline function high(a: u64, b: u64): u64 {
  const a0 = a & 0xffff_ffff
  const a1 = a >> 32
  const b0 = b & 0xffff_ffff
  const b1 = b >> 32
  const low = a0 * b0
  const cross = a1 * b0 + (low >> 32)
  const other = a0 * b1 + (cross & 0xffff_ffff)
  return a1 * b1 + (cross >> 32) + (other >> 32)
}

/** a·b/2^64 modulo an odd number of 64 bits. */
@inline function product64(a: u64, b: u64, modulus: u64, inverse: u64): u64 {
  const top = high(a, b)
  const taken = high(a * b * inverse, modulus)
  return top - taken + (top < taken ? modulus : 0)
}

/** `to` = a·b/R modulo the odd modulus; row by row, each reduced by a word as it is added. */
function reducedProduct(to: usize, a: usize, b: usize): void {
  const negated: u32 = -(<u32>inverse)
  memory.fill(PRODUCT, 0, size + 8)
  for (let row: usize = 0; row < size; row += 4) {
    const factor: u64 = load<u32>(b + row)
    let added: u64 = factor * <u64>load<u32>(a) + <u64>load<u32>(PRODUCT)
    const times: u64 = <u32>added * negated
    let reduced: u64 = times * <u64>load<u32>(MODULUS) + <u64>(<u32>added)
    for (let at: usize = 4; at < size; at += 4) {
      added = factor * <u64>load<u32>(a + at) + <u64>load<u32>(PRODUCT + at) + (added >> 32)
      reduced = times * <u64>load<u32>(MODULUS + at) + <u64>(<u32>added) + (reduced >> 32)
      store<u32>(PRODUCT - 4 + at, <u32>reduced)
    }
    const last: u64 = <u64>load<u32>(PRODUCT + size) + (added >> 32) + (reduced >> 32)
    store<u32>(PRODUCT - 4 + size, <u32>last)
    store<u32>(PRODUCT + size, <u32>(last >> 32))
  }
  if (load<u32>(PRODUCT + size) != 0 || !isBelowModulus()) subtractModulus(to)
  else memory.copy(to, PRODUCT, size)
}

@inline function isBelowModulus(): bool {
  for (let at: usize = size; at > 0; at -= 4) {
    const ours = load<u32>(PRODUCT - 4 + at)
    const theirs = load<u32>(MODULUS - 4 + at)
    if (ours != theirs) return ours < theirs
  }
  return false
}

@inline function subtractModulus(to: usize): void {
  let borrow: i64 = 0
  for (let at: usize = 0; at < size; at += 4) {
    borrow += <i64>load<u32>(PRODUCT + at) - <i64>load<u32>(MODULUS + at)
    store<u32>(to + at, <u32>borrow)
    borrow >>= 32
  }
}

/** `to` = a·b modulo R. */
function lowProduct(to: usize, a: usize, b: usize): void {
  memory.fill(PRODUCT, 0, size)
  for (let row: usize = 0; row < size; row += 4) {
    const factor: u64 = load<u32>(b + row)
    let added: u64 = 0
    for (let at: usize = 0; row + at < size; at += 4) {
      added = factor * <u64>load<u32>(a + at) + <u64>load<u32>(PRODUCT + row + at) + (added >> 32)
      store<u32>(PRODUCT + row + at, <u32>added)
    }
  }
  memory.copy(to, PRODUCT, size)
}

function multiply(to: usize, a: usize, b: usize): void {
  if (size == 8) store<u64>(to, multiply64(load<u64>(a), load<u64>(b), load<u64>(MODULUS), inverse))
  else if (isOdd) reducedProduct(to, a, b)
  else lowProduct(to, a, b)
}

@inline function multiply64(a: u64, b: u64, modulus: u64, inverse: u64): u64 {
  return isOdd ? product64(a, b, modulus, inverse) : a * b
}

/**
 * Takes modulus, power 0 and power 1 as they lie in memory, and makes the other powers. `words` is even; where `odd` is
 * not set, the modulus is R and is not read.
 */
export function begin(words: u32, odd: bool): void {
  size = <usize>words << 2
  isOdd = odd
  const modulus = load<u64>(MODULUS)
  // Right in its last three bits; each step doubles them.
  inverse = modulus
  for (let step = 0; step < 5; step++) inverse *= 2 - modulus * inverse
  for (let index: usize = 2; index < 16; index++)
    multiply(POWERS + index * size, POWERS + (index - 1) * size, POWERS + size)
  memory.copy(RESULT, POWERS, size)
}

/** Goes on by so many bytes of the exponent. Few a call: the engine puts fast code in the place of slow between calls alone. */
export function raise(bytes: usize): void {
  if (size == 8) {
    raise64(bytes)
    return
  }
  for (let at: usize = 0; at < bytes; at++) {
    const byte: usize = load<u8>(PIECE + at)
    step(byte >> 4)
    step(byte & 15)
  }
}

@inline function step(digit: usize): void {
  multiply(RESULT, RESULT, RESULT)
  multiply(RESULT, RESULT, RESULT)
  multiply(RESULT, RESULT, RESULT)
  multiply(RESULT, RESULT, RESULT)
  if (digit != 0) multiply(RESULT, RESULT, POWERS + digit * size)
}

function raise64(bytes: usize): void {
  const modulus = load<u64>(MODULUS)
  const modulusInverse = inverse
  let result = load<u64>(RESULT)
  for (let at: usize = 0; at < bytes << 1; at++) {
    const byte: usize = load<u8>(PIECE + (at >> 1))
    const digit: usize = at & 1 ? byte & 15 : byte >> 4
    result = multiply64(result, result, modulus, modulusInverse)
    result = multiply64(result, result, modulus, modulusInverse)
    result = multiply64(result, result, modulus, modulusInverse)
    result = multiply64(result, result, modulus, modulusInverse)
    if (digit != 0) result = multiply64(result, load<u64>(POWERS + (digit << 3)), modulus, modulusInverse)
  }
  store<u64>(RESULT, result)
}

/** The result as it is, without R. */
export function end(): void {
  if (!isOdd) return
  memory.fill(POWERS, 0, size)
  store<u32>(POWERS, 1)
  multiply(RESULT, RESULT, POWERS)
}
