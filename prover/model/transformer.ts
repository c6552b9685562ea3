/**
 * A transformer of the LLaMA family in the kernel's memory: its weights, and how they make up blocks. Weights come from
 * a folder or from a seed; they lie in the arena above whatever is there and go when the caller releases a mark from
 * before.
 */
import {
  allocate,
  fill,
  fillNormal,
  firstNonFinite,
  type Kernel,
  type Panels,
  read,
  scoped,
  sizeOf,
  squareRoot,
  type Tensor,
  view,
} from '../kernel/f32.ts'
import { allOrNothing } from './all-or-nothing.ts'
import type { AttentionLayer } from './attention-layer.ts'
import type { ModelConfig } from './config.ts'
import type { ModelFolder } from './folder.ts'
import type { Linear } from './linear-layer.ts'
import type { MlpLayer } from './mlp-layer.ts'
import { ModelFileError } from './model-file-error.ts'
import { type RotaryRule, rotaryRule } from './rotary-frequencies.ts'
import { drawSeeds } from './seed.ts'
import { EMBEDDING, FINAL_NORM, type LinearKind, linearLayers, OUTPUT, weightPlaces } from './weight-names.ts'

export { withAnsweringWeights } from './answering-weights.ts'
export { wholeModel } from './whole-model.ts'

export type Block = { readonly attention: AttentionLayer; readonly mlp: MlpLayer }

export type Transformer = {
  readonly kernel: Kernel
  readonly config: ModelConfig
  /** All of weightPlaces that are no copies, in that order. */
  readonly weights: ReadonlyMap<string, Tensor>
  /** [vocab × hidden] */
  readonly embedding: Tensor
  readonly blocks: readonly Block[]
  /** [hidden] */
  readonly norm: Tensor
  /** [vocab × hidden]; the embedding itself where they are tied. */
  readonly output: Tensor
  readonly rotary: RotaryRule
  /** Copies of the matrices that tokens are multiplied with, where there are any (answering-weights.ts). */
  readonly panels?: ReadonlyMap<Tensor, Panels>
}

/** Elements read at once. */
const CHUNK = 4 * 1024 * 1024

/**
 * Throws ModelFileError where a weight is NaN or infinite, MemoryBudgetError where they do not fit; nothing is left
 * allocated then.
 */
export async function loadTransformer(
  kernel: Kernel,
  folder: Pick<ModelFolder, 'config' | 'weights'>,
): Promise<Transformer> {
  const { config, weights } = folder
  const mark = kernel.arena.mark()
  const transformer = emptyTransformer(kernel, config)
  try {
    for (const [name, tensor] of transformer.weights) {
      const size = sizeOf(tensor.shape)
      for (let start = 0; start < size; start += CHUNK) {
        const values = await weights.read(name, { start, end: start + CHUNK < size ? start + CHUNK : size })
        view(kernel, tensor).set(values, start)
      }
      checkFinite(kernel, name, tensor)
    }
    return transformer
  } catch (error) {
    kernel.arena.release(mark)
    throw error
  }
}

function checkFinite(kernel: Kernel, name: string, tensor: Tensor): void {
  const index = firstNonFinite(kernel, tensor)
  if (index === undefined) return
  const value = view(kernel, tensor)[index]
  throw new ModelFileError({ file: 'weights', field: name, value, reason: `element ${index} is not a finite number` })
}

/**
 * A model to be pretrained: norms 1, biases 0, matrices normal with deviation √(2/5·hidden) (1910.05895), those that
 * write to the residual stream divided by √(2·layers) (GPT-2).
 */
export function randomTransformer(kernel: Kernel, config: ModelConfig, seed: bigint): Transformer {
  const transformer = emptyTransformer(kernel, config)
  const deviation = squareRoot(kernel, 2 / (5 * config.hiddenSize))
  const residual = deviation / squareRoot(kernel, 2 * config.layerCount)
  const seeds = drawSeeds(kernel, seed, transformer.weights.size)
  for (const [index, [name, tensor]] of [...transformer.weights].entries()) {
    if (name.endsWith('.bias')) fill(kernel, tensor, 0)
    else if (tensor.shape.length === 1) fill(kernel, tensor, 1)
    else
      fillNormal(kernel, tensor, {
        seed: seeds[index]!,
        deviation: /\.(o|down)_proj\./.test(name) ? residual : deviation,
      })
  }
  return transformer
}

/** Copies of all weights by name, as writeModelFolder takes them. */
export function weightValues({ kernel, weights }: Transformer): Map<string, Float32Array> {
  return new Map([...weights].map(([name, tensor]) => [name, read(kernel, tensor)]))
}

/** Room for the weights; what they hold is not defined. */
function emptyTransformer(kernel: Kernel, config: ModelConfig): Transformer {
  const places = weightPlaces(config).filter(({ copyOf }) => !copyOf)
  const weights = allOrNothing(kernel, () => new Map(places.map(({ name, shape }) => [name, allocate(kernel, shape)])))
  const weight = (name: string): Tensor => {
    const tensor = weights.get(name)
    if (!tensor) throw new Error(`no weight is called ${name}`)
    return tensor
  }
  return {
    kernel,
    config,
    weights,
    embedding: weight(EMBEDDING),
    blocks: blocksOf(config, weight),
    norm: weight(FINAL_NORM),
    output: weight(config.tiedEmbeddings ? EMBEDDING : OUTPUT),
    rotary: scoped(kernel, () => rotaryRule(kernel, config)),
  }
}

function blocksOf(config: ModelConfig, weight: (name: string) => Tensor): Block[] {
  const layers = Map.groupBy(linearLayers(config), ({ layer }) => layer)
  return Array.from({ length: config.layerCount }, (_, layer) => {
    const prefix = `model.layers.${layer}`
    const linear = (kind: LinearKind): Linear => {
      const { module, bias } = layers.get(layer)!.find((place) => place.kind === kind)!
      return { module, weight: weight(`${module}.weight`), bias: bias ? weight(`${module}.bias`) : undefined }
    }
    const headNorm = (name: string) => (config.queryKeyNorm ? weight(`${prefix}.self_attn.${name}.weight`) : undefined)
    return {
      attention: {
        norm: weight(`${prefix}.input_layernorm.weight`),
        query: linear('q_proj'),
        key: linear('k_proj'),
        value: linear('v_proj'),
        output: linear('o_proj'),
        queryNorm: headNorm('q_norm'),
        keyNorm: headNorm('k_norm'),
        window: config.slidingWindow?.layers[layer] ? config.slidingWindow.size : undefined,
      },
      mlp: {
        norm: weight(`${prefix}.post_attention_layernorm.weight`),
        gate: linear('gate_proj'),
        up: linear('up_proj'),
        down: linear('down_proj'),
      },
    }
  })
}
