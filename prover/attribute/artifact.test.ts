import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Hex, keccak256, stringToBytes, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { merkleRoot } from '../../protocol/merkle.ts'
import { rowLeaf, SIGN_BYTES } from '../../protocol/row.ts'
import { TEST_TEXTS } from '../testing/in-memory-chain.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { ArtifactError, artifactHash, buildArtifact, decodeArtifact, encodeArtifact, isTuned } from './artifact.ts'
import { ArtifactStore } from './artifact-store.ts'
import type { TunedParts } from './artifact-tuned.ts'
import type { Corpus } from './corpus.ts'

function corpusOf(texts: readonly string[]): Corpus {
  const documents = texts.map((text, index) => {
    const content = stringToBytes(text)
    const id = BigInt(index + 1)
    return {
      id: ContributionId(id),
      datanet: DatanetId(1n),
      cluster: ClusterId(id),
      contentHash: keccak256(content),
      content,
    }
  })
  return { datanets: [1n], block: 5n, documents }
}

const OPTIONS = { seed: 5n, maxScaleFactor: 4n }

describe('an artifact', () => {
  it('has one row for each window of 512 tokens, in the order of contributions', () => {
    const long = Array.from({ length: 1100 }, (_, i) => `word${i}`).join(' ')
    const { rows, manifest } = buildArtifact(corpusOf([TEST_TEXTS[0]!, long]), OPTIONS)
    expect(manifest.map(({ contribution, start, end }) => [contribution, start, end])).toEqual([
      [1n, 0, manifest[0]!.end],
      [2n, 0, 512],
      [2n, 512, 1024],
      [2n, 1024, 1100],
    ])
    expect(rows.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  })

  it('leaves out windows without a feature, and numbers the rest without gaps', () => {
    const { rows, manifest } = buildArtifact(corpusOf([TEST_TEXTS[0]!, ' \n ', TEST_TEXTS[1]!]), OPTIONS)
    expect(rows.map(({ index, contribution }) => [index, contribution])).toEqual([
      [0, 1n],
      [1, 3n],
    ])
    expect(manifest).toHaveLength(2)
  })

  it('cuts scales to four times the median', () => {
    const long = Array.from({ length: 512 }, (_, i) => `rare${i}`).join(' ')
    const { rows, medianScale } = buildArtifact(corpusOf(['alpha beta', 'gamma delta', 'epsilon zeta', long]), OPTIONS)
    expect(rows[3]!.scale).toBe(4 * medianScale)
  })

  it('holds a window that says the same as an earlier one of its text void, in its place; another text keeps its own', () => {
    const window = Array.from({ length: 512 }, (_, i) => `word${i}`).join(' ')
    const other = Array.from({ length: 512 }, (_, i) => `else${i}`).join(' ')
    const { rows, manifest, medianScale } = buildArtifact(
      corpusOf([`${window} ${other} ${window}`, `${window} too`, 'alpha beta']),
      OPTIONS,
    )
    expect(manifest).toHaveLength(rows.length)
    expect(rows.map(({ contribution, scale }) => [contribution, scale > 0])).toEqual([
      [1n, true],
      [1n, true],
      [1n, false],
      [2n, true],
      [2n, true],
      [3n, true],
    ])
    expect(rows[2]!.signs).toEqual(new Uint8Array(SIGN_BYTES))
    const counted = rows.map(({ scale }) => scale).filter((scale) => scale > 0)
    expect(counted).toContain(medianScale)
  })

  it('commits to its rows by featureRoot', () => {
    const { rows, featureRoot } = buildArtifact(corpusOf(TEST_TEXTS), OPTIONS)
    expect(featureRoot).toBe(merkleRoot(rows.map(rowLeaf)))
  })

  it('is the same for everybody, and another with another seed', () => {
    const hash = (seed: bigint) =>
      artifactHash(encodeArtifact(buildArtifact(corpusOf(TEST_TEXTS), { ...OPTIONS, seed })))
    expect(hash(5n)).toBe(hash(5n))
    expect(hash(6n)).not.toBe(hash(5n))
  })

  it('comes back from its bytes with the same rows and roots', () => {
    const artifact = buildArtifact(corpusOf(TEST_TEXTS), OPTIONS)
    expect(decodeArtifact(encodeArtifact(artifact))).toEqual(artifact)
  })

  it('comes back from its bytes whatever the texts, and never with more rows than windows', () => {
    const texts = fc.array(fc.string({ maxLength: 80 }), { maxLength: 4 })
    const check = (given: string[], seed: bigint) => {
      const artifact = buildArtifact(corpusOf(given), { ...OPTIONS, seed })
      expect(artifact.rows.length).toBeLessThanOrEqual(given.length)
      expect(decodeArtifact(encodeArtifact(artifact))).toEqual(artifact)
    }
    fc.assert(fc.property(texts, fc.bigInt(0n, 2n ** 64n - 1n), check), { numRuns: 25 })
  })

  it.each([
    ['is cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['has a byte too many', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
    ['begins otherwise', (bytes: Uint8Array) => Uint8Array.of(0, ...bytes.subarray(1))],
    ['is of another format', (bytes: Uint8Array) => bytes.with(5, 9)],
    ['has a row out of order', (bytes: Uint8Array) => bytes.with(bytes.length - SIGN_BYTES - 22 + 3, 77)],
  ])('is refused where it %s', (_, change) => {
    const bytes = encodeArtifact(buildArtifact(corpusOf(TEST_TEXTS.slice(0, 2)), OPTIONS))
    expect(() => decodeArtifact(change(bytes))).toThrow(ArtifactError)
  })
})

describe('an artifact of a tuned version', () => {
  const hashOf = (index: number): Hex => toHex(new Uint8Array(32).fill(index))
  const tuned: TunedParts = {
    kernelVersion: 1,
    ...{ weightsHash: hashOf(1), tokenizerHash: hashOf(2), recipeHash: hashOf(3) },
    ...{ adapterHash: hashOf(4), curvatureHash: hashOf(5), maxScale: 40_000 },
    checkpoints: [
      { step: 2, lossMicro: 3_000_000, checkpointHash: hashOf(6) },
      { step: 4, lossMicro: 0, checkpointHash: hashOf(7) },
    ],
    files: [
      { name: 'adapter_config.json', size: 500, hash: hashOf(8) },
      { name: 'checkpoints/step-00000002.json', size: 2 ** 40, hash: hashOf(9) },
    ],
  }
  const artifact = { ...buildArtifact(corpusOf(TEST_TEXTS), OPTIONS), tuned }
  const bytes = encodeArtifact(artifact)

  it('comes back from its bytes, and is told from a retrieval version', () => {
    expect(decodeArtifact(bytes)).toEqual(artifact)
    expect(isTuned(artifact)).toBe(true)
    expect(isTuned(buildArtifact(corpusOf(TEST_TEXTS), OPTIONS))).toBe(false)
    expect(bytes.subarray(4, 6)).toEqual(Uint8Array.of(0, 2))
  })

  it('may have void rows', () => {
    const rows = artifact.rows.map((row) => ({ ...row, scale: 0, signs: new Uint8Array(SIGN_BYTES) }))
    expect(decodeArtifact(encodeArtifact({ ...artifact, rows })).rows).toEqual(rows)
  })

  it.each([
    ['checkpoints out of order', { checkpoints: [...tuned.checkpoints].reverse() }],
    ['a file twice', { files: [tuned.files[0]!, tuned.files[0]!] }],
    ['a name that leads elsewhere', { files: [{ name: '../a', size: 1, hash: hashOf(1) }] }],
    ['a path from the root', { files: [{ name: '/a', size: 1, hash: hashOf(1) }] }],
  ])('is refused with %s', (_, change) => {
    expect(() => decodeArtifact(encodeArtifact({ ...artifact, tuned: { ...tuned, ...change } }))).toThrow(ArtifactError)
  })

  it('is refused wherever it is cut, and never with another error', () => {
    const head = bytes.length - artifact.rows.length * (22 + SIGN_BYTES)
    for (let end = 0; end < head; end += 3) expect(() => decodeArtifact(bytes.subarray(0, end))).toThrow(ArtifactError)
  })

  it('is refused or read to the end wherever a byte of its head is another', () => {
    const head = bytes.length - artifact.rows.length * (22 + SIGN_BYTES)
    fc.assert(
      fc.property(fc.nat(head - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        try {
          decodeArtifact(new Uint8Array(bytes.with(at, bytes[at]! ^ change)))
        } catch (error) {
          expect(error).toBeInstanceOf(ArtifactError)
        }
      }),
    )
  })
})

describe('the artifact store', () => {
  it('gives back by hash what was put, contents too, and leaves no temporary file', async () => {
    const directory = await temporaryDirectory()
    const store = await ArtifactStore.open(directory)
    const corpus = corpusOf(TEST_TEXTS)
    const artifact = buildArtifact(corpus, OPTIONS)
    const hash = await store.put(artifact, corpus)
    expect(await store.artifact(hash)).toEqual(artifact)
    expect(await store.content(corpus.documents[0]!.contentHash)).toEqual(Buffer.from(corpus.documents[0]!.content))
    const files = await readdir(directory, { recursive: true })
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('refuses a file whose bytes are not those of its name', async () => {
    const directory = await temporaryDirectory()
    const store = await ArtifactStore.open(directory)
    const corpus = corpusOf(TEST_TEXTS)
    const hash = await store.put(buildArtifact(corpus, OPTIONS), corpus)
    await writeFile(join(directory, 'artifacts', hash), 'damaged')
    await expect(store.artifact(hash)).rejects.toThrow(/hashes to/)
  })

  it('takes files in parts, gives them back by hash, and leaves nothing of one that failed', async () => {
    const directory = await temporaryDirectory()
    const store = await ArtifactStore.open(directory)
    const [a, b] = [stringToBytes('half'), stringToBytes(' and half')]
    expect(await store.putFile([a, b])).toEqual({ hash: keccak256(stringToBytes('half and half')), size: 13 })
    expect(await store.fileBytes(keccak256(stringToBytes('half and half')))).toEqual(Buffer.from('half and half'))
    async function* failing() {
      yield a
      throw new Error('disk full')
    }
    await expect(store.putFile(failing())).rejects.toThrow('disk full')
    expect(await readdir(join(directory, 'files'))).toHaveLength(1)
  })

  it('knows that it does not have an artifact', async () => {
    const store = await ArtifactStore.open(await temporaryDirectory())
    expect(await store.bytes(`0x${'11'.repeat(32)}`)).toBeUndefined()
  })
})
