/**
 * A content as the model reads it, window by window. A window is 512 of the protocol's tokens; its bytes go from its first token to the next
 * window's (from the content's start in the first, to its end in the last), so that white space is in them too. They are encoded one
 * by one, and a token of the model is a target in exactly one window:
 *
 *     ⟨begin⟩ a a a a │ b b b b │ c c ⟨end⟩           the content, in three windows
 *     └─ids─┘ └ids… of b: the token before b, b b b    every id's target is the token after it
 *
 * So the training loss is the sum over the windows, which is what attribution takes apart. A window's ids and targets are cut at every
 * `length` tokens into pieces, none of which sees another.
 */
import { cutWindows } from '../../protocol/manifest.ts'
import { lexicalTokens, type Token, tokenIds } from '../../protocol/tokens.ts'
import type { ModelConfig } from '../model/config.ts'
import { CONFIG_FILE } from '../model/config.ts'
import { ModelFileError } from '../model/model-file-error.ts'
import type { Tokenizer } from '../model/tokenizer-face.ts'
import type { TrainingSequence } from '../model/trainable.ts'

export type TextRules = {
  readonly tokenizer: Pick<Tokenizer, 'encode'>
  readonly beginId: number
  readonly endId: number
  /** Most tokens of a piece. */
  readonly length: number
}

export type WindowText = {
  /** Protocol tokens [start, end) of the content. */
  start: number
  end: number
  /** Ids of those, for the lexical vector. */
  lexicalIds: Uint32Array
  pieces: TrainingSequence[]
}

/** Throws {@link ModelFileError} where the config names no end token. */
export function textRules(tokenizer: Pick<Tokenizer, 'encode'>, config: ModelConfig, length: number): TextRules {
  const endId = config.endIds[0]
  if (endId === undefined) {
    const reason = 'must name a token: texts end with it'
    throw new ModelFileError({ file: CONFIG_FILE, field: 'eos_token_id', reason })
  }
  return { tokenizer, beginId: config.beginId ?? endId, endId, length }
}

/** All windows of a content. Bytes that are not UTF-8 are read as U+FFFD, as the WHATWG's decoder has it. */
export function windowTexts(content: Uint8Array, rules: TextRules): WindowText[] {
  const tokens = lexicalTokens(content)
  const windows = cutWindows(tokens.length)
  let before = rules.beginId
  return windows.map(({ start, end }, index) => {
    const ids = rules.tokenizer.encode(textOf(content, tokens, start, end))
    const isLast = index === windows.length - 1
    const stream = new Uint32Array(1 + ids.length + (isLast ? 1 : 0)).fill(rules.endId)
    stream[0] = before
    stream.set(ids, 1)
    before = stream.at(-1)!
    return { start, end, lexicalIds: tokenIds(tokens.slice(start, end)), pieces: cutPieces(stream, rules.length) }
  })
}

function textOf(content: Uint8Array, tokens: readonly Token[], start: number, end: number): string {
  const from = start === 0 ? 0 : tokens[start]!.start
  const to = end < tokens.length ? tokens[end]!.start : content.length
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(content.subarray(from, to))
}

/** Every token after the first as a target once, `length` at most in a piece. */
export function cutPieces(stream: Uint32Array, length: number): TrainingSequence[] {
  const pieces: TrainingSequence[] = []
  for (let start = 0; start + 1 < stream.length; start += length) {
    const end = Math.min(start + length, stream.length - 1)
    pieces.push({ ids: stream.subarray(start, end), targets: stream.subarray(start + 1, end + 1) })
  }
  return pieces
}
