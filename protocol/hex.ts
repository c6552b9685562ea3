/** Hexadecimal text and bytes, the same in Node and in the browser. */
import type { Hex } from 'viem'

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case `0x…` text of the bytes. */
export function toHex(bytes: Uint8Array): Hex {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte]!
  return `0x${text}`
}

/** Bytes of `0x…` text. Throws RangeError where the text is not hexadecimal or not of `length` bytes. */
export function fromHex(hex: string, length?: number): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex)) throw new RangeError(`not bytes in hexadecimal: ${hex.slice(0, 80)}`)
  const bytes = new Uint8Array(hex.length / 2 - 1)
  if (length !== undefined && bytes.length !== length) {
    throw new RangeError(`expected ${length} bytes, got ${bytes.length}: ${hex.slice(0, 80)}`)
  }
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16)
  return bytes
}
