/** Given a bundle that a node wrote, when `openledger replay` is run on it, then it prints what was claimed and what comes out. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildOn } from '../../node/chain/testing/building.ts'
import { MemoryL1 } from '../../node/chain/testing/memory-l1.ts'
import { openNode, testConfig, transfer } from '../../node/chain/testing/test-chain.ts'
import { openledger } from '../fixtures/command-line.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'replay-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('a deliberately wrong block is reproduced from the bundle alone', async () => {
  const l1 = new MemoryL1(1_700_000_000n)
  const config = await testConfig(l1.head)
  const { chain } = await openNode(config)
  const { block, hash } = await buildOn({ config, l1, chain }, [await transfer({ nonce: 0 })])
  const verifier = await openNode(config, { replayDirectory: directory })
  const wrong = { ...block, header: { ...block.header, gasUsed: 1n } }
  await expect(verifier.chain.insertUnsafe(wrong)).rejects.toThrow(/gasUsed is 1/)

  const [file] = await readdir(directory)
  const { code, stdout, stderr } = await openledger('replay', join(directory, file!))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    number: '1',
    expected: { gasUsed: '1' },
    computed: { hash, gasUsed: block.header.gasUsed.toString() },
    differences: ['gasUsed'],
    reproduced: true,
    firstDifferingReceipt: null,
  })
})

it('a file that is none is named', async () => {
  const { code, stderr } = await openledger('replay', join(directory, 'nothing.json'))
  expect(code).toBe(1)
  expect(stderr).toMatch(/nothing\.json: there is no such file/)
})
