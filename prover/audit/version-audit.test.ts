import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Hex, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ClusterId } from '../../genesis/units.ts'
import { VOID_ROW } from '../../protocol/lexical.ts'
import { ArtifactError, encodeArtifact, isTuned, type TunedArtifact } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { type PublishedTuning, tunedVersion } from '../testing/tuned-version.ts'
import type { TuneRecipe } from '../tune/recipe.ts'
import { writeTinyBase } from '../tune/testing/tiny-tuning.ts'
import { type AuditChoice, audit, type WholeAudit } from './audit.ts'
import type { StepOnRecord, VersionAuditReads } from './audit-reads.ts'
import { describeDifference } from './auditor.ts'
import { fetchAnsweringModel, gatewayFiles, type ProverFiles } from './prover-files.ts'

let kernel: Kernel
let directory: string
let honest: PublishedTuning
let prover: ArtifactStore
let artifact: TunedArtifact

beforeAll(async () => {
  kernel = await loadKernelFromFile()
  directory = await mkdtemp(join(tmpdir(), 'openledger-version-audit-'))
  honest = await tunedVersion(kernel, directory)
  prover = await ArtifactStore.open(honest.options.storeDirectory)
  const found = await prover.artifact(honest.result.artifactHash)
  if (!isTuned(found)) throw new Error('not tuned')
  artifact = found
})
afterAll(async () => {
  await kernel.close()
  await rm(directory, { recursive: true })
})

/** What the prover hands out: all but some. */
const handingOut = (...withheld: Hex[]): ProverFiles =>
  async function* (hash) {
    const bytes = withheld.includes(hash) ? undefined : ((await prover.bytes(hash)) ?? (await prover.fileBytes(hash)))
    if (!bytes) throw new ArtifactError(`the prover does not hand out ${hash}`)
    yield bytes
  }

type Lies = {
  state?: Partial<VersionState>
  steps?: (steps: StepOnRecord[]) => StepOnRecord[]
  files?: ProverFiles
}

/** A chain that says what it says, but for the lies. */
function readsOf({ state, steps = (all) => all, files = handingOut() }: Lies = {}): VersionAuditReads {
  const { chain, result } = honest
  return {
    contributions: (datanets) => chain.contributions(datanets),
    withdrawn: () => chain.withdrawn(),
    content: (hash) => chain.content(hash),
    settledLeaves: async () => [],
    version: async (version) => (version === 1n ? { ...honest.state, ...state } : undefined),
    prices: async () => [await chain.prices()],
    entryRules: () => chain.rules(),
    maxScaleFactor: async () => (await chain.rules()).maxScaleFactor,
    fetchArtifact: (store, hash) => fetchAnsweringModel(files, store, hash),
    opening: async () => ({ refused: 'nothing is settled' }),
    recordedSteps: async () => ({ run: 1n, steps: steps(result.steps) }),
    files,
  }
}

type Audited = { version: WholeAudit['versions'][number]; lines: string[]; progress: string[]; report: WholeAudit }

async function audited(lies: Lies = {}, choice: Partial<AuditChoice> = {}): Promise<Audited> {
  const storeDirectory = await temporaryDirectory()
  const progress: string[] = []
  const report = await audit(readsOf(lies), {
    ...{ kernel, storeDirectory, store: await ArtifactStore.open(storeDirectory) },
    baseDirectory: honest.options.baseDirectory,
    choice: { versions: [1n], seed: 7n, interval: 'none', rows: 0, curvature: false, ...choice },
    progress: (line) => progress.push(line),
  })
  return { version: report.versions[0]!, lines: report.differences.map(describeDifference), progress, report }
}

/** Another artifact, whose hashes the chain has: a lie that only recomputing finds. */
async function published(change: (artifact: TunedArtifact) => TunedArtifact): Promise<Partial<VersionState>> {
  const hash = await prover.putArtifactBytes([encodeArtifact(change(artifact))])
  const { featureRoot } = await prover.artifact(hash)
  return { artifactHash: hash, featureRoot }
}

