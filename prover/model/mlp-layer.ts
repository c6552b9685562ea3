/**
 * The feed-forward half of a block, forth and back:  out = x + D·(silu(G·n) ⊙ U·n), n the RMS norm of x (SwiGLU,
 * 2002.05202).
 */
import { add, allocate, rmsNorm, scoped, swiglu, swigluBackward, type Tensor } from '../kernel/f32.ts'
import { normLayerBackward } from './attention-layer.ts'
import { type Linear, type LinearActivations, linearBackward, linearForward } from './linear-layer.ts'
import type { Pass, WayBack } from './pass.ts'

export type MlpLayer = {
  /** Of the input's RMS norm, [hidden]. */
  readonly norm: Tensor
  readonly gate: Linear
  readonly up: Linear
  readonly down: Linear
}

type Projected = { readonly linear: LinearActivations; readonly out: Tensor }

export type MlpActivations = {
  readonly x: Tensor
  readonly inverses: Tensor
  readonly gate: Projected
  readonly up: Projected
  readonly down: LinearActivations
}

/** x is [tokens × hidden], as is what comes out. */
export function mlpForward(pass: Pass, layer: MlpLayer, x: Tensor): { out: Tensor; saved: MlpActivations } {
  const { kernel, config, tokens } = pass
  const normed = allocate(kernel, x.shape)
  const inverses = allocate(kernel, [tokens])
  rmsNorm(kernel, { x, weight: layer.norm, out: normed, inverses, epsilon: config.rmsNormEpsilon })
  const project = (linear: Linear): Projected => {
    const out = allocate(kernel, [tokens, config.intermediateSize])
    return { linear: linearForward(pass, linear, normed, out), out }
  }
  const gate = project(layer.gate)
  const up = project(layer.up)
  const product = allocate(kernel, gate.out.shape)
  swiglu(kernel, { gate: gate.out, up: up.out, target: product })
  const out = allocate(kernel, x.shape)
  const down = linearForward(pass, layer.down, product, out)
  add(kernel, { a: out, b: x, target: out })
  return { out, saved: { x, inverses, gate, up, down } }
}

/** `d` [tokens × hidden] is the gradient at what came out, and becomes that at x. */
export function mlpBackward(pass: Pass, back: WayBack, layer: MlpLayer, saved: MlpActivations, d: Tensor): void {
  const { kernel } = pass
  const { gate, up, down } = saved
  scoped(kernel, () => {
    const dOut = allocate(kernel, down.x.shape)
    linearBackward(pass, back, layer.down, down, { dOut: d, dX: dOut })
    const dGate = allocate(kernel, dOut.shape)
    const dUp = allocate(kernel, dOut.shape)
    swigluBackward(kernel, { gate: gate.out, up: up.out, dOut, dGate, dUp })
    const dX = allocate(kernel, d.shape)
    linearBackward(pass, back, layer.gate, gate.linear, { dOut: dGate, dX })
    linearBackward(pass, back, layer.up, up.linear, { dOut: dUp, dX, accumulate: true })
    normLayerBackward(pass, back, layer.norm, saved, dX, d)
  })
}
