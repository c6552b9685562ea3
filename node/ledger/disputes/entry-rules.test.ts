/**
 * The entries of a leaf against a model of their rule, over random rows, merges and withdrawals before and after the leaf's
 * block: what the rule gives is settled and survives every challenge; whatever else is refused, or some challenge is upheld.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CONTRIBUTION_STATUS } from '../../../genesis/abi/datanets.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { sameSubject } from '../../../protocol/challenge.ts'
import { selectEntries } from '../../../protocol/entries.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { DisputeStage, majorityQuery, randomSigns } from '../testing/dispute-stage.ts'
import { GOVERNOR } from '../testing/ledger-harness.ts'
import { THETA } from '../testing/ledger-stage.ts'

const ROWS = 9
/** Clusters of the stage; rows i, i + 5 … are of cluster i mod 5, the fifth of which is the first. */
const CLUSTERS = 4
const QUERY_SIGNS = randomSigns(77)

type Step = { type: 'merge'; one: number; other: number } | { type: 'withdraw'; cluster: number }
type Entries = Leaf['entries']

type Case = {
  /** By row: bytes of its signs that are the query's; a row with none has a raw of about 0, below theta. */
  likeness: number[]
  scales: number[]
  before: Step[]
  after: Step[]
  maxEntries: number
}

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('merge' as const), one: cluster(), other: cluster() }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('withdraw' as const), cluster: cluster() }) },
  ),
  { maxLength: 2 },
)

function cluster() {
  return fc.nat({ max: CLUSTERS - 1 })
}

const perRow = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: ROWS, maxLength: ROWS })
const cases: fc.Arbitrary<Case> = fc.record({
  likeness: perRow(fc.constantFrom(0, 300, 301, 1_000, 2_000)),
  scales: perRow(fc.constantFrom(0, 100, 100, 101, 200, 400, 500)),
  before: steps,
  after: steps,
  maxEntries: fc.integer({ min: 2, max: ROWS }),
})

/** Signs that agree with the query's in the first bytes, and elsewhere as it comes. */
function signsLike(bytes: number, seed: number): Uint8Array {
  const signs = randomSigns(seed)
  signs.set(QUERY_SIGNS.subarray(0, bytes))
  return signs
}

class Scene {
  readonly stage: DisputeStage
  /** As of the leaf's block: by cluster, what stands for it, and whether that is withdrawn. */
  readonly atBlock = new Map<bigint, { canonical: bigint; withdrawn: boolean }>()
  readonly asOf: bigint
  readonly #case: Case
  /** By contribution that was withdrawn: the block. */
  readonly #takenBack = new Map<bigint, bigint>()
  #requests = 0n

