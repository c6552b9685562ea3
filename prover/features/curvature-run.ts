/**
 * The curvature of a model over its rows, in two walks over them: first the second moments of every block's left and right vectors, then, in
 * their eigenvectors' coordinates, the second moments of the rows' gradients. Both with targets drawn from the model, the same in both walks.
 *
 * Each run of the model gives f32 sums, which are added up in doubles, runs in ascending order: the bits depend on the rows and on passTokens,
 * never on threads. What is not finite is left out: a run with such a sum in the first walk, a row with such a gradient
 * in the second.
 *
 * A walk can be cut anywhere: its sums are saved from time to time, and what a crash loses is at most what came since.
 */
import { join } from 'node:path'
import type { Hex } from 'viem'
import {
  allFinite,
  allocate,
  KERNEL_VERSION,
  matmulTransposedA,
  read,
  reshape,
  scoped,
  slice,
  type Tensor,
  view,
  zeros,
} from '../kernel/f32.ts'
import type { TrainingSequence } from '../model/trainable.ts'
import { type BlockCurvature, type Curvature, CurvatureError } from './curvature.ts'
import { storeCurvature } from './curvature-file.ts'
import { type CurvatureState, factorsState, readState, removeState, runName, writeState } from './curvature-state.ts'
import { exampleGradients, observePass } from './example-gradients.ts'
import { type ExampleGroup, type ExampleSource, exampleGroups, examplePasses } from './example-pass.ts'
import type { ObservedModel } from './observed-model.ts'
import { labelParts } from './sampled-targets.ts'
import { symmetricEigen } from './symmetric-eigen.ts'
import { placeRotation, type Rotation, rotate } from './whitening.ts'

/** A training row, in pieces that the model takes at once. */
export type CurvatureExample = { readonly pieces: readonly TrainingSequence[] }

export type CurvatureOptions = {
  /** Where the state is kept between two starts, and where the artifact goes. */
  directory: string
  /** What the curvature is of (weights, adapter, rows): a state of something else is not taken up. */
  subject: Hex
  /** What targets are drawn by (sampled-targets.ts), 64 bits. */
  labelSeed: bigint
  /** Tokens of a run of the model; as many as it takes, at most 512, if absent. */
  passTokens?: number
  /** Groups of rows between two saves; 64 if absent. */
  saveEvery?: number
  signal?: AbortSignal
}

export type CurvatureEvent = { stage: 'factors' | 'moments'; done: number; total: number }

export type StoredCurvature = { curvature: Curvature; hash: Hex }

/** Throws {@link CurvatureError} where no row has a finite gradient, the signal's reason once it is aborted. */
export async function* buildCurvature(
  model: ObservedModel,
  source: ExampleSource<CurvatureExample>,
  options: CurvatureOptions,
): AsyncGenerator<CurvatureEvent, StoredCurvature, void> {
  const { directory, subject, labelSeed, signal, saveEvery = 64 } = options
  const passTokens = options.passTokens ?? Math.min(model.maxTokens, 512)
  const name = runName({ subject, passTokens, labelSeed, count: source.count, layout: model.layout })
  const path = join(directory, 'curvature.state')
  const run: Run = {
    model,
    source,
    passTokens,
    labelSeed,
    signal,
    saveEvery,
    save: (state) => writeState(path, name, state),
  }
  let state = (await readState(path, name, model.layout)) ?? factorsState(model.layout)
  if (state.stage === 'factors') {
    yield* walk(run, state, (group) => addSecondMoments(run, state, group))
    state = eigenvectorsOf(run, state)
    await run.save(state)
  }
  const mark = model.kernel.arena.mark()
  try {
    const rotations = model.layout.blocks.map((block, i) => placeRotation(model.kernel, block, vectorsOf(state, i)))
    yield* walk(run, state, (group) => addGradientMoments(run, state, rotations, group))
  } finally {
    model.kernel.arena.release(mark)
  }
  const curvature = curvatureOf(run, state)
  const hash = await storeCurvature(directory, curvature)
  await removeState(path)
  return { curvature, hash }
}

type Run = {
  model: ObservedModel
  source: ExampleSource<CurvatureExample>
  passTokens: number
  labelSeed: bigint
  signal: AbortSignal | undefined
  saveEvery: number
  save: (state: CurvatureState) => Promise<void>
}

