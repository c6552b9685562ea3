import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, zeros } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { type GenerateOptions, generate } from './generate.ts'
import { appendTokens, createKeyValueCache } from './kv-cache.ts'
import { drawnTransformer } from './testing/drawn-model.ts'
import { drawnSequence } from './testing/drawn-sequence.ts'
import { tinyConfig } from './testing/tiny-checkpoint.ts'
import type { Transformer } from './transformer.ts'

let kernel: Kernel
let transformer: Transformer

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
  transformer = drawnTransformer(kernel, tinyConfig('mistral'))
})
afterAll(async () => {
  await kernel.close()
})

const PROMPT = drawnSequence(tinyConfig('mistral'), 6).ids

async function idsOf(
  options: Partial<GenerateOptions> = {},
  prompt = PROMPT,
): Promise<{ ids: number[]; reason: string }> {
  const cache = options.cache ?? createKeyValueCache(transformer, 30)
  const text = generate(transformer, undefined, prompt, { maxTokens: 12, stop: [], ...options, cache })
  const ids: number[] = []
  for (;;) {
    const { value, done } = await text.next()
    if (done) return { ids, reason: value }
    ids.push(value)
  }
}

describe('generating', () => {
  it('takes the likeliest token at temperature 0', async () => {
    const { ids, reason } = await idsOf()
    expect(reason).toBe('length')
    expect(ids).toHaveLength(12)
    const text = [...PROMPT]
    for (const id of ids) {
      const logits = appendTokens(transformer, undefined, createKeyValueCache(transformer, 30), Uint32Array.from(text))
      expect(id).toBe(logits.indexOf(logits.reduce((most, logit) => (logit > most ? logit : most))))
      text.push(id)
    }
  })

  it('gives the same tokens for the same seed, others for another; fewer tokens are the first of more', async () => {
    const warm = { temperature: 2, topP: 0.95, seed: 4n }
    const { ids } = await idsOf(warm)
    expect(await idsOf({ ...warm, maxTokens: 5 })).toEqual({ ids: ids.slice(0, 5), reason: 'length' })
    expect((await idsOf({ ...warm, seed: 5n })).ids).not.toEqual(ids)
  })

  const FROZEN = [252, 212, 96, 242, 279, 16, 206, 85, 203, 173, 283, 181]

  it('has frozen tokens, with 1 thread too', async () => {
    const warm = { temperature: 2, topP: 0.9, seed: 4n }
    expect((await idsOf(warm)).ids).toEqual(FROZEN)
    const own = await loadKernelFromFile()
    const alone = drawnTransformer(own, tinyConfig('mistral'))
    const cache = createKeyValueCache(alone, 30)
    const ids = await Array.fromAsync(generate(alone, undefined, PROMPT, { maxTokens: 12, stop: [], ...warm, cache }))
    expect(ids).toEqual(FROZEN)
    await own.close()
  })
  it('ends before a stop id', async () => {
    const { ids } = await idsOf()
    const at = ids.indexOf(ids[4]!)
    expect(await idsOf({ stop: [ids[4]!] })).toEqual({ ids: ids.slice(0, at), reason: 'stop' })
  })

  it('ends where the cache is full', async () => {
    const cache = createKeyValueCache(transformer, 9)
    expect(await idsOf({ cache })).toEqual({ ids: (await idsOf()).ids.slice(0, 3), reason: 'length' })
  })

  it('computes a long prompt in parts with the same result', async () => {
    const { ids } = drawnSequence(tinyConfig('mistral'), 1030)
    const cache = createKeyValueCache(transformer, 1040)
    const generated = await idsOf({ cache, maxTokens: 1 }, ids)
    cache.length = 0
    const logits = appendTokens(transformer, undefined, cache, ids)
    expect(generated.ids).toEqual([logits.indexOf(logits.reduce((most, logit) => (logit > most ? logit : most)))])
  })

  it('lets other texts begin and end between its tokens', async () => {
    const expected = await idsOf()
    const text = generate(transformer, undefined, PROMPT, {
      maxTokens: 12,
      stop: [],
      cache: createKeyValueCache(transformer, 30),
    })
    const ids: number[] = []
    for await (const id of text) {
      ids.push(id)
      const mark = kernel.arena.mark()
      zeros(kernel, [1000])
      await idsOf({ maxTokens: 1, temperature: 1 })
      kernel.arena.release(mark)
    }
    expect(ids).toEqual(expected.ids)
  })

  it('stops when it is aborted', async () => {
    const controller = new AbortController()
    const cache = createKeyValueCache(transformer, 30)
    const seen: number[] = []
    const run = async () => {
      for await (const id of generate(transformer, undefined, PROMPT, {
        maxTokens: 12,
        stop: [],
        cache,
        signal: controller.signal,
      })) {
        seen.push(id)
        if (seen.length === 3) controller.abort(new Error('the client went away'))
      }
    }
    await expect(run()).rejects.toThrow('the client went away')
    expect(seen).toHaveLength(3)
  })

  it('refuses what cannot be asked', async () => {
    const cache = createKeyValueCache(transformer, 6)
    await expect(idsOf({ cache })).rejects.toThrow('the prompt has 6 tokens: no room for an answer in 6')
    await expect(idsOf({}, new Uint32Array())).rejects.toThrow('the prompt has no tokens')
    await expect(idsOf({ maxTokens: 0 })).rejects.toThrow('maxTokens is 0')
    await expect(idsOf({ temperature: Number.NaN })).rejects.toThrow('temperature is NaN')
    await expect(idsOf({}, Uint32Array.of(300))).rejects.toThrow('ids[0] is 300')
  })
})
