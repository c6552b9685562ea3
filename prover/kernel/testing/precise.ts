/**
 * exp, ln, sin and cos to some 150 bits in integers, to measure by how many ulp a float or double is off. A number is a BigInt
 * times 2^−BITS.
 */
const BITS = 192n
export const ONE = 1n << BITS

/** A double, exactly; it must be a multiple of 2^−BITS. */
export function fixed(x: number): bigint {
  let [mantissa, exponent] = [x, 0n]
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent++
  }
  if (exponent > BITS) throw new RangeError(`${x} is too small`)
  return BigInt(mantissa) << (BITS - exponent)
}

// Towards zero, so that the terms of a series end at 0 and not at −1.
const times = (a: bigint, b: bigint): bigint => (a * b) / ONE
const over = (a: bigint, b: bigint): bigint => (a << BITS) / b

/** Σ x^k/k! of the terms k = first, first + step, …, with signs that alternate where told. */
function series(x: bigint, first: bigint, step: bigint, alternating: boolean): bigint {
  let term = first === 0n ? ONE : x
  let sum = 0n
  for (let k = first; term !== 0n; k += step) {
    sum += term
    for (let j = 1n; j <= step; j++) term = times(term, x) / (k + j)
    if (alternating) term = -term
  }
  return sum
}

/** e^x, |x| ≤ 2¹⁰: by (e^(x/2¹²))^(2¹²). */
export function preciseExp(x: bigint): bigint {
  let power = series(x >> 12n, 0n, 1n, false)
  for (let i = 0; i < 12; i++) power = times(power, power)
  return power
}

/** ln x by the series of 2·artanh((x − 1)/(x + 1)), 1/4 ≤ x ≤ 4. */
export function preciseLog(x: bigint): bigint {
  const s = over(x - ONE, x + ONE)
  const square = times(s, s)
  let power = s
  let sum = 0n
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k
    power = times(power, square)
  }
  return 2n * sum
}

/** artan(1/n) */
function inverseTangent(n: bigint): bigint {
  let power = ONE / n
  let sum = 0n
  for (let k = 1n, sign = 1n; power !== 0n; k += 2n, sign = -sign) {
    sum += (sign * power) / k
    power /= n * n
  }
  return sum
}

/** Machin's formula. */
const PI = 4n * (4n * inverseTangent(5n) - inverseTangent(239n))

export function preciseSine(x: bigint): bigint {
  return series(((((x + PI) % (2n * PI)) + 2n * PI) % (2n * PI)) - PI, 1n, 2n, true)
}

export function preciseCosine(x: bigint): bigint {
  return preciseSine(x + PI / 2n)
}

/** |actual − exact| in units of the last place of a float with `mantissa` bits (24 or 53) near `exact`. */
export function ulps(actual: number, exact: bigint, mantissa: number): number {
  const difference = fixed(actual) - exact
  const magnitude = exact < 0n ? -exact : exact
  const exponent = magnitude.toString(2).length - mantissa
  const scaled = (difference < 0n ? -difference : difference) << 20n
  return Number(exponent >= 0 ? scaled >> BigInt(exponent) : scaled << BigInt(-exponent)) / 2 ** 20
}
