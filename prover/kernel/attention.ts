/**
 * Causal attention with grouped queries, a sliding window and packed documents, forward and backward
 * (assembly/attention.ts). One new token with its past in a cache gets the bits that it has in the whole sequence.
 */
import { placeIndices } from './indices.ts'
import { type Kernel, ROOM_BYTES } from './kernel.ts'
import { allocate, checkApart, checkMatrix, checkShape, scoped, type Tensor } from './tensor.ts'

/** Queries that a thread takes together. */
const BLOCK_ROWS = 64

export type AttentionOptions = {
  /** [queries × heads·dims] */
  q: Tensor
  /** [keys × groups·dims], keys ≥ queries: the last `queries` keys are the queries' own, those before are the past. */
  k: Tensor
  /** As k. */
  v: Tensor
  /** As q. */
  out: Tensor
  heads: number
  /** Heads of k and v; divides heads. Head h uses group ⌊h·groups/heads⌋. */
  groups: number
  /** [heads × queries × 2]: takes what the way back needs. Absent: no way back. */
  kept?: Tensor
  /** Factor on q·k; 1/√dims if absent. */
  scale?: number
  /** A query sees at most so many keys, itself among them. */
  window?: number
  /** First key that each query may see: where its document begins. 0 if absent. */
  starts?: ArrayLike<number>
}

/** What all of attention's parts agree on. */
type Plan = {
  queries: number
  keys: number
  dims: number
  scale: number
  /** First key that each query sees. */
  from: Int32Array
}

/** out = softmax(scale·q·kᵀ, masked)·v, head by head. */
export function attention(kernel: Kernel, options: AttentionOptions): void {
  const plan = planOf(kernel, options)
  const { q, k, v, out, heads, groups } = options
  const { queries, keys, dims, scale } = plan
  checkApart('out', out, { q, k, v, kept: options.kept })
  scoped(kernel, () => {
    const kept = options.kept ?? allocate(kernel, [heads, queries, 2])
    const from = placeIndices(kernel, 'starts', plan.from, keys)
    const blocks = scoresRoom(kernel, plan, 1)
    const args = [q.offset, k.offset, v.offset, out.offset, kept.offset, from] as const
    const sizes = [queries, keys - queries, heads, groups, dims, scale] as const
    const units = heads * Math.ceil(queries / BLOCK_ROWS)
    kernel.run('attend', [...args, ...sizes, ...blocks], units, workOf(plan, heads))
  })
}

export type AttentionBackwardOptions = AttentionOptions & {
  kept: Tensor
  /** As q. */
  dOut: Tensor
  /** As q; written. */
  dQ: Tensor
  /** As k; written. */
  dK: Tensor
  /** As v; written. */
  dV: Tensor
}

/** The gradients at q, k and v; the other options are those of the way forth, `out` and `kept` as it left them. */
export function attentionBackward(kernel: Kernel, options: AttentionBackwardOptions): void {
  const plan = planOf(kernel, options)
  const { q, k, v, out, kept, heads, groups, dOut, dQ, dK, dV } = options
  const { queries, keys, dims, scale } = plan
  checkShape(kernel, 'dOut', dOut, q.shape)
  checkShape(kernel, 'dQ', dQ, q.shape)
  checkShape(kernel, 'dK', dK, k.shape)
  checkShape(kernel, 'dV', dV, v.shape)
  const sources = { q, k, v, out, kept, dOut }
  checkApart('dQ', dQ, { ...sources, dK, dV })
  checkApart('dK', dK, { ...sources, dV })
  checkApart('dV', dV, sources)
  scoped(kernel, () => {
    const from = placeIndices(kernel, 'starts', plan.from, keys)
    const dkParts = allocate(kernel, [heads, keys, dims]).offset
    const dvParts = allocate(kernel, [heads, keys, dims]).offset
    const blocks = scoresRoom(kernel, plan, 2)
    const args = [q.offset, k.offset, v.offset, out.offset, kept.offset, from] as const
    const gradients = [dOut.offset, dQ.offset, dkParts, dvParts] as const
    const sizes = [queries, keys - queries, heads, groups, dims, scale] as const
    kernel.run('attendBackward', [...args, ...gradients, ...sizes, ...blocks], heads, 3 * workOf(plan, heads))
    const work = keys * heads * dims * 4
    kernel.run('gatherGroups', [dkParts, dK.offset, keys, heads, groups, dims], keys, work)
    kernel.run('gatherGroups', [dvParts, dV.offset, keys, heads, groups, dims], keys, work)
  })
}

function planOf(kernel: Kernel, options: AttentionOptions): Plan {
  const { q, k, v, out, kept, heads, groups } = options
  const [queries, width] = checkMatrix(kernel, 'q', q)
  const [keys, keyWidth] = checkMatrix(kernel, 'k', k)
  const dims = width / heads
  if (!Number.isInteger(dims) || !Number.isInteger(heads / groups) || keyWidth !== dims * groups)
    throw new RangeError(
      `q has ${width} coordinates for ${heads} heads, k ${keyWidth} for ${groups}: they do not match`,
    )
  checkShape(kernel, 'v', v, k.shape)
  checkShape(kernel, 'out', out, q.shape)
  if (kept) {
    checkShape(kernel, 'kept', kept, [heads, queries, 2])
    checkApart('kept', kept, { q, k, v })
  }
  if (keys < queries) throw new RangeError(`${queries} queries but only ${keys} keys: each query needs its own`)
  const scale = options.scale ?? 1 / kernel.exports.squareRoot(dims)
  return { queries, keys, dims, scale, from: firstKeys(options, queries, keys - queries) }
}

function firstKeys({ window, starts }: AttentionOptions, queries: number, past: number): Int32Array {
  if (window !== undefined && !(Number.isInteger(window) && window >= 1))
    throw new RangeError(`window is ${window}, must be a whole number from 1`)
  if (starts && starts.length !== queries) throw new RangeError(`${starts.length} starts for ${queries} queries`)
  return Int32Array.from({ length: queries }, (_, t) => {
    const own = past + t
    const start = starts?.[t] ?? 0
    if (!(Number.isInteger(start) && start >= 0 && start <= own))
      throw new RangeError(`starts[${t}] is ${start}, must be 0 to ${own}, the query's own key`)
    return Math.max(start, window === undefined ? 0 : own - window + 1)
  })
}

/** Room for `matrices` blocks of scores for every thread, as assembly/attention.ts wants it. */
function scoresRoom(kernel: Kernel, { keys }: Plan, matrices: number) {
  const scoresRow = (Math.ceil(keys / 4) + 1) * 4
  const scores = kernel.arena.allocate(kernel.threads * matrices * BLOCK_ROWS * scoresRow * 4)
  return [BLOCK_ROWS, scores, scoresRow, kernel.rooms, ROOM_BYTES] as const
}

function workOf({ queries, keys, dims }: Plan, heads: number): number {
  return heads * queries * keys * (2 * dims + 20)
}
