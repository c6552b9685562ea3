/**
 * How far a committed feature may lie from the reference kernel's (docs/protocol.md, "Challenges", 4): a device that rounds otherwise
 * than the kernel is honest, so a few signs, a little length and a few steps of 1 are no fault. And the bytes of a recomputed
 * feature, whose hash a committee votes on:
 *
 *     row      scale u16 ‖ signs (4,096 bytes)        zeros where the row is void
 *     query    int8 × 32,768                          no bytes where the query is void
 */
import { DIMS, type Row, SIGN_BYTES } from './row.ts'

/** Signs of a row, and coordinates of a query, of which one in so many may differ. */
const TOLERATED_PART = 64
export const FEATURE_BYTES = 2 + SIGN_BYTES

export type RowFeature = Pick<Row, 'scale' | 'signs'>

export function encodeFeature({ scale, signs }: RowFeature): Uint8Array {
  const bytes = new Uint8Array(FEATURE_BYTES)
  bytes[0] = scale >> 8
  bytes[1] = scale & 255
  bytes.set(signs, 2)
  return bytes
}

/** Inverse of {@link encodeFeature}. Throws RangeError on any other length. */
export function decodeFeature(bytes: Uint8Array): RowFeature {
  if (bytes.length !== FEATURE_BYTES) throw new RangeError(`feature: ${bytes.length} bytes, expected ${FEATURE_BYTES}`)
  return { scale: bytes[0]! * 256 + bytes[1]!, signs: bytes.subarray(2) }
}

/** How many signs differ. */
function differentSigns(one: Uint8Array, other: Uint8Array): number {
  let different = 0
  for (let at = 0; at < SIGN_BYTES; at++) {
    let bits = one[at]! ^ other[at]!
    for (; bits !== 0; bits &= bits - 1) different++
  }
  return different
}

/** Why a committed row is not the recomputed one, or undefined: more than 1/64 of its signs, or its scale by more than 1 %. */
export function rowFault(committed: RowFeature, recomputed: RowFeature): string | undefined {
  if ((committed.scale === 0) !== (recomputed.scale === 0))
    return recomputed.scale === 0 ? 'the row is void and has a scale' : 'the row is not void and has no scale'
  const scales = Math.abs(committed.scale - recomputed.scale)
  if (100 * scales > recomputed.scale) return `its scale is ${committed.scale}, recomputed ${recomputed.scale}`
  const signs = differentSigns(committed.signs, recomputed.signs)
  if (TOLERATED_PART * signs > DIMS) return `${signs} of its ${DIMS} signs differ from what was recomputed`
  return undefined
}

/**
 * Why a committed query is not the recomputed one, or undefined: a coordinate by more than 1, or more than 1/64 of them at all.
 * A void query has no coordinates.
 */
export function queryFault(committed: Int8Array, recomputed: Int8Array): string | undefined {
  if (committed.length !== recomputed.length)
    return recomputed.length === 0 ? 'the query is void and has coordinates' : 'the query is not void'
  let different = 0
  for (let k = 0; k < committed.length; k++) {
    const distance = Math.abs(committed[k]! - recomputed[k]!)
    if (distance > 1) return `its coordinate ${k} is ${committed[k]}, recomputed ${recomputed[k]}`
    different += distance
  }
  if (TOLERATED_PART * different > committed.length)
    return `${different} of its ${committed.length} coordinates differ from what was recomputed`
  return undefined
}
