/**
 * What an auditor looks at, drawn by a seed of its own, so that no prover knows beforehand; who has the seed looks at the same:
 * the first 8 bytes of keccak256(purpose, as ASCII ‖ seed u64 ‖ version u64).
 */
import { ByteReader, ByteWriter } from '../../protocol/byte-cursor.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { shuffled } from '../train/shuffle.ts'

const PURPOSES = { interval: 'openledger audit: interval', rows: 'openledger audit: rows' } as const

/** 64 bits each. */
export type DrawSeed = { seed: bigint; version: bigint }

function number({ seed, version }: DrawSeed, purpose: keyof typeof PURPOSES): bigint {
  const bytes = new ByteWriter()
    .raw(new TextEncoder().encode(PURPOSES[purpose]))
    .uint(seed, 8)
    .uint(version, 8)
    .finish()
  return new ByteReader(keccak256(bytes)).uint(8)
}

/** One of `count` intervals, from 0. */
export function drawInterval(draw: DrawSeed, count: number): number {
  return Number(number(draw, 'interval') % BigInt(count))
}

/** `most` of `count` rows, ascending; all, where there are no more. */
export function drawRows(draw: DrawSeed, count: number, most: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index)
  return shuffled(all, number(draw, 'rows'))
    .slice(0, most)
    .sort((a, b) => a - b)
}
