/**
 * A leaf's entries: the rows that pass theta, by score descending, then index ascending; at most maxEntries; never a void
 * row, of scale 0 (docs/protocol.md, "Attribution"). An entry names the cluster that its row was published with. Where
 * clusters of a version were merged since, copies of one work have rows there: then only rows of one of them are listed,
 * the one that has the best row.
 */
import type { ClusterId } from '../genesis/units.ts'

export type Entry = {
  row: number
  /** The row's own, whatever stands for it now. */
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

type Ranked = { row: number; raw: number; scale: number }

/** True where a stands before b. */
export function precedes(a: Ranked, b: Ranked): boolean {
  const difference = entryScore(a) - entryScore(b)
  return difference > 0 || (difference === 0 && a.row < b.row)
}

/** A row of a version as entries depend on it. */
export type EntryRow = {
  cluster: ClusterId
  scale: number
  /** The cluster that stands for `cluster`; itself where absent. */
  canonical?: bigint
  /** Whether that one is withdrawn. */
  withdrawn: boolean
}

/** The entries of a request, from the raw scores of all rows of its version. */
export function selectEntries(request: {
  /** By row index. */
  rows: readonly EntryRow[]
  /** By row index. */
  raws: Int32Array
  theta: bigint
  maxEntries: number
}): Entry[] {
  const { rows, raws, theta, maxEntries } = request
  if (rows.length !== raws.length) throw new RangeError(`${raws.length} scores for ${rows.length} rows`)
  const least = Number(theta)
  const passing: (Entry & { canonical: bigint })[] = []
  rows.forEach(({ cluster, canonical = cluster, scale, withdrawn }, row) => {
    const raw = raws[row]!
    if (!withdrawn && scale !== 0 && raw > least) passing.push({ row, cluster, raw, scale, canonical })
  })
  passing.sort((a, b) => (precedes(a, b) ? -1 : 1))
  const representing = new Map<bigint, bigint>()
  const entries: Entry[] = []
  for (const { canonical, ...entry } of passing) {
    if (entries.length === maxEntries) break
    const known = representing.get(canonical)
    if (known === undefined) representing.set(canonical, entry.cluster)
    else if (known !== entry.cluster) continue
    entries.push(entry)
  }
  return entries
}

/** Why a list of entries is not well formed, or undefined. */
export function checkEntryOrder(
  entries: readonly ListedEntry[],
  theta: bigint,
  maxEntries: number,
): string | undefined {
  if (entries.length > maxEntries) return `${entries.length} entries, at most ${maxEntries}`
  const rows = new Set<number>()
  for (const [i, entry] of entries.entries()) {
    if (BigInt(entry.raw) <= theta) return `entry ${i}: raw ${entry.raw} is not above ${theta}`
    if (entry.scale < 1 || entry.scale > 0xffff) return `entry ${i}: scale ${entry.scale} is not in 1 … 65535`
    if (rows.has(entry.row)) return `entry ${i}: row ${entry.row} is listed twice`
    rows.add(entry.row)
    const previous = entries[i - 1]
    if (previous !== undefined && !precedes(previous, entry)) return `entry ${i} stands after one that it precedes`
  }
  return undefined
}
