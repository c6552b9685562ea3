/**
 * What a run is trained on: for every epoch the same sequences in another order. All of it follows from documents, packing and
 * seed, so a place in it is two numbers, and a run that was cut off finds its next sequence again.
 */
import type { Hex } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import type { TrainingSequence } from '../model/trainable.ts'
import { checkPacking, type Packing, packDocuments } from './packing.ts'
import { partSeed, shuffled } from './shuffle.ts'

export interface TrainingData {
  /** Of everything that the sequences follow from. */
  readonly hash: Hex
  /** The sequences of an epoch (0, 1, …), in the order of training; as many in each. */
  epoch(index: number): readonly TrainingSequence[]
}

/** Where the next sequence stands. */
export type DataPosition = { epoch: number; sequence: number }

/**
 * Documents, packed anew in every epoch: in another order, so that they are cut elsewhere, and the sequences shuffled, so that a step does not
 * see one document only. Throws a RangeError where there is nothing to learn from.
 */
export function documentData(documents: readonly Uint32Array[], packing: Packing, seed: bigint): TrainingData {
  checkPacking(packing)
  if (documents.length === 0) throw new RangeError('documents: there are none to train on')
  return {
    hash: dataHash(documents, packing, seed),
    epoch: (index) => {
      const order = shuffled(documents, partSeed(seed, 2 * index))
      return shuffled(packDocuments(order, packing), partSeed(seed, 2 * index + 1))
    },
  }
}

/** Sequences that are there already, shuffled anew in every epoch. */
export function sequenceData(sequences: readonly TrainingSequence[], seed: bigint): TrainingData {
  if (sequences.length === 0) throw new RangeError('sequences: there are none to train on')
  const parts = sequences.flatMap(({ ids, targets, weights, starts }) => [
    ids,
    targets,
    weights ?? new Float32Array(),
    starts ?? new Uint32Array(),
  ])
  return {
    hash: hashOf(parts, { seed: `${seed}` }),
    epoch: (index) => shuffled(sequences, partSeed(seed, index)),
  }
}

/** Reads sequences from any position on; keeps the epoch that was read last. */
export class DataReader {
  readonly #data: TrainingData
  #epoch: { index: number; sequences: readonly TrainingSequence[] } | undefined

  constructor(modules: { data: TrainingData }) {
    this.#data = modules.data
  }

  /** `count` sequences and the position after them, on into the next epochs. Throws a RangeError where an epoch has none. */
  read(position: DataPosition, count: number): { sequences: TrainingSequence[]; next: DataPosition } {
    const sequences: TrainingSequence[] = []
    let { epoch, sequence } = position
    while (sequences.length < count) {
      const all = this.#sequencesOf(epoch)
      if (all.length === 0) throw new RangeError(`epoch ${epoch} of the data has no sequences`)
      const some = all.slice(sequence, sequence + count - sequences.length)
      sequences.push(...some)
      sequence += some.length
      if (sequence < all.length) continue
      epoch++
      sequence = 0
    }
    return { sequences, next: { epoch, sequence } }
  }

  #sequencesOf(epoch: number): readonly TrainingSequence[] {
    if (this.#epoch?.index !== epoch) this.#epoch = { index: epoch, sequences: this.#data.epoch(epoch) }
    return this.#epoch.sequences
  }
}

function dataHash(documents: readonly Uint32Array[], packing: Packing, seed: bigint): Hex {
  const { length, endId, cut } = packing
  return hashOf(documents, { length, endId, cut, seed: `${seed}` })
}

/** keccak of the keccaks of all parts, after the settings. */
function hashOf(parts: readonly (Uint32Array | Float32Array)[], settings: object): Hex {
  const hashes = parts.map((part) => keccak256(new Uint8Array(part.buffer, part.byteOffset, part.byteLength)))
  return `0x${Buffer.from(keccak256(Buffer.concat([Buffer.from(JSON.stringify(settings)), ...hashes]))).toString('hex')}`
}