  constructor(given: Case) {
    this.#case = given
    const { likeness, scales, before, after, maxEntries } = given
    const stage = new DisputeStage(
      likeness.map((bytes, row) => signsLike(bytes, row)),
      scales,
    )
    this.stage = stage
    stage.query.set(majorityQuery([QUERY_SIGNS]))
    const { world } = stage
    world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.unstakeDelay.id, 1_000_000n])
    world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.window.id, 400_000n])
    world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.maxEntries.id, BigInt(maxEntries)])
    this.#follow(before)
    this.asOf = world.number
    for (const id of stage.clusters) this.atBlock.set(id, this.#now(id))
    world.pass(2n)
    this.#follow(after)
  }

  #now(id: bigint) {
    const { world, bob } = this.stage
    const canonical = world.send(bob.address, 'datanets', 'canonicalCluster', [id])
    const { withdrawn, founder } = world.send(bob.address, 'datanets', 'getCluster', [canonical])
    return { canonical, withdrawn, founder }
  }

  /** Merges by a version in which all rows are the same. */
  #follow(list: readonly Step[]): void {
    const { world, challenger, contributors, rows, clusters } = this.stage
    const same = rows.slice(0, CLUSTERS).map((row) => ({ ...row, signs: QUERY_SIGNS, scale: 100 }))
    for (const step of list) {
      if (step.type === 'withdraw') {
        const contribution = rows[step.cluster]!.contribution
        const { status } = world.send(challenger.address, 'datanets', 'getContribution', [contribution])
        if (status !== CONTRIBUTION_STATUS.accepted) continue
        world.send(contributors[step.cluster]!.address, 'datanets', 'withdraw', [contribution])
        this.#takenBack.set(contribution, world.number)
        continue
      }
      const [one, other] = [step.one, step.other]
      if (this.#now(clusters[one]!).canonical === this.#now(clusters[other]!).canonical) continue
      const version = this.stage.publishLive(same)
      const salt = this.stage.commitChallenge(sameSubject(version, one, other))
      const args = [version, this.stage.evidence(one, same), this.stage.evidence(other, same), salt] as const
      expect(world.send(challenger.address, 'attribution', 'challengeSame', args)).toBe(true)
    }
  }

  /** The rule, told plainly: rows that count; of each work those of the cluster that has its best row; the best of all. */
  entries(): Entries {
    const all = this.stage.rows.map((_, row) => this.stage.entryOf(row))
    const rank = (entry: Entries[number]) => [-entry.raw * entry.scale, entry.row] as const
    const best = (list: Entries[number][]) => list.sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])
    const { version } = this.stage
    const { medianScale } = this.stage.world.send(this.stage.bob.address, 'models', 'getVersion', [version])
    const counting = best(
      all.filter(
        ({ raw, scale, cluster }) =>
          BigInt(raw) > THETA && scale > 0 && scale <= 4 * medianScale && !this.atBlock.get(cluster)!.withdrawn,
      ),
    )
    const work = (entry: Entries[number]) => this.atBlock.get(entry.cluster)!.canonical
    const listed = counting.filter(
      (entry) => counting.find((other) => work(other) === work(entry))!.cluster === entry.cluster,
    )
    return listed.slice(0, this.#case.maxEntries)
  }

  leafOf(entries: Entries): Leaf {
    const n = this.#requests++
    return this.stage.honestLeaf({ entries, asOf: this.asOf, n, fee: 1_000n })
  }

  /** Every challenge of a settled leaf by its entries, each from where the claim stands: those that are upheld. */
  upheld(leaf: Leaf, claim: `0x${string}`): string[] {
    const { stage } = this
    const tries = [
      ...stage.rows.map((_, row) => [`omission ${row}`, () => stage.challengeOmission(claim, leaf, row)] as const),
      ...leaf.entries.map(
        ({ row }, i) => [`score ${i}`, () => row < ROWS && stage.challengeScore(claim, leaf, i, row)] as const,
      ),
    ]
    return tries.filter(([, challenge]) => this.#undone(challenge)).map(([name]) => name)
  }

  /** What happens, and then has not happened. */
  #undone<T>(happens: () => T): T {
    const { world } = this.stage
    const [storage, balances, { number, now }] = [new Map(world.storage), new Map(world.balances), world]
    try {
      return happens()
    } finally {
      world.storage.clear()
      for (const [slot, value] of storage) world.storage.set(slot, value)
      for (const [account, value] of balances) world.balances.set(account, value)
      Object.assign(world, { number, now })
    }
  }

  /** 'refused', 'challenged', or 'stands'. */
  fate(entries: Entries): string {
    return this.#undone(() => {
      const leaf = this.leafOf(entries)
      const mark = this.stage.world.logs.length
      if (this.stage.settle(leaf) === 0n) return 'refused'
      return this.upheld(leaf, this.stage.claimIn(mark)).length > 0 ? 'challenged' : 'stands'
    })
  }

  /** Whether a merge since the leaf's block has put the work under one that had been withdrawn by then. */
  isLate(id: bigint): boolean {
    const { withdrawn, founder } = this.#now(id)
    return withdrawn && this.#takenBack.get(founder)! <= this.asOf
  }

  /** Whether a row's work was withdrawn by the leaf's block and is led again, which settlements and challenges cannot tell. */
  isInDoubt(id: bigint): boolean {
    return this.atBlock.get(id)!.withdrawn && !this.#now(this.atBlock.get(id)!.canonical).withdrawn
  }
}

