/**
 * What the death of the machine may leave of LevelDB's log: cut off anywhere, with zeros or other bytes in place of what was
 * not yet on the disk, or with a hole before later writes.
 */
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Hex } from 'viem'
import { afterAll, describe, expect, it } from 'vitest'
import { openLevelStore } from '../store/level-store.ts'
import { StoreError } from '../store/store.ts'
import { checkDatabase } from './database-check.ts'
import { buildOn } from './testing/building.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { openNode, testConfig, transfer } from './testing/test-chain.ts'

const l1 = new MemoryL1(1_700_000_000n)
const config = await testConfig(l1.head)
const folder = await mkdtemp(join(tmpdir(), 'openledger-torn-'))
const original = join(folder, 'original')
afterAll(() => rm(folder, { recursive: true }))

/** The head after each step, and how long the log was then. */
type Step = { end: number; head: Hex; number: bigint }

const logOf = async (directory: string): Promise<string> => {
  const name = (await readdir(directory)).find((name) => name.endsWith('.log'))
  if (name === undefined) throw new Error(`${directory} has no log`)
  return join(directory, name)
}

/** Builds, makes safe, takes back, builds on; the directory is left as a killed process leaves it. */
async function record(): Promise<Step[]> {
  const working = join(folder, 'working')
  const store = await openLevelStore(working)
  const { chain } = await openNode(config, { store })
  const steps: Step[] = []
  const note = async () => {
    const { hash, block } = chain.head('unsafe')
    steps.push({ end: (await stat(await logOf(working))).size, head: hash, number: block.header.number })
  }
  await note()
  for (let turn = 0; turn < 14; turn++) {
    if (turn % 6 === 5) await chain.resetTo(chain.head('unsafe').block.header.number - 2n)
    else {
      const nonce = Number(chain.head('unsafe').block.header.number)
      await buildOn({ config, l1, chain }, [await transfer({ nonce, value: BigInt(turn + 1) })])
    }
    await note()
    if (turn % 6 !== 1) continue
    await chain.setHead('safe', chain.headRef('unsafe'))
    await note()
  }
  await cp(working, original, { recursive: true })
  await store.close()
  return steps
}

const steps = await record()
const log = await readFile(await logOf(original))
const start = steps[0]!.end

/** A copy of the directory whose log holds these bytes. */
async function withLog(bytes: Uint8Array): Promise<string> {
  const directory = await mkdtemp(join(folder, 'copy-'))
  await cp(original, directory, { recursive: true })
  await rm(join(directory, 'LOCK'), { force: true })
  await writeFile(await logOf(directory), bytes)
  return directory
}

/** Opens it as a node does; the chain must be whole, and take another block. Returns its head before that. */
async function reopen(directory: string): Promise<Hex> {
  const store = await openLevelStore(directory)
  try {
    const { chain, state } = await openNode(config, { store })
    const { hash, block } = chain.head('unsafe')
    expect(state.head).toEqual({ number: block.header.number, stateRoot: block.header.stateRoot })
    await checkDatabase(store)
    await buildOn({ config, l1, chain }, [await transfer({ nonce: Number(block.header.number), value: 7n })])
    return hash
  } finally {
    await store.close()
  }
}

/** Zeros in place of zeros are no hole. */
const firstDifference = (bytes: Uint8Array) => {
  const at = log.findIndex((byte, i) => byte !== bytes[i])
  return at < 0 ? log.length : at
}
const lastBefore = (length: number) => steps.findLast(({ end }) => end <= length)!.head
const cuts = fc.oneof(
  fc.integer({ min: start, max: log.length }),
  fc
    .constantFrom(...steps.slice(1))
    .chain(({ end }) => fc.integer({ min: end - 40, max: Math.min(end + 40, log.length) })),
)

describe("LevelDB's log after the death of the machine", () => {
  it('holds every step, in order', () => {
    expect(log.length).toBe(steps.at(-1)!.end)
    expect(steps.map(({ end }) => end)).toEqual(steps.map(({ end }) => end).toSorted((a, b) => a - b))
  })

  it('cut off anywhere gives the last whole step before, whatever bytes follow', async () => {
    const tails = fc.constantFrom<'nothing' | 'zeros' | 'noise'>('nothing', 'zeros', 'noise')
    await fc.assert(
      fc.asyncProperty(cuts, tails, async (cut, tail) => {
        const torn = Buffer.concat([log.subarray(0, cut), tail === 'nothing' ? new Uint8Array(0) : log.subarray(cut)])
        if (tail === 'zeros') torn.fill(0, cut)
        if (tail === 'noise') for (let i = cut; i < torn.length; i++) torn[i]! ^= 1 + ((i * 31) & 0x7f)
        expect(await reopen(await withLog(torn))).toBe(lastBefore(cut))
      }),
      { numRuns: 25 },
    )
  })

  it('with a hole before later writes is refused, or gives what was whole before the hole', async () => {
    let refused = 0
    const holes = fc.tuple(fc.integer({ min: start, max: log.length - 1 }), fc.integer({ min: 1, max: 9_000 }))
    await fc.assert(
      fc.asyncProperty(holes, async ([at, length]) => {
        const holed = Buffer.from(log)
        holed.fill(0, at, Math.min(at + length, log.length))
        const opened = await reopen(await withLog(holed)).catch((error: unknown) => error)
        if (opened instanceof StoreError) {
          expect(opened.message).toMatch(/is damaged \(write \d+ of \d+ is missing, as after a power cut\)/)
          refused++
        } else expect(opened).toBe(lastBefore(firstDifference(holed)))
      }),
      { numRuns: 25, examples: [[[start + 100, 10]]] },
    )
    expect(refused, 'a hole that later writes follow').toBeGreaterThan(0)
  })
})
