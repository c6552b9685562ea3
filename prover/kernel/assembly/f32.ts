/**
 * The f32 reference kernel: everything that prover/kernel/f32.ts runs. It keeps no state and imports nothing but memory, so
 * many threads may run it over the same memory. Every exported operation that ends in (first, last) or (first, last,
 * thread) does a part of its units, and each unit writes places of its own.
 *
 * Addresses and sizes are in bytes, counts in floats. The callers check them; nothing is checked here.
 */
export { matmul } from './product'
export { layPanels, multiplyPanels } from './panels'
export {
  add, addScaled, exponentiate, fill, inverseRoot, multiplyEach, scale, silu, siluBackward, swiglu, swigluBackward,
} from './elementwise'
export {
  addRowsUp, addToRows, gatherRows, normalise, normaliseBackward, normaliseWeightBackward, scatterRows, takeColumns, transpose,
} from './rows'
export { rotaryTables, rotate } from './rotary'
export { crossEntropy, softmax, softmaxBackward } from './softmax'
export { attend, attendBackward, gatherGroups } from './attention'
export { dotChunks, firstNonFinite, sumChunks } from './reduce'
export { adamw } from './adamw'
export { applySigns, hadamard } from './hadamard'
export { quantise, signBits } from './quantise'
export { normal, randomBytes, uniform } from './random'
export { exponential, logarithm } from './exponential'
export { cosine, sine } from './trigonometry'

/** √x, correctly rounded. */
export function squareRoot(x: f64): f64 {
  return sqrt<f64>(x)
}
