/**
 * Our own vocabulary: byte pairs over bytes (Sennrich 1508.07909; bytes as in GPT-2), with a fixed rule for pieces.
 * Ids, in order: the special tokens, the 256 bytes, the merges. Nothing in it depends on tables of a host's Unicode
 * version: pieces are cut by ASCII classes, every code point above 0x7f counts as a letter, and there is no
 * normalisation.
 *
 * It is stored as a tokenizer.json that Hugging Face's libraries read and that gives the same ids there.
 */
import { spellBytes } from './byte-alphabet.ts'

/**
 * Pieces, which no token crosses: a word, a number of up to three digits or a run of signs, each with the space before
 * it; white space otherwise, of which the last character is left to the next piece. Runs are cut at a length, so that
 * work grows with the text's length and not with its square.
 */
export const PIECE_PATTERN = [
  String.raw` ?[^\x00-\x40\x5B-\x5E\x60\x7B-\x7F]{1,32}`,
  ' ?[0-9]{1,3}',
  String.raw` ?[\x00-\x08\x0B\x0C\x0E-\x1F\x21-\x2F\x3A-\x40\x5B-\x5E\x60\x7B-\x7F]{1,16}`,
  String.raw`[ \t\r\n]{1,32}(?![^ \t\r\n])`,
  String.raw`[ \t\r\n]{1,32}`,
].join('|')

const PIECE = new RegExp(PIECE_PATTERN, 'gu')

/** The pieces of a text; joined they are the text. */
export const cutPieces = (text: string): string[] => text.match(PIECE) ?? []

export type BytePairVocabulary = {
  /** Ids 0, 1, … */
  specials: readonly string[]
  /** Merge i joins two earlier ids and makes the id specials + 256 + i. Lower ones go first. */
  merges: readonly (readonly [left: number, right: number])[]
}

export const sizeOf = ({ specials, merges }: BytePairVocabulary): number => specials.length + 256 + merges.length

/** Bytes of every token by id; a special token has its text's. */
export function tokenBytes({ specials, merges }: BytePairVocabulary): Uint8Array[] {
  const encoder = new TextEncoder()
  const tokens: Uint8Array[] = specials.map((text) => encoder.encode(text))
  for (let byte = 0; byte < 256; byte++) tokens.push(Uint8Array.of(byte))
  for (const [left, right] of merges) tokens.push(Uint8Array.of(...tokens[left]!, ...tokens[right]!))
  return tokens
}

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }

const PRE_TOKENIZER = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: PIECE_PATTERN }, behavior: 'Isolated', invert: false },
    BYTE_LEVEL,
  ],
}

/** The tokenizer.json. The same vocabulary gives the same bytes. */
export function encodeVocabulary(vocabulary: BytePairVocabulary): Uint8Array<ArrayBuffer> {
  const { specials, merges } = vocabulary
  const spellings = tokenBytes(vocabulary).map((bytes, id) => specials[id] ?? spellBytes(bytes))
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: null,
    decoder: BYTE_LEVEL,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(spellings.map((spelling, id) => [spelling, id])),
      // A space between the two is the older spelling, which every version reads; no token holds one.
      merges: merges.map(([left, right]) => `${spellings[left]} ${spellings[right]}`),
    },
  }
  return new TextEncoder().encode(`${JSON.stringify(file, undefined, 1)}\n`)
}

/** The parts of a checked tokenizer.json that tell whether it is one of ours. */
export type BytePairFile = {
  normalizer: unknown
  pre_tokenizer: unknown
  post_processor: unknown
  decoder: unknown
  added_tokens: readonly { id: number; content: string; special: boolean }[]
  vocab: ReadonlyMap<string, number>
  merges: readonly (readonly [string, string])[]
}

/** The vocabulary in a tokenizer.json that {@link encodeVocabulary} has written; undefined for every other one. */
export function readVocabulary(file: BytePairFile): BytePairVocabulary | undefined {
  const isOurs =
    file.normalizer === null &&
    file.post_processor === null &&
    sameJson(file.pre_tokenizer, PRE_TOKENIZER) &&
    sameJson(file.decoder, BYTE_LEVEL) &&
    file.added_tokens.every(({ id, special }, index) => id === index && special)
  if (!isOurs) return undefined
  const specials = file.added_tokens.map(({ content }) => content)
  const merges: [number, number][] = []
  for (const [left, right] of file.merges) {
    const made = specials.length + 256 + merges.length
    const isEarlier = (id: number | undefined): id is number => id !== undefined && id >= specials.length && id < made
    const [first, second] = [file.vocab.get(left), file.vocab.get(right)]
    if (!isEarlier(first) || !isEarlier(second)) return undefined
    merges.push([first, second])
  }
  const vocabulary = { specials, merges }
  if (sizeOf(vocabulary) !== file.vocab.size) return undefined
  const isCanonical = tokenBytes(vocabulary).every(
    (bytes, id) => file.vocab.get(specials[id] ?? spellBytes(bytes)) === id,
  )
  return isCanonical ? vocabulary : undefined
}

/** Equal but for the order of keys. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))]
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)))
}
