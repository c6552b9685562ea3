/**
 * tokenizer.json (Hugging Face tokenizers, serialised `Tokenizer`) as it must be before anything is built from it:
 * sizes within bounds, ids and merges that agree, only known parts, and patterns that cannot run for ever
 * (tokenizer-pattern.ts).
 */
import { z } from 'zod'
import { spellBytes } from './byte-alphabet.ts'
import { MAX_VOCABULARY } from './config.ts'
import { type Refusal, refusalIn } from './model-file-error.ts'
import { parseFields, parseJson } from './strict-json.ts'
import { asksUnicode, patternObjection } from './tokenizer-pattern.ts'

/** The largest public files (vocabularies of 256k) have 35 MB. */
export const MAX_TOKENIZER_BYTES = 64 * 1024 * 1024
const MAX_MERGES = 1_048_576
const MAX_TOKEN_LENGTH = 4_096
const MAX_PARTS = 64

export type AddedToken = { id: number; content: string; special: boolean; lstrip: boolean; rstrip: boolean }

export type TokenizerFile = {
  normalizer: unknown
  pre_tokenizer: unknown
  post_processor: unknown
  decoder: unknown
  added_tokens: readonly AddedToken[]
  /** Of the model; added tokens may stand in it too. */
  vocab: ReadonlyMap<string, number>
  merges: readonly (readonly [left: string, right: string])[]
  /** The first part that asks the Unicode tables of the host, as a path. */
  hostUnicode: string | undefined
  /** The whole, for the library. */
  json: object
}

/** Known kinds of parts; true where what they do follows from Unicode tables. A kind that is not here is refused. */
const PARTS: Readonly<Record<'normalizer' | 'pre_tokenizer' | 'post_processor' | 'decoder', Record<string, boolean>>> =
  {
    normalizer: {
      Sequence: false,
      Prepend: false,
      Replace: false,
      NFC: true,
      NFD: true,
      NFKC: true,
      NFKD: true,
      Strip: true,
      StripAccents: true,
      Lowercase: true,
      Precompiled: true,
    },
    pre_tokenizer: {
      Sequence: false,
      Split: false,
      Metaspace: false,
      ByteLevel: false,
      Digits: true,
      Punctuation: true,
      Whitespace: true,
      WhitespaceSplit: true,
    },
    post_processor: { Sequence: false, TemplateProcessing: false, ByteLevel: false },
    decoder: {
      Sequence: false,
      ByteLevel: false,
      ByteFallback: false,
      Fuse: false,
      Metaspace: false,
      Replace: false,
      Strip: false,
      BPEDecoder: false,
    },
  }

const tokenText = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_TOKEN_LENGTH, `must have at most ${MAX_TOKEN_LENGTH} characters`)
const flag = z.boolean().default(false)

const fileSchema = z.object({
  added_tokens: z
    .array(
      z.looseObject({
        id: z
          .number()
          .int('must be a whole number')
          .min(0, 'must not be negative')
          .max(MAX_VOCABULARY - 1),
        content: tokenText,
        special: flag,
        lstrip: flag,
        rstrip: flag,
        single_word: z.literal(false, 'is not supported').nullish(),
      }),
    )
    .max(65_536)
    .default([]),
  normalizer: z.unknown().default(null),
  pre_tokenizer: z.unknown().default(null),
  post_processor: z.unknown().default(null),
  decoder: z.unknown().default(null),
  model: z.object({
    type: z.literal('BPE', 'only BPE is supported'),
    dropout: z.literal(0, 'must be absent: encoding must not be random').nullish(),
    unk_token: z.string().nullish(),
    byte_fallback: z.boolean().nullish(),
    vocab: z.unknown(),
    merges: z.array(z.unknown()).max(MAX_MERGES, `must have at most ${MAX_MERGES} merges`),
  }),
})

/** Throws {@link ModelFileError} that names the first wrong field. */
export function parseTokenizerFile(bytes: Uint8Array, file: string): TokenizerFile {
  const refuse = refusalIn(file)
  const json = parseJson(bytes, file)
  const fields = parseFields(fileSchema, json, file)
  const vocab = readVocab(fields.model.vocab, refuse)
  checkAddedTokens(fields.added_tokens, vocab, refuse)
  if (!fields.model.unk_token) checkBytes(vocab, fields.model.byte_fallback ?? false, refuse)
  const hostUnicode = (['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'] as const)
    .map((section) => checkPart(fields[section], PARTS[section], section, refuse))
    .find((path) => path !== undefined)
  const stripped = fields.added_tokens.findIndex(({ lstrip, rstrip }) => lstrip || rstrip)
  const merges = fields.model.merges.map((merge, index) => readMerge(merge, index, vocab, refuse))
  return {
    normalizer: fields.normalizer,
    pre_tokenizer: fields.pre_tokenizer,
    post_processor: fields.post_processor,
    decoder: fields.decoder,
    added_tokens: fields.added_tokens,
    vocab,
    merges,
    hostUnicode: hostUnicode ?? (stripped >= 0 ? `added_tokens.${stripped}` : undefined),
    // All parts that the library insists on, absent ones as null; merges in one form, as it looks at the first only.
    json: { ...(json as object), ...fields, model: { ...Reflect.get(json as object, 'model'), merges } },
  }
}

