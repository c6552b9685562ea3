/**
 * base^exponent mod m, of integers as long as gas allows. An odd modulus of up to {@link MOST_BYTES} goes by Montgomery's products in
 * WASM (built from modular-power.as); an even one is split into its odd part and its power of two, whose results give the whole (the
 * Chinese remainder theorem). Beyond, BigInt is faster. The exponent's bytes are read from the left, four bits at a time.
 */
import { readFileSync } from 'node:fs'

/** Of a modulus that the module takes. */
const MOST_BYTES = 256
const MOST = 1n << BigInt(8 * MOST_BYTES)

/** Where things lie in the module's memory; see modular-power.as. */
const MODULUS_AT = 1_024
const RESULT_AT = 2_048
const POWERS_AT = 8_192
const PIECE_AT = 32_768
/** Bytes of the exponent a call. */
const PIECE_BYTES = 256

type ModularPowerExports = {
  memory: WebAssembly.Memory
  begin(words: number, odd: number): void
  raise(bytes: number): void
  end(): void
}

const { memory, begin, raise, end } = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(new URL('build/modular-power.wasm', import.meta.url))),
).exports as ModularPowerExports
const bytes = new Uint8Array(memory.buffer)
const view = new DataView(memory.buffer)

export function power(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  if (modulus === 1n) return 0n
  const first = exponent.findIndex((byte) => byte !== 0)
  if (first === -1) return 1n
  const digits = exponent.subarray(first)
  if (digits.length === 1) return shortPower(base % modulus, digits[0]!, modulus)
  if (modulus >= MOST) return windowedPower(base % modulus, digits, modulus)
  if ((modulus & 1n) === 1n) return oddPower(base % modulus, digits, modulus)
  const zeros = trailingZeros(modulus)
  const low = lowPower(BigInt.asUintN(zeros, base), digits, zeros)
  const odd = modulus >> BigInt(zeros)
  if (odd === 1n) return low
  const high = oddPower(base % odd, digits, odd)
  return high + odd * BigInt.asUintN(zeros, (low - high) * inverseModuloPower(odd, zeros))
}

function trailingZeros(number: bigint): number {
  let zeros = 0
  while (BigInt.asUintN(32, number >> BigInt(zeros)) === 0n) zeros += 32
  const word = Number(BigInt.asUintN(32, number >> BigInt(zeros)))
  return zeros + 31 - Math.clz32(word & -word)
}

/** Of an odd number modulo 2^bits. It is its own inverse modulo 8, and each step doubles the bits. */
function inverseModuloPower(odd: bigint, bits: number): bigint {
  let inverse = BigInt.asUintN(3, odd)
  for (let right = 3; right < bits; ) {
    right = Math.min(2 * right, bits)
    inverse = BigInt.asUintN(right, inverse * (2n - odd * inverse))
  }
  return inverse
}

function oddPower(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const quads = quadsOf(modulus)
  const shift = BigInt(64 * quads)
  put(MODULUS_AT, modulus, quads)
  return powerInModule((1n << shift) % modulus, (base << shift) % modulus, exponent, quads, true)
}

function lowPower(base: bigint, exponent: Uint8Array, bits: number): bigint {
  return BigInt.asUintN(bits, powerInModule(1n, base, exponent, Math.ceil(bits / 64), false))
}

function powerInModule(one: bigint, base: bigint, exponent: Uint8Array, quads: number, isOdd: boolean): bigint {
  put(POWERS_AT, one, quads)
  put(POWERS_AT + 8 * quads, base, quads)
  begin(2 * quads, isOdd ? 1 : 0)
  for (let at = 0; at < exponent.length; at += PIECE_BYTES) {
    const piece = exponent.subarray(at, at + PIECE_BYTES)
    bytes.set(piece, PIECE_AT)
    raise(piece.length)
  }
  end()
  let result = 0n
  for (let quad = quads - 1; quad >= 0; quad--) result = (result << 64n) | view.getBigUint64(RESULT_AT + 8 * quad, true)
  return result
}

/** Words of 64 bits that hold a number; at least one. */
function quadsOf(number: bigint): number {
  let quads = 1
  while (number >> BigInt(64 * quads) > 0n) quads++
  return quads
}

function put(at: number, number: bigint, quads: number): void {
  let rest = number
  for (let quad = 0; quad < quads; quad++) {
    view.setBigUint64(at + 8 * quad, rest, true)
    rest >>= 64n
  }
}

/** An exponent of eight bits, not 0. */
function shortPower(base: bigint, exponent: number, modulus: bigint): bigint {
  let result = base
  for (let bit = 30 - Math.clz32(exponent); bit >= 0; bit--) {
    result = (result * result) % modulus
    if ((exponent >> bit) & 1) result = (result * base) % modulus
  }
  return result
}

function windowedPower(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const powers = [1n]
  for (let index = 1; index < 16; index++) powers.push((powers[index - 1]! * base) % modulus)
  let result = 1n
  const step = (digit: number) => {
    for (let squaring = 0; squaring < 4; squaring++) result = (result * result) % modulus
    if (digit > 0) result = (result * powers[digit]!) % modulus
  }
  for (const byte of exponent) {
    step(byte >> 4)
    step(byte & 15)
  }
  return result
}
