import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { trainBytePairs } from '../train/bpe-trainer.ts'
import { spellBytes } from './byte-alphabet.ts'
import { bytePairTokenizer } from './byte-pair-tokenizer.ts'
import { encodeVocabulary } from './byte-pair-vocabulary.ts'
import { ModelFileError } from './model-file-error.ts'
import { encodeJson } from './testing/tiny-checkpoint.ts'
import { libraryTokenizer, loadTokenizer, MAX_TEXT, openTokenizer, TextTooLongError } from './tokenizer.ts'
import { MAX_TOKENIZER_BYTES, parseTokenizerFile } from './tokenizer-file.ts'

const TEXT =
  'contract Token { function transfer(address to, uint256 value) public returns (bool) { return true; } } // été 日本'
const VOCABULARY = trainBytePairs([TEXT], { vocabSize: 330, specials: ['<|begin|>', '<|end|>'], minCount: 1 })
const OURS = encodeVocabulary(VOCABULARY)
const fields = () => JSON.parse(new TextDecoder().decode(OURS))

/** A tokenizer.json like GPT-2's and LLaMA 3's: bytes, a Unicode pattern, an added token in front of every text. */
function llamaLike() {
  const vocab = Object.fromEntries(Array.from({ length: 256 }, (_, byte) => [spellBytes([byte]), byte]))
  Object.assign(vocab, { he: 256, ll: 257, hell: 258, Ġhell: 259 })
  return {
    version: '1.0',
    added_tokens: [{ id: 260, content: '<|begin_of_text|>', special: true }],
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: String.raw`[^\r\n\p{L}\p{N}]?\p{L}+|\s+(?!\S)|\s+` }, behavior: 'Isolated' },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<|begin_of_text|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
    },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges: [['h', 'e'], 'l l', ['he', 'll'], ['Ġ', 'hell']] },
  }
}

