/**
 * The answer engine of a retrieval version: BM25 over the version's rows. It writes nothing of its own; it
 * answers with the passage that matches best, and says so.
 */
import type { Hex } from 'viem'
import type { ClusterId, ContributionId } from '../../genesis/units.ts'
import { lexicalTokens, type Token, tokenIds } from '../../protocol/tokens.ts'
import { textTokenIds } from '../attribute/answer-query.ts'
import type { Artifact } from '../attribute/artifact.ts'
import { buildBm25, rankBm25 } from './bm25.ts'

/** Name of the engine in answers and in `registerBase`. */
export const RETRIEVAL_ENGINE = 'retrieval-bm25'

const NOTICE = 'This is a retrieval model: the answer is a passage quoted from a contribution, chosen by BM25.'
const NOTHING_FOUND = 'No passage of this version has a word of the question.'

/** Passages shown beside an answer. */
const SHOWN_HITS = 5

/** A passage that matches the question. Its score is BM25's: a preview, not what is paid by. */
export type RetrievalHit = { row: number; contribution: ContributionId; cluster: ClusterId; score: number }

export type RetrievalAnswer = {
  text: string
  engine: typeof RETRIEVAL_ENGINE
  /** What the reader must know about how the answer came about. */
  notice: string
  /** Best first. The first is the passage that was quoted; none where nothing was found. */
  hits: RetrievalHit[]
}

export type RetrievalEngine = { answer(prompt: string): RetrievalAnswer }

const utf8 = new TextDecoder()

/** Bytes that tokens [start, end) of a content span. */
function passage(content: Uint8Array, tokens: readonly Token[], start: number, end: number): Uint8Array {
  const [first, last] = [tokens[start], tokens[end - 1]]
  return first && last ? content.slice(first.start, last.end) : new Uint8Array()
}

/** Builds the engine of a version. `content` reads a contribution's bytes by hash; each is read once. */
export async function createRetrievalEngine(
  artifact: Pick<Artifact, 'manifest' | 'rows'>,
  content: (hash: Hex) => Promise<Uint8Array>,
): Promise<RetrievalEngine> {
  const passages: Uint8Array[] = []
  const ids: Uint32Array[] = []
  let current: { hash: Hex; content: Uint8Array; tokens: Token[] } | undefined
  for (const item of artifact.manifest) {
    if (current?.hash !== item.contentHash) {
      const bytes = await content(item.contentHash)
      current = { hash: item.contentHash, content: bytes, tokens: lexicalTokens(bytes) }
    }
    passages.push(passage(current.content, current.tokens, item.start, item.end))
    ids.push(tokenIds(current.tokens.slice(item.start, item.end)))
  }
  const index = buildBm25(ids)
  return {
    answer(prompt) {
      const hits = rankBm25(index, textTokenIds(prompt), SHOWN_HITS).map(({ passage: row, score }) => {
        const { contribution, cluster } = artifact.rows[row]!
        return { row, contribution, cluster, score }
      })
      const best = hits[0]
      const text = best ? utf8.decode(passages[best.row]!) : NOTHING_FOUND
      return { text, engine: RETRIEVAL_ENGINE, notice: NOTICE, hits }
    },
  }
}
