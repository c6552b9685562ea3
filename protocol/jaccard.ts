/** Similarity of two contents counted exactly, where MinHash only estimates it (docs/protocol.md, "Datanets"). */

const SHINGLE = 8

/** A content's different runs of 8 bytes; a shorter content is one, padded with zeros. */
function shingles(content: Uint8Array): Set<bigint> {
  const bytes = new Uint8Array(Math.max(content.length, SHINGLE))
  bytes.set(content)
  const view = new DataView(bytes.buffer)
  const set = new Set<bigint>()
  for (let at = 0; at + SHINGLE <= bytes.length; at++) set.add(view.getBigUint64(at))
  return set
}

/** ⌊10000·|A ∩ B| / |A ∪ B|⌋ over the contents' shingles of 8 bytes. */
export function jaccardBps(a: Uint8Array, b: Uint8Array): number {
  const left = shingles(a)
  const right = shingles(b)
  let common = 0
  for (const shingle of left) if (right.has(shingle)) common++
  return Math.floor((10_000 * common) / (left.size + right.size - common))
}
