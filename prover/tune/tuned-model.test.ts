import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkQuery } from '../../protocol/query.ts'
import { DIMS } from '../../protocol/row.ts'
import { rawScore, threshold } from '../../protocol/score.ts'
import { buildArtifact, encodeArtifact } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ModelFileError } from '../model/model-file-error.ts'
import { encodeSafetensors } from '../model/safetensors.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { TINY_TEXTS, tinyCorpus, tinyTuning, tuneUntil, writeTinyBase } from './testing/tiny-tuning.ts'
import { openTunedModel, promptIds, type TunedModel, tunedQuery } from './tuned-model.ts'
import type { TunedResult, TuneOptions } from './tuning.ts'

let kernel: Kernel
let directory: string
let options: TuneOptions
let result: TunedResult
let store: ArtifactStore
beforeAll(async () => {
  kernel = await loadKernelFromFile()
  directory = await mkdtemp(join(tmpdir(), 'openledger-tuned-model-'))
  options = await tinyTuning(kernel, directory)
  result = (await tuneUntil(kernel, options)).result!
  store = await ArtifactStore.open(options.storeDirectory)
})
afterAll(async () => {
  await kernel.close()
  await rm(directory, { recursive: true })
})

const open = (artifactHash = result.artifactHash, baseDirectory = options.baseDirectory) =>
  openTunedModel({ kernel, store }, { artifactHash, baseDirectory })

/** The version with one of its files replaced, as a publisher could have listed it. */
async function withFile(name: string, bytes: Uint8Array): Promise<ReturnType<typeof open>> {
  const artifact = await store.artifact(result.artifactHash)
  const put = await store.putFile([bytes])
  const tuned = artifact.tuned!
  const files = tuned.files.map((file) => (file.name === name ? { name, ...put } : file))
  const adapterHash = name === ARTIFACT_FILES.adapterWeights ? put.hash : tuned.adapterHash
  const changed = encodeArtifact({ ...artifact, tuned: { ...tuned, files, adapterHash } })
  return open(await store.putArtifactBytes([changed]))
}

const fileOf = async (name: string): Promise<Uint8Array> => {
  const entry = (await store.artifact(result.artifactHash)).tuned!.files.find((file) => file.name === name)!
  return (await store.fileBytes(entry.hash))!
}

describe('a tuned model', () => {
  let model: TunedModel
  beforeAll(async () => {
    model = await open()
  })

  it('is opened by its artifact alone, beside the base', () => {
    expect(model.adapter.layers.size).toBe(6)
    expect(model.artifact.featureRoot).toBe(result.featureRoot)
  })

  it('makes a query that the protocol accepts, the same every time', () => {
    const texts = { prompt: 'contract Vault {', answer: ' mapping(address => uint256) private _vault;' }
    const query = tunedQuery(model, texts)!
    expect(checkQuery(query)).toBeUndefined()
    expect(tunedQuery(model, texts)).toEqual(query)
    expect(tunedQuery(model, { ...texts, prompt: 'contract Ledger {' })).not.toEqual(query)
  })

  it('attributes a text that stands in a row to that row first, and far above chance', () => {
    for (const [row, text] of TINY_TEXTS.slice(0, 5).entries()) {
      const query = tunedQuery(model, { prompt: text.slice(0, 40), answer: text.slice(40) })!
      const raws = model.artifact.rows.map(({ signs }) => rawScore(signs, query))
      expect(raws.indexOf(Math.max(...raws))).toBe(row)
      expect(BigInt(raws[row]!)).toBeGreaterThan(threshold(5n, DIMS))
    }
  })

  it('takes prompts and answers longer than it reads at once', () => {
    const long = TINY_TEXTS[5]!
    expect(checkQuery(tunedQuery(model, { prompt: long, answer: long })!)).toBeUndefined()
    const [begin, ...ids] = promptIds(model, long)
    expect([begin, ids.length]).toEqual([0, 31])
    expect(long.endsWith(model.tokenizer.decode(ids))).toBe(true)
  })

  it('has no query where the answer is empty', () => {
    expect(tunedQuery(model, { prompt: 'contract Vault {', answer: '' })).toBeUndefined()
  })

  it('leaves the arena as it was after a query', () => {
    const before = kernel.arena.mark()
    tunedQuery(model, { prompt: 'a', answer: 'b' })
    expect(kernel.arena.mark()).toEqual(before)
  })
})

