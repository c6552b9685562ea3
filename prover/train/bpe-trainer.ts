/**
 * Learns a byte-pair vocabulary (Sennrich 1508.07909) from text: again and again the most frequent pair of neighbours
 * within a piece becomes a token. Deterministic: of equally frequent pairs the one with the lowest ids is taken, so the
 * order of the texts does not matter. Counts are kept up to date where a merge changes a piece, and never made anew.
 */
import { type BytePairVocabulary, cutPieces } from '../model/byte-pair-vocabulary.ts'
import { MAX_VOCABULARY } from '../model/config.ts'

export type BpeOptions = {
  /** Tokens in all, specials and bytes included. Fewer come out where the text has no more pairs. */
  vocabSize: number
  /** Text of special tokens, in the order of their ids. None may be a piece of plain text. */
  specials: readonly string[]
  /** A pair below this is left alone; 2 where absent. */
  minCount?: number
  /** Longest token; 32 where absent. */
  maxTokenBytes?: number
}

/** A pair of neighbours as one safe integer: left · 2^20 + right, so that lower ids sort first. */
type PairKey = number
const pairKey = (left: number, right: number): PairKey => left * MAX_VOCABULARY + right
const leftOf = (key: PairKey) => Math.floor(key / MAX_VOCABULARY)
const rightOf = (key: PairKey) => key % MAX_VOCABULARY

/** A piece of text as ids, and how often it stands in the texts. */
type Piece = { ids: number[]; count: number }

/** Throws a RangeError where the options cannot be met. */
export function trainBytePairs(texts: Iterable<string>, options: BpeOptions): BytePairVocabulary {
  const { vocabSize, specials, minCount = 2, maxTokenBytes = 32 } = options
  checkOptions(options)
  const pieces = countPieces(texts, specials.length)
  const pairs = new PairCounts()
  for (const [index, piece] of pieces.entries()) pairs.countPiece(piece, index, 1)
  pairs.settle()
  const lengths = Array.from({ length: specials.length + 256 }, () => 1)
  const spelt = new TokenSpellings(specials.length)
  const merges: [number, number][] = []
  while (lengths.length < vocabSize) {
    const best = pairs.takeMostFrequent()
    if (!best || best.count < minCount) break
    const [left, right] = [leftOf(best.key), rightOf(best.key)]
    const length = lengths[left]! + lengths[right]!
    // Two ways to the same bytes would be two tokens of one spelling.
    if (length > maxTokenBytes || !spelt.addJoined(left, right)) continue
    const made = lengths.length
    lengths.push(length)
    merges.push([left, right])
    for (const index of best.places) mergeWithin(pieces[index]!, index, { left, right, made }, pairs)
    pairs.settle()
  }
  return { specials, merges }
}

function checkOptions({ vocabSize, specials }: BpeOptions): void {
  const least = specials.length + 256
  if (!(Number.isInteger(vocabSize) && vocabSize >= least && vocabSize <= MAX_VOCABULARY)) {
    throw new RangeError(`vocabSize: must be from ${least} (specials and bytes) to ${MAX_VOCABULARY}, got ${vocabSize}`)
  }
  if (new Set(specials).size !== specials.length) throw new RangeError('specials: one stands twice')
  for (const special of specials) {
    if (cutPieces(special).length < 2) {
      throw new RangeError(`specials: plain text may become ${JSON.stringify(special)}; use one like "<|end|>"`)
    }
  }
}

function countPieces(texts: Iterable<string>, firstByte: number): Piece[] {
  const counts = new Map<string, number>()
  for (const text of texts) for (const piece of cutPieces(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1)
  const encoder = new TextEncoder()
  return [...counts].map(([text, count]) => ({
    ids: Array.from(encoder.encode(text), (byte) => firstByte + byte),
    count,
  }))
}

type Merge = { left: number; right: number; made: number }

/** Joins the pair everywhere in a piece, from the left, and tells the counts which pairs went and which came. */
function mergeWithin(piece: Piece, index: number, { left, right, made }: Merge, pairs: PairCounts): void {
  const { ids } = piece
  const joined: number[] = []
  for (let i = 0; i < ids.length; i++) {
    const isPair = ids[i] === left && ids[i + 1] === right
    joined.push(isPair ? made : ids[i]!)
    if (isPair) i++
  }
  if (joined.length === ids.length) return
  pairs.countPiece(piece, index, -1)
  piece.ids = joined
  pairs.countPiece(piece, index, 1)
}

/** The tokens that are there, by their bytes. */
class TokenSpellings {
  readonly #texts: string[]
  readonly #known: Set<string>

  constructor(firstByte: number) {
    this.#texts = [
      ...Array<string>(firstByte).fill(''),
      ...Array.from({ length: 256 }, (_, b) => String.fromCharCode(b)),
    ]
    this.#known = new Set(this.#texts)
  }

  /** False, and nothing happens, where a token has these bytes already. */
  addJoined(left: number, right: number): boolean {
    const text = this.#texts[left]! + this.#texts[right]!
    if (this.#known.has(text)) return false
    this.#known.add(text)
    this.#texts.push(text)
    return true
  }
}

/**
 * How often each pair stands, and in which pieces. The most frequent is found by a heap of (count, pair) as they once
 * were: an entry whose count has changed since is put back with the present one when it comes up.
 */
class PairCounts {
  readonly #counts = new Map<PairKey, number>()
  readonly #places = new Map<PairKey, Set<number>>()
  readonly #heap: { key: PairKey; count: number }[] = []
  /** What the pieces of one merge change, together: most pairs of a piece go and come again. */
  readonly #changes = new Map<PairKey, number>()

  /** Adds a piece's pairs, or takes them away; holds from the next {@link settle} on. */
  countPiece({ ids, count }: Piece, index: number, sign: 1 | -1): void {
    for (let i = 0; i + 1 < ids.length; i++) {
      const key = pairKey(ids[i]!, ids[i + 1]!)
      this.#changes.set(key, (this.#changes.get(key) ?? 0) + sign * count)
      if (sign < 0) continue
      const places = this.#places.get(key)
      if (places) places.add(index)
      else this.#places.set(key, new Set([index]))
    }
  }

  settle(): void {
    for (const [key, change] of this.#changes) {
      if (change === 0) continue
      const count = (this.#counts.get(key) ?? 0) + change
      this.#counts.set(key, count)
      if (change > 0) this.#push({ key, count })
    }
    this.#changes.clear()
  }

  /** Takes it out: a pair comes up once. `places` may hold pieces that have lost the pair since. */
  takeMostFrequent(): { key: PairKey; count: number; places: ReadonlySet<number> } | undefined {
    for (let top = this.#pop(); top; top = this.#pop()) {
      const count = this.#counts.get(top.key)
      if (count === undefined || count <= 0) continue
      if (count !== top.count) {
        if (count < top.count) this.#push({ key: top.key, count })
        continue
      }
      const places = this.#places.get(top.key)!
      this.#places.delete(top.key)
      this.#counts.delete(top.key)
      return { ...top, places }
    }
    return undefined
  }

  #push(entry: { key: PairKey; count: number }): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #pop(): { key: PairKey; count: number } | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (!last || heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}

const isBefore = (a: { key: PairKey; count: number }, b: { key: PairKey; count: number }) =>
  a.count > b.count || (a.count === b.count && a.key < b.key)
