/**
 * LoRA adapters in the kernel's memory (2106.09685): layers of a frozen transformer gain s·B·A. Made at random, or of
 * an adapter's file (peft.ts); trained, seen by an observer, and copied out again.
 */
import {
  allocate,
  fill,
  fillUniform,
  firstNonFinite,
  type Kernel,
  read,
  squareRoot,
  type Tensor,
  write,
  zeros,
} from '../kernel/f32.ts'
import { type AdapterConfig, type AdapterPlace, adapterPlaces } from './adapter-config.ts'
import { ADAPTER_WEIGHTS_FILE, tensorNames } from './adapter-names.ts'
import { allOrNothing } from './all-or-nothing.ts'
import type { LowRank } from './linear-layer.ts'
import { ModelFileError } from './model-file-error.ts'
import type { Adapter } from './peft.ts'
import { drawSeeds } from './seed.ts'
import { sequenceLoss, type TargetDraw } from './sequence-loss.ts'
import type { GradientObserver, SequenceLoss, TrainableModel, TrainingSequence } from './trainable.ts'
import type { Transformer } from './transformer.ts'

export type LoraLayer = AdapterPlace & LowRank

export type LoraAdapter = {
  readonly config: AdapterConfig
  /** By module, in the order of computation. */
  readonly layers: ReadonlyMap<string, LoraLayer>
}

export type AdapterOptions = {
  rank: number
  alpha: number
  /** Scale α/√rank (2312.03732) in place of α/rank. */
  rsLora?: boolean
  /** As target_modules of adapter-config.ts; all linear layers within the blocks if absent. */
  targets?: AdapterConfig['targetModules']
  rankPattern?: AdapterConfig['rankPattern']
  alphaPattern?: AdapterConfig['alphaPattern']
  seed: bigint
}

/**
 * A new adapter that changes nothing yet: A uniform in ±1/√in, as PEFT has it, and B 0. It lies in the arena of the
 * transformer's kernel. Throws ModelFileError that names the option where no layer is meant by it.
 */
export function createAdapter(transformer: Transformer, options: AdapterOptions): LoraAdapter {
  const { kernel } = transformer
  const config: AdapterConfig = {
    rank: options.rank,
    alpha: options.alpha,
    rsLora: options.rsLora ?? false,
    targetModules: options.targets ?? 'all-linear',
    rankPattern: options.rankPattern ?? [],
    alphaPattern: options.alphaPattern ?? [],
    excludeModules: undefined,
    layersToTransform: undefined,
    dropout: 0,
    baseModel: undefined,
  }
  const adapter = allOrNothing(kernel, () => emptyAdapter(transformer, config))
  const seeds = drawSeeds(kernel, options.seed, adapter.layers.size)
  for (const [index, { in: width, a, b }] of [...adapter.layers.values()].entries()) {
    const bound = 1 / squareRoot(kernel, width)
    fillUniform(kernel, a, { seed: seeds[index]!, low: -bound, high: bound })
    fill(kernel, b, 0)
  }
  return adapter
}

/** An adapter's file brought into the arena. Throws ModelFileError where a value is NaN or infinite. */
export function placeAdapter(transformer: Transformer, file: Adapter): LoraAdapter {
  const { kernel } = transformer
  const values = new Map(file.layers.map((layer) => [layer.module, layer]))
  return allOrNothing(kernel, () => {
    const adapter = emptyAdapter(transformer, file.config)
    for (const [module, { a, b }] of adapter.layers) {
      const layer = values.get(module)
      if (!layer) throw new ModelFileError({ file: ADAPTER_WEIGHTS_FILE, field: module, reason: 'is absent' })
      const names = tensorNames(module)
      place(kernel, names.a, a, layer.a)
      place(kernel, names.b, b, layer.b)
    }
    return adapter
  })
}

function place(kernel: Kernel, name: string, tensor: Tensor, values: Float32Array): void {
  write(kernel, tensor, values)
  const index = firstNonFinite(kernel, tensor)
  if (index === undefined) return
  const [value, reason] = [values[index], `element ${index} is not a finite number`]
  throw new ModelFileError({ file: ADAPTER_WEIGHTS_FILE, field: name, value, reason })
}

/** A copy of it, as writeAdapter takes it. */
export function adapterCopy({ kernel }: Transformer, { config, layers }: LoraAdapter): Adapter {
  return {
    config,
    layers: [...layers.values()].map((layer) => ({ ...layer, a: read(kernel, layer.a), b: read(kernel, layer.b) })),
  }
}

function emptyAdapter({ kernel, config: model }: Transformer, config: AdapterConfig): LoraAdapter {
  const layers = adapterPlaces(config, model).map(
    (place): LoraLayer => ({
      ...place,
      a: allocate(kernel, [place.rank, place.in]),
      b: allocate(kernel, [place.out, place.rank]),
    }),
  )
  return { config, layers: new Map(layers.map((layer) => [layer.module, layer])) }
}

/**
 * The adapter's factors as what is trained; everything else is frozen. Their gradients are allocated here, at 0. The
 * observer of its accumulate sees the adapted layers.
 */
export function withAdapter(transformer: Transformer, adapter: LoraAdapter): TrainableModel {
  const { kernel } = transformer
  const factors = adapter.layers
  const parameters = allOrNothing(kernel, () =>
    [...factors.values()].flatMap(({ module, a, b }) => {
      const names = tensorNames(module)
      return [
        { name: names.a, value: a, gradient: zeros(kernel, a.shape), decay: true },
        { name: names.b, value: b, gradient: zeros(kernel, b.shape), decay: true },
      ]
    }),
  )
  const gradients = new Map<Tensor, Tensor>(parameters.map(({ value, gradient }) => [value, gradient]))
  return {
    kernel,
    parameters,
    accumulate: (sequence, scale, observer) =>
      sequenceLoss(transformer, sequence, { factors, back: { gradients, observer, scale } }),
    evaluate: (sequence) => sequenceLoss(transformer, sequence, { factors }),
  }
}

/**
 * The way back of one sequence for an observer's eyes only: no gradient of any weight is made. The observer sees the
 * adapted layers, or without an adapter all linear layers within the blocks. Gradients are those of the summed losses, of the targets that `draw` puts in their place
 * where it is given.
 */
export function observeGradients(
  transformer: Transformer,
  adapter: LoraAdapter | undefined,
  sequence: TrainingSequence,
  observer: GradientObserver,
  draw?: TargetDraw,
): SequenceLoss {
  const back = { gradients: new Map<Tensor, Tensor>(), observer, scale: 1, draw }
  return sequenceLoss(transformer, sequence, { ...(adapter && { factors: adapter.layers }), back })
}