/** One change of the list, of any kind. */
type Change = (entries: Entries, scene: Scene) => Entries

const at = (entries: Entries, index: number) => index % Math.max(entries.length, 1)
const CHANGES: Record<string, (index: number) => Change> = {
  'one is dropped': (i) => (entries) => entries.filter((_, k) => k !== at(entries, i)),
  'two are swapped': (i) => (entries) => {
    const [k, next] = [at(entries, i), at(entries, i + 1)]
    return entries.map((entry, j) => (j === k ? entries[next]! : j === next ? entries[k]! : entry))
  },
  'another row is listed':
    (i) =>
    (entries, { stage }) => {
      const other = stage.entryOf(i % ROWS)
      return inOrder([...entries.filter(({ row }) => row !== other.row), other])
    },
  'another row stands in for one':
    (i) =>
    (entries, { stage }) =>
      inOrder(entries.map((entry, k) => (k === at(entries, i) ? stage.entryOf((i * 5 + 1) % ROWS) : entry))),
  'a row that does not pass is raised':
    (i) =>
    (entries, { stage }) => {
      const other = { ...stage.entryOf(i % ROWS), raw: Number(THETA) + 1 + i, scale: 100 }
      return inOrder([...entries.filter(({ row }) => row !== other.row), other])
    },
  'a raw is another': (i) => (entries) =>
    inOrder(entries.map((entry, k) => (k === at(entries, i) ? { ...entry, raw: entry.raw + 1 } : entry))),
  'a scale is another': (i) => (entries) =>
    inOrder(entries.map((entry, k) => (k === at(entries, i) ? { ...entry, scale: entry.scale - 1 } : entry))),
  'a cluster is another':
    (i) =>
    (entries, { stage }) =>
      entries.map((entry, k) => (k === at(entries, i) ? { ...entry, cluster: stage.clusters[i % CLUSTERS]! } : entry)),
}

function inOrder(entries: Entries): Entries {
  return [...entries].sort((a, b) => b.raw * b.scale - a.raw * a.scale || a.row - b.row)
}

const differs = (one: Entries, other: Entries) =>
  one.length !== other.length ||
  one.some(({ row, cluster, raw, scale }, i) => {
    const b = other[i]!
    return row !== b.row || cluster !== b.cluster || raw !== b.raw || scale !== b.scale
  })

it('what the rule lists stands, and nothing else does', () => {
  const seen = { stands: 0, refused: 0, challenged: 0 }
  fc.assert(
    fc.property(cases, fc.nat({ max: 50 }), (given, index) => {
      const scene = new Scene(given)
      const honest = scene.entries()
      const { rows } = scene.stage
      const selected = selectEntries({
        rows: rows.map(({ cluster, scale }) => ({
          cluster,
          scale: scale > 400 ? 0 : scale,
          ...scene.atBlock.get(cluster)!,
        })),
        raws: Int32Array.from(rows, (_, row) => scene.stage.entryOf(row).raw),
        theta: THETA,
        maxEntries: given.maxEntries,
      })
      expect(selected).toEqual(honest)
      const fate = scene.fate(honest)
      seen[fate as keyof typeof seen]++
      // A merge since may have put a work under one that had been withdrawn before.
      expect(fate).toBe(honest.some(({ cluster }) => scene.isLate(cluster)) ? 'refused' : 'stands')
      if (fate === 'refused') return
      for (const [name, change] of Object.entries(CHANGES)) {
        const changed = change(index)(honest, scene)
        if (!differs(changed, honest) || changed.some(({ cluster }) => scene.isInDoubt(cluster))) continue
        const other = scene.fate(changed)
        seen[other as keyof typeof seen]++
        expect(other, `${name}: ${print(honest)} -> ${print(changed)}`).not.toBe('stands')
      }
    }),
    { numRuns: 12 },
  )
  // Of every kind there were some.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0)
}, 120_000)

const print = (entries: Entries) =>
  entries.map(({ row, cluster, raw, scale }) => `${row}/${cluster}/${raw}·${scale}`).join(' ')
