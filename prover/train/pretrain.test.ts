import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { openModelFolder } from '../model/folder.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { CorpusError, KINDS, manifestOf, readCorpus } from './corpus.ts'
import { curveTable, LossCurve } from './loss-curve.ts'
import { type PretrainEvent, type PretrainOptions, pretrain } from './pretrain.ts'
import { bitsPerByte } from './pretrain-text.ts'
import { USUAL_ADAMW } from './recipe.ts'

const contract = (name: string) =>
  `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n\ncontract ${name} {\n${`    function transfer${name}(address to) external {}\n`.repeat(6)}}\n`

/** A project with two packages, as npm lays them out. */
async function smallProject(): Promise<string> {
  const root = await temporaryDirectory()
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ dependencies: { '@a/tokens': '1.0.0' }, devDependencies: { b: '2.0.0' } }),
    'node_modules/@a/tokens/package.json': JSON.stringify({ version: '1.0.0' }),
    'node_modules/@a/tokens/Copy.sol': contract('One'),
    'node_modules/@a/tokens/node_modules/nested/Deep.sol': contract('Deep'),
    'node_modules/@a/tokens/README.md': `# Tokens\n\n${'Words about tokens. '.repeat(20)}`,
    'node_modules/@a/tokens/README.fr.md': `# Jetons\n\n${'Des mots sur les jetons. '.repeat(20)}`,
    'node_modules/@a/tokens/CHANGELOG.md': `# 1.0.0\n\n${'Changed. '.repeat(40)}`,
    'node_modules/b/package.json': JSON.stringify({ version: '2.0.0' }),
    'node_modules/b/index.d.ts': 'export declare function transfer(to: string): void\n'.repeat(30),
    'node_modules/b/tiny.d.ts': 'export {}\n',
    'node_modules/unnamed/package.json': '{}',
    'node_modules/unnamed/Other.sol': contract('Other'),
  }
  for (const name of ['One', 'Two', 'Three', 'Four']) files[`node_modules/@a/tokens/src/${name}.sol`] = contract(name)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

describe('the corpus', () => {
  it('is what named packages have of each kind, in one order, equal contents once', async () => {
    const { documents, hash } = await readCorpus({ root: await smallProject() })
    expect(documents.map(({ kind, package: name, path }) => `${kind} ${name}/${path}`)).toEqual([
      'solidity @a/tokens/Copy.sol',
      'solidity @a/tokens/src/Four.sol',
      'solidity @a/tokens/src/Three.sol',
      'solidity @a/tokens/src/Two.sol',
      'prose @a/tokens/README.md',
      'declarations b/index.d.ts',
    ])
    expect(manifestOf(documents).split('\n')[4]).toMatch(/^0x[0-9a-f]{64} 410 prose @a\/tokens@1\.0\.0\/README\.md$/)
    expect((await readCorpus({ root: await smallProject() })).hash).toBe(hash)
  })

  it('leaves out what it is told to', async () => {
    const { documents } = await readCorpus({ root: await smallProject(), leaveOut: ['@a/tokens/src/', 'b/'] })
    expect(documents.map(({ path }) => path)).toEqual(['Copy.sol', 'README.md'])
  })

  it('reads only the kinds that it is told to', async () => {
    const { documents } = await readCorpus({ root: await smallProject(), kinds: ['prose'] })
    expect(documents.map(({ kind, path }) => `${kind} ${path}`)).toEqual(['prose README.md'])
  })

  it('says what is missing', async () => {
    const root = await temporaryDirectory()
    await writeFile(join(root, 'package.json'), JSON.stringify({ dependencies: { absent: '1.0.0' } }))
    await expect(readCorpus({ root })).rejects.toThrow('absent is not in')
    await writeFile(join(root, 'package.json'), '{}')
    await expect(readCorpus({ root })).rejects.toThrow(CorpusError)
  })
})

