import { beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, logarithm, scoped, tensorOf } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { labelParts, targetDraw } from './sampled-targets.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})

const PROBABILITIES = [0.1, 0, 0.6, 0.3]
const TOKENS = 4000

/** Targets of one example whose every token has PROBABILITIES; spans as given. */
function drawnTargets(
  targets: Int32Array,
  seed = 5n,
  spans = [{ example: 0, start: 0, end: TOKENS, offset: 0 }],
): Int32Array {
  return scoped(kernel, () => {
    const row = PROBABILITIES.map((p) => (p === 0 ? -1000 : logarithm(kernel, p)))
    const logits = tensorOf(kernel, [TOKENS, 4], Array.from({ length: TOKENS }, () => row).flat())
    return targetDraw(kernel, spans, TOKENS, labelParts(kernel, seed, 0))(0, logits, targets)
  })
}

describe('targets drawn from the model', () => {
  const all = drawnTargetsOnce()

  it('come as often as the model thinks', () => {
    for (const [id, probability] of PROBABILITIES.entries()) {
      const share = all().filter((target) => target === id).length / TOKENS
      // Four deviations of the mean of as many draws.
      expect(Math.abs(share - probability)).toBeLessThanOrEqual(
        4 * Math.sqrt((probability * (1 - probability)) / TOKENS),
      )
    }
  })

  it('leave out what does not count', () => {
    const own = Int32Array.from({ length: TOKENS }, (_, t) => (t % 3 === 0 ? -1 : 2))
    const drawn = drawnTargets(own)
    expect(drawn).toEqual(all().map((target, t) => (t % 3 === 0 ? -1 : target)))
  })

  it('are the same for a token wherever its text stands, and others for another seed or text', () => {
    const own = new Int32Array(TOKENS)
    const half = TOKENS / 2
    const swapped = drawnTargets(own, 5n, [
      { example: 0, start: 0, end: half, offset: half },
      { example: 0, start: half, end: TOKENS, offset: 0 },
    ])
    expect(swapped).toEqual(Int32Array.of(...all().subarray(half), ...all().subarray(0, half)))
    expect(drawnTargets(own, 6n)).not.toEqual(all())
    expect(drawnTargets(own, 5n, [{ example: 1, start: 0, end: TOKENS, offset: 0 }])).not.toEqual(all())
  })
})

function drawnTargetsOnce(): () => Int32Array {
  let drawn: Int32Array | undefined
  return () => {
    drawn ??= drawnTargets(new Int32Array(TOKENS))
    return drawn
  }
}