const other = keccak256('0x0123')
const fileOf = (name: string) => artifact.tuned.files.find((file) => file.name === name)!

describe('an audit of an honest tuned version', () => {
  it('says equal of every item: plan, artifact, all of the training, adapter, all rows, curvature', async () => {
    const { version, lines, progress, report } = await audited({}, { interval: 'all', rows: 100, curvature: true })
    expect(lines).toEqual([])
    expect(version).toEqual({
      ...{ version: '1', run: '1', equal: true, plan: 'equal', artifact: 'equal', adapter: 'equal' },
      intervals: [
        { number: 1, from: 0, to: 2, outcome: 'equal' },
        { number: 2, from: 2, to: 4, outcome: 'equal' },
        { number: 3, from: 4, to: 5, outcome: 'equal' },
      ],
      rows: [0, 1, 2, 3, 4, 5, 6].map((index) => ({ index, outcome: 'equal' })),
      curvature: 'equal',
    })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect(report).toMatchObject({ audited: 0, equal: 0, closed: 0, seed: '7' })
    expect(progress).toContain('version 1: taking steps 3 to 4 of 5 again')
    expect(progress).toContain('version 1: steps after 2: 1 of 2')
    expect(progress).toContain('version 1: rows: 7 of 7')
    expect(progress.at(-1)).toBe('version 1: curvature, moments: 3 of 3')
  })

  it('draws an interval and rows by its seed: the same for the same, others for others', async () => {
    const drawn = async (seed: bigint) => {
      const { intervals, rows, equal } = (await audited({}, { seed, interval: 'drawn', rows: 2 })).version
      expect(equal).toBe(true)
      return { interval: intervals[0]!.number, rows: rows.map(({ index }) => index) }
    }
    const first = await drawn(1n)
    expect(first.rows).toHaveLength(2)
    expect(await drawn(1n)).toEqual(first)
    // One after another: they share the kernel's arena.
    const others: (typeof first)[] = []
    for (const seed of [2n, 3n, 4n, 5n]) others.push(await drawn(seed))
    expect(new Set(others.map(({ interval }) => interval)).size).toBeGreaterThan(1)
    expect(new Set(others.map(({ rows }) => rows.join())).size).toBeGreaterThan(1)
  })

  it('takes the first interval without any checkpoint but the last, of which the adapter is made', async () => {
    const asked: Hex[] = []
    const files: ProverFiles = (hash, most) => {
      asked.push(hash)
      return handingOut()(hash, most)
    }
    expect((await audited({ files }, { interval: 1 })).version).toMatchObject({ equal: true, rows: [] })
    const names = artifact.tuned.files.filter(({ hash }) => asked.includes(hash)).map(({ name }) => name)
    expect(names).toEqual([
      ARTIFACT_FILES.checkpointFields(5),
      ARTIFACT_FILES.checkpointTensors(5),
      ARTIFACT_FILES.recipe,
    ])
  })
})

