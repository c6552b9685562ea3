/** Which documents are kept back, never trained on, so that a loss on them is an honest one. */
import { shuffled } from './shuffle.ts'

/** Both parts in the order given. Of two documents and more each part has one; `share` is from 0 (none held out) to below 1. */
export function splitForValidation<Item>(
  items: readonly Item[],
  { share, seed }: { share: number; seed: bigint },
): { training: Item[]; validation: Item[] } {
  if (!(share >= 0 && share < 1)) throw new RangeError(`share is ${share}, must be from 0 to below 1`)
  const wanted = share === 0 ? 0 : Math.min(Math.max(Math.round(items.length * share), 1), items.length - 1)
  const heldOut = new Set(shuffled([...items.keys()], seed).slice(0, Math.max(wanted, 0)))
  return {
    training: items.filter((_, index) => !heldOut.has(index)),
    validation: items.filter((_, index) => heldOut.has(index)),
  }
}
