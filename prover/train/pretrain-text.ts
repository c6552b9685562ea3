/** The text of a pretraining run: which documents are learnt from and which are held out, the vocabulary, and both as tokens. */

import { bytePairTokenizer } from '../model/byte-pair-tokenizer.ts'
import { encodeVocabulary } from '../model/byte-pair-vocabulary.ts'
import type { Tokenizer } from '../model/tokenizer-face.ts'
import type { TrainingSequence } from '../model/trainable.ts'
import { trainBytePairs } from './bpe-trainer.ts'
import type { Corpus, CorpusDocument, CorpusKind } from './corpus.ts'
import { packDocuments } from './packing.ts'
import { documentData, type TrainingData } from './training-data.ts'
import { splitForValidation } from './validation-split.ts'

/** Begins and ends every text. */
export const END_TOKEN = '<|end|>'
export const END_ID = 0

/** Held-out documents of one kind, as sequences. */
export type HeldOut = {
  kind: CorpusKind
  files: number
  /** Of UTF-8. */
  bytes: number
  sequences: TrainingSequence[]
}

export type PretrainText = {
  tokenizer: Tokenizer
  /** tokenizer.json */
  tokenizerFile: Uint8Array
  data: TrainingData
  trainedOn: { files: number; bytes: number; tokens: number }
  heldOut: HeldOut[]
  sequencesPerEpoch: number
}

export type TextOptions = {
  vocabSize: number
  /** Tokens of a sequence. */
  length: number
  /** Of each kind's documents. */
  validationShare: number
  /** Of split and order. */
  seeds: { split: bigint; order: bigint }
}

/** The vocabulary is learnt from the training documents only: the held-out ones are new to it, too. */
export function pretrainText(corpus: Corpus, { vocabSize, length, validationShare, seeds }: TextOptions): PretrainText {
  const parts = [...Map.groupBy(corpus.documents, ({ kind }) => kind)].map(([kind, documents]) => ({
    kind,
    ...splitForValidation(documents, { share: validationShare, seed: seeds.split }),
  }))
  const training = parts.flatMap((part) => part.training)
  const vocabulary = trainBytePairs(
    training.map(({ text }) => text),
    { vocabSize, specials: [END_TOKEN] },
  )
  const tokenizer = bytePairTokenizer(vocabulary)
  const encode = (documents: readonly CorpusDocument[]) => documents.map(({ text }) => tokenizer.encode(text))
  const ids = encode(training)
  const data = documentData(ids, { length, endId: END_ID, cut: 'anywhere' }, seeds.order)
  return {
    tokenizer,
    tokenizerFile: encodeVocabulary(vocabulary),
    data,
    trainedOn: {
      files: training.length,
      bytes: bytesOf(training),
      tokens: ids.reduce((total, document) => total + document.length, 0),
    },
    heldOut: parts.map(({ kind, validation }) => ({
      kind,
      files: validation.length,
      bytes: bytesOf(validation),
      sequences: packDocuments(encode(validation), { length, endId: END_ID, cut: 'windows' }),
    })),
    sequencesPerEpoch: data.epoch(0).length,
  }
}

const bytesOf = (documents: readonly CorpusDocument[]) => documents.reduce((total, { bytes }) => total + bytes, 0)

/** A loss in nats over some text as bits for each of its bytes: comparable between vocabularies. */
export function bitsPerByte(nats: number, bytes: number): number {
  return nats / Math.LN2 / bytes
}
