/**
 * 0x05 MODEXP (EIP-198; prices by EIP-2565 and EIP-7883, bounds by EIP-7823).
 *
 *   base's length ‖ exponent's length ‖ modulus's length, words ‖ base ‖ exponent ‖ modulus  ->  as long as the modulus
 */
import { bytesToUint, EMPTY_BYTES, greater, hexToBytes, lesser } from '../bytes.ts'
import { type Fork, isAtLeast } from '../fork.ts'
import { power } from './modular-power.ts'
import { type Precompile, padded } from './precompile.ts'

const HEAD_BYTES = 96
const WORD = 32n
/** EIP-7823. */
const MAX_BYTES = 1024n
/** Where nothing else bounds them, gas does. */
const MOST_BYTES = 2n ** 31n

type Lengths = { base: bigint; exponent: bigint; modulus: bigint }

export function modexp(fork: Fork): Precompile {
  const isBounded = isAtLeast(fork, 'osaka')
  return {
    gas: (input) => gasOf(input, fork),
    run(input) {
      const { base, exponent, modulus } = lengths(input)
      const most = isBounded ? MAX_BYTES : MOST_BYTES
      if (!isBounded && base === 0n && modulus === 0n) return EMPTY_BYTES
      if (base > most || exponent > most || modulus > most) return undefined
      const [baseBytes, exponentBytes, modulusBytes] = [Number(base), Number(exponent), Number(modulus)]
      const exponentAt = HEAD_BYTES + baseBytes
      const modulusAt = exponentAt + exponentBytes
      const m = bytesToUint(padded(input, modulusAt, modulusBytes))
      if (m === 0n) return new Uint8Array(modulusBytes)
      const b = bytesToUint(padded(input, HEAD_BYTES, baseBytes))
      const result = power(b, padded(input, exponentAt, exponentBytes), m)
      return modulusBytes === 0 ? EMPTY_BYTES : hexToBytes(`0x${result.toString(16).padStart(2 * modulusBytes, '0')}`)
    },
  }
}

function lengths(input: Uint8Array): Lengths {
  const head = padded(input, 0, HEAD_BYTES)
  const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES)
  return { base: wordAt(view, 0), exponent: wordAt(view, 32), modulus: wordAt(view, 64) }
}

function wordAt(view: DataView, offset: number): bigint {
  const low = view.getBigUint64(offset + 24)
  const high =
    (view.getBigUint64(offset) << 128n) | (view.getBigUint64(offset + 8) << 64n) | view.getBigUint64(offset + 16)
  return high === 0n ? low : (high << 64n) | low
}

function gasOf(input: Uint8Array, fork: Fork): bigint {
  const { base, exponent, modulus } = lengths(input)
  const longest = greater(base, modulus)
  const steps = greater(iterations(input, base, exponent, isAtLeast(fork, 'osaka') ? 16n : 8n), 1n)
  const words = (longest + 7n) / 8n
  if (isAtLeast(fork, 'osaka')) return greater((longest <= WORD ? 16n : 2n * words * words) * steps, 500n)
  if (isAtLeast(fork, 'berlin')) return greater((words * words * steps) / 3n, 200n)
  return (complexity(longest) * steps) / 20n
}

/** About how many squarings the exponent asks for: its bits, those beyond the first word at a flat rate. */
function iterations(input: Uint8Array, base: bigint, exponent: bigint, perByte: bigint): bigint {
  const head = lesser(exponent, WORD)
  const beyondInput = BigInt(HEAD_BYTES) + base >= BigInt(input.length)
  const bits = beyondInput ? 0 : bitsBelowFirst(padded(input, HEAD_BYTES + Number(base), Number(head)))
  return perByte * (exponent - head) + BigInt(bits)
}

/** Bits that follow the first that is set; 0 where none is. */
function bitsBelowFirst(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : 8 * (bytes.length - first) - 1 - (Math.clz32(bytes[first]!) - 24)
}

/** EIP-198. */
function complexity(bytes: bigint): bigint {
  if (bytes <= 64n) return bytes * bytes
  if (bytes <= 1024n) return (bytes * bytes) / 4n + 96n * bytes - 3_072n
  return (bytes * bytes) / 16n + 480n * bytes - 199_680n
}
