/**
 * The query vector of an answer: the lexical feature of the prompt's token ids followed by the answer's,
 * one text with the n-grams that cross the seam (docs/protocol.md, "Attribution"). Salted hashes are
 * taken over the two parts apart, so an opening of the tokens fixes the query and nothing else.
 */
import { type Hex, zeroHash } from 'viem'
import { queryFeature } from '../../protocol/lexical.ts'
import { queryHash } from '../../protocol/query.ts'
import { lexicalTokens, tokenIds } from '../../protocol/tokens.ts'
import type { Artifact } from './artifact.ts'

const utf8 = new TextEncoder()

/** Protocol token ids of a text (UTF-8). */
export const textTokenIds = (text: string): Uint32Array => tokenIds(lexicalTokens(utf8.encode(text)))

/** int8[dims]; undefined (void) where the version's rows know no n-gram of the text. */
export function answerQuery(
  artifact: Pick<Artifact, 'rarity' | 'seed'>,
  tokens: { prompt: Uint32Array; answer: Uint32Array },
): Int8Array | undefined {
  const ids = new Uint32Array(tokens.prompt.length + tokens.answer.length)
  ids.set(tokens.prompt)
  ids.set(tokens.answer, tokens.prompt.length)
  return queryFeature(ids, artifact.rarity, artifact.seed)
}

/** A leaf's queryHash; 32 zero bytes for a void query, which has no entries. */
export const answerQueryHash = (query: Int8Array | undefined): Hex => (query ? queryHash(query) : zeroHash)
