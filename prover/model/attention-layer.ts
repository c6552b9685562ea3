/**
 * The attention half of a block, forth and back:  out = x + O·attention(R·q, R·k, v), where q, k and v are linear in
 * the RMS norm of x, R turns heads by their token's position (rope.ts) and Qwen3 normalises each head's query and key
 * before that.
 */
import {
  add,
  allocate,
  attention,
  attentionBackward,
  normBackward,
  reshape,
  rmsNorm,
  rotary,
  scoped,
  slice,
  type Tensor,
} from '../kernel/f32.ts'
import { type Linear, type LinearActivations, linearBackward, linearForward } from './linear-layer.ts'
import type { Pass, WayBack } from './pass.ts'

export type AttentionLayer = {
  /** Of the input's RMS norm, [hidden]. */
  readonly norm: Tensor
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly output: Linear
  /** Of each head's, [headDim]. */
  readonly queryNorm: Tensor | undefined
  readonly keyNorm: Tensor | undefined
  /** Keys that a token sees, itself among them; all before it if undefined. */
  readonly window: number | undefined
}

/** Keys and values of a layer, turned already: rows 0 … past − 1 are filled, the next ones are this pass's. */
export type KeyValueRoom = { readonly keys: Tensor; readonly values: Tensor; readonly past: number }

type Heads = {
  readonly linear: LinearActivations
  /** Before norm and turn, where there is a norm. */
  readonly raw: Tensor | undefined
  readonly inverses: Tensor | undefined
  /** What attention takes. */
  readonly turned: Tensor
}

export type AttentionActivations = {
  readonly x: Tensor
  readonly inverses: Tensor
  readonly query: Heads
  readonly key: Heads
  readonly value: { readonly linear: LinearActivations; readonly out: Tensor }
  readonly attended: Tensor
  readonly kept: Tensor
  readonly output: LinearActivations
}

/**
 * x is [tokens × hidden], as is what comes out. With `room`, keys and values go there, and the past in it is seen too.
 */
export function attentionForward(
  pass: Pass,
  layer: AttentionLayer,
  x: Tensor,
  room?: KeyValueRoom,
): { out: Tensor; saved: AttentionActivations } {
  const { kernel, config, tokens } = pass
  const { headCount: heads, keyValueHeadCount: groups, headDim } = config
  const own = (cache: Tensor | undefined) =>
    room && cache ? slice(cache, room.past, room.past + tokens) : allocate(kernel, [tokens, groups * headDim])
  const seen = (cache: Tensor | undefined, new_: Tensor) => (room && cache ? slice(cache, 0, room.past + tokens) : new_)
  const normed = allocate(kernel, x.shape)
  const inverses = allocate(kernel, [tokens])
  rmsNorm(kernel, { x, weight: layer.norm, out: normed, inverses, epsilon: config.rmsNormEpsilon })
  const query = headsForward(pass, layer.query, layer.queryNorm, normed, allocate(kernel, [tokens, heads * headDim]))
  const key = headsForward(pass, layer.key, layer.keyNorm, normed, own(room?.keys))
  const values = own(room?.values)
  const value = { linear: linearForward(pass, layer.value, normed, values), out: values }
  const attended = allocate(kernel, [tokens, heads * headDim])
  const kept = allocate(kernel, [heads, tokens, 2])
  const k = seen(room?.keys, key.turned)
  const v = seen(room?.values, values)
  attention(kernel, { q: query.turned, k, v, out: attended, kept, ...maskOf(pass, layer) })
  const out = allocate(kernel, x.shape)
  const output = linearForward(pass, layer.output, attended, out)
  add(kernel, { a: out, b: x, target: out })
  return { out, saved: { x, inverses, query, key, value, attended, kept, output } }
}

function maskOf({ config, starts }: Pass, { window }: AttentionLayer) {
  const heads = { heads: config.headCount, groups: config.keyValueHeadCount }
  return { ...heads, ...(window !== undefined && { window }), ...(starts && { starts }) }
}

