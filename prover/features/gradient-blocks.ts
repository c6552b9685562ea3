/**
 * What a gradient is made of, and how: for each adapted layer the gradient of its factor B and then that of A, layers in the
 * order of computation, one long vector of f32.
 *
 *     layer 0: B [out × rank] ‖ A [rank × in]  ‖  layer 1: B ‖ A  ‖  …
 *
 * Each block is a sum of outer products over the text's tokens, left vectors times right vectors:
 *
 *     dB = Σ δ ⊗ s·A·x        dA = Σ s·Bᵀ·δ ⊗ x        (x the layer's input, δ the gradient at its output)
 *
 * The way back has all four at hand (model/trainable.ts), so a block costs one product of the length of the text, and
 * its Kronecker factors are the second moments of the left and of the right vectors (EK-FAC, 1806.03884).
 */
import type { Tensor } from '../kernel/f32.ts'
import type { GradientObserver } from '../model/trainable.ts'

export type GradientBlock = {
  /** Module and factor: "model.layers.0.mlp.up_proj.lora_B". */
  readonly name: string
  readonly rows: number
  readonly columns: number
  /** Where the block begins in the vector. */
  readonly start: number
}

export type GradientLayout = {
  /** In the vector's order. */
  readonly blocks: readonly GradientBlock[]
  /** Floats of the vector. */
  readonly size: number
  readonly pairs: ReadonlyMap<string, { readonly b: GradientBlock; readonly a: GradientBlock }>
}

type AdaptedLayer = { readonly module: string; readonly in: number; readonly out: number; readonly rank: number }

/** Throws RangeError where there are no layers. */
export function gradientLayout(layers: Iterable<AdaptedLayer>): GradientLayout {
  let size = 0
  const block = (name: string, rows: number, columns: number): GradientBlock => {
    const start = size
    size += rows * columns
    return { name, rows, columns, start }
  }
  const pairs = new Map<string, { b: GradientBlock; a: GradientBlock }>()
  for (const { module, in: width, out, rank } of layers) {
    const b = block(`${module}.lora_B`, out, rank)
    const a = block(`${module}.lora_A`, rank, width)
    pairs.set(module, { b, a })
  }
  if (size === 0) throw new RangeError('no layer is adapted: a gradient would have no coordinates')
  return { blocks: [...pairs.values()].flatMap(({ b, a }) => [b, a]), size, pairs }
}

/** Left vectors [tokens × rows] and right vectors [tokens × columns] of a block. */
export type BlockObserver = (block: GradientBlock, left: Tensor, right: Tensor) => void

/** An observer of the way back that hands the blocks on; `seen` counts the layers. Throws where a layer has no block. */
export function blockObserver(
  layout: GradientLayout,
  visit: BlockObserver,
): { observe: GradientObserver; seen(): number } {
  let seen = 0
  return {
    observe: (module, x, delta, inner) => {
      const pair = layout.pairs.get(module)
      if (!pair || !inner) throw new Error(`${module} has no gradient block`)
      seen += 1
      visit(pair.b, delta, inner.x)
      visit(pair.a, inner.delta, x)
    },
    seen: () => seen,
  }
}
