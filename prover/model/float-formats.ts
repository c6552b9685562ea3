/**
 * f16, bf16 and f32 as bits (IEEE 754-2019; bf16 is the upper half of an f32). Widening is exact; narrowing rounds to
 * nearest, ties to even. Integer arithmetic only, so that every engine gives the same bits. Little endian.
 *
 *   f32   s eeeeeeee mmmmmmmmmmmmmmmmmmmmmmm
 *   bf16  s eeeeeeee mmmmmmm
 *   f16   s eeeee mmmmmmmmmm
 */

export type FloatFormat = 'F32' | 'F16' | 'BF16'

export const BYTES_OF: Readonly<Record<FloatFormat, number>> = { F32: 4, F16: 2, BF16: 2 }

const F32_EXPONENT = 0x7f80_0000

if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
  throw new Error('this machine is big endian: weight files are little endian and are read as they lie')
}

/** Bits of the f32 that equals an f16. */
export function f16ToF32Bits(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const mantissa = half & 0x3ff
  if (exponent === 0x1f) return sign | F32_EXPONENT | (mantissa << 13)
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13)
  if (mantissa === 0) return sign
  // A subnormal, mantissa · 2^-24: shifted until its leading bit is the implicit one.
  const shift = Math.clz32(mantissa) - 21
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13)
}

/** The bf16 nearest to a finite f32 given as bits, ties to even; 0x7f80 or 0xff80 (infinite) where it is too large. */
export function f32BitsToBf16(bits: number): number {
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

/** The same for f16; 0x7c00 or 0xfc00 (infinite) where it is too large. */
export function f32BitsToF16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 112
  if (exponent >= 0x1f) return sign | 0x7c00
  if (exponent < -10) return sign
  // Below exponent 1 the implicit bit becomes visible and moves right.
  const mantissa = exponent > 0 ? bits & 0x7f_ffff : (bits & 0x7f_ffff) | 0x80_0000
  const dropped = exponent > 0 ? 13 : 14 - exponent
  const kept = (Math.max(exponent, 0) << 10) | (mantissa >>> dropped)
  const rest = mantissa & ((1 << dropped) - 1)
  const half = 1 << (dropped - 1)
  return sign | (kept + Number(rest > half || (rest === half && (kept & 1) === 1)))
}

export const isFiniteBits = (bits: number): boolean => (bits & F32_EXPONENT) !== F32_EXPONENT

/**
 * Widens `source` (bytes of the format, aligned to it) into `into` from index `at` on. Returns the index in `into` of
 * the first value that is NaN or infinite, or −1.
 */
export function widen(format: FloatFormat, source: Uint8Array, into: Float32Array, at: number): number {
  const bits = new Uint32Array(into.buffer, into.byteOffset + 4 * at, source.length / BYTES_OF[format])
  if (format === 'F32') {
    bits.set(new Uint32Array(source.buffer, source.byteOffset, bits.length))
  } else {
    const halves = new Uint16Array(source.buffer, source.byteOffset, bits.length)
    if (format === 'BF16') for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16
    else for (let i = 0; i < halves.length; i++) bits[i] = f16ToF32Bits(halves[i]!)
  }
  for (let i = 0; i < bits.length; i++) if (!isFiniteBits(bits[i]!)) return at + i
  return -1
}

/** Bytes of the values in a format, and the index of the first that it has no finite number for, or −1. */
export function narrow(format: FloatFormat, values: Float32Array): { bytes: Uint8Array; voidAt: number } {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  if (format === 'F32') {
    return {
      bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      voidAt: bits.findIndex((value) => !isFiniteBits(value)),
    }
  }
  const [round, exponent] = format === 'BF16' ? [f32BitsToBf16, 0x7f80] : [f32BitsToF16, 0x7c00]
  const halves = new Uint16Array(bits.length)
  let voidAt = -1
  for (let i = 0; i < bits.length && voidAt < 0; i++) {
    halves[i] = isFiniteBits(bits[i]!) ? round(bits[i]!) : exponent
    if ((halves[i]! & exponent) === exponent) voidAt = i
  }
  return { bytes: new Uint8Array(halves.buffer), voidAt }
}
