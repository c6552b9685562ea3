/**
 * Keys and values of a text's tokens so far, so that each new token costs one row of every product. A token's logits
 * have the bits that they have when the whole text is computed at once.
 */
import {
  allocate,
  copy,
  embeddings,
  matmulPanels,
  matmulTransposedB,
  type RotaryTables,
  read,
  rmsNorm,
  rotaryTables,
  scoped,
  slice,
  type Tensor,
} from '../kernel/f32.ts'
import { attentionForward } from './attention-layer.ts'
import type { LoraAdapter } from './lora.ts'
import { mlpForward } from './mlp-layer.ts'
import type { Pass } from './pass.ts'
import type { Transformer } from './transformer.ts'

export type KeyValueCache = {
  /** Tokens that it can hold. */
  readonly capacity: number
  /** For every layer, [capacity × groups·headDim]; keys are turned by their position already. */
  readonly layers: readonly { readonly keys: Tensor; readonly values: Tensor }[]
  readonly tables: RotaryTables
  /** Tokens that it holds; 0 begins a new text. */
  length: number
}

/**
 * An empty cache in the arena of the transformer's kernel. Throws RangeError beyond the model's positions,
 * MemoryBudgetError.
 */
export function createKeyValueCache({ kernel, config, rotary }: Transformer, capacity: number): KeyValueCache {
  if (!(Number.isInteger(capacity) && capacity >= 1 && capacity <= config.maxPositions))
    throw new RangeError(`capacity is ${capacity}, must be 1 to the model’s ${config.maxPositions} positions`)
  const tables = rotaryTables(kernel, { ...rotary, positions: capacity })
  const shape = [capacity, config.keyValueHeadCount * config.headDim]
  const layers = Array.from({ length: config.layerCount }, () => ({
    keys: allocate(kernel, shape),
    values: allocate(kernel, shape),
  }))
  return { capacity, layers, tables, length: 0 }
}

/**
 * Appends tokens to the text and returns the logits after the last of them, [vocab]. All of a text must be computed
 * with the same adapter. Throws RangeError where ids are none of the model's or too many; the text is as before then.
 */
export function appendTokens(
  transformer: Transformer,
  adapter: LoraAdapter | undefined,
  cache: KeyValueCache,
  ids: Uint32Array,
): Float32Array<ArrayBuffer> {
  const { kernel, config, embedding, blocks, panels } = transformer
  const past = cache.length
  const tokens = ids.length
  if (tokens === 0) throw new RangeError('there are no tokens to append')
  if (past + tokens > cache.capacity)
    throw new RangeError(`${past + tokens} tokens do not fit a cache of ${cache.capacity}`)
  return scoped(kernel, () => {
    const positions = Int32Array.from(ids, (_, t) => past + t)
    const factors = adapter?.layers
    const pass: Pass = { kernel, config, factors, panels, tokens, positions, starts: undefined, tables: cache.tables }
    const x = allocate(kernel, [tokens, config.hiddenSize])
    embeddings(kernel, { table: embedding, ids, out: x })
    for (const [index, block] of blocks.entries()) {
      scoped(kernel, () => {
        const attention = attentionForward(pass, block.attention, x, { ...cache.layers[index]!, past })
        copy(kernel, { x: mlpForward(pass, block.mlp, attention.out).out, target: x })
      })
    }
    cache.length = past + tokens
    return logitsOf(transformer, slice(x, tokens - 1, tokens))
  })
}

/** x is one row [1 × hidden] of the last block's output. */
function logitsOf({ kernel, config, norm, output, panels }: Transformer, x: Tensor): Float32Array<ArrayBuffer> {
  const inverses = allocate(kernel, [1])
  rmsNorm(kernel, { x, weight: norm, out: x, inverses, epsilon: config.rmsNormEpsilon })
  const logits = allocate(kernel, [1, config.vocabSize])
  const copy = panels?.get(output)
  if (copy) matmulPanels(kernel, { a: x, b: copy, out: logits })
  else matmulTransposedB(kernel, { a: x, b: output, out: logits })
  return read(kernel, logits)
}
