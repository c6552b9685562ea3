/** What is known of a code before it runs: where jumps may go, and what its pushes push. Kept by code hash. */
import type { Hex } from 'viem'
import { RecentCache } from '../../state/recent-cache.ts'

const JUMPDEST = 0x5b
const PUSH1 = 0x60
const PUSH32 = 0x7f

export type Code = {
  bytes: Uint8Array
  /** 1 where a JUMPDEST stands that is no push's data. */
  jumps: Uint8Array
  /** The word that a push at this place pushes, from its first time on. */
  pushes: (bigint | undefined)[]
}

/** Contracts whose analysis is held; the largest take some 200 KiB. */
const KEPT = 128
const known = new RecentCache<Hex, Code>(KEPT)

/** `hash` is absent for init code, which mostly runs once. */
export function analysed(bytes: Uint8Array, hash: Hex | undefined): Code {
  const held = hash === undefined ? undefined : known.get(hash)
  if (held !== undefined) return held
  const code = { bytes, jumps: jumpTargets(bytes), pushes: new Array<bigint | undefined>(bytes.length) }
  if (hash !== undefined) known.set(hash, code)
  return code
}

function jumpTargets(bytes: Uint8Array): Uint8Array {
  const jumps = new Uint8Array(bytes.length)
  for (let at = 0; at < bytes.length; at++) {
    const opcode = bytes[at]!
    if (opcode === JUMPDEST) jumps[at] = 1
    else if (opcode >= PUSH1 && opcode <= PUSH32) at += opcode - PUSH1 + 1
  }
  return jumps
}

/** What a push of so many bytes, whose first is at `at`, pushes; beyond the code's end there are zeros. */
export function pushed({ bytes, pushes }: Code, at: number, size: number): bigint {
  const held = pushes[at]
  if (held !== undefined) return held
  let word = 0n
  for (let index = at; index < at + size; index++) word = (word << 8n) | BigInt(bytes[index] ?? 0)
  pushes[at] = word
  return word
}
