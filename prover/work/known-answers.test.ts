import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kernelScores, plainScores } from '../attribute/scores.ts'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { computeKernelAnswers } from './kernel-answers.ts'
import {
  checkKnownAnswers,
  checkScoresAnswers,
  computeKnownAnswers,
  computeScoresAnswers,
  KNOWN_ANSWERS,
} from './known-answers.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})
afterAll(() => kernel.close())

describe('the known-answer test', () => {
  it('gives the frozen values by the plain loop', async () => {
    expect(await computeKnownAnswers({ scores: plainScores, kernel })).toEqual(KNOWN_ANSWERS)
  })

  it('gives the frozen values by the kernels, on two threads as on one', async () => {
    const threads = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
    const computed = await computeKnownAnswers({ scores: await kernelScores(), kernel: threads })
    await threads.close()
    expect(computed).toEqual(KNOWN_ANSWERS)
    expect(checkKnownAnswers(computed)).toBeUndefined()
  })

  it('leaves the kernel\u2019s memory as it was', () => {
    const before = kernel.arena.mark()
    computeKernelAnswers(kernel)
    expect(kernel.arena.mark()).toEqual(before)
  })

  it('notices a kernel that is wrong in one row by one', async () => {
    const computed = await computeScoresAnswers((artifact) => {
      const scores = plainScores(artifact)
      return (query) => scores(query).map((raw, row) => (row === 2 ? raw + 1 : raw))
    })
    expect(checkScoresAnswers(computed)).toMatch(/^scores: computed/)
  })

  it.each(['product', 'softmax', 'logits', 'feature'] as const)('notices another %s', (name) => {
    const computed = { ...KNOWN_ANSWERS, [name]: KNOWN_ANSWERS.features }
    expect(checkKnownAnswers(computed)).toBe(
      `${name}: computed ${KNOWN_ANSWERS.features}, expected ${KNOWN_ANSWERS[name]}`,
    )
  })

  it('notices arithmetic that is off in the last bit', () => {
    // The same kernel but for one operation: a reciprocal root one bit away.
    const run: Kernel['run'] = (name, args, units, work) => {
      kernel.run(name, args, units, work)
      if (name === 'softmax') new Uint8Array(kernel.memory.buffer)[Number(args[1])]! ^= 1
    }
    const off = { ...kernel, run }
    expect(computeKernelAnswers(off).softmax).not.toBe(KNOWN_ANSWERS.softmax)
  })
})
