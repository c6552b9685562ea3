/**
 * The f32 reference kernel's face: what features, training and answers of a model are computed with, equal in every bit
 * wherever WebAssembly runs and however many threads share the work. No imports of Node: in Node, f32-file.ts loads it;
 * f32-web.ts loads it with threads in a browser.
 *
 * An operation takes the kernel, its tensors by name, and writes into tensors that exist; shapes are checked before anything
 * runs (RangeError). Where a source may also be the target, its docstring says so.
 *
 * NaN and infinities travel as IEEE 754 has them; which bits a NaN has is not defined, so results that hold one are void:
 * ask allFinite before a result is hashed or kept.
 */
import { type Kernel, type KernelOptions, kernelOf } from './kernel.ts'

export { type AdamwOptions, adamwStep } from './adamw.ts'
export { Arena, type Mark, MemoryBudgetError } from './arena.ts'
export { type AttentionOptions, attention, attentionBackward } from './attention.ts'
export { crossEntropy } from './cross-entropy.ts'
export {
  add,
  addScaled,
  copy,
  exponentials,
  fill,
  inverseRoots,
  multiplyEach,
  scale,
  silu,
  siluBackward,
  swiglu,
  swigluBackward,
} from './elementwise.ts'
export { addToEmbeddings, embeddings } from './embedding.ts'
export { hadamard } from './hadamard.ts'
export { KERNEL_VERSION, type Kernel, type KernelOptions } from './kernel.ts'
export { matmul, matmulTransposedA, matmulTransposedB } from './matmul.ts'
export { normBackward, rmsNorm } from './norm.ts'
export { matmulPanels, type Panels, panelsOf } from './panels.ts'
export { type QuantisedRow, quantiseQuery, quantiseRow } from './quantise.ts'
export { fillNormal, fillUniform, randomBits } from './random.ts'
export { allFinite, dot, firstNonFinite, norm, sum } from './reduce.ts'
export { type RotaryTables, rotary, rotaryFrequencies, rotaryTables } from './rotary.ts'
export { addRowsUp, addToRows, takeColumns, transpose } from './rows.ts'
export { cosine, exponential, logarithm, power, sine, squareRoot } from './scalar.ts'
export { softmax, softmaxBackward } from './softmax.ts'
export {
  allocate,
  read,
  reshape,
  rowCount,
  rowLength,
  type Shape,
  scoped,
  sizeOf,
  slice,
  type Tensor,
  tensorOf,
  view,
  write,
  zeros,
} from './tensor.ts'

/** A kernel of one thread, of the bytes of f32.wasm; without them, fetches them from beside this file (in a browser). */
export async function loadKernel(options: KernelOptions & { wasm?: BufferSource } = {}): Promise<Kernel> {
  const module = await WebAssembly.compile(options.wasm ?? (await fetchModule('f32.wasm')))
  return await kernelOf({ module }, options)
}

/** The bytes of a module of build/, in a browser. */
export async function fetchModule(name: string): Promise<ArrayBuffer> {
  const url = new URL(`./build/${name}`, import.meta.url)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}; \`npm run build\` makes it`)
  return await response.arrayBuffer()
}
