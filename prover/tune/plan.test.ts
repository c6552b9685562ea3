import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestRoot } from '../../protocol/manifest.ts'
import { ArtifactError, buildArtifact } from '../attribute/artifact.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { CorpusError } from '../attribute/corpus.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { openTokenizer } from '../model/tokenizer.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { targetCount } from '../train/packing.ts'
import { outlineOf } from './corpus-outline.ts'
import { planName, planTuning } from './plan.ts'
import { recipeFor } from './recipe.ts'
import { tuningSeeds } from './seeds.ts'
import {
  TINY_SETTINGS,
  TINY_TEXTS,
  tinyCorpus,
  tinyDocument,
  tinyTuning,
  writeTinyBase,
} from './testing/tiny-tuning.ts'

let kernel: Kernel
beforeAll(async () => {
  kernel = await loadKernelFromFile()
})
afterAll(() => kernel.close())

const planOf = async (texts: readonly string[]) =>
  planTuning(await tinyTuning(kernel, await temporaryDirectory(), { corpus: tinyCorpus(texts) }))

describe('what is trained on', () => {
  it('is a corpus without its contents, which passes between processes', () => {
    const outline = outlineOf({ datanets: [1n], block: 5n, documents: [tinyDocument('a', 3, 1)] })
    expect(outline.documents[0]).not.toHaveProperty('content')
    expect(structuredClone(outline)).toEqual(outline)
  })
})

describe('a plan', () => {
  it('has the manifest of a retrieval version of the same texts', async () => {
    const { manifest, manifestRoot: root } = await planOf(TINY_TEXTS)
    const retrieval = buildArtifact(tinyCorpus(), { seed: 77n, maxScaleFactor: 4n })
    expect(manifest).toEqual(retrieval.manifest)
    expect(root).toBe(manifestRoot(retrieval.manifest))
  })

  it('reads every token of a text once as a target, in its window, white space and end too', async () => {
    const text = TINY_TEXTS[5]!
    const directory = await temporaryDirectory()
    const { windows } = await planTuning(
      await tinyTuning(kernel, directory, { corpus: tinyCorpus([`\n ${text}\n`, 'x']) }),
    )
    const tokenizer = await openTokenizer(join(directory, 'base', 'tokenizer.json'))
    const targets = windows.slice(0, 2).map(({ pieces }) => pieces.flatMap((piece) => [...piece.targets]))
    expect(tokenizer.decode(targets.flat())).toBe(`\n ${text}\n`)
    expect(targets[1]!.at(-1)).toBe(0)
    expect(targets[0]!.at(-1)).not.toBe(0)
    expect(windows[0]!.pieces[0]!.ids[0]).toBe(0)
    expect(windows[1]!.pieces[0]!.ids[0]).toBe(targets[0]!.at(-1))
    expect(windows.flatMap(({ pieces }) => pieces).every(({ ids }) => ids.length <= 64)).toBe(true)
  })

  it('trains on the rows’ targets, each once in an epoch', async () => {
    const { windows, data, tokens } = await planOf(TINY_TEXTS)
    const sequences = data.epoch(0)
    expect(sequences.reduce((total, sequence) => total + targetCount(sequence), 0)).toBe(tokens)
    const counted = (list: readonly { targets: Uint32Array; weights?: Float32Array }[]) =>
      list.flatMap(({ targets, weights }) => [...targets].filter((_, t) => weights?.[t] !== 0)).sort((a, b) => a - b)
    expect(counted(sequences)).toEqual(counted(windows.flatMap(({ pieces }) => pieces)))
    expect(sequences.every(({ ids }) => ids.length <= 64)).toBe(true)
  })

  it('leaves out texts without words, and refuses a corpus that has no other', async () => {
    const { manifest } = await planOf([TINY_TEXTS[0]!, ' \n ', TINY_TEXTS[1]!])
    expect(manifest.map(({ contribution }) => contribution)).toEqual([1n, 3n])
    await expect(planOf([' ', ''])).rejects.toThrow(CorpusError)
  })

  it('reads bytes that are not UTF-8, and bytes that are nothing but spaces', async () => {
    const directory = await temporaryDirectory()
    const options = await tinyTuning(kernel, directory)
    const contents = [Uint8Array.of(0xff, 0x41, 0xc3), new Uint8Array(60_000).fill(32)]
    const documents = contents.map((content, i) => ({
      ...tinyDocument('', 50 + i),
      ...{ content, contentHash: keccak256(content) },
    }))
    const store = await ArtifactStore.open(options.storeDirectory)
    await store.putContents({ documents })
    const corpus = outlineOf({ ...options.corpus, documents })
    expect((await planTuning({ ...options, corpus })).windows).toHaveLength(1)
  })

  it('draws the rows of the curvature, as many as there are at most', async () => {
    const { curvatureRows, windows } = await planOf(TINY_TEXTS)
    expect(curvatureRows).toHaveLength(3)
    expect(curvatureRows).toEqual([...curvatureRows].sort((a, b) => a - b))
    expect(curvatureRows.every((row) => row >= 0 && row < windows.length)).toBe(true)
    expect((await planOf(TINY_TEXTS.slice(0, 2))).curvatureRows).toEqual([0, 1])
  })

  it('has a name of its own for every recipe, block and text', async () => {
    const directory = await temporaryDirectory()
    const options = await tinyTuning(kernel, directory)
    const names = [
      await planTuning(options),
      await planTuning({ ...options, corpus: { ...options.corpus, block: 78n } }),
      await planTuning({ ...options, corpus: { ...options.corpus, documents: options.corpus.documents.slice(1) } }),
      await planTuning({ ...options, recipe: { ...options.recipe, lexicalWeight: 0 } }),
    ].map(planName)
    expect(new Set(names).size).toBe(4)
  })
})

