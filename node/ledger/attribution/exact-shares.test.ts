/** What the ledger credits against exact fractions: they differ by rounding, and the fee is all there. */
import fc from 'fast-check'
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { CREDIT_ROLE } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { PARAMETERS, type ParameterName, type ParameterValues } from '../../../genesis/parameters.ts'
import { type ExactPlan, exactShares, type Fraction, isWithin } from '../testing/exact-shares.ts'
import { CallFailed, GOVERNOR } from '../testing/ledger-harness.ts'
import { actor, essay, OPEN_DATANET, PRICE, Stage, THETA, word } from '../testing/ledger-stage.ts'

type Case = Omit<ExactPlan, 'parameters'> & { asked: readonly (readonly [ParameterName, bigint])[] }

const bps = fc.integer({ min: 0, max: 10_000 })
const SHARES = ['contributorsBps', 'modelOwnerBps', 'computeBps', 'stakersBps', 'curatorsBps'] as const
const asked = fc.array(
  fc.tuple(
    fc.constantFrom<ParameterName>(...SHARES, 'subsidyBps', 'unmeasuredQualityBps', 'lineageShareBps'),
    fc.bigInt({ min: 0n, max: 6_000n }),
  ),
  { maxLength: 10 },
)
const datanets = fc
  .array(
    fc.record({ part: fc.integer({ min: 1, max: 99 }), governedBps: bps, curated: fc.boolean(), revenueShareBps: bps }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((drafts) => {
    const whole = drafts.reduce((sum, { part }) => sum + part, 0)
    const rounded = drafts.map(({ part }) => Math.floor((part * 10_000) / whole))
    const left = 10_000 - rounded.reduce((sum, each) => sum + each, 0)
    return drafts.map(({ part: _, ...rest }, i) => ({ ...rest, runBps: rounded[i]! + (i === 0 ? left : 0) }))
  })
const cases: fc.Arbitrary<Case> = fc.record({
  fee: fc.oneof(fc.bigInt({ min: 1n, max: 10_000n }), fc.bigInt({ min: 1n, max: parseEther('5') })),
  openable: fc.boolean(),
  asked,
  datanets,
  entries: fc.array(
    fc.record({ above: fc.bigInt({ min: 1n, max: 100_000n }), scale: fc.integer({ min: 1, max: 400 }) }),
    {
      maxLength: 6,
    },
  ),
  line: fc.integer({ min: 1, max: 5 }),
})

/** Settles one leaf in a world made for the case. Returns what was credited, by role and cluster or recipient, and the parameters. */
function settled({ fee, openable, asked, datanets, entries, line }: Case) {
  const stage = new Stage()
  const { world, owner, prover, validator, carol } = stage
  for (const [name, value] of asked) {
    try {
      world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS[name].id, value])
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error
    }
  }
  const parameters = Object.fromEntries(
    Object.entries(PARAMETERS).map(([name, { id }]) => [name, world.send(GOVERNOR, 'parameters', 'get', [id])]),
  ) as ParameterValues
  stage.stake(carol, STAKE_ROLE.curator, parseEther('10'))
  stage.stake(prover, STAKE_ROLE.prover, parseEther('1000'))
  stage.stake(validator, STAKE_ROLE.validator, parseEther('100'))
  const ids = datanets.map(({ governedBps, curated, revenueShareBps }) => {
    const licence = { ...OPEN_DATANET.licence, revenueShareBps }
    const curation = curated ? { policy: 1, curators: [carol.address], quorum: 1 } : {}
    const id = world.send(owner.address, 'datanets', 'create', [{ ...OPEN_DATANET, licence, ...curation }])
    world.send(GOVERNOR, 'datanets', 'setWeight', [id, governedBps])
    return id
  })
  const payees = entries.map((_, i) => actor(100 + i))
  const clusters = payees.map((payee, i) => {
    world.fund(payee.address, parseEther('1'))
    const { contribution } = stage.contribute(payee, ids[i % ids.length]!, essay(70 + i))
    if (datanets[i % ids.length]!.curated) world.send(carol.address, 'datanets', 'review', [contribution, true])
    return world.send(owner.address, 'datanets', 'getContribution', [contribution]).cluster
  })
  const owners = Array.from({ length: line }, (_, i) => actor(120 + i))
  const weights = datanets.map(({ runBps }) => runBps)
  const base = world.send(owner.address, 'models', 'registerBase', [word(1), 'retrieval', word(2), ''])
  let version = 0n
  // The last of the line is published first.
  for (const { address } of owners.toReversed()) {
    world.fund(address, parseEther('10'))
    const model = world.send(address, 'models', 'createModel', [base, ids, PRICE, PRICE, 'one of a line'])
    for (const id of ids) world.send(address, 'datanets', 'buyLicence', [id, model, 1_000n])
    const opening = [model, word(3), word(4), 5n, ids, weights] as const
    const run =
      version === 0n
        ? world.send(address, 'models', 'openRun', opening)
        : world.send(address, 'models', 'openRunOn', [version, ...opening])
    const hashes = { adapterHash: word(0), curvatureHash: word(0), featureRoot: word(8), artifactHash: word(9) }
    const publication = { run, ...hashes, rows: 1_000, dims: 32_768, medianScale: 100 }
    version = world.send(address, 'models', 'publishVersion', [publication], { value: parseEther('1') })
    world.send(validator.address, 'models', 'attest', [version])
    world.pass(2n)
  }
  const listed = entries
    .map(({ above, scale }, row) => ({ row, cluster: clusters[row]!, raw: Number(THETA + above), scale }))
    .sort((a, b) => b.raw * b.scale - a.raw * a.scale || a.row - b.row)
  const mark = world.logs.length
  const leaf = stage.leaf({ channel: stage.openChannel(), version, fee, openable, entries: listed })
  expect(stage.settle(leaf)).toBe(1n)
  expect(world.audit()).toEqual([])
  const credited = world.events(mark).filter(({ name }) => name === 'Credited')
  const amount = (role: number, which?: bigint | string): bigint =>
    credited
      .filter(({ args }) => args.role === role)
      .filter(
        ({ args }) => which === undefined || args.cluster === which || String(args.recipient).toLowerCase() === which,
      )
      .reduce((sum, { args }) => sum + (args.amount as bigint), 0n)
  return { parameters, amount, credited, ids, clusters, owners }
}

