/**
 * Opens a tokenizer.json. One of our own (byte-pair-vocabulary.ts) is read by our own code, which needs no package and
 * gives the same ids on every host; all others by @huggingface/tokenizers, after tokenizer-file.ts has checked them.
 */
import { basename } from 'node:path'
import { bytePairTokenizer } from './byte-pair-tokenizer.ts'
import { readVocabulary } from './byte-pair-vocabulary.ts'
import { ModelFileError } from './model-file-error.ts'
import { readSmallFile } from './small-file.ts'
import { checkIds, type Tokenizer } from './tokenizer-face.ts'
import { MAX_TOKENIZER_BYTES, parseTokenizerFile, type TokenizerFile } from './tokenizer-file.ts'

export type { Tokenizer } from './tokenizer-face.ts'

export const TOKENIZER_FILE = 'tokenizer.json'

/**
 * UTF-16 units that the library takes at once: its patterns may take time that grows with the square of white space.
 */
export const MAX_TEXT = 1_048_576

/** A text that is too long for one call. The caller cuts it, at a document's or a line's end. */
export class TextTooLongError extends Error {
  override name = 'TextTooLongError'
  constructor(length: number) {
    super(`text: ${length} characters are too many to encode at once, the most is ${MAX_TEXT}`)
  }
}

/** Throws {@link ModelFileError} where the file is absent, too large or wrong. */
export async function openTokenizer(path: string): Promise<Tokenizer> {
  return loadTokenizer(await readSmallFile(path, MAX_TOKENIZER_BYTES), basename(path))
}

/** From the file's bytes. Throws {@link ModelFileError}. */
export async function loadTokenizer(bytes: Uint8Array, file = TOKENIZER_FILE): Promise<Tokenizer> {
  const parsed = parseTokenizerFile(bytes, file)
  const ours = readVocabulary(parsed)
  return ours ? bytePairTokenizer(ours) : libraryTokenizer(parsed, file)
}

/** What we use of the library's class, whose own types do not resolve for a strict reader of modules. */
type LibraryTokenizer = {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | undefined)[] }
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string
}

/** The library's tokenizer for a checked file. */
export async function libraryTokenizer(parsed: TokenizerFile, file: string): Promise<Tokenizer> {
  const library = await import('@huggingface/tokenizers')
  const guard = <T>(what: string, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      const reason = `the library cannot ${what} with it: ${(error as Error).message}`
      throw new ModelFileError({ file, field: '(root)', reason })
    }
  }
  const begin = (json: object): LibraryTokenizer => guard('begin', () => new library.Tokenizer(json, {}))
  const specials = new Set(parsed.added_tokens.filter(({ special }) => special))
  const whole = begin(parsed.json)
  // The library always takes the text of an added token for that token; here it knows none of the special ones.
  const plainJson = { ...parsed.json, added_tokens: parsed.added_tokens.filter((token) => !specials.has(token)) }
  const plain = begin(plainJson)
  const idsOf = (tokenizer: LibraryTokenizer, text: string, add_special_tokens: boolean) => {
    if (text.length > MAX_TEXT) throw new TextTooLongError(text.length)
    const { ids } = guard('encode', () => tokenizer.encode(text, { add_special_tokens }))
    return Uint32Array.from(ids, (id) => {
      if (id !== undefined) return id
      throw new ModelFileError({ file, field: 'model.vocab', reason: 'has no token for a part of the text' })
    })
  }
  const ids = [...parsed.vocab.values(), ...parsed.added_tokens.map(({ id }) => id)]
  const vocabSize = ids.reduce((highest, id) => Math.max(highest, id), -1) + 1
  const specialIds = new Map([...specials].map(({ content, id }) => [content, id]))
  const skipped = new Set(specialIds.values())
  return {
    encode: (text, options) => idsOf(options?.specials ? whole : plain, text, false),
    decode: (given) => {
      const kept = [...given]
      checkIds(kept, vocabSize)
      const shown = kept.filter((id) => !skipped.has(id))
      // Without clean-up, which would eat spaces before punctuation: decoding undoes encoding.
      const options = { skip_special_tokens: false, clean_up_tokenization_spaces: false }
      return shown.length ? guard('decode', () => whole.decode(shown, options)) : ''
    },
    vocabSize,
    specialIds,
    prefixIds: prefixOf(idsOf(whole, 'a', true), idsOf(whole, 'a', false)),
    hostUnicode: parsed.hostUnicode,
  }
}

/** What stands before the text's own ids. */
function prefixOf(whole: Uint32Array, text: Uint32Array): number[] {
  const start = [...whole].findIndex((_, at) => text.every((id, index) => whole[at + index] === id))
  return [...whole.subarray(0, Math.max(start, 0))]
}
