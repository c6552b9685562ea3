/** What the prover asks of a tokenizer, and what all of them share. */

export type Tokenizer = {
  /**
   * The ids of a text, without a beginning or end token. The text of a special token is plain text unless `specials` is
   * set: text of others must not be able to end a document.
   */
  encode(text: string, options?: { specials?: boolean }): Uint32Array<ArrayBuffer>
  /** The text of ids; special tokens give nothing. Throws a RangeError for an id outside the vocabulary. */
  decode(ids: Iterable<number>): string
  /** Highest id + 1. */
  vocabSize: number
  /** Special tokens by their text. */
  specialIds: ReadonlyMap<string, number>
  /** What the tokenizer's makers put before every text (often one beginning token). */
  prefixIds: readonly number[]
  /**
   * The first part of the file whose result depends on the Unicode tables of the host; undefined where none does (04,
   * consensus).
   */
  hostUnicode: string | undefined
}

export function checkIds(ids: Iterable<number>, vocabSize: number): void {
  for (const id of ids) {
    if (!(Number.isInteger(id) && id >= 0 && id < vocabSize)) throw new RangeError(`token id ${id} of ${vocabSize}`)
  }
}

/**
 * Finds special tokens in a text, of two that begin together the longer; undefined where there are none. For
 * String.split.
 */
export function specialsPattern(specials: readonly string[]): RegExp | undefined {
  if (!specials.length) return undefined
  const longestFirst = specials.toSorted((a, b) => b.length - a.length)
  return new RegExp(`(${longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')})`)
}