describe('what cannot be opened', () => {
  it('is a retrieval version', async () => {
    const hash = await store.putArtifactBytes([
      encodeArtifact(buildArtifact(tinyCorpus(), { seed: 77n, maxScaleFactor: 4n })),
    ])
    await expect(open(hash)).rejects.toThrow(/is of a retrieval version/)
  })

  it('is a version on another base, and the error names what differs', async () => {
    const other = await temporaryDirectory()
    await writeTinyBase(kernel, other, 2n)
    await expect(open(undefined, other)).rejects.toThrow(
      /config\.json and weights: weightsHash: the folder is another base model: must be 0x[0-9a-f]{64}, got "0x/,
    )
  })

  it.each([
    ['adapter_model.safetensors', /^adapter_model\.safetensors: no file 0x/],
    ['curvature', /^curvature: no file 0x/],
    ['recipe.json', /^recipe\.json: no file 0x/],
  ])('is a version whose %s is absent', async (name, message) => {
    const entry = (await store.artifact(result.artifactHash)).tuned!.files.find((file) => file.name === name)!
    const path = join(options.storeDirectory, 'files', entry.hash)
    const bytes = await readFile(path)
    await rm(path)
    await expect(open()).rejects.toThrow(message)
    await writeFile(path, bytes.subarray(0, -1))
    await expect(open()).rejects.toThrow(new RegExp(`^${name}: file 0x.* hashes to`))
    await writeFile(path, bytes)
  })

  it('is a version whose adapter was cut before it was listed', async () => {
    const bytes = await fileOf(ARTIFACT_FILES.adapterWeights)
    await expect(withFile(ARTIFACT_FILES.adapterWeights, bytes.subarray(0, -8))).rejects.toThrow(ModelFileError)
    await expect(withFile(ARTIFACT_FILES.adapterWeights, bytes.subarray(0, -8))).rejects.toThrow(
      /^adapter_model\.safetensors: /,
    )
  })

  it('is a version whose adapter holds a NaN', async () => {
    const bytes = (await fileOf(ARTIFACT_FILES.adapterWeights)).slice()
    new DataView(bytes.buffer).setUint32(bytes.length - 4, 0x7fc0_0000, true)
    await expect(withFile(ARTIFACT_FILES.adapterWeights, bytes)).rejects.toThrow(
      /^adapter_model\.safetensors: base_model.*: element \d+ is not a finite number, got NaN/,
    )
  })

  it('is a version whose adapter has a tensor without a place', async () => {
    const bytes = encodeSafetensors([{ name: 'lm_head.weight', shape: [1], dtype: 'F32', values: new Float32Array(1) }])
    await expect(withFile(ARTIFACT_FILES.adapterWeights, bytes)).rejects.toThrow(/have no place.*lm_head\.weight/)
  })

  it('is a version whose recipe or curvature is another than it names', async () => {
    const recipe = new TextEncoder().encode(JSON.stringify({ ...options.recipe, lexicalWeight: 0.2 }))
    await expect(withFile(ARTIFACT_FILES.recipe, recipe)).rejects.toThrow(
      /^recipe\.json: recipeHash is 0x.*, must be 0x/,
    )
    const curvature = (await fileOf(ARTIFACT_FILES.curvature)).slice()
    curvature[curvature.length - 4]! ^= 1
    await expect(withFile(ARTIFACT_FILES.curvature, curvature)).rejects.toThrow(/^curvature: curvatureHash is 0x/)
  })

  it('leaves nothing in the arena', async () => {
    const before = kernel.arena.mark()
    await expect(withFile(ARTIFACT_FILES.curvature, new Uint8Array(9))).rejects.toThrow(/not a curvature/)
    expect(kernel.arena.mark()).toEqual(before)
  })
})