describe('an audit finds and names', () => {
  it('a checkpoint hash on chain that the training does not give', async () => {
    const steps = (all: StepOnRecord[]) => all.map((s) => (s.step === 2 ? { ...s, checkpointHash: other } : s))
    const { version, lines } = await audited({ steps }, { interval: 'all' })
    expect(version).toMatchObject({ equal: false, plan: 'equal', artifact: 'different', adapter: 'equal' })
    expect(version.intervals.map(({ outcome }) => outcome)).toEqual(['different', 'different', 'equal'])
    const real = honest.result.steps[0]!.checkpointHash
    expect(lines).toEqual([
      `version 1: checkpointHash of step 2, by the artifact: settled ${other}, recomputed ${real}`,
      `version 1: checkpointHash of step 2: settled ${other}, recomputed ${real}`,
      expect.stringMatching(
        /^version 1: checkpointHash of step 4: .*the checkpoint of step 2 has the hash .*on record is/,
      ),
    ])
  })

  it('a loss that the training does not have, where chain and artifact agree on it', async () => {
    const lie = (all: StepOnRecord[]) => all.map((s) => (s.step === 4 ? { ...s, lossMicro: s.lossMicro - 1 } : s))
    const state = await published((honest) => ({
      ...honest,
      tuned: { ...honest.tuned, checkpoints: lie(honest.tuned.checkpoints) },
    }))
    const { version, lines } = await audited({ state, steps: lie }, { interval: 2 })
    expect(version).toMatchObject({ artifact: 'equal', intervals: [{ number: 2, outcome: 'different' }] })
    expect(lines).toEqual([expect.stringMatching(/^version 1: lossMicro of step 4: settled \d+, recomputed \d+$/)])
  })

  it('steps on record that are not those of the recipe', async () => {
    const { lines } = await audited({ steps: (all) => all.slice(0, 2) })
    expect(lines).toContain('version 1: steps on record: settled 2, recomputed 3')
    const late = (all: StepOnRecord[]) => all.map((s) => (s.step === 5 ? { ...s, step: 6 } : s))
    expect((await audited({ steps: late }, { interval: 3 })).lines).toEqual(
      expect.arrayContaining([
        'version 1: step on record, number 3: settled 6, recomputed 5',
        expect.stringMatching(/^version 1: checkpointHash of step 6: .*the recipe ends with step 5$/),
      ]),
    )
    expect((await audited({ steps: () => [] }, { interval: 'drawn' })).lines).toContain(
      `version 1: adapterHash: settled ${honest.state.adapterHash}, recomputed no step is on record`,
    )
  })

  it('a row of which one sign is another, under roots that the chain has', async () => {
    const state = await published((honest) => {
      const rows = honest.rows.map((row) => ({ ...row, signs: new Uint8Array(row.signs) }))
      rows[3]!.signs[100]! ^= 1
      return { ...honest, rows }
    })
    const { version, lines } = await audited({ state }, { rows: 7 })
    expect(lines).toEqual(['version 1: signs of row 3: settled listed, recomputed 1 are others'])
    expect(version.rows.filter(({ outcome }) => outcome !== 'equal')).toEqual([{ index: 3, outcome: 'different' }])
  })

  it('a row’s scale, and a row that is not under the chain’s root', async () => {
    const scaled = await published((honest) => ({
      ...honest,
      rows: honest.rows.map((row) => (row.index === 2 ? { ...row, scale: row.scale - 1 } : row)),
    }))
    expect((await audited({ state: scaled }, { rows: 7 })).lines).toContainEqual(
      expect.stringMatching(/^version 1: scale of row 2: settled \d+, recomputed \d+$/),
    )
    const { lines } = await audited({ state: { featureRoot: other } }, { rows: 1 })
    expect(lines).toContainEqual(expect.stringMatching(/^version 1: featureRoot: settled/))
    expect(lines).toContainEqual(expect.stringMatching(/^version 1: inclusion of row \d: .*not under this root$/))
  })

  it('a row that repeats an earlier one of its text and is not void, whichever rows are drawn', async () => {
    const state = await published((honest) => ({
      ...honest,
      rows: honest.rows.map((row) => (row.index === 6 ? { ...honest.rows[5]!, index: 6 } : row)),
    }))
    const told = 'version 1: row 6: settled listed, recomputed void: it repeats an earlier row of its cluster'
    expect((await audited({ state })).lines).toContain(told)
    const { version, lines } = await audited({ state }, { rows: 7 })
    expect(lines).toContainEqual(expect.stringMatching(/^version 1: scale of row 6: settled \d+, recomputed 0$/))
    expect(version.rows.filter(({ outcome }) => outcome !== 'equal')).toEqual([{ index: 6, outcome: 'different' }])
  })

  it('a row that is void and repeats none', async () => {
    const state = await published((honest) => ({
      ...honest,
      rows: honest.rows.map((row) => (row.index === 3 ? { ...row, ...VOID_ROW } : row)),
    }))
    expect((await audited({ state }, { rows: 7 })).lines).toContainEqual(
      expect.stringMatching(/^version 1: scale of row 3: settled 0, recomputed \d+$/),
    )
  })

  it('a row that pays another, whichever rows are drawn', async () => {
    const state = await published((honest) => ({
      ...honest,
      rows: honest.rows.map((row) => (row.index === 1 ? { ...row, cluster: ClusterId(6n) } : row)),
    }))
    expect((await audited({ state })).lines).toEqual(['version 1: cluster of row 1: settled 6, recomputed 2'])
  })

  it('another adapter than the last checkpoint’s, with rows or without', async () => {
    const { hash } = fileOf(ARTIFACT_FILES.adapterWeights)
    const bytes = new Uint8Array((await prover.fileBytes(hash))!)
    bytes[bytes.length - 2]! ^= 1
    const { hash: adapterHash } = await prover.putFile([bytes])
    const state = await published((honest) => {
      const files = honest.tuned.files.map((file) => (file.hash === hash ? { ...file, hash: adapterHash } : file))
      return { ...honest, tuned: { ...honest.tuned, adapterHash, files } }
    })
    const line = `version 1: adapterHash: settled ${adapterHash}, recomputed ${honest.state.adapterHash}`
    const { version, lines } = await audited({ state: { ...state, adapterHash } })
    expect(lines).toEqual([line])
    expect(version).toMatchObject({ plan: 'equal', artifact: 'equal', adapter: 'different' })
    const last = await audited({ state: { ...state, adapterHash } }, { interval: 3 })
    expect(last.version.intervals).toEqual([{ number: 3, from: 4, to: 5, outcome: 'different' }])
  })

  it('an adapter’s config that the recipe does not give', async () => {
    const { hash } = fileOf(ARTIFACT_FILES.adapterConfig)
    const text = new TextDecoder().decode((await prover.fileBytes(hash))!)
    const stored = await prover.putFile([new TextEncoder().encode(text.replace('"lora_alpha": 4', '"lora_alpha": 8'))])
    expect(stored.hash).not.toBe(hash)
    const state = await published((honest) => {
      const files = honest.tuned.files.map((file) => (file.hash === hash ? { ...file, ...stored } : file))
      return { ...honest, tuned: { ...honest.tuned, files } }
    })
    expect((await audited({ state })).lines).toEqual([
      `version 1: adapter_config.json: settled ${stored.hash}, recomputed ${hash}`,
    ])
  })

  it.each<[string, (recipe: TuneRecipe) => TuneRecipe, RegExp]>([
    [
      'of another base',
      (recipe) => ({ ...recipe, base: { ...recipe.base, weightsHash: other } }),
      /^version 1: weightsHash of the recipe's base: settled 0x\w+, recomputed 0x\w+$/,
    ],
    [
      'for another kernel',
      (recipe) => ({ ...recipe, kernelVersion: recipe.kernelVersion + 1 }),
      /^version 1: plan: .*cannot be computed: recipe\.json: kernelVersion/,
    ],
    [
      'of steps that nobody has the memory for',
      (recipe) => ({ ...recipe, training: { ...recipe.training, sequencesPerStep: 100_000 } }),
      /^version 1: checkpointHash of step 2: settled 0x\w+, recomputed nothing: 100000 sequences a step$/,
    ],
    [
      'that is none',
      () => ({}) as TuneRecipe,
      /^version 1: recipe: settled 0x\w+, recomputed cannot be computed: recipe\.json: /,
    ],
  ])('a recipe %s', async (_, change, words) => {
    const recipe = change(honest.options.recipe)
    const bytes = new TextEncoder().encode(JSON.stringify(recipe))
    const { hash } = await prover.putFile([bytes])
    const { lines } = await audited({ state: { hyperparametersHash: hash } }, { interval: 1, rows: 1 })
    expect(lines.filter((line) => words.test(line))).toHaveLength(1)
  })

  it('another manifest root, another curvature', async () => {
    const { version, lines } = await audited(
      { state: { manifestRoot: other, curvatureHash: other } },
      { curvature: true },
    )
    expect(version).toMatchObject({ plan: 'different', artifact: 'different', curvature: 'different' })
    expect(lines).toContain(`version 1: manifestRoot: settled ${other}, recomputed ${honest.state.manifestRoot}`)
    expect(lines).toContain(`version 1: curvatureHash: settled ${other}, recomputed ${honest.state.curvatureHash}`)
  })
})

