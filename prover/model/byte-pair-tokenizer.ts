/** Text to ids and back by our own vocabulary (byte-pair-vocabulary.ts). Time grows with the text's length. */
import { type BytePairVocabulary, cutPieces, sizeOf, tokenBytes } from './byte-pair-vocabulary.ts'
import { checkIds, specialsPattern, type Tokenizer } from './tokenizer-face.ts'

/** Pieces remembered with their ids; forgotten all at once when full. */
const MEMORY = 65_536

/** Ids below 2^20 (tokenizer-file.ts), so a pair is a safe integer. */
const pairKey = (left: number, right: number) => left * 1_048_576 + right

export function bytePairTokenizer(vocabulary: BytePairVocabulary): Tokenizer {
  const { specials } = vocabulary
  const tokens = tokenBytes(vocabulary)
  const specialIds = new Map(specials.map((text, id) => [text, id]))
  const encodePiece = pieceEncoder(vocabulary)
  const pushText = (ids: number[], text: string) => {
    for (const piece of cutPieces(text)) for (const id of encodePiece(piece)) ids.push(id)
  }
  const pattern = specialsPattern(specials)
  return {
    encode: (text, options) => {
      const ids: number[] = []
      if (!options?.specials || !pattern) {
        pushText(ids, text)
      } else {
        for (const part of text.split(pattern)) {
          const id = specialIds.get(part)
          if (id === undefined) pushText(ids, part)
          else ids.push(id)
        }
      }
      return Uint32Array.from(ids)
    },
    decode: (ids) => {
      checkIds(ids, tokens.length)
      const parts = Array.from(ids, (id) => (id < specials.length ? new Uint8Array() : tokens[id]!))
      return decodeBytes(parts)
    },
    vocabSize: sizeOf(vocabulary),
    specialIds,
    prefixIds: [],
    hostUnicode: undefined,
  }
}

/** Bytes that are no UTF-8 (a text cut within a character) become U+FFFD. */
function decodeBytes(parts: readonly Uint8Array[]): string {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function pieceEncoder(vocabulary: BytePairVocabulary): (piece: string) => readonly number[] {
  const firstByte = vocabulary.specials.length
  const firstMerge = firstByte + 256
  const mergeOf = new Map(vocabulary.merges.map(([left, right], index) => [pairKey(left, right), firstMerge + index]))
  const encoder = new TextEncoder()
  const memory = new Map<string, readonly number[]>()
  return (piece) => {
    const known = memory.get(piece)
    if (known) return known
    const ids = Array.from(encoder.encode(piece), (byte) => firstByte + byte)
    while (mergeOnce(ids, mergeOf));
    if (memory.size >= MEMORY) memory.clear()
    memory.set(piece, ids)
    return ids
  }
}

/**
 * Joins the pair that was learnt first (its id is the lowest), the leftmost where it stands often. Returns whether
 * there was any.
 */
function mergeOnce(ids: number[], mergeOf: ReadonlyMap<number, number>): boolean {
  let best = Number.POSITIVE_INFINITY
  let at = -1
  for (let i = 0; i + 1 < ids.length; i++) {
    const made = mergeOf.get(pairKey(ids[i]!, ids[i + 1]!))
    if (made === undefined || made >= best) continue
    best = made
    at = i
  }
  if (at < 0) return false
  ids.splice(at, 2, best)
  return true
}
