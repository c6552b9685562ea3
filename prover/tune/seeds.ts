/**
 * Every seed of a tuned version follows from its run's: the first 8 bytes of keccak256(purpose, as ASCII ‖ run seed u64). The publisher
 * picks none of them.
 */
import { ByteReader, ByteWriter } from '../../protocol/byte-cursor.ts'
import { keccak256 } from '../../protocol/keccak.ts'

const PURPOSES = {
  /** The adapter's first weights. */
  adapter: 'openledger tune: adapter',
  /** How texts are put together, and in which order they are trained on. */
  packing: 'openledger tune: packing',
  order: 'openledger tune: order',
  /** Which rows the curvature is made of, and the targets drawn for it. */
  curvatureRows: 'openledger tune: curvature rows',
  labels: 'openledger tune: labels',
  /** The sketch's signs and coordinates. */
  features: 'openledger tune: features',
} as const

export type TuningSeeds = Record<keyof typeof PURPOSES, bigint>

/** 64 bits each. Throws RangeError for a run seed beyond 64 bits. */
export function tuningSeeds(runSeed: bigint): TuningSeeds {
  const seed = (purpose: string) => {
    const bytes = new ByteWriter().raw(new TextEncoder().encode(purpose)).uint(runSeed, 8).finish()
    return new ByteReader(keccak256(bytes)).uint(8)
  }
  return {
    adapter: seed(PURPOSES.adapter),
    packing: seed(PURPOSES.packing),
    order: seed(PURPOSES.order),
    curvatureRows: seed(PURPOSES.curvatureRows),
    labels: seed(PURPOSES.labels),
    features: seed(PURPOSES.features),
  }
}