describe('a prover that does not hand out', () => {
  it('a checkpoint is named with it; the rest is audited', async () => {
    const { hash } = fileOf(ARTIFACT_FILES.checkpointTensors(2))
    const { version, lines } = await audited({ files: handingOut(hash) }, { interval: 'all', rows: 2 })
    expect(lines).toEqual([
      `version 1: checkpoint of step 2: settled ${honest.result.steps[0]!.checkpointHash}, recomputed cannot be ` +
        `computed: checkpoints/step-00000002.safetensors: the prover does not hand out ${hash}`,
    ])
    expect(version.intervals.map(({ outcome }) => outcome)).toEqual(['equal', 'different', 'equal'])
    expect(version).toMatchObject({ plan: 'equal', artifact: 'equal', adapter: 'equal' })
    expect(version.rows.map(({ outcome }) => outcome)).toEqual(['equal', 'equal'])
  })

  it('the artifact is named; the plan and the first interval are audited', async () => {
    const { artifactHash } = honest.state
    const { version, lines } = await audited({ files: handingOut(artifactHash) }, { interval: 1, rows: 1 })
    expect(version).toMatchObject({
      ...{ plan: 'equal', artifact: 'different', adapter: 'different' },
      intervals: [{ number: 1, outcome: 'equal' }],
      rows: [{ outcome: 'not audited' }],
    })
    expect(lines[0]).toContain(`artifact: settled ${artifactHash}, recomputed cannot be computed: the prover does not`)
  })

  it('the recipe is named; nothing but the artifact can be audited', async () => {
    const { hyperparametersHash } = honest.state
    const { version, lines } = await audited({ files: handingOut(hyperparametersHash) }, { interval: 1, rows: 1 })
    expect(version).toMatchObject({
      ...{ equal: false, plan: 'different', artifact: 'equal', adapter: 'not audited' },
      intervals: [{ number: 1, outcome: 'not audited' }],
    })
    expect(lines).toEqual([expect.stringMatching(/^version 1: recipe: settled 0x.*recipe\.json: the prover does not/)])
  })

  it.each([
    ['the adapter', ARTIFACT_FILES.adapterWeights],
    ['the curvature', ARTIFACT_FILES.curvature],
  ])('%s is named; there are no rows then', async (_, name) => {
    const { hash } = fileOf(name)
    const { version, lines } = await audited({ files: handingOut(hash) }, { rows: 2 })
    expect(version).toMatchObject({ adapter: 'equal', rows: [{ outcome: 'not audited' }, { outcome: 'not audited' }] })
    expect(lines).toEqual([
      `version 1: model: settled ${honest.state.artifactHash}, recomputed cannot be computed: ${name}: the prover does ` +
        `not hand out ${hash}`,
    ])
  })
})

