/**
 * Weights laid down once more for answers. A token by itself uses every weight once, and reads them several times as fast in
 * panels (../kernel/panels.ts). The same bits, for as much memory again.
 */
import { type Panels, panelsOf, type Tensor } from '../kernel/f32.ts'
import { allOrNothing } from './all-or-nothing.ts'
import type { Transformer } from './transformer.ts'

/**
 * The same transformer with copies for answers, in the arena above whatever is there. The copies do not follow: once a
 * weight is trained, this result is void. Throws MemoryBudgetError; nothing is left allocated then.
 */
export function withAnsweringWeights(transformer: Transformer): Transformer {
  const { kernel, blocks, output } = transformer
  const layers = blocks.flatMap(({ attention, mlp }) => [
    ...[attention.query, attention.key, attention.value, attention.output],
    ...[mlp.gate, mlp.up, mlp.down],
  ])
  return allOrNothing(kernel, () => {
    const panels = new Map<Tensor, Panels>()
    for (const weight of [...layers.map((layer) => layer.weight), output]) panels.set(weight, panelsOf(kernel, weight))
    return { ...transformer, panels }
  })
}
