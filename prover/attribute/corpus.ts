/**
 * What a version is made of: the contributions of a run's Datanets as of a block, with their contents
 * (docs/protocol.md, "Models"). Order is contribution id; a content is believed only by its keccak256.
 */
import { type Hex, keccak256 } from 'viem'
import { ClusterId, ContributionId, type DatanetId } from '../../genesis/units.ts'

export type CorpusContribution = {
  id: ContributionId
  datanet: DatanetId
  cluster: ClusterId
  contentHash: Hex
}

/** What has been taken back or merged: rows of these contributions and clusters earn nothing, merged clusters under another id. */
export type Withdrawn = {
  /** Withdrawn by their contributors, or refuted. */
  contributions: ReadonlySet<bigint>
  /** Clusters whose founder is one of them; each under the id that stands for it. */
  clusters: ReadonlySet<bigint>
  /** By cluster that was merged into another: the one that stands for it. None where absent. */
  merged?: ReadonlyMap<bigint, bigint> | undefined
}

/** What building a version asks of the chain. `chain-corpus.ts` reads it through viem. */
export interface CorpusReads {
  /**
   * Contributions that these Datanets had accepted up to and with the block, in any order, with the clusters that stood
   * for them after it. What was withdrawn since is among them.
   */
  contributions(datanets: readonly bigint[], block: bigint): Promise<CorpusContribution[]>
  /** What had been withdrawn, refuted or merged up to and with the block. */
  withdrawn(block: bigint): Promise<Withdrawn>
  /** Bytes whose keccak256 is asked for; undefined where the node does not hold them. */
  content(hash: Hex): Promise<Uint8Array | undefined>
}

export type CorpusDocument = CorpusContribution & { content: Uint8Array }

export type Corpus = {
  /** Ascending. */
  datanets: bigint[]
  block: bigint
  /** By contribution id. */
  documents: CorpusDocument[]
}

/** A content cannot be had, or is not what the chain says it is. */
export class CorpusError extends Error {
  override name = 'CorpusError'
}

/** Contents asked for at once. */
const CONCURRENT_CONTENTS = 8

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)

/** Reads a corpus. Throws {@link CorpusError} that names the contribution whose content fails. */
export async function readCorpus(
  reads: CorpusReads,
  request: { datanets: readonly bigint[]; block: bigint },
): Promise<Corpus> {
  const datanets = [...new Set(request.datanets)].sort(ascending)
  const all = await reads.contributions(datanets, request.block)
  const withdrawn = await reads.withdrawn(request.block)
  const kept = all.filter(({ id }) => !withdrawn.contributions.has(id)).sort((a, b) => ascending(a.id, b.id))
  const documents: CorpusDocument[] = []
  for (let start = 0; start < kept.length; start += CONCURRENT_CONTENTS) {
    const batch = kept.slice(start, start + CONCURRENT_CONTENTS)
    documents.push(...(await Promise.all(batch.map((contribution) => withContent(reads, contribution)))))
  }
  return { datanets, block: request.block, documents }
}

async function withContent(reads: CorpusReads, contribution: CorpusContribution): Promise<CorpusDocument> {
  const content = await reads.content(contribution.contentHash)
  if (!content) {
    throw new CorpusError(
      `contribution ${contribution.id}: the node does not hold its content ${contribution.contentHash}`,
    )
  }
  const hash = keccak256(content)
  if (hash !== contribution.contentHash) {
    throw new CorpusError(
      `contribution ${contribution.id}: content hashes to ${hash}, expected ${contribution.contentHash}`,
    )
  }
  return { ...contribution, content }
}

/** Brands what a log says. */
export function corpusContribution(log: {
  contribution: bigint
  datanet: DatanetId
  cluster: bigint
  contentHash: Hex
}): CorpusContribution {
  const { contribution, datanet, cluster, contentHash } = log
  return { id: ContributionId(contribution), datanet, cluster: ClusterId(cluster), contentHash }
}
