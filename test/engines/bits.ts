/** Every hash that must be the same on all engines: of the kernels' operations, and of models that stand on them. */
import type { Kernel } from '../../prover/kernel/f32.ts'
import type { ScoresKernel } from '../../prover/kernel/scores.ts'
import { drawn } from '../../prover/kernel/testing/drawn.ts'
import { CASES, hashOf } from '../../prover/kernel/vectors/cases.ts'
import { modelBits } from './model-bits.ts'

/** SHA-256 by what was hashed. */
export type Bits = Record<string, string>

/** What an engine says of itself: its name, and its bits by the number of threads. */
export type EngineReport = { engine: string; bits: Record<number, Bits> }

export async function allBits(kernel: Kernel, scores: ScoresKernel): Promise<Bits> {
  const bits: Bits = { ...(await modelBits(kernel)), scores: await scoresHash(scores) }
  for (const name of Object.keys(CASES)) bits[`kernel: ${name}`] = await hashOf(kernel, name)
  return bits
}

async function scoresHash(scores: ScoresKernel): Promise<string> {
  const [rows, dims] = [37, 32_768]
  const signs = Uint8Array.from(drawn((rows * dims) / 8, 5), (value) => value * 64 + 128)
  const query = Int8Array.from(drawn(dims, 6), (value) => value * 63)
  return await sha256([scores.scores({ rows, dims, signs }, query)])
}

/** Over the arrays' bytes, one after the other; all engines here are little endian. */
export async function sha256(parts: readonly ArrayBufferView[]): Promise<string> {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
