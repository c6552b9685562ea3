/** base^exponent mod m, of integers as long as gas allows. The exponent's bytes are read from the left, four bits at a time. */

/** Products of two numbers up to here are exact as numbers. */
const SMALL = 2n ** 26n

export function power(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  if (modulus === 1n) return 0n
  const first = exponent.findIndex((byte) => byte !== 0)
  if (first === -1) return 1n
  const digits = exponent.subarray(first)
  if (modulus <= SMALL) return BigInt(smallPower(Number(base % modulus), digits, Number(modulus)))
  return windowedPower(base % modulus, digits, modulus)
}

function smallPower(base: number, exponent: Uint8Array, modulus: number): number {
  let result = 1
  for (const byte of exponent) {
    for (let bit = 7; bit >= 0; bit--) {
      result = (result * result) % modulus
      if ((byte >> bit) & 1) result = (result * base) % modulus
    }
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
