/** What a base model writes after a few beginnings: part of its card, so that a reader sees what it can and cannot do. */
import { generate } from '../model/generate.ts'
import { createKeyValueCache } from '../model/kv-cache.ts'
import type { Tokenizer } from '../model/tokenizer-face.ts'
import type { Transformer } from '../model/transformer.ts'
import { END_ID } from './pretrain-text.ts'
import { partSeed } from './shuffle.ts'

export type BaseSample = { prompt: string; continuation: string }

export const SAMPLING = { temperature: 0.6, topP: 0.95, maxTokens: 160 }

const PROMPTS = [
  '// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n\n',
  'contract SimpleToken is ERC20, Ownable {\n',
  '    /**\n     * @dev Returns the amount of tokens owned by `account`.\n     */\n',
  '    function withdraw(uint256 amount) external {\n',
]

/** One continuation of each beginning that leaves room for any, from the start of a text on; the end token ends it. */
export async function sampleBase(transformer: Transformer, tokenizer: Tokenizer, seed: bigint): Promise<BaseSample[]> {
  const { kernel, config } = transformer
  const { temperature, topP, maxTokens } = SAMPLING
  const mark = kernel.arena.mark()
  try {
    const cache = createKeyValueCache(transformer, config.maxPositions)
    const samples: BaseSample[] = []
    for (const [index, prompt] of PROMPTS.entries()) {
      const ids = Uint32Array.of(END_ID, ...tokenizer.encode(prompt))
      if (ids.length >= cache.capacity) continue
      const options = { cache, temperature, topP, maxTokens, seed: partSeed(seed, index) }
      const written: number[] = []
      for await (const id of generate(transformer, undefined, ids, options)) written.push(id)
      samples.push({ prompt, continuation: tokenizer.decode(written) })
    }
    return samples
  } finally {
    kernel.arena.release(mark)
  }
}
