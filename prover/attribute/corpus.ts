/**
 * What a version is made of: the contributions of a run's Datanets as of a block, with their contents
 * (docs/protocol.md, "Models"). Order is contribution id; of a cluster only the first is taken, so that a near-copy
 * has no rows. A content is believed only by its hash: keccak256, or of one in chunks the root of their tree.
 */
import { type Hex, keccak256 } from 'viem'
import type { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { chunkContent, joinChunks } from '../../protocol/chunks.ts'

export type CorpusContribution = {
  id: ContributionId
  datanet: DatanetId
  cluster: ClusterId
  contentHash: Hex
  /** keccak256 of its chunks, where it came in chunks; contentHash is then the root of their tree. */
  chunks?: readonly Hex[] | undefined
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
   * Contributions that these Datanets had accepted up to and with the block, and whose content the chain had seen by
   * then, in any order, with the clusters that stood for them after it. What was withdrawn since is among them.
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
  const left = all.filter(({ id }) => !withdrawn.contributions.has(id)).sort((a, b) => ascending(a.id, b.id))
  const kept = firstOfEachCluster(left)
  const documents: CorpusDocument[] = []
  for (let start = 0; start < kept.length; start += CONCURRENT_CONTENTS) {
    const batch = kept.slice(start, start + CONCURRENT_CONTENTS)
    documents.push(...(await Promise.all(batch.map((contribution) => withContent(reads, contribution)))))
  }
  return { datanets, block: request.block, documents }
}

/** Of contributions by ascending id. */
function firstOfEachCluster(contributions: readonly CorpusContribution[]): CorpusContribution[] {
  const seen = new Set<bigint>()
  return contributions.filter(({ cluster }) => !seen.has(cluster) && seen.add(cluster))
}

async function withContent(reads: CorpusReads, contribution: CorpusContribution): Promise<CorpusDocument> {
  const { id, contentHash, chunks } = contribution
  const content = chunks
    ? joinChunks(await Promise.all(chunks.map((hash) => held(reads, id, hash))))
    : await held(reads, id, contentHash)
  const hash = chunks ? chunkContent(content).root : keccak256(content)
  if (hash !== contentHash)
    throw new CorpusError(`contribution ${id}: content hashes to ${hash}, expected ${contentHash}`)
  return { ...contribution, content }
}

async function held(reads: CorpusReads, contribution: bigint, hash: Hex): Promise<Uint8Array> {
  const bytes = await reads.content(hash)
  if (!bytes) throw new CorpusError(`contribution ${contribution}: the node does not hold its content ${hash}`)
  return bytes
}
