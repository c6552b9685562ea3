/**
 * Documents packed into the sequences that a model is trained on. The end token stands around every document: it begins a text as well as it ends
 * one. No text sees another: `starts` tells the model where each begins.
 *
 *   anywhere   ⟨end⟩ a a a ⟨end⟩ b b ⟨end⟩ c c c c c ⟨end⟩        one stream, cut into equal lengths: nothing is wasted
 *              └──ids──┘
 *                └─targets─┘                                      the next token of every id
 *   windows    ⟨end⟩ a a a ⟨end⟩ │ ⟨end⟩ b b ⟨end⟩ │ …            each document cut from its own start, so that the windows are the same
 *                                                                 whatever stands beside them; short ones share a sequence
 */
import type { TrainingSequence } from '../model/trainable.ts'

export type Packing = {
  /** Most tokens of a sequence, and of a window. */
  length: number
  /** Id of the end token. */
  endId: number
  /** "anywhere" for pretraining; "windows" for fine-tuning, where a window is what a row of features speaks of. */
  cut: 'anywhere' | 'windows'
}

/** The sequences of the documents, in their order. Every token is a target once, and so is each document's end. */
export function packDocuments(documents: readonly Uint32Array[], packing: Packing): TrainingSequence[] {
  checkPacking(packing)
  const { length, endId, cut } = packing
  if (cut === 'anywhere') return cutStream(joined(documents, endId), packing)
  return shareSequences(
    documents.flatMap((document) => cutStream(joined([document], endId), packing)),
    length,
  )
}

/** Throws a RangeError that names the field. */
export function checkPacking({ length, endId }: Packing): void {
  if (!Number.isSafeInteger(length) || length < 1)
    throw new RangeError(`length is ${length}, must be a whole number from 1`)
  if (!Number.isSafeInteger(endId) || endId < 0 || endId > 0xffff_ffff)
    throw new RangeError(`endId is ${endId}, must be a token id`)
}

/** Targets that count. */
export function targetCount({ targets, weights }: TrainingSequence): number {
  return weights ? weights.reduce((total, weight) => total + weight, 0) : targets.length
}

function joined(documents: readonly Uint32Array[], endId: number): Uint32Array {
  const stream = new Uint32Array(documents.reduce((total, document) => total + document.length + 1, 1)).fill(endId)
  let at = 1
  for (const document of documents) {
    stream.set(document, at)
    at += document.length + 1
  }
  return stream
}

/** Equal lengths, but for the last. */
function cutStream(stream: Uint32Array, { length, endId }: Packing): TrainingSequence[] {
  const sequences: TrainingSequence[] = []
  for (let start = 0; start + 1 < stream.length; start += length) {
    const end = Math.min(start + length, stream.length - 1)
    const ids = stream.subarray(start, end)
    sequences.push({ ids, targets: stream.subarray(start + 1, end + 1), starts: startsOf(ids, endId) })
  }
  return sequences
}

/** The index where each token's text begins: at an end token, or where the sequence does. */
function startsOf(ids: Uint32Array, endId: number): Uint32Array {
  const starts = new Uint32Array(ids.length)
  let start = 0
  for (const [index, id] of ids.entries()) {
    if (id === endId) start = index
    starts[index] = start
  }
  return starts
}

/** Puts windows together, in their order, while they fit. */
function shareSequences(windows: readonly TrainingSequence[], length: number): TrainingSequence[] {
  const groups: TrainingSequence[][] = []
  let room = 0
  for (const window of windows) {
    if (window.ids.length > room) {
      groups.push([])
      room = length
    }
    groups.at(-1)!.push(window)
    room -= window.ids.length
  }
  return groups.map(concatenated)
}

function concatenated(windows: readonly TrainingSequence[]): TrainingSequence {
  const size = windows.reduce((total, { ids }) => total + ids.length, 0)
  const whole = { ids: new Uint32Array(size), targets: new Uint32Array(size), starts: new Uint32Array(size) }
  let at = 0
  for (const { ids, targets } of windows) {
    whole.ids.set(ids, at)
    whole.targets.set(targets, at)
    whole.starts.fill(at, at, at + ids.length)
    at += ids.length
  }
  return whole
}