describe('tokenizer.json', () => {
  it('is opened from disk', async () => {
    const path = join(await temporaryDirectory(), 'tokenizer.json')
    await writeFile(path, OURS)
    const tokenizer = await openTokenizer(path)
    expect(tokenizer.decode(tokenizer.encode(TEXT))).toBe(TEXT)
  })

  it('is refused above a size before it is read', async () => {
    const path = join(await temporaryDirectory(), 'tokenizer.json')
    await writeFile(path, '')
    await truncate(path, MAX_TOKENIZER_BYTES + 1)
    await expect(openTokenizer(path)).rejects.toThrow(`tokenizer.json: size: is above ${MAX_TOKENIZER_BYTES} bytes`)
  })

  it('of our own asks no Unicode table; another kind names the part that does', () => {
    expect(parseTokenizerFile(OURS, 'x').hostUnicode).toBeUndefined()
    const of = (file: object) => parseTokenizerFile(encodeJson(file), 'x').hostUnicode
    expect(of(llamaLike())).toBe('pre_tokenizer.0')
    expect(of({ ...fields(), normalizer: { type: 'NFC' } })).toBe('normalizer')
    expect(of({ ...fields(), pre_tokenizer: { type: 'ByteLevel' } })).toBe('pre_tokenizer')
    const stripping = [{ ...fields().added_tokens[0], rstrip: true }]
    expect(of({ ...fields(), added_tokens: stripping })).toBe('added_tokens.0')
    // LLaMA 2: "▁" for spaces, bytes for what has no token.
    const sentencePiece = {
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Prepend', prepend: '▁' },
          { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        ],
      },
      pre_tokenizer: null,
      decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] },
    }
    expect(of({ ...fields(), ...sentencePiece })).toBeUndefined()
  })

  it.each<[string, (file: ReturnType<typeof fields>) => void, RegExp]>([
    [
      'of another model',
      (file) => Object.assign(file.model, { type: 'Unigram' }),
      /model.type: only BPE is supported, got "Unigram"/,
    ],
    ['that encodes at random', (file) => Object.assign(file.model, { dropout: 0.1 }), /model.dropout: must be absent/],
    ['without a vocabulary', (file) => Object.assign(file.model, { vocab: [] }), /model.vocab: must be an object/],
    [
      'with an id beyond all bounds',
      (file) => Object.assign(file.model.vocab, { x1: 2 ** 31 }),
      /model.vocab.x1: must be a whole number below/,
    ],
    [
      'with an id twice',
      (file) => Object.assign(file.model.vocab, { x1: 5 }),
      /model.vocab.x1: is the id of another token/,
    ],
    [
      'without a token for a byte',
      (file) => Reflect.deleteProperty(file.model.vocab, 'Ā'),
      /model.vocab: has no Ā and there is no unk_token/,
    ],
    [
      'that falls back to bytes it lacks',
      (file) => Object.assign(file.model, { byte_fallback: true }),
      /model.vocab: has no <0x00> and/,
    ],
    [
      'with an added token that must stand alone',
      (file) => Object.assign(file.added_tokens[0], { single_word: true }),
      /added_tokens.0.single_word: /,
    ],
    [
      'with a merge of nothing known',
      (file) => file.model.merges.push('qq qq'),
      /model.merges.\d+: is not in model.vocab, got "qq"/,
    ],
    ['with a merge of three', (file) => file.model.merges.push('a b c'), /model.merges.\d+: must be two tokens/],
    [
      'with an unknown part',
      (file) => Object.assign(file, { normalizer: { type: 'Evil' } }),
      /normalizer.type: must be one of/,
    ],
    [
      'with __proto__ for a part',
      (file) => Object.assign(file, { normalizer: { type: 'constructor' } }),
      /normalizer.type: must be one of/,
    ],
    [
      'with a pattern that runs for ever',
      (file) => Object.assign(file.pre_tokenizer.pretokenizers[0], { pattern: { Regex: '(a+)+$' } }),
      /pre_tokenizer.0.pattern.Regex: repeats a group/,
    ],
    [
      'with an added token twice',
      (file) => file.added_tokens.push(file.added_tokens[0]),
      /added_tokens.2.content: stands twice/,
    ],
    [
      'with two added tokens of one id',
      (file) => file.added_tokens.push({ id: 0, content: 'x1' }),
      /added_tokens.2.id: is the id of another token/,
    ],
    [
      'whose added token is another one',
      (file) => Object.assign(file.added_tokens[0], { id: 1 }),
      /added_tokens.0.id: disagrees with model.vocab/,
    ],
    [
      'with an empty added token',
      (file) => Object.assign(file.added_tokens[0], { content: '' }),
      /added_tokens.0.content: must not be empty/,
    ],
  ])('%s is refused', async (_, change, message) => {
    const file = fields()
    change(file)
    await expect(loadTokenizer(encodeJson(file))).rejects.toThrow(message)
    await expect(loadTokenizer(encodeJson(file))).rejects.toThrow(ModelFileError)
  })

  it('gives a ModelFileError or a checked file for any change of its bytes', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: OURS.length - 1 }), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 4 }),
        fc.integer({ min: 0, max: OURS.length }),
        fc.boolean(),
        (changes, length, whole) => {
          const bytes = whole ? OURS.slice() : OURS.slice(0, length)
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
          try {
            parseTokenizerFile(bytes, 'x')
          } catch (error) {
            expect(error).toBeInstanceOf(ModelFileError)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a tokenizer of @huggingface/tokenizers', () => {
  it('gives the ids that ours gives, and their text', async () => {
    const ours = bytePairTokenizer(VOCABULARY)
    const theirs = await libraryTokenizer(parseTokenizerFile(OURS, 'x'), 'x')
    expect(theirs.vocabSize).toBe(ours.vocabSize)
    expect(theirs.specialIds).toEqual(ours.specialIds)
    const part = fc.constantFrom(
      ' ',
      '\n',
      '\t',
      'transfer',
      '<|end|>',
      '<|begin|>',
      '1000',
      '((',
      'é',
      '日本',
      '\u00a0',
      '_x',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(text, fc.boolean(), (given, specials) => {
        const ids = ours.encode(given, { specials })
        expect(theirs.encode(given, { specials })).toEqual(ids)
        expect(theirs.decode(ids)).toBe(ours.decode(ids))
      }),
      { numRuns: 150 },
    )
    for (const whole of [TEXT, ' '.repeat(5_000), 'a'.repeat(5_000), `${TEXT}\n\n`.repeat(50)]) {
      expect(theirs.encode(whole)).toEqual(ours.encode(whole))
    }
  })

  it('knows what its makers put before a text, and does not put it there', async () => {
    const tokenizer = await loadTokenizer(encodeJson(llamaLike()))
    expect([...tokenizer.encode('hell hell')]).toEqual([258, 259])
    expect(tokenizer.decode([260, 258, 259])).toBe('hell hell')
    expect(tokenizer.prefixIds).toEqual([260])
    expect(tokenizer.vocabSize).toBe(261)
    expect(tokenizer.specialIds).toEqual(new Map([['<|begin_of_text|>', 260]]))
  })

  it('takes the text of a special token for plain text unless told otherwise', async () => {
    const tokenizer = await loadTokenizer(encodeJson(llamaLike()))
    expect([...tokenizer.encode('<|begin_of_text|>')]).not.toContain(260)
    expect([...tokenizer.encode('<|begin_of_text|>', { specials: true })]).toEqual([260])
  })

  it('decodes nothing as nothing, and refuses ids that are none and texts that are too long', async () => {
    const tokenizer = await loadTokenizer(encodeJson(llamaLike()))
    expect(tokenizer.decode([])).toBe('')
    expect(tokenizer.decode([260])).toBe('')
    expect(() => tokenizer.decode([261])).toThrow(RangeError)
    expect(() => tokenizer.encode(' '.repeat(MAX_TEXT + 1))).toThrow(TextTooLongError)
  })

  it('leaves added tokens as they are: one that is not normalised is not found in other letters', async () => {
    const file = llamaLike()
    Object.assign(file, { normalizer: { type: 'Lowercase' } })
    Object.assign(file.added_tokens, { 1: { id: 261, content: 'HELL', special: false, normalized: false } })
    const tokenizer = await loadTokenizer(encodeJson(file))
    expect([...tokenizer.encode('HELL')]).toEqual([261])
    expect([...tokenizer.encode('hell')]).toEqual([258])
  })

  it('gives a ModelFileError for a file that the library cannot begin with', async () => {
    const file = llamaLike()
    Object.assign(file.pre_tokenizer.pretokenizers[0]!, { pattern: { Regex: '[z-a]' } })
    await expect(loadTokenizer(encodeJson(file))).rejects.toThrow(/\(root\): the library cannot begin with it/)
    await expect(loadTokenizer(encodeJson(file))).rejects.toThrow(ModelFileError)
  })

  it('gives a ModelFileError or works, for any change of its bytes', async () => {
    const good = encodeJson(llamaLike())
    const change = fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 32, max: 126 }))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = good.slice()
        for (const [at, value] of changes) bytes[at] = value
        try {
          const tokenizer = await loadTokenizer(bytes)
          tokenizer.decode(tokenizer.encode('hell  hello\n été'))
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
