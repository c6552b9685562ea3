/**
 * The answer engine of a tuned version: its model goes on from where the prompt ends. There is no dialogue; a prompt is a
 * beginning. The same prompt, version and settings give the same text on every machine that passes the known-answer test.
 */
import { generate } from '../model/generate.ts'
import { createKeyValueCache } from '../model/kv-cache.ts'
import { textOf } from '../model/text-stream.ts'
import { promptIds, type TunedModel } from '../tune/tuned-model.ts'
import { type Generation, USUAL_WISHES } from './generation.ts'

/** Name of the engine in answers. */
export const TEXT_ENGINE = 'lora'

const NOTICE =
  'A small language model wrote this, tuned on the contributions: it goes on from the beginning that it was given. Nothing it says can be relied on.'

/** The prompt is not one that this model can go on from; the message says why. */
export class PromptError extends Error {
  override name = 'PromptError'
}

export type TextAnswer = {
  text: string
  engine: typeof TEXT_ENGINE
  notice: string
  /** None: what an answer rests on is known once it is attributed. */
  hits: []
}

type WritingModel = Pick<TunedModel, 'transformer' | 'adapter' | 'tokenizer' | 'config' | 'generation' | 'rules'>

/** Uses the model's kernel alone until it resolves. Throws {@link PromptError}; Error where the model's numbers are not finite. */
export async function writeAnswer(
  model: WritingModel,
  prompt: string,
  generation: Generation = { ...USUAL_WISHES, seed: 0n },
): Promise<TextAnswer> {
  const { transformer, adapter, tokenizer, config } = model
  const ids = idsOf(model, prompt)
  const { arena } = transformer.kernel
  const mark = arena.mark()
  try {
    const room = ids.length + generation.maxTokens
    const cache = createKeyValueCache(transformer, room < config.maxPositions ? room : config.maxPositions)
    const { maxTokens, temperature, topP, seed } = generation
    const stop = [...new Set([...config.endIds, ...model.generation.endIds])]
    const written = generate(transformer, adapter, ids, { cache, maxTokens, temperature, topP, seed, stop })
    let text = ''
    for await (const piece of textOf(written, tokenizer, generation.stop)) text += piece
    return { text, engine: TEXT_ENGINE, notice: NOTICE, hits: [] }
  } finally {
    arena.release(mark)
  }
}

/** Ids of a whole prompt: one whose beginning the model would not see is refused, as nobody asked for an answer to its end. */
function idsOf(model: WritingModel, prompt: string): Uint32Array {
  if (prompt === '') throw new PromptError('is empty: give a beginning that the model can go on from')
  const tokens = model.tokenizer.encode(prompt).length
  const ids = promptIds(model, prompt)
  if (ids.length > tokens) return ids
  throw new PromptError(`has ${tokens} tokens, this model takes ${ids.length - 1} of a prompt: shorten it`)
}
