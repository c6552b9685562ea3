/**
 * The BLAKE2b compression precompile 0x09 (EIP-152), in WASM (built from blake2f.as): a round costs one gas, and plain JavaScript does
 * a few million of them a second.
 *
 *   rounds u32, big endian ‖ h 64 bytes ‖ m 128 bytes ‖ t 16 bytes ‖ final u8      (213 bytes)
 */
import { readFileSync } from 'node:fs'
import type { Precompile } from './precompile.ts'

const INPUT_BYTES = 213
/** Where h, m and t lie in the input; the module wants them at the start of its memory. */
const STATE_AT = 4
const FINAL_AT = 212
const STATE_BYTES = 64

/** Rounds a call; a multiple of the schedule's ten. See blake2f.as. */
const ROUNDS_AT_ONCE = 5_000

type Blake2fExports = {
  memory: WebAssembly.Memory
  begin(isLast: number): void
  mix(rounds: number): void
  end(): void
}

const { memory, begin, mix, end } = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(new URL('build/blake2f.wasm', import.meta.url))),
).exports as Blake2fExports

/** What the input asks for, or undefined where it is not well formed. */
export function readBlake2f(input: Uint8Array): { rounds: number; isLast: boolean } | undefined {
  const final = input[FINAL_AT]
  if (input.length !== INPUT_BYTES || (final !== 0 && final !== 1)) return undefined
  const rounds = new DataView(input.buffer, input.byteOffset).getUint32(0)
  return { rounds, isLast: final === 1 }
}

/** The state after the rounds, of an input that {@link readBlake2f} has read. */
export function blake2f(input: Uint8Array, rounds: number, isLast: boolean): Uint8Array {
  const bytes = new Uint8Array(memory.buffer)
  bytes.set(input.subarray(STATE_AT, FINAL_AT), 0)
  begin(isLast ? 1 : 0)
  for (let done = 0; done < rounds; done += ROUNDS_AT_ONCE) mix(Math.min(ROUNDS_AT_ONCE, rounds - done))
  end()
  return bytes.slice(0, STATE_BYTES)
}

/** A round costs a unit of gas. */
export const blake2Compression: Precompile = {
  gas: (input) => BigInt(readBlake2f(input)?.rounds ?? 0),
  run(input) {
    const read = readBlake2f(input)
    return read && blake2f(input, read.rounds, read.isLast)
  },
}
