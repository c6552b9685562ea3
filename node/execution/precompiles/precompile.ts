/** Contracts that the protocol itself provides: what a call costs, and what it gives. */

export type Precompile = {
  /** Of a call with this input, whether or not it is valid. */
  gas(input: Uint8Array): bigint
  /** undefined where the input is not valid: the call fails, and its gas is gone. */
  run(input: Uint8Array): Uint8Array | undefined
}

/** `size` bytes of the input from an offset on; beyond its end there are zeros. */
export function padded(input: Uint8Array, offset: number, size: number): Uint8Array {
  if (offset + size <= input.length) return input.subarray(offset, offset + size)
  const bytes = new Uint8Array(size)
  bytes.set(input.subarray(offset))
  return bytes
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** Words of 32 bytes begun. */
export function words(input: Uint8Array): bigint {
  return BigInt(Math.ceil(input.length / 32))
}

export const ONE_WORD = new Uint8Array(32).fill(1, 31)
export const ZERO_WORD = new Uint8Array(32)