async function* walk(
  { source, passTokens, saveEvery, signal, save }: Run,
  state: CurvatureState,
  work: (group: ExampleGroup<CurvatureExample>) => void,
): AsyncGenerator<CurvatureEvent, void, void> {
  let groups = 0
  for await (const group of exampleGroups(source, state.next, passTokens)) {
    signal?.throwIfAborted()
    work(group)
    state.next = group.first + group.examples.length
    groups += 1
    if (groups % saveEvery === 0) await save(state)
    yield { stage: state.stage, done: state.next, total: source.count }
  }
}

/** First walk: state.left and state.right gain Σ vector ⊗ vector of the group's tokens, run by run. */
function addSecondMoments(
  { model, passTokens, labelSeed }: Run,
  state: CurvatureState,
  group: ExampleGroup<CurvatureExample>,
): void {
  const { kernel, layout } = model
  const indices = new Map(layout.blocks.map((block, index) => [block, index]))
  const pieces = group.examples.map((example) => example.pieces)
  for (const pass of examplePasses(pieces, passTokens)) {
    const found: { index: number; left: Float32Array; right: Float32Array }[] = []
    let finite = true
    const sums = (x: Tensor): Float32Array =>
      scoped(kernel, () => {
        const width = x.shape[1]!
        const out = zeros(kernel, [width, width])
        for (const { start, end } of pass.spans) {
          const own = slice(x, start, end)
          matmulTransposedA(kernel, { a: own, b: own, out, accumulate: true })
        }
        finite &&= allFinite(kernel, out)
        return read(kernel, out)
      })
    observePass(model, pass, labelParts(kernel, labelSeed, group.first), (block, left, right) => {
      found.push({ index: indices.get(block)!, left: sums(left), right: sums(right) })
    })
    if (!finite) continue
    for (const { index, left, right } of found) {
      addTo(state.left[index]!, left)
      addTo(state.right[index]!, right)
    }
  }
}

function addTo(sums: Float64Array | Float32Array, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sums[i] = sums[i]! + values[i]!
}

function eigenvectorsOf({ model }: Run, { left, right }: CurvatureState): CurvatureState {
  const { kernel, layout } = model
  const vectors = (sums: Float64Array | Float32Array, n: number) =>
    Float32Array.from(symmetricEigen(kernel, Float64Array.from(sums), n).vectors)
  return {
    stage: 'moments',
    next: 0,
    examples: 0,
    left: layout.blocks.map(({ rows }, i) => vectors(left[i]!, rows)),
    right: layout.blocks.map(({ columns }, i) => vectors(right[i]!, columns)),
    moments: new Float64Array(layout.size),
  }
}

function vectorsOf({ left, right }: CurvatureState, index: number): Pick<BlockCurvature, 'left' | 'right'> {
  return { left: Float32Array.from(left[index]!), right: Float32Array.from(right[index]!) }
}

/** Second walk: state.moments gain the squares of each row's rotated gradient. */
function addGradientMoments(
  { model, passTokens, labelSeed }: Run,
  state: CurvatureState,
  rotations: readonly Rotation[],
  group: ExampleGroup<CurvatureExample>,
): void {
  const { kernel, layout } = model
  scoped(kernel, () => {
    const all = allocate(kernel, [group.examples.length, layout.size])
    const gradients = group.examples.map((_, i) => reshape(slice(all, i, i + 1), [layout.size]))
    const pieces = group.examples.map((example) => example.pieces)
    exampleGradients(model, pieces, gradients, {
      maxTokens: passTokens,
      labels: labelParts(kernel, labelSeed, group.first),
    })
    for (const gradient of gradients) {
      for (const rotation of rotations) rotate(kernel, rotation, gradient)
      if (!allFinite(kernel, gradient)) continue
      addSquares(state.moments, view(kernel, gradient))
      state.examples += 1
    }
  })
}

function addSquares(sums: Float64Array, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sums[i] = sums[i]! + values[i]! * values[i]!
}

function curvatureOf({ model, passTokens, labelSeed }: Run, state: CurvatureState): Curvature {
  const { examples } = state
  if (examples === 0) throw new CurvatureError('no row has a gradient that is finite: there is no curvature')
  const blocks = model.layout.blocks.map(({ name, rows, columns, start }, index) => {
    const sums = state.moments.subarray(start, start + rows * columns)
    const moments = Float32Array.from(sums, (sum) => sum / examples)
    if (!moments.every(Number.isFinite)) throw new CurvatureError(`${name}: a second moment is beyond f32`)
    return { name, rows, columns, ...vectorsOf(state, index), moments }
  })
  return { kernelVersion: KERNEL_VERSION, passTokens, labelSeed, examples, blocks }
}
