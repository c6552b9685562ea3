/**
 * A gradient made comparable: H^−1/2·g with the damped EK-FAC curvature (design of attribution, "From float to integers"), in the
 * eigenvectors' coordinates, where H is diagonal. Rows and queries are both whitened, so that their product is g_q·H⁻¹·g_i.
 *
 *     out[i][j] = (leftᵢᵀ·G·rightⱼ) / √(moments[i][j] + 0.1·mean of the block's moments)
 *
 * The factors are computed in doubles from the artifact's floats and rounded to f32. A block whose moments are all 0 (B is 0 before
 * the first step, so dA is) tells nothing and becomes 0.
 */
import {
  allocate,
  type Kernel,
  matmul,
  matmulTransposedB,
  multiplyEach,
  scoped,
  squareRoot,
  type Tensor,
  tensorOf,
} from '../kernel/f32.ts'
import { type BlockCurvature, type Curvature, CurvatureError, checkLayout } from './curvature.ts'
import { blockOf } from './example-gradients.ts'
import type { GradientBlock, GradientLayout } from './gradient-blocks.ts'

/** Part of a block's mean moment that is added to each. */
export const DAMPING = 0.1

/** Eigenvectors of a block in the kernel's memory. */
export type Rotation = { readonly block: GradientBlock; readonly left: Tensor; readonly right: Tensor }

export type Whitening = {
  readonly kernel: Kernel
  readonly layout: GradientLayout
  /** `factors` [rows × columns]: 1/√(moment + damping). */
  readonly blocks: readonly (Rotation & { readonly factors: Tensor })[]
  /** Root mean square length of the whitened gradients of the rows that the curvature is of. */
  readonly expectedLength: number
}

export function placeRotation(
  kernel: Kernel,
  block: GradientBlock,
  { left, right }: Pick<BlockCurvature, 'left' | 'right'>,
): Rotation {
  return {
    block,
    left: tensorOf(kernel, [block.rows, block.rows], left),
    right: tensorOf(kernel, [block.columns, block.columns], right),
  }
}

/** Lies in the kernel's arena until the caller releases it. Throws CurvatureError where it is another model's or all 0. */
export function placeWhitening(kernel: Kernel, layout: GradientLayout, curvature: Curvature): Whitening {
  checkLayout(curvature, layout)
  let squares = 0
  const blocks = layout.blocks.map((block, index) => {
    const { moments, ...vectors } = curvature.blocks[index]!
    const { factors, meanSquare } = factorsOf(kernel, moments)
    squares += meanSquare
    return { ...placeRotation(kernel, block, vectors), factors: tensorOf(kernel, [block.rows, block.columns], factors) }
  })
  if (squares === 0) throw new CurvatureError('the curvature is 0 everywhere: the rows have no gradients')
  return { kernel, layout, blocks, expectedLength: squareRoot(kernel, squares) }
}

/** meanSquare: Σ moment/(moment + damping), what a row's whitened block has on average as square of its length. */
function factorsOf(kernel: Kernel, moments: Float32Array): { factors: Float32Array; meanSquare: number } {
  let sum = 0
  for (const moment of moments) sum += moment
  const damping = DAMPING * (sum / moments.length)
  let meanSquare = 0
  const factors = moments.map((moment) => {
    if (damping === 0) return 0
    meanSquare += moment / (moment + damping)
    return 1 / squareRoot(kernel, moment + damping)
  })
  return { factors, meanSquare }
}

/** A gradient's block in the eigenvectors' coordinates, in place. */
export function rotate(kernel: Kernel, { block, left, right }: Rotation, gradient: Tensor): void {
  scoped(kernel, () => {
    const values = blockOf(gradient, block)
    const half = allocate(kernel, values.shape)
    matmul(kernel, { a: left, b: values, out: half })
    matmulTransposedB(kernel, { a: half, b: right, out: values })
  })
}

/** gradient (layout.size floats) ← H^−1/2·gradient, in place. */
export function whiten({ kernel, blocks }: Whitening, gradient: Tensor): void {
  for (const { factors, ...rotation } of blocks) {
    rotate(kernel, rotation, gradient)
    const values = blockOf(gradient, rotation.block)
    multiplyEach(kernel, { a: values, b: factors, target: values })
  }
}