describe('pretraining', () => {
  let kernel: Kernel
  beforeAll(async () => {
    kernel = await loadKernelFromFile()
  })
  afterAll(() => kernel.close())

  const options = async (root: string): Promise<PretrainOptions> => ({
    root,
    leaveOut: [],
    kinds: KINDS,
    workDirectory: join(await temporaryDirectory(), 'work'),
    outDirectory: join(await temporaryDirectory(), 'out'),
    shape: {
      ...{ vocabSize: 300, hiddenSize: 16, layerCount: 1, headCount: 2, keyValueHeadCount: 1, intermediateSize: 24 },
      context: 64,
    },
    recipe: {
      schedule: { steps: 6, warmupSteps: 1, peakRate: 0.01, floorRate: 0.001 },
      sequencesPerStep: 2,
      ...USUAL_ADAMW,
    },
    seed: 1n,
    validationShare: 0.1,
    validateEvery: 3,
    checkpointEvery: 2,
    command: 'openledger pretrain',
  })

  async function run(given: PretrainOptions): Promise<PretrainEvent[]> {
    const mark = kernel.arena.mark()
    const events: PretrainEvent[] = []
    for await (const event of pretrain({ kernel }, given)) events.push(event)
    kernel.arena.release(mark)
    return events
  }

  it('writes a model folder that opens, with a card that says how it was made', async () => {
    const given = await options(await smallProject())
    const events = await run(given)
    expect(events.map(({ type }) => type)).toEqual(['text', 'model', ...Array(6).fill('step'), 'written'])
    const folder = await openModelFolder(given.outDirectory)
    expect(folder.config.vocabSize).toBe(300)
    expect(folder.weights.tensors.get('model.embed_tokens.weight')?.dtype).toBe('BF16')
    await folder.close()
    const card = await readFile(join(given.outDirectory, 'README.md'), 'utf8')
    expect(card).toContain('| solidity | 4 |')
    expect(card).toContain('@a/tokens@1.0.0')
    expect(card).toMatch(/\| Solidity \| 1 \| \d+ \| \d\.\d{3} \|/)
    expect(card).not.toContain(given.root)
    expect(await readFile(join(given.outDirectory, 'corpus.txt'), 'utf8')).toContain('b@2.0.0/index.d.ts')
  })

  it('that was stopped ends with the same files', async () => {
    const root = await smallProject()
    const [whole, cut] = [await options(root), await options(root)]
    await run(whole)
    const stop = new AbortController()
    const half = async () => {
      const mark = kernel.arena.mark()
      try {
        for await (const event of pretrain({ kernel }, { ...cut, signal: stop.signal }))
          if (event.type === 'step' && event.step === 3) stop.abort()
      } finally {
        kernel.arena.release(mark)
      }
    }
    await expect(half()).rejects.toThrow('aborted')
    await run(cut)
    for (const file of ['model.safetensors', 'tokenizer.json', 'config.json', 'README.md'])
      expect(await readFile(join(cut.outDirectory, file))).toEqual(await readFile(join(whole.outDirectory, file)))
  })
})

describe('the loss curve', () => {
  const point = (step: number) => ({ step, tokens: 10 * step, loss: 5 - step, learningRate: 0.1 })

  it('comes back, without a torn line, and takes steps again', async () => {
    const path = join(await temporaryDirectory(), 'loss.jsonl')
    const curve = await LossCurve.open(path)
    for (const step of [1, 2, 3]) await curve.add(point(step))
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, -5))
    const again = await LossCurve.open(path)
    expect(again.points).toEqual([point(1), point(2)])
    await again.add({ ...point(2), loss: 9 })
    expect((await LossCurve.open(path)).points).toEqual([point(1), { ...point(2), loss: 9 }])
  })

  it('is shown as a few rows of means', () => {
    const points = [1, 2, 3, 4, 5].map((step) => ({ ...point(step), ...(step === 2 && { validationLoss: 7 }) }))
    expect(curveTable(points, 2)).toEqual([
      { step: 3, tokens: 30, loss: 3, validationLoss: 7 },
      { step: 5, tokens: 50, loss: 0.5, validationLoss: undefined },
    ])
    expect(curveTable([], 2)).toEqual([])
  })

  it('in bits per byte does not depend on the vocabulary', () => {
    expect(bitsPerByte(8 * Math.LN2, 4)).toBeCloseTo(2)
  })
})
