/**
 * The protocol's lexical tokenizer: bytes in, words out, without a host's Unicode tables. A word is a
 * longest run of [A-Za-z0-9_] and bytes ≥ 0x80; the six ASCII white spaces (9–13, 32) separate; any
 * other byte is a token by itself. Upper-case ASCII counts as lower-case. A token's id is a 32-bit
 * hash of its lower-cased bytes: FNV-1a, then {@link mix32}.
 */
import { mix32 } from './integer.ts'

export type Token = {
  /** Bytes [start, end) of the content. */
  start: number
  end: number
  /** 32 bits, unsigned. */
  id: number
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

const SPACE = 0
const WORD = 1
const SINGLE = 2

/** What each byte is: SPACE, WORD or SINGLE. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 32 || (byte >= 9 && byte <= 13)) return SPACE
  const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a && byte < 0x80
  return letter || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte >= 0x80 ? WORD : SINGLE
})

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte
}

/** Tokens of the content (any bytes; text is UTF-8) in order. */
export function lexicalTokens(content: Uint8Array): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < content.length) {
    const start = at
    const kind = CLASSES[content[at]!]!
    let hash = FNV_OFFSET
    do {
      hash = Math.imul(hash ^ lowerCase(content[at]!), FNV_PRIME)
      at++
    } while (kind === WORD && at < content.length && CLASSES[content[at]!] === WORD)
    if (kind !== SPACE) tokens.push({ start, end: at, id: mix32(hash) })
  }
  return tokens
}

export function tokenIds(tokens: readonly Token[]): Uint32Array {
  return Uint32Array.from(tokens, (token) => token.id)
}