it('an audit ends where it is told to', async () => {
  const end = new AbortController()
  const reason = new Error('enough')
  const storeDirectory = await temporaryDirectory()
  const going = audit(readsOf(), {
    ...{ kernel, storeDirectory, store: await ArtifactStore.open(storeDirectory), signal: end.signal },
    baseDirectory: honest.options.baseDirectory,
    choice: { versions: [1n], seed: 7n, interval: 'all', rows: 4, curvature: false },
    progress: (line) => line.includes('steps after 2') && end.abort(reason),
  })
  await expect(going).rejects.toBe(reason)
})

describe('an audit refuses', () => {
  it('another base than the chain’s, before it computes anything', async () => {
    const directory = await temporaryDirectory()
    await writeTinyBase(kernel, join(directory, 'other'), 2n)
    const { baseDirectory } = honest.options
    honest.options.baseDirectory = join(directory, 'other')
    onTestFinished(() => {
      honest.options.baseDirectory = baseDirectory
    })
    await expect(audited()).rejects.toThrow(
      /other is another base model than version 1 was made of: its weightsHash is 0x\w+, base 1 on chain has 0x/,
    )
  })

  it('a version or an interval that is not there', async () => {
    await expect(audited({}, { versions: [9n] })).rejects.toThrow('version 9 is not on chain')
    await expect(audited({}, { interval: 4 })).rejects.toThrow('interval 4: version 1 has 3 intervals, 1 is the first')
  })
})

