import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { Block } from '../execution/block.ts'
import { headerHash } from '../execution/header.ts'
import { createLedger } from '../ledger/ledger.ts'
import { BlockMismatchError } from './import-error.ts'
import { replay } from './replay.ts'
import { parseReplayBundle } from './replay-bundle.ts'
import { buildOn } from './testing/building.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { openNode, testConfig, transfer } from './testing/test-chain.ts'

const WRONG: Hex = `0x${'11'.repeat(32)}`
const natives = createLedger()

describe('a replay bundle', () => {
  let directory: string
  let config: ChainConfig
  let blocks: Block[]

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'replay-'))
    const l1 = new MemoryL1(1_700_000_000n)
    config = await testConfig(l1.head)
    const { chain } = await openNode(config)
    blocks = []
    for (const nonce of [0, 2]) {
      const raws = [await transfer({ nonce }), await transfer({ nonce: nonce + 1, to: 2 })]
      blocks.push((await buildOn({ config, l1, chain }, raws)).block)
    }
  })

  afterEach(() => rm(directory, { recursive: true }))

  /** What a node writes that holds the first block and is given a wrong second. */
  async function bundleOf(wrong: Block): Promise<string> {
    const { chain } = await openNode(config, { replayDirectory: directory })
    await chain.insertUnsafe(blocks[0]!)
    await expect(chain.insertUnsafe(wrong)).rejects.toThrow(BlockMismatchError)
    const [file] = await readdir(directory)
    return readFile(join(directory, file!), 'utf8')
  }

  it('gives the same block again from itself alone, its roots included', async () => {
    const right = blocks[1]!
    const wrong = { ...right, header: { ...right.header, stateRoot: WRONG, receiptsRoot: WRONG } }
    const found = await replay({ natives }, parseReplayBundle(await bundleOf(wrong)))
    expect(found).toMatchObject({
      number: 2n,
      expected: { stateRoot: WRONG, hash: headerHash(wrong.header) },
      computed: { hash: headerHash(right.header), stateRoot: right.header.stateRoot },
      differences: ['stateRoot', 'receiptsRoot'],
      reproduced: true,
      firstDifferingReceipt: undefined,
    })
  })

  it('names the first receipt that comes out otherwise than was recorded', async () => {
    const right = blocks[1]!
    const bundle = parseReplayBundle(await bundleOf({ ...right, header: { ...right.header, gasUsed: 1n } }))
    const receipts = bundle.computed!.receipts.map((receipt, index) =>
      index < 2 ? receipt : { ...receipt, succeeded: false },
    )
    const found = await replay({ natives }, { ...bundle, computed: { ...bundle.computed!, receipts } })
    expect(found.firstDifferingReceipt).toMatchObject({
      index: 2,
      recorded: { succeeded: false },
      computed: { succeeded: true },
    })
  })

  it('says so where the state in it does not suffice', async () => {
    const right = blocks[1]!
    const bundle = parseReplayBundle(await bundleOf({ ...right, header: { ...right.header, gasUsed: 1n } }))
    const witness = bundle.witness.filter(({ table }) => table !== 'accountNodes')
    const found = await replay({ natives }, { ...bundle, witness })
    expect(found.reproduced).toBe(false)
    expect(found.computed).toMatchObject({ refused: expect.stringMatching(/no record of accountNodes/) })
  })

  it('is refused where a field is wrong, which is named', async () => {
    const text = await bundleOf({ ...blocks[1]!, header: { ...blocks[1]!.header, gasUsed: 1n } })
    const broken = { ...JSON.parse(text), attributes: { ...JSON.parse(text).attributes, gasLimit: 'much' } }
    expect(() => parseReplayBundle(JSON.stringify(broken))).toThrow(
      'replay bundle attributes.gasLimit: must be a decimal number',
    )
    expect(() => parseReplayBundle('{')).toThrow(/is not JSON/)
  })
})
