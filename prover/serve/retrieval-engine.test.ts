import { describe, expect, it } from 'vitest'
import { buildArtifact } from '../attribute/artifact.ts'
import { readCorpus } from '../attribute/corpus.ts'
import { InMemoryChain, TEST_TEXTS } from '../testing/in-memory-chain.ts'
import { buildBm25, rankBm25 } from './bm25.ts'
import { createRetrievalEngine } from './retrieval-engine.ts'

describe('BM25', () => {
  const index = buildBm25([Uint32Array.of(1, 2, 3), Uint32Array.of(1, 1, 4), Uint32Array.of(5, 6, 7)])

  it('ranks passages by the rare words that they share with the question', () => {
    expect(rankBm25(index, Uint32Array.of(1, 4), 5).map(({ passage }) => passage)).toEqual([1, 0])
  })

  it('gives the value of the formula', () => {
    // N = 3, n = 1, f = 1, |d| = average: idf = ln(1 + 2.5/1.5), gain = idf · 2.2 / 2.2
    expect(rankBm25(index, Uint32Array.of(5), 1)[0]!.score).toBeCloseTo(Math.log(1 + 2.5 / 1.5), 12)
  })

  it('finds nothing for words that no passage has', () => {
    expect(rankBm25(index, Uint32Array.of(99), 5)).toEqual([])
  })
})

describe('the retrieval engine', () => {
  async function engine(texts: readonly string[]) {
    const chain = new InMemoryChain(texts)
    const corpus = await readCorpus(chain, { datanets: [1n], block: 10n })
    const artifact = buildArtifact(corpus, { seed: 10n, maxScaleFactor: 4n })
    return createRetrievalEngine(
      artifact,
      async (hash) => corpus.documents.find((document) => document.contentHash === hash)!.content,
    )
  }

  it('answers with the passage that matches best, and says that it is a retrieval model', async () => {
    const { text, notice, hits } = (await engine(TEST_TEXTS)).answer('Why does a timelock delay operations?')
    expect(text).toBe(TEST_TEXTS[1])
    expect(notice).toMatch(/retrieval model/)
    expect(hits[0]).toMatchObject({ row: 1, contribution: 2n, cluster: 2n })
  })

  it('quotes whole windows with the bytes between their tokens, in any script', async () => {
    const text = 'Ein Zeitschloß verzögert Vorschläge — 時間鎖 — bis alle gehen konnten.'
    expect((await engine([...TEST_TEXTS, text])).answer('時間鎖').text).toBe(text)
  })

  it('says so where no passage has a word of the question', async () => {
    const answer = (await engine(TEST_TEXTS)).answer('zzz')
    expect(answer.hits).toEqual([])
    expect(answer.text).toMatch(/No passage/)
  })
})