describe('what cannot be planned', () => {
  it('is a corpus whose content the store does not hold, or holds damaged', async () => {
    const options = await tinyTuning(kernel, await temporaryDirectory())
    const { contentHash } = options.corpus.documents[2]!
    const path = join(options.storeDirectory, 'contents', contentHash)
    await writeFile(path, 'another')
    await expect(planTuning(options)).rejects.toThrow(/^contribution 3: file .* hashes to/)
    await rm(path)
    await expect(planTuning(options)).rejects.toThrow(ArtifactError)
    await expect(planTuning(options)).rejects.toThrow(`contribution 3: no content ${contentHash} on disk`)
  })

  it('is a recipe for another base, another kernel or more tokens than the base takes', async () => {
    const options = await tinyTuning(kernel, await temporaryDirectory())
    const other = await temporaryDirectory()
    await writeTinyBase(kernel, other, 2n)
    await expect(planTuning({ ...options, baseDirectory: other })).rejects.toThrow(/the folder is another base model/)
    const { base } = options.recipe
    const long = recipeFor(base, { ...TINY_SETTINGS, length: 65 })
    await expect(planTuning({ ...options, recipe: long })).rejects.toThrow(
      'recipe.json: packing.length: the base takes at most 64 tokens, got 65',
    )
    const later = { ...options.recipe, kernelVersion: 99 }
    await expect(planTuning({ ...options, recipe: later })).rejects.toThrow(/recipe\.json: kernelVersion: .*got 99/)
  })
})

describe('seeds', () => {
  it('differ by purpose and by the run’s, and are frozen', () => {
    const all = [...Object.values(tuningSeeds(77n)), ...Object.values(tuningSeeds(78n))]
    expect(new Set(all).size).toBe(12)
    expect(tuningSeeds(77n).features).toBe(14_821_783_434_002_959_743n)
    expect(() => tuningSeeds(2n ** 64n)).toThrow(RangeError)
  })
})
