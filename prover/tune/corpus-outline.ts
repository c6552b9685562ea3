/**
 * What a tuned version is trained on: a corpus (attribute/corpus.ts) without its contents, which lie in the artifact store, and with one
 * document of each cluster, its earliest contribution that is left: near-copies are not trained on twice and have no rows.
 * Plain values, which pass between processes by structured clone.
 */
import type { Corpus, CorpusContribution } from '../attribute/corpus.ts'

export type CorpusOutline = {
  /** Ascending. */
  datanets: bigint[]
  /** L2 block as of which the corpus was read: the run's seed. */
  block: bigint
  /** By contribution id. */
  documents: CorpusContribution[]
}

/** Contributions of one cluster: the one with the lowest id stays. */
export function outlineOf({
  datanets,
  block,
  documents,
}: Pick<Corpus, 'datanets' | 'block'> & { documents: readonly CorpusContribution[] }): CorpusOutline {
  const ascending = [...documents].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  const seen = new Set<bigint>()
  const first = ascending.filter(({ cluster }) => !seen.has(cluster) && seen.add(cluster))
  return {
    datanets: [...datanets],
    block,
    documents: first.map(({ id, datanet, cluster, contentHash }) => ({ id, datanet, cluster, contentHash })),
  }
}
