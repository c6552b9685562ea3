/** From scores to a request's leaf (docs/protocol.md, "Attribution"): entries, then the receipt around them. */
import type { Hex } from 'viem'
import { type Entry, selectEntries } from '../../protocol/entries.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import type { AnswerReceipt } from '../../protocol/receipt.ts'
import { threshold } from '../../protocol/score.ts'
import type { Artifact } from './artifact.ts'
import type { Withdrawn } from './corpus.ts'

/** The governed numbers that entries depend on. */
export type EntryRules = { thresholdZ: bigint; maxEntries: number }

/**
 * Entries of a request from the raw scores of all rows of its version. A row keeps the cluster id of its publication, and is
 * listed by it while the cluster that stands for it as of the block of `withdrawn` does.
 */
export function entriesOf(
  artifact: Pick<Artifact, 'rows' | 'dims'>,
  raws: Int32Array,
  rules: EntryRules,
  withdrawn: Withdrawn,
): Entry[] {
  const rows = artifact.rows.map(({ cluster, scale }) => {
    const canonical = withdrawn.merged?.get(cluster) ?? cluster
    // By cluster alone, as the chain counts: a row of a member who left is listed still, or its omission could be challenged.
    return { cluster, canonical, scale, withdrawn: withdrawn.clusters.has(canonical) }
  })
  const theta = threshold(rules.thresholdZ, artifact.dims)
  return selectEntries({ rows, raws, theta, maxEntries: rules.maxEntries })
}

/** The leaf of an answered request. `asOf`: L2 block as of which withdrawals were read. */
export function settlementLeaf(
  receipt: AnswerReceipt,
  attribution: { asOf: bigint; queryHash: Hex; entries: readonly Leaf['entries'][number][] },
): Leaf {
  const { channel, n, version, fee, promptTokens, outputTokens, promptHash, outputHash, openable } = receipt
  const { asOf, queryHash, entries } = attribution
  return {
    channel,
    n,
    version,
    fee,
    promptTokens,
    outputTokens,
    promptHash,
    outputHash,
    openable,
    asOf,
    queryHash,
    entries,
  }
}
