/**
 * BM25 (Robertson, Walker 1994) over token ids: which passages a question is about. Floats are fine here:
 * what is retrieved is an answer, not consensus; the answer's tokens are what everything later rests on.
 *
 *     score(q, d) = Σ_t idf(t) · f·(k1 + 1) / (f + k1·(1 − b + b·|d|/avg)),   idf(t) = ln(1 + (N − n + ½)/(n + ½))
 */

/** The usual constants: saturation of a term's frequency, and how much a passage's length counts. */
export const K1 = 1.2
export const B = 0.75

/** Passages that have a term, with how often they have it. */
type Posting = { passage: number; frequency: number }

export type Bm25Index = {
  postings: Map<number, Posting[]>
  /** Tokens of each passage. */
  lengths: number[]
  averageLength: number
}

/** `passages`: token ids of each. */
export function buildBm25(passages: readonly Uint32Array[]): Bm25Index {
  const postings = new Map<number, Posting[]>()
  passages.forEach((ids, passage) => {
    for (const id of ids) {
      const list = postings.get(id)
      const last = list?.at(-1)
      if (last?.passage === passage) last.frequency++
      else if (list) list.push({ passage, frequency: 1 })
      else postings.set(id, [{ passage, frequency: 1 }])
    }
  })
  const lengths = passages.map((ids) => ids.length)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  return { postings, lengths, averageLength: passages.length === 0 ? 0 : total / passages.length }
}

export type Hit = { passage: number; score: number }

/** The passages that match best, at most `limit`, best first, ties by lower index. Empty where no term is known. */
export function rankBm25(index: Bm25Index, query: Uint32Array, limit: number): Hit[] {
  const count = index.lengths.length
  const scores = new Map<number, number>()
  for (const id of new Set(query)) {
    const postings = index.postings.get(id) ?? []
    const idf = Math.log(1 + (count - postings.length + 0.5) / (postings.length + 0.5))
    for (const { passage, frequency } of postings) {
      const length = index.lengths[passage]! / index.averageLength
      const gain = (idf * frequency * (K1 + 1)) / (frequency + K1 * (1 - B + B * length))
      scores.set(passage, (scores.get(passage) ?? 0) + gain)
    }
  }
  const hits = [...scores].map(([passage, score]) => ({ passage, score }))
  return hits.sort((a, b) => b.score - a.score || a.passage - b.passage).slice(0, limit)
}