describe('a settlement', () => {
  it('credits everybody its exact share but for rounding, and all of the fee', () => {
    fc.assert(
      fc.property(cases, (each) => {
        const { amount, clusters, credited, ids, owners, parameters } = settled(each)
        const exact = exactShares({ ...each, parameters })
        const close = (
          role: keyof typeof CREDIT_ROLE,
          which: bigint | string | undefined,
          share: Fraction,
          wei = 4n,
        ) => {
          const got = amount(CREDIT_ROLE[role], which)
          expect(isWithin(got, share, wei), `${role} ${which}: ${got} for ${share.n}/${share.d}`).toBe(true)
        }
        clusters.forEach((cluster, i) => {
          close('contributor', cluster, exact.entries[i]!)
        })
        ids.forEach((id, i) => {
          close('datanet', id, exact.datanets[i]!)
          close('subsidy', id, exact.subsidies[i]!)
          if (each.datanets[i]!.curated) close('curators', id, exact.curators[i]!)
        })
        // A part goes up the line rounded at each step, and each Datanet's revenue is rounded before it.
        owners.forEach(({ address }, i) => {
          close('modelOwner', address, exact.owners[i]!, 10n)
        })
        close('compute', undefined, exact.compute)
        close('stakers', undefined, exact.stakers)
        close('curators', 0n, exact.uncurated)
        close('treasury', undefined, exact.treasury, 12n)
        expect(credited.reduce((sum, { args }) => sum + (args.amount as bigint), 0n)).toBe(each.fee)
      }),
      { numRuns: 60 },
    )
  })
})