function readVocab(value: unknown, refuse: Refusal): Map<string, number> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse('model.vocab', value, 'must be an object of tokens and ids')
  }
  const vocab = new Map<string, number>()
  const taken = new Uint8Array(MAX_VOCABULARY)
  for (const [token, id] of Object.entries(value)) {
    if (token.length > MAX_TOKEN_LENGTH) throw refuse('model.vocab', token, `has above ${MAX_TOKEN_LENGTH} characters`)
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MAX_VOCABULARY) {
      throw refuse(`model.vocab.${token}`, id, `must be a whole number below ${MAX_VOCABULARY}`)
    }
    if (taken[id]) throw refuse(`model.vocab.${token}`, id, 'is the id of another token')
    taken[id] = 1
    vocab.set(token, id)
  }
  return vocab
}

function checkAddedTokens(tokens: readonly AddedToken[], vocab: ReadonlyMap<string, number>, refuse: Refusal): void {
  const idOf = new Map<string, number>()
  const textOf = new Map([...vocab].map(([text, id]) => [id, text]))
  for (const [index, { id, content }] of tokens.entries()) {
    const field = `added_tokens.${index}`
    if (idOf.has(content)) throw refuse(`${field}.content`, content, 'stands twice')
    idOf.set(content, id)
    const elsewhere = vocab.get(content)
    if (elsewhere !== undefined && elsewhere !== id) {
      throw refuse(`${field}.id`, id, `disagrees with model.vocab, where the token is ${elsewhere}`)
    }
    const other = textOf.get(id)
    if (other !== undefined && other !== content) throw refuse(`${field}.id`, id, 'is the id of another token')
    textOf.set(id, content)
  }
}

/**
 * Without a token for the unknown, the library drops what it has no token for: then there must be one for each byte.
 */
function checkBytes(vocab: ReadonlyMap<string, number>, byteFallback: boolean, refuse: Refusal): void {
  for (let byte = 0; byte < 256; byte++) {
    const token = byteFallback ? `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>` : spellBytes([byte])
    if (!vocab.has(token)) throw refuse('model.vocab', undefined, `has no ${token} and there is no unk_token`)
  }
}

function readMerge(value: unknown, index: number, vocab: ReadonlyMap<string, number>, refuse: Refusal) {
  const parts: unknown = typeof value === 'string' ? value.split(' ') : value
  const field = `model.merges.${index}`
  if (!Array.isArray(parts) || parts.length !== 2) throw refuse(field, value, 'must be two tokens')
  const [left, right]: unknown[] = parts
  if (typeof left !== 'string' || typeof right !== 'string') throw refuse(field, value, 'must be two tokens')
  for (const token of [left, right, left + right]) {
    if (!vocab.has(token)) throw refuse(field, token, 'is not in model.vocab')
  }
  return [left, right] as const
}

/** Checks a part and those within it. Returns the path of the first that asks Unicode tables. */
function checkPart(value: unknown, kinds: Record<string, boolean>, path: string, refuse: Refusal): string | undefined {
  if (value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw refuse(path, value, 'must be an object or null')
  const { type, pattern, use_regex } = value as { type?: unknown; pattern?: unknown; use_regex?: unknown }
  if (typeof type !== 'string' || !Object.hasOwn(kinds, type)) {
    throw refuse(`${path}.type`, type, `must be one of ${Object.keys(kinds).join(', ')}`)
  }
  const own = kinds[type] || checkPattern(pattern, `${path}.pattern`, refuse)
  // GPT-2's own pattern is within the library, unless it is switched off.
  const builtIn = path.startsWith('pre_tokenizer') && type === 'ByteLevel' && use_regex !== false
  const within = ['normalizers', 'pretokenizers', 'processors', 'decoders']
    .map((list) => Reflect.get(value, list) as unknown)
    .filter((list) => list !== undefined)
    .flatMap((list) => {
      if (!Array.isArray(list) || list.length > MAX_PARTS)
        throw refuse(path, list, `must list at most ${MAX_PARTS} parts`)
      return list.map((part: unknown, index) => checkPart(part, kinds, `${path}.${index}`, refuse))
    })
  return own || builtIn ? path : within.find((found) => found !== undefined)
}

/** Whether the pattern asks Unicode tables. */
function checkPattern(pattern: unknown, path: string, refuse: Refusal): boolean {
  if (pattern === undefined || pattern === null) return false
  const regex: unknown = typeof pattern === 'object' ? Reflect.get(pattern, 'Regex') : undefined
  if (regex === undefined) return false
  const objection = typeof regex === 'string' ? patternObjection(regex) : 'must be text'
  if (objection) throw refuse(`${path}.Regex`, regex, objection)
  return asksUnicode(String(regex))
}
