import { describe, expect, it } from 'vitest'
import { kernelScores, plainScores } from '../attribute/scores.ts'
import { checkKnownAnswers, computeKnownAnswers, KNOWN_ANSWERS } from './known-answers.ts'

describe('the known-answer test', () => {
  it('gives the frozen values by the plain loop', async () => {
    expect(await computeKnownAnswers(plainScores)).toEqual(KNOWN_ANSWERS)
  })

  it('gives the frozen values by the kernel', async () => {
    expect(await computeKnownAnswers(await kernelScores())).toEqual(KNOWN_ANSWERS)
  })

  it('notices a kernel that is wrong in one row by one', async () => {
    const computed = await computeKnownAnswers((artifact) => {
      const scores = plainScores(artifact)
      return (query) => scores(query).map((raw, row) => (row === 2 ? raw + 1 : raw))
    })
    expect(checkKnownAnswers(computed)).toMatch(/^scores: computed/)
  })
})
