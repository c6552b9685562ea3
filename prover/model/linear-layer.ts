/**
 * A linear layer, forth and back:  y = x·Wᵀ + b, and with low-rank factors (LoRA, 2106.09685)  y = x·Wᵀ + b +
 * s·(x·Aᵀ)·Bᵀ. Frozen weights cost one product on the way back, that of the gradient at the input.
 */
import {
  addRowsUp,
  addToRows,
  allocate,
  matmul,
  matmulPanels,
  matmulTransposedA,
  matmulTransposedB,
  scale,
  scoped,
  type Tensor,
} from '../kernel/f32.ts'
import type { Pass, WayBack } from './pass.ts'

export type Linear = {
  /** Path of the module, without ".weight". */
  readonly module: string
  /** [out × in] */
  readonly weight: Tensor
  /** [out] */
  readonly bias: Tensor | undefined
}

export type LowRank = {
  /** s */
  readonly scale: number
  readonly rank: number
  /** [rank × in] */
  readonly a: Tensor
  /** [out × rank] */
  readonly b: Tensor
}

/** What the way back needs. */
export type LinearActivations = {
  /** [tokens × in] */
  readonly x: Tensor
  /** s·x·Aᵀ [tokens × rank], where there are factors. */
  readonly inner: Tensor | undefined
}

/** Beyond so many the product with the weight itself is faster. */
const FEW_TOKENS = 4

/** Writes y to `out` [tokens × out]. */
export function linearForward(pass: Pass, linear: Linear, x: Tensor, out: Tensor): LinearActivations {
  const { kernel, tokens } = pass
  const { weight, bias } = linear
  const panels = tokens <= FEW_TOKENS ? pass.panels?.get(weight) : undefined
  if (panels) matmulPanels(kernel, { a: x, b: panels, out })
  else matmulTransposedB(kernel, { a: x, b: weight, out })
  if (bias) addToRows(kernel, { x: out, bias, target: out })
  const factors = pass.factors?.get(linear.module)
  if (!factors) return { x, inner: undefined }
  const inner = allocate(kernel, [tokens, factors.rank])
  matmulTransposedB(kernel, { a: x, b: factors.a, out: inner })
  scale(kernel, { x: inner, factor: factors.scale, target: inner })
  matmulTransposedB(kernel, { a: inner, b: factors.b, out, accumulate: true })
  return { x, inner }
}

/** dOut: the gradient at y. dX: takes that at x, or where `accumulate` gains it; absent where nobody asks. */
export function linearBackward(
  pass: Pass,
  back: WayBack,
  linear: Linear,
  saved: LinearActivations,
  { dOut, dX, accumulate = false }: { dOut: Tensor; dX: Tensor | undefined; accumulate?: boolean },
): void {
  const { kernel } = pass
  const { x, inner } = saved
  scoped(kernel, () => {
    const factors = pass.factors?.get(linear.module)
    const between = factors && inner && { x: inner, delta: gradientBetween(pass, factors, dOut) }
    if (between || !pass.factors) back.observer?.(linear.module, x, dOut, between)
    addProduct(pass, back, linear.weight, dOut, x)
    const dBias = linear.bias && back.gradients.get(linear.bias)
    if (dBias) addRowsUp(kernel, { x: dOut, target: dBias })
    if (between) {
      addProduct(pass, back, factors.b, dOut, between.x)
      addProduct(pass, back, factors.a, between.delta, x)
    }
    if (!dX) return
    matmul(kernel, { a: dOut, b: linear.weight, out: dX, accumulate })
    if (between) matmul(kernel, { a: between.delta, b: factors.a, out: dX, accumulate: true })
  })
}

/** s·dOut·B: the gradient at x·Aᵀ. */
function gradientBetween({ kernel, tokens }: Pass, factors: LowRank, dOut: Tensor): Tensor {
  const delta = allocate(kernel, [tokens, factors.rank])
  matmul(kernel, { a: dOut, b: factors.b, out: delta })
  scale(kernel, { x: delta, factor: factors.scale, target: delta })
  return delta
}

/** The weight's gradient += dOutᵀ·x, where it is trained. */
function addProduct({ kernel }: Pass, { gradients }: WayBack, weight: Tensor, dOut: Tensor, x: Tensor): void {
  const out = gradients.get(weight)
  if (out) matmulTransposedA(kernel, { a: dOut, b: x, out, accumulate: true })
}
