/**
 * Texts put together for one run of the model. A text that is longer than a run is given in pieces, whose gradients add up; short
 * texts share a run, in which none sees another (TrainingSequence.starts). Each begins at a multiple of four, as the kernel's sums over keys go by
 * lanes (kernel/assembly/softmax.ts): so a gradient has the bits that it has when its text stands alone.
 *
 *     pieces    a a a │ a a │ b b b │ c c │ …
 *     pass 0    a a a · a a · · b b b              spans a, a, b; a filling token sees itself and does not count
 *     pass 1    c c …                             spans c, …
 */
import type { TrainingSequence } from '../model/trainable.ts'

/** Tokens [start, end) of a pass are an example's from its token `offset` on, its pieces counted through. */
export type Span = { readonly example: number; readonly start: number; readonly end: number; readonly offset: number }

export type ExamplePass = { readonly sequence: Required<TrainingSequence>; readonly spans: readonly Span[] }

type Part = Span & { readonly piece: TrainingSequence }

/** Lanes of the kernel's sums over keys. */
const LANES = 4

/** Pieces of examples 0, 1, …, in their order, as passes of at most `maxTokens`. Throws RangeError where a piece is empty or longer. */
export function examplePasses(examples: readonly (readonly TrainingSequence[])[], maxTokens: number): ExamplePass[] {
  const passes: Part[][] = []
  let start = 0
  for (const [example, pieces] of examples.entries()) {
    let offset = 0
    for (const piece of pieces) {
      checkPiece(piece, maxTokens)
      if (passes.length === 0 || start + piece.ids.length > maxTokens) {
        passes.push([])
        start = 0
      }
      const end = start + piece.ids.length
      passes.at(-1)!.push({ piece, example, start, end, offset })
      offset += piece.ids.length
      start = end + ((LANES - (end % LANES)) % LANES)
    }
  }
  return passes.map(joined)
}

function checkPiece({ ids, targets, weights, starts }: TrainingSequence, maxTokens: number): void {
  if (ids.length === 0 || ids.length > maxTokens)
    throw new RangeError(`a piece of a text has ${ids.length} tokens, must have 1 to ${maxTokens}`)
  for (const [name, array] of Object.entries({ targets, weights, starts })) {
    if (array && array.length !== ids.length) throw new RangeError(`${array.length} ${name} for ${ids.length} ids`)
  }
}

function joined(parts: readonly Part[]): ExamplePass {
  const size = parts.at(-1)!.end
  const sequence = {
    ids: new Uint32Array(size),
    targets: new Uint32Array(size),
    weights: new Float32Array(size),
    starts: Uint32Array.from({ length: size }, (_, t) => t),
  }
  for (const { piece, start, end } of parts) {
    sequence.ids.set(piece.ids, start)
    sequence.targets.set(piece.targets, start)
    if (piece.weights) sequence.weights.set(piece.weights, start)
    else sequence.weights.fill(1, start, end)
    for (let t = start; t < end; t++) sequence.starts[t] = start + (piece.starts?.[t - start] ?? 0)
  }
  return { sequence, spans: parts.map(({ piece: _, ...span }) => span) }
}

/** Texts by index, read when their turn comes. */
export type ExampleSource<Example> = { readonly count: number; read(index: number): Promise<Example> }

/** Texts first, first + 1, … */
export type ExampleGroup<Example> = { readonly first: number; readonly examples: readonly Example[] }

/** Most texts of a group: their gradients lie in memory at once. */
const MOST_EXAMPLES = 16

/**
 * The texts from `from` on, in groups of at most `maxTokens` tokens (a longer text stands alone). Where groups end follows from the texts
 * and from where they begin, not from what is done with them.
 */
export async function* exampleGroups<Example extends { readonly pieces: readonly TrainingSequence[] }>(
  source: ExampleSource<Example>,
  from: number,
  maxTokens: number,
): AsyncGenerator<ExampleGroup<Example>, void, void> {
  let [first, tokens] = [from, 0]
  let examples: Example[] = []
  for (let index = from; index < source.count; index++) {
    const example = await source.read(index)
    const size = example.pieces.reduce((total, { ids }) => total + ids.length, 0)
    if (examples.length > 0 && (tokens + size > maxTokens || examples.length === MOST_EXAMPLES)) {
      yield { first, examples }
      ;[first, tokens, examples] = [index, 0, []]
    }
    examples.push(example)
    tokens += size
  }
  if (examples.length > 0) yield { first, examples }
}