describe('files over HTTP', () => {
  /** A prover that does as it likes. */
  async function gateway(answer: (hash: Hex) => Uint8Array | 'endless' | 'cut' | number): Promise<ProverFiles> {
    const server = createServer((request, response) => {
      const given = answer(request.url!.split('/').at(-1) as Hex)
      if (typeof given === 'number') response.writeHead(given).end()
      else if (given === 'cut') response.write('some', () => response.destroy())
      else if (given === 'endless') {
        const more = () => response.write(new Uint8Array(65_536))
        response.on('drain', more)
        more()
      } else response.end(given)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return gatewayFiles({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  }

  it.each<[string, RegExp, Uint8Array | 'endless' | 'cut' | number]>([
    ['does not end', /^recipe\.json: http:\S+ gives more than 65536 bytes for 0x/, 'endless'],
    ['is cut', /^recipe\.json: http:\S+ does not hand out 0x\w+: /, 'cut'],
    ['is refused', /^recipe\.json: http:\S+ does not hand out 0x\w+: status 404/, 404],
    ['is another', /^recipe\.json: the prover gives 0x\w+ for 0x/, new Uint8Array(9)],
  ])('one that %s is a difference', async (_, reason, given) => {
    const { lines } = await audited({ files: await gateway(() => given) })
    expect(lines[0]).toMatch(/^version 1: recipe: settled 0x/)
    expect(lines[0]!.split('cannot be computed: ')[1]).toMatch(reason)
  })

  it('is not asked for one that the artifact says is too large', async () => {
    const { hash } = fileOf(ARTIFACT_FILES.checkpointTensors(5))
    const state = await published((honest) => {
      const files = honest.tuned.files.map((file) => (file.hash === hash ? { ...file, size: 2 ** 40 } : file))
      return { ...honest, tuned: { ...honest.tuned, files } }
    })
    const asked: Hex[] = []
    const files: ProverFiles = (wanted, most) => {
      asked.push(wanted)
      return handingOut()(wanted, most)
    }
    const { lines } = await audited({ state, files })
    expect(lines[0]).toMatch(/checkpoint of step 5.*the artifact lists 1099511627776 bytes, an audit takes/)
    expect(asked).not.toContain(hash)
  })

  it('is not asked for more than the artifact says a file has', async () => {
    const wanted = fileOf(ARTIFACT_FILES.checkpointTensors(5))
    const most = new Map<Hex, number>()
    const files: ProverFiles = (hash, limit) => {
      most.set(hash, limit)
      return handingOut()(hash, limit)
    }
    await audited({ files })
    expect(most.get(wanted.hash)).toBe(wanted.size)
  })
})
