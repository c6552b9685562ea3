import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type DevnetProcess, startDevnet, temporaryDataDir } from '../devnet/devnet-process.ts'

const decimal = z.string().regex(/^\d+$/).transform(BigInt)
const root = z.string().regex(/^0x[0-9a-f]{64}$/)
const reportSchema = z.strictObject({
  ok: z.boolean(),
  l2Block: z.number(),
  safeBlock: z.number(),
  stateRoot: root,
  verifierStateRoot: root,
  contributions: z.number(),
  clusters: z.number(),
  trainSteps: z.number(),
  lossFirst: z.number().positive(),
  lossLast: z.number().positive(),
  rowsFeaturized: z.number(),
  answers: z.number(),
  answersByModel: z.number(),
  settled: z.number(),
  audited: z.number(),
  auditedEqual: z.number(),
  paidOutWei: decimal,
  contributorsPaid: z.number(),
  duplicatesPaidWei: decimal,
  seconds: z.number(),
})

const TELL = ['--story', 'small', '--exit-after-story', '--json']

async function reportOf(network: DevnetProcess) {
  const { code } = await network.exited
  expect(network.errors()).toBe('')
  expect(code).toBe(0)
  return reportSchema.parse(JSON.parse(network.lines.at(-1)!))
}

describe('the main job, told by processes over a real L1', () => {
  const dataDir = temporaryDataDir()
  let first: z.output<typeof reportSchema>

  beforeAll(async () => {
    first = await reportOf(startDevnet(dataDir.path, TELL))
  }, 240_000)
  afterAll(dataDir.dispose)

  it('ends with both checks passed and contributors paid', () => {
    expect(first.ok).toBe(true)
    expect(first.verifierStateRoot).toBe(first.stateRoot)
    expect(first.answers).toBe(3)
    expect(first.answersByModel).toBe(3)
    expect(first.settled).toBe(3)
    expect(first.audited).toBe(3)
    expect(first.auditedEqual).toBe(3)
    expect(first.contributions).toBe(27)
    // Near-copies join their originals' clusters, so there are fewer clusters than contributions.
    expect(first.clusters).toBeLessThanOrEqual(24)
    expect(first.paidOutWei).toBeGreaterThan(0n)
    expect(first.contributorsPaid).toBeGreaterThan(0)
  })

  it('tunes a model on the contributions, with its steps on record, and a row for each text that is no copy', () => {
    expect(first.trainSteps).toBe(4)
    expect(first.rowsFeaturized).toBeGreaterThanOrEqual(first.clusters)
  })

  it('pays nothing for copies', () => {
    expect(first.duplicatesPaidWei).toBe(0n)
  })

  it('leaves no process behind', () => {
    for (const name of ['sequencer', 'verifier', 'prover', 'l1/anvil']) expect(dataDir.pidOf(name)).toBeUndefined()
  })

  it('resumes the same chain at the next start', async () => {
    const again = startDevnet(dataDir.path, TELL)
    expect(await again.line(/resuming chain/)).toContain('901')
    const second = await reportOf(again)
    expect(second.ok).toBe(true)
    expect(second.l2Block).toBeGreaterThanOrEqual(first.l2Block)
    expect(second.paidOutWei).toBe(first.paidOutWei)
    expect(second.contributions).toBe(first.contributions)
    const { trainSteps, lossFirst, lossLast, rowsFeaturized } = first
    expect(second).toMatchObject({ trainSteps, lossFirst, lossLast, rowsFeaturized })
  }, 180_000)
})
