import { describe, expect, it } from 'vitest'
import { trainingProgress } from './training-progress.ts'

const step = (step: number) => ({
  type: 'step' as const,
  step,
  steps: 4,
  loss: 2.5,
  tokensPerSecond: 1234.4,
  secondsLeft: 9.6,
})

describe('the lines of a training', () => {
  it('say what it is at, the first and the last of each stage, and no more than one in five seconds between', () => {
    const lines: string[] = []
    let clock = 0
    const heard = trainingProgress(
      (line) => lines.push(line),
      () => clock,
    )
    heard({ type: 'planned', manifestRoot: `0x${'11'.repeat(32)}`, windows: 12, tokens: 3456, steps: 4 })
    heard(step(1))
    heard(step(2))
    clock = 5_000
    heard(step(3))
    heard(step(4))
    for (const done of [0, 1, 2]) heard({ type: 'rows', done, total: 2 })
    expect(lines).toEqual([
      'training on 12 texts of 3,456 tokens, 4 steps',
      'training: step 1 of 4, loss 2.500, 1,234 tokens/s, 10 s left',
      'training: step 3 of 4, loss 2.500, 1,234 tokens/s, 10 s left',
      'training: step 4 of 4, loss 2.500, 1,234 tokens/s, 10 s left',
      'rows: 0 of 2',
      'rows: 2 of 2',
    ])
  })
})