/** Writes queries or keys, normalised and turned, to `turned` [tokens × heads·headDim]. */
function headsForward(pass: Pass, linear: Linear, norm: Tensor | undefined, x: Tensor, turned: Tensor): Heads {
  const { kernel, config, tables, positions } = pass
  const heads = turned.shape[1]! / config.headDim
  const raw = norm && allocate(kernel, turned.shape)
  const activations = linearForward(pass, linear, x, raw ?? turned)
  const inverses = norm && allocate(kernel, [pass.tokens * heads])
  if (norm && raw && inverses) {
    const [each, out] = [headRows(pass, raw), headRows(pass, turned)]
    rmsNorm(kernel, { x: each, weight: norm, out, inverses, epsilon: config.rmsNormEpsilon })
  }
  rotary(kernel, { x: turned, heads, tables, positions })
  return { linear: activations, raw, inverses, turned }
}

const headRows = ({ config: { headDim } }: Pass, x: Tensor) =>
  reshape(x, [(x.shape[0]! * x.shape[1]!) / headDim, headDim])

/**
 * `d` [tokens × hidden] is the gradient at what came out, and becomes that at x; with `inputWanted` false only the
 * weights' gradients are made, and d is left as it was. Never with a room.
 */
export function attentionLayerBackward(
  pass: Pass,
  back: WayBack,
  layer: AttentionLayer,
  saved: AttentionActivations,
  d: Tensor,
  inputWanted: boolean,
): void {
  const { kernel } = pass
  const { query, key, value, attended, kept } = saved
  scoped(kernel, () => {
    const dOut = allocate(kernel, attended.shape)
    linearBackward(pass, back, layer.output, saved.output, { dOut: d, dX: dOut })
    const dQ = allocate(kernel, query.turned.shape)
    const dK = allocate(kernel, key.turned.shape)
    const dV = allocate(kernel, value.out.shape)
    const way = { q: query.turned, k: key.turned, v: value.out, out: attended, kept, ...maskOf(pass, layer) }
    attentionBackward(kernel, { ...way, dOut, dQ, dK, dV })
    headsBackward(pass, back, layer.queryNorm, query, dQ)
    headsBackward(pass, back, layer.keyNorm, key, dK)
    const dX = inputWanted ? allocate(kernel, d.shape) : undefined
    linearBackward(pass, back, layer.query, query.linear, { dOut: dQ, dX })
    linearBackward(pass, back, layer.key, key.linear, { dOut: dK, dX, accumulate: true })
    linearBackward(pass, back, layer.value, value.linear, { dOut: dV, dX, accumulate: true })
    if (dX) normLayerBackward(pass, back, layer.norm, saved, dX, d)
  })
}

/** Turns the gradient at turned heads back to that at the linear layer's output, in place. */
function headsBackward(pass: Pass, back: WayBack, norm: Tensor | undefined, saved: Heads, d: Tensor): void {
  const { kernel, config, tables, positions } = pass
  rotary(kernel, { x: d, heads: d.shape[1]! / config.headDim, tables, positions, backward: true })
  const { raw, inverses } = saved
  if (!norm || !raw || !inverses) return
  const rows = headRows(pass, d)
  const dWeight = back.gradients.get(norm)
  const gradients = { dOut: rows, dX: rows, ...(dWeight && { dWeight }) }
  normBackward(kernel, { x: headRows(pass, raw), weight: norm, inverses, ...gradients })
}

/** d, the gradient that goes around a half of a block, gains what went through its norm. */
export function normLayerBackward(
  { kernel }: Pass,
  { gradients }: WayBack,
  norm: Tensor,
  { x, inverses }: { x: Tensor; inverses: Tensor },
  dOut: Tensor,
  d: Tensor,
): void {
  const dWeight = gradients.get(norm)
  const sink = { dX: d, accumulate: true, ...(dWeight && { dWeight }) }
  normBackward(kernel, { x, weight: norm, inverses, dOut, ...sink })
}
