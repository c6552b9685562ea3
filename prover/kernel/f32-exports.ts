/** What the f32 module exports (assembly/f32.ts says what each does). Addresses and sizes are in bytes, counts in floats. */

/** An operation that does units first … last − 1 of its work; `thread` says whose room it may use. */
type Part<Arguments extends number[]> = (...args: [...Arguments, first: number, last: number, thread: number]) => void

type Shape3 = [m: number, n: number, k: number]
type Heads = [queries: number, past: number, heads: number, groups: number, dims: number, scale: number]
type Blocks = [blockRows: number, scores: number, scoresRow: number, rooms: number, roomBytes: number]

/** Operations that threads share. */
export type F32Parts = {
  matmul: Part<
    [
      ...[a: number, aRow: number, aStep: number, b: number, bStep: number, bColumn: number, c: number, cRow: number],
      ...Shape3,
      ...[accumulate: number, tileRows: number, tileColumns: number, rooms: number],
    ]
  >
  layPanels: Part<[b: number, target: number, n: number, k: number]>
  multiplyPanels: Part<[...[a: number, panels: number, c: number], ...Shape3, rooms: number]>
  add: Part<[a: number, b: number, target: number]>
  addScaled: Part<[target: number, x: number, factor: number]>
  multiplyEach: Part<[a: number, b: number, target: number]>
  scale: Part<[x: number, factor: number, target: number]>
  fill: Part<[target: number, value: number]>
  exponentiate: Part<[x: number, target: number]>
  inverseRoot: Part<[x: number, target: number]>
  silu: Part<[x: number, target: number]>
  siluBackward: Part<[x: number, d: number, dx: number]>
  swiglu: Part<[gate: number, up: number, target: number]>
  swigluBackward: Part<[gate: number, up: number, d: number, dGate: number, dUp: number]>
  addToRows: Part<[x: number, bias: number, target: number, n: number]>
  addRowsUp: Part<[x: number, target: number, rows: number, n: number]>
  transpose: Part<[x: number, target: number, rows: number, n: number]>
  takeColumns: Part<[x: number, columns: number, target: number, n: number, count: number]>
  gatherRows: Part<[table: number, ids: number, target: number, n: number]>
  scatterRows: Part<[table: number, ids: number, x: number, rows: number, n: number]>
  normalise: Part<[x: number, weight: number, target: number, inverses: number, n: number, epsilon: number]>
  normaliseBackward: Part<
    [x: number, weight: number, inverses: number, d: number, dx: number, n: number, accumulate: number]
  >
  normaliseWeightBackward: Part<[x: number, inverses: number, d: number, dWeight: number, rows: number, n: number]>
  rotaryTables: Part<[frequencies: number, n: number, factor: number, cosines: number, sines: number]>
  rotate: Part<
    [
      ...[x: number, positions: number, cosines: number, sines: number],
      ...[heads: number, dims: number, n: number, sign: number],
    ]
  >
  softmax: Part<[x: number, target: number, from: number, to: number, n: number, scale: number, rooms: number]>
  softmaxBackward: Part<[y: number, d: number, dx: number, n: number, scale: number]>
  crossEntropy: Part<
    [logits: number, targets: number, losses: number, dLogits: number, n: number, scale: number, rooms: number]
  >
  attend: Part<[...[q: number, k: number, v: number, out: number, kept: number, from: number], ...Heads, ...Blocks]>
  attendBackward: Part<
    [
      ...[q: number, k: number, v: number, out: number, kept: number, from: number],
      ...[dOut: number, dq: number, dkParts: number, dvParts: number],
      ...Heads,
      ...Blocks,
    ]
  >
  gatherGroups: Part<[parts: number, target: number, keys: number, heads: number, groups: number, dims: number]>
  dotChunks: Part<[a: number, b: number, partials: number, n: number]>
  sumChunks: Part<[x: number, partials: number, n: number]>
  adamw: Part<
    [
      ...[p: number, g: number, m: number, v: number, gradientScale: number, beta1: number, rest1: number],
      ...[beta2: number, rest2: number, keep: number, step: number, root: number, epsilon: number],
    ]
  >
  applySigns: Part<[x: number, signs: number, n: number]>
  hadamard: Part<[x: number, n: number]>
  normal: Part<[target: number, seedLow: number, seedHigh: number, deviation: number]>
  uniform: Part<[target: number, seedLow: number, seedHigh: number, low: number, high: number]>
}

export type PartName = keyof F32Parts

/** The arguments of an operation without its units. */
export type PartArguments<Name extends PartName> =
  Parameters<F32Parts[Name]> extends [...infer Arguments extends number[], number, number, number] ? Arguments : never

/** The rest runs on the asking thread. */
export type F32Exports = F32Parts & {
  firstNonFinite(x: number, n: number): number
  quantise(x: number, gain: number, target: number, n: number): number
  signBits(x: number, ties: number, target: number, n: number): void
  randomBytes(target: number, seedLow: number, seedHigh: number, count: number): void
  exponential(x: number): number
  logarithm(x: number): number
  sine(x: number): number
  cosine(x: number): number
  squareRoot(x: number): number
}

/** The numbers by which threads name operations to each other. */
export const PART_NAMES: readonly PartName[] = [
  'matmul',
  'add',
  'addScaled',
  'multiplyEach',
  'scale',
  'fill',
  'exponentiate',
  'inverseRoot',
  'silu',
  'siluBackward',
  'swiglu',
  'swigluBackward',
  'addToRows',
  'addRowsUp',
  'transpose',
  'takeColumns',
  'gatherRows',
  'scatterRows',
  'normalise',
  'normaliseBackward',
  'normaliseWeightBackward',
  'rotaryTables',
  'rotate',
  'softmax',
  'softmaxBackward',
  'crossEntropy',
  'attend',
  'attendBackward',
  'gatherGroups',
  'dotChunks',
  'sumChunks',
  'adamw',
  'applySigns',
  'hadamard',
  'normal',
  'uniform',
  'layPanels',
  'multiplyPanels',
]
