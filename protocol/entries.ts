/**
 * A leaf's entries: one per cluster, its best row; by score descending, then index ascending; only
 * raw > theta; at most maxEntries; never a void row, of scale 0 (docs/protocol.md, "Attribution").
 */
import type { ClusterId } from '../genesis/units.ts'

export type Entry = {
  row: number
  cluster: ClusterId
  raw: number
  scale: number
}

/** An entry as it is read back from calldata, its cluster not yet known to be one. */
export type ListedEntry = { row: number; cluster: bigint; raw: number; scale: number }

/** What ranks an entry: below 2³⁸, exact in a number. */
export function entryScore(entry: { raw: number; scale: number }): number {
  return entry.raw * entry.scale
}

/** True where a stands before b. */
function precedes(a: ListedEntry, b: ListedEntry): boolean {
  const difference = entryScore(a) - entryScore(b)
  return difference > 0 || (difference === 0 && a.row < b.row)
}

/** The entries of a request, from the raw scores of all rows of its version. */
export function selectEntries(request: {
  /** By row index. */
  rows: readonly { cluster: ClusterId; scale: number; withdrawn: boolean }[]
  /** By row index. */
  raws: Int32Array
  theta: bigint
  maxEntries: number
}): Entry[] {
  const { rows, raws, theta, maxEntries } = request
  if (rows.length !== raws.length) throw new RangeError(`${raws.length} scores for ${rows.length} rows`)
  const least = Number(theta)
  const best = new Map<ClusterId, Entry>()
  rows.forEach(({ cluster, scale, withdrawn }, row) => {
    const raw = raws[row]!
    if (withdrawn || scale === 0 || raw <= least) return
    const entry = { row, cluster, raw, scale }
    const known = best.get(cluster)
    if (known === undefined || precedes(entry, known)) best.set(cluster, entry)
  })
  return [...best.values()].sort((a, b) => (precedes(a, b) ? -1 : 1)).slice(0, maxEntries)
}

/** Why a list of entries is not well formed, or undefined. */
export function checkEntryOrder(
  entries: readonly ListedEntry[],
  theta: bigint,
  maxEntries: number,
): string | undefined {
  if (entries.length > maxEntries) return `${entries.length} entries, at most ${maxEntries}`
  const clusters = new Set<bigint>()
  for (const [i, entry] of entries.entries()) {
    if (BigInt(entry.raw) <= theta) return `entry ${i}: raw ${entry.raw} is not above ${theta}`
    if (entry.scale < 1 || entry.scale > 0xffff) return `entry ${i}: scale ${entry.scale} is not in 1 … 65535`
    if (clusters.has(entry.cluster)) return `entry ${i}: cluster ${entry.cluster} is listed twice`
    clusters.add(entry.cluster)
    const previous = entries[i - 1]
    if (previous !== undefined && !precedes(previous, entry)) return `entry ${i} stands after one that it precedes`
  }
  return undefined
}
