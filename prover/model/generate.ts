/** Text of a model, token by token. The same seed gives the same tokens, whatever the machine and its threads. */
import { appendTokens, type KeyValueCache } from './kv-cache.ts'
import type { LoraAdapter } from './lora.ts'
import { checkSampling, type Sampling, sampleToken } from './sampling.ts'
import { drawSeeds } from './seed.ts'
import type { Transformer } from './transformer.ts'

export type GenerateOptions = Partial<Sampling> & {
  maxTokens: number
  /** 64 bits; 0 if absent. */
  seed?: bigint
  /** Ids that end the text and are no part of it; the model's own end ids if absent. */
  stop?: readonly number[]
  signal?: AbortSignal
  /**
   * Where the text's keys and values go; it is emptied first, and holds one text at a time. It is the caller's, as
   * other texts may begin and end in the kernel's arena between two tokens of this one.
   */
  cache: KeyValueCache
}

/** Why a text ended: one of the stop ids came, or there is no room for more. */
export type FinishReason = 'stop' | 'length'

/** Prompt tokens computed at once; the bits do not depend on it. */
const PROMPT_AT_ONCE = 512

/**
 * Yields ids as they come, at most maxTokens and as many as the cache holds. Temperature 0 and top-p 1 if absent. Other
 * work of the process gets its turn between tokens. Throws RangeError for what cannot be asked, the signal's reason
 * once it is aborted.
 */
export async function* generate(
  transformer: Transformer,
  adapter: LoraAdapter | undefined,
  promptIds: Uint32Array,
  options: GenerateOptions,
): AsyncGenerator<number, FinishReason, void> {
  const { kernel, config } = transformer
  const { cache, temperature = 0, topP = 1, seed = 0n, signal } = options
  const draws = drawSeeds(kernel, seed, tokenLimit(promptIds, options))
  checkSampling({ temperature, topP })
  const stop = new Set(options.stop ?? config.endIds)
  signal?.throwIfAborted()
  cache.length = 0
  for (let first = 0; first + PROMPT_AT_ONCE < promptIds.length; first += PROMPT_AT_ONCE) {
    appendTokens(transformer, adapter, cache, promptIds.subarray(first, first + PROMPT_AT_ONCE))
    await turnOfOthers(cache, signal)
  }
  let ids = promptIds.subarray(cache.length)
  for (const draw of draws) {
    const logits = appendTokens(transformer, adapter, cache, ids)
    const id = sampleToken(kernel, logits, { temperature, topP }, draw)
    if (stop.has(id)) return 'stop'
    yield id
    await turnOfOthers(cache, signal)
    ids = Uint32Array.of(id)
  }
  return 'length'
}

/** Tokens that may come after the prompt. */
function tokenLimit(promptIds: Uint32Array, { maxTokens, cache: { capacity } }: GenerateOptions): number {
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1))
    throw new RangeError(`maxTokens is ${maxTokens}, must be a whole number from 1`)
  if (promptIds.length === 0) throw new RangeError('the prompt has no tokens: begin with the begin token')
  if (promptIds.length >= capacity)
    throw new RangeError(`the prompt has ${promptIds.length} tokens: no room for an answer in ${capacity}`)
  return Math.min(maxTokens, capacity - promptIds.length)
}

/** Browsers have no setImmediate. */
const nextTurn: (resume: (value: unknown) => void) => unknown = globalThis.setImmediate ?? setTimeout

async function turnOfOthers(cache: KeyValueCache, signal: AbortSignal | undefined): Promise<void> {
  const { length } = cache
  await new Promise<unknown>(nextTurn)
  signal?.throwIfAborted()
  if (cache.length !== length) throw new Error('two texts were written to one cache')
}
