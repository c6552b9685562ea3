/**
 * A text's n-grams with their weights: what the lexical feature is made of.
 *
 * An n-gram (1 … 3 token ids t₁ … tₙ) has the 32-bit key h: start with h = n, then for each id
 * h = mix32(h·0x9e3779b1 ^ id). Its weight in a text is rarity·(1 + log2 count), both in 1/256, so that
 * repeating a word helps little. Rarity is log2((windows + 1) / windows with the n-gram) over the
 * windows of a version (inverse document frequency, Spärck Jones 1972), folded in at publication. An
 * n-gram that no window has weighs nothing: only what a version's rows know is evidence.
 */
import { ByteReader, ByteWriter, concatBytes } from './byte-cursor.ts'
import { LOG2_BITS, log2Fixed, mix32 } from './integer.ts'

export const MAX_NGRAM = 3

/** Largest text, in tokens; keeps every sum of the lexical feature in int32 (see lexical.ts). */
export const MAX_TEXT_TOKENS = 65_536

/** In how many windows of a version each n-gram stands. */
export type Rarity = {
  /** Windows in all. */
  windows: number
  /** Keys of all n-grams that stand in any window, ascending. */
  keys: Uint32Array
  /** By position in `keys`: windows that have the n-gram, 1 … windows. */
  counts: Uint32Array
}

/** How often each n-gram key occurs in a text, in the order of first occurrence. Throws RangeError on a text over {@link MAX_TEXT_TOKENS}. */
export function countNgrams(ids: Uint32Array): Map<number, number> {
  if (ids.length > MAX_TEXT_TOKENS) throw new RangeError(`text has ${ids.length} tokens, at most ${MAX_TEXT_TOKENS}`)
  const counts = new Map<number, number>()
  for (let n = 1; n <= MAX_NGRAM; n++) {
    for (let at = 0; at + n <= ids.length; at++) {
      let key = n
      for (let i = at; i < at + n; i++) key = mix32(Math.imul(key, 0x9e3779b1) ^ ids[i]!)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return counts
}

/** Rarity over the windows (token ids) of a version's rows. The order of the windows does not matter. */
export function buildRarity(windows: readonly Uint32Array[]): Rarity {
  const totals = new Map<number, number>()
  for (const ids of windows) {
    for (const key of countNgrams(ids).keys()) totals.set(key, (totals.get(key) ?? 0) + 1)
  }
  const keys = Uint32Array.from(totals.keys()).sort()
  return { windows: windows.length, keys, counts: Uint32Array.from(keys, (key) => totals.get(key)!) }
}

/** Rarity of an n-gram in 1/256, 0 … 8191; 0 where no window has it. */
function rarityOf(rarity: Rarity, key: number): number {
  let low = 0
  let high = rarity.keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rarity.keys[middle]! < key) low = middle + 1
    else high = middle
  }
  if (rarity.keys[low] !== key) return 0
  return log2Fixed(rarity.windows + 1) - log2Fixed(rarity.counts[low]!)
}

/** Weights above 0 of a text's n-grams by key. Each is at most count·8191. */
export function weighNgrams(ids: Uint32Array, rarity: Rarity): Map<number, number> {
  const weights = new Map<number, number>()
  for (const [key, count] of countNgrams(ids)) {
    const weight = (rarityOf(rarity, key) * ((1 << LOG2_BITS) + log2Fixed(count))) >> LOG2_BITS
    if (weight > 0) weights.set(key, weight)
  }
  return weights
}

/** windows u32 ‖ count u32 ‖ count × key u32 ‖ count × windows-with-it u32, big endian. Its keccak256 commits to the rarity. */
export function encodeRarity(rarity: Rarity): Uint8Array {
  const head = new ByteWriter().uint(rarity.windows, 4).uint(rarity.keys.length, 4).finish()
  return concatBytes([head, encodeWords(rarity.keys), encodeWords(rarity.counts)])
}

/** Inverse of {@link encodeRarity}. Throws RangeError on anything that it would not write. */
export function decodeRarity(bytes: Uint8Array): Rarity {
  const reader = new ByteReader(bytes)
  const windows = reader.number(4)
  const size = reader.number(4)
  const rarity = { windows, keys: decodeWords(reader.raw(4 * size)), counts: decodeWords(reader.raw(4 * size)) }
  reader.end()
  for (let i = 0; i < size; i++) {
    if (i > 0 && rarity.keys[i - 1]! >= rarity.keys[i]!) throw new RangeError(`rarity key ${i} is not ascending`)
    const count = rarity.counts[i]!
    if (count < 1 || count > windows) throw new RangeError(`rarity count ${i} is ${count}, not in 1 … ${windows}`)
  }
  return rarity
}

function encodeWords(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i]!)
  return bytes
}

function decodeWords(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words = new Uint32Array(bytes.length / 4)
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(4 * i)
  return words
}
