/**
 * What a tuned version is trained on: a corpus (attribute/corpus.ts) without its contents, which lie in the artifact store.
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

/** A corpus as it passes between processes. */
export function outlineOf({
  datanets,
  block,
  documents,
}: Pick<Corpus, 'datanets' | 'block'> & { documents: readonly CorpusContribution[] }): CorpusOutline {
  return {
    datanets: [...datanets],
    block,
    documents: documents.map(({ id, datanet, cluster, contentHash }) => ({ id, datanet, cluster, contentHash })),
  }
}
