/** Paying oneself: invariant 5 of docs/protocol.md, and the table of docs/trust.md. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import type { ParameterName } from '../../../genesis/parameters.ts'
import { type Dealing, selfDeal } from '../testing/self-dealer.ts'

const bps = fc.integer({ min: 0, max: 10_000 })
const share = (most: bigint) => fc.bigInt({ min: 0n, max: most })

/** Any order of requests to the setters, mostly plausible ones: what they refuse is not set. */
const setting: fc.Arbitrary<readonly [ParameterName, bigint]> = fc.oneof(
  fc.tuple(fc.constantFrom<ParameterName>('contributorsBps', 'modelOwnerBps', 'computeBps'), share(6_000n)),
  fc.tuple(fc.constantFrom<ParameterName>('stakersBps', 'curatorsBps'), share(2_000n)),
  fc.tuple(fc.constant<ParameterName>('subsidyBps'), share(1_500n)),
  fc.tuple(fc.constant<ParameterName>('unmeasuredQualityBps'), share(10_000n)),
  fc.tuple(fc.constant<ParameterName>('dustLimit'), share(10n ** 9n)),
)

const datanets = fc
  .array(
    fc.record({
      part: fc.integer({ min: 1, max: 100 }),
      governedBps: bps,
      curated: fc.boolean(),
      revenueShareBps: bps,
    }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((drafts) => {
    const whole = drafts.reduce((sum, { part }) => sum + part, 0)
    const runBps = drafts.map(({ part }) => Math.floor((part * 10_000) / whole))
    runBps[0]! += 10_000 - runBps.reduce((sum, each) => sum + each, 0)
    return drafts.map(({ part: _, ...rest }, i) => ({ ...rest, runBps: runBps[i]! }))
  })

const dealing: fc.Arbitrary<Dealing> = fc.record({
  parameters: fc.array(setting, { maxLength: 12 }),
  datanets,
  fees: fc.array(fc.oneof(fc.bigInt({ min: 1n, max: 1_000_000n }), fc.bigInt({ min: 1n, max: parseEther('200') })), {
    minLength: 1,
    maxLength: 3,
  }),
  entries: fc.integer({ min: 0, max: 5 }),
})

describe('who pays itself', () => {
  it('loses what the treasury keeps, whatever the governor sets and weighs', () => {
    fc.assert(
      fc.property(dealing, (each) => {
        const { fee, lost, treasuryBps, subsidyBps } = selfDeal(each)
        expect(subsidyBps).toBeLessThan(treasuryBps)
        const surely = (fee * (treasuryBps - subsidyBps)) / 10_000n - BigInt(each.fees!.length)
        expect(lost).toBeGreaterThanOrEqual(surely)
        expect(lost).toBeGreaterThan(0n)
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  it('loses as much by a batch, whichever leaves are drawn, and whatever its Datanets weigh', () => {
    const batched = fc.record({
      parameters: fc.array(setting, { maxLength: 6 }),
      datanets,
      fees: fc.array(fc.bigInt({ min: 8n, max: parseEther('50') }), { minLength: 1, maxLength: 12 }),
      entries: fc.integer({ min: 0, max: 5 }),
      batchSeed: fc.bigInt({ min: 0n, max: 1n << 64n }),
    })
    fc.assert(
      fc.property(batched, (each) => {
        const { fee, lost, treasuryBps, subsidyBps } = selfDeal(each)
        const surely = (fee * (treasuryBps - subsidyBps)) / 10_000n - BigInt(each.fees.length)
        expect(lost).toBeGreaterThanOrEqual(surely)
        expect(lost).toBeGreaterThan(0n)
      }),
      { numRuns: 25 },
    )
    const fees = [3n, 1n, 4n, 1n, 5n].map((tenths) => tenths * parseEther('0.1'))
    const { fee, lost } = selfDeal({ fees, batchSeed: 7n })
    expect(lost - (fee * 250n) / 10_000n).toBeLessThan(10_000n)
    expect(lost * 10_000n).toBeGreaterThanOrEqual(fee * 250n)
  }, 60_000)

  it('loses no more than that but rounding, where every part of the fee comes back to it', () => {
    const { fee, lost } = selfDeal({})
    expect(lost - (fee * 250n) / 10_000n).toBeLessThan(10_000n)
  })
})

/** What stands in the table: the fee in hundredths of a percent, as it comes back. */
const CASES: { name: string; dealing: Dealing }[] = [
  {
    name: 'genesis: no Datanet has a weight',
    dealing: { datanets: [{ runBps: 10_000, governedBps: 0, curated: true, revenueShareBps: 0 }] },
  },
  {
    name: 'its Datanet has half the weight',
    dealing: { datanets: [{ runBps: 10_000, governedBps: 5_000, curated: true, revenueShareBps: 0 }] },
  },
  { name: 'its Datanet has all the weight', dealing: {} },
  { name: 'the greatest subsidy that the setter takes', dealing: { parameters: [['subsidyBps', 499n]] } },
  {
    name: 'the greatest subsidy, treasury 1,000',
    dealing: {
      parameters: [
        ['computeBps', 1_000n],
        ['subsidyBps', 999n],
      ],
    },
  },
  {
    name: 'the least treasury: 1, no subsidy',
    dealing: {
      parameters: [
        ['subsidyBps', 0n],
        ['computeBps', 1_999n],
      ],
    },
  },
  {
    name: 'its Datanet has no curators',
    dealing: { datanets: [{ runBps: 10_000, governedBps: 10_000, curated: false, revenueShareBps: 0 }] },
  },
]

/** The table's lines, for one OPEN paid to oneself. */
function table(): string[] {
  return CASES.map(({ name, dealing: each }) => {
    const { fee, lost, treasuryBps, subsidyBps } = selfDeal(each)
    // Rounding is less than a millionth of a percent; the nearest basis point is shown.
    const lostBps = (lost * 10_000n + fee / 2n) / fee
    const percent = (value: bigint) => `${value / 100n}.${String(value % 100n).padStart(2, '0')} %`
    return `| ${name} | ${treasuryBps} | ${subsidyBps} | ${percent(10_000n - lostBps)} | ${percent(lostBps)} |`
  })
}

it('the table of docs/trust.md says what a self-dealer gets back', () => {
  const document = readFileSync(new URL('../../../docs/trust.md', import.meta.url), 'utf8')
  for (const line of table()) expect(document).toContain(line)
})
