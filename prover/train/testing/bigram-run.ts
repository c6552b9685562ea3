/** A small run of the toy model, for tests: documents in which every token tells the next, and a recipe of a few steps. */
import { type Kernel, read } from '../../kernel/f32.ts'
import type { Recipe } from '../recipe.ts'
import { USUAL_ADAMW } from '../recipe.ts'
import { type TrainEvent, type TrainOptions, train } from '../trainer.ts'
import { documentData } from '../training-data.ts'
import { BIGRAM_VOCABULARY, bigramModel } from './bigram-model.ts'

/** Counting up from different numbers, round the vocabulary. */
export const COUNTING = Array.from({ length: 12 }, (_, start) =>
  Uint32Array.from({ length: 9 + start }, (_, index) => 1 + ((start + index) % (BIGRAM_VOCABULARY - 1))),
)

export const BIGRAM_DATA = documentData(COUNTING, { length: 8, endId: 0, cut: 'anywhere' }, 5n)

export function bigramRecipe(steps: number): Recipe {
  return {
    schedule: { steps, warmupSteps: 2, peakRate: 0.1, floorRate: 0.01 },
    sequencesPerStep: 3,
    ...USUAL_ADAMW,
  }
}

/** Trains a fresh toy model; its parameters in the end, and all events. */
export async function runBigram(kernel: Kernel, options: TrainOptions) {
  const mark = kernel.arena.mark()
  try {
    const model = bigramModel(kernel)
    const events: TrainEvent[] = []
    for await (const event of train(model, BIGRAM_DATA, options)) events.push(event)
    return { events, parameters: model.parameters.map(({ value }) => read(kernel, value)) }
  } finally {
    kernel.arena.release(mark)
  }
}
