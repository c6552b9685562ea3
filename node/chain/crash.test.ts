/** A crash at any write leaves the chain as it was before some step or after it, never between. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { prepareAttributes } from '../derivation/attributes.ts'
import { encodeBlock } from '../execution/block-codec.ts'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { FailingStore } from '../store/testing/failing-store.ts'
import type { Chain } from './chain.ts'
import { ChainBrokenError } from './import-error.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { openNode, testConfig, transfer } from './testing/test-chain.ts'

const l1 = new MemoryL1(1_700_000_000n)
const config: ChainConfig = await testConfig(l1.head)

type Step = 'build' | 'agree' | 'disagree' | 'reset'
const steps: Step[] = ['build', 'agree', 'disagree', 'reset']

async function take(chain: Chain, step: Step): Promise<void> {
  const parent = step === 'build' ? chain.headRef('unsafe') : chain.headRef('safe')
  if (step === 'reset') return chain.resetTo(chain.headRef('finalized').number)
  const prepared = await prepareAttributes(
    { config, l1 },
    parent,
    await chain.systemConfigOf(parent.number),
    parent.l1Origin,
  )
  const derivedFrom = l1.head
  const nonce = Number(
    (await chain.stateAt(parent.number)).account('0x7e5f4552091a69125d5dfcb7b8c2659029395bdf')?.nonce ?? 0n,
  )
  const raw = await transfer({ nonce })
  switch (step) {
    case 'build':
      await chain.build(parent, { ...prepared, transactions: [...prepared.transactions, raw] })
      return
    case 'agree': {
      const held = await chain.blockByNumber(parent.number + 1n)
      const transactions = held?.block.transactions ?? prepared.transactions
      await chain.deriveSafe({ attributes: { ...prepared, transactions }, parent, derivedFrom })
      return
    }
    case 'disagree': {
      const other = await transfer({ nonce, value: 5n })
      await chain.deriveSafe({
        attributes: { ...prepared, transactions: [...prepared.transactions, other] },
        parent,
        derivedFrom,
      })
      return
    }
  }
}

/** Everything durable that a reader could see, to compare two stores. */
async function snapshot(store: Store): Promise<string> {
  const entries: string[] = []
  for (const table of [
    TABLES.stateMeta,
    TABLES.accounts,
    TABLES.blocks,
    TABLES.canonical,
    TABLES.receipts,
    TABLES.transactions,
    TABLES.labels,
    TABLES.safeHeads,
  ]) {
    for await (const [key, value] of store.range(table)) {
      entries.push(`${table}:${Buffer.from(key).toString('hex')}=${Buffer.from(value).toString('hex')}`)
    }
  }
  return entries.join('\n')
}

describe('a crash at any write', () => {
  it('leaves the whole of one step or nothing of it, and the chain opens and goes on', async () => {
    const plans = fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 6 })
    const failures = fc.record({
      at: fc.integer({ min: 1, max: 9 }),
      written: fc.boolean(),
      code: fc.constantFrom('EIO', 'ENOSPC'),
    })
    await fc.assert(
      fc.asyncProperty(plans, failures, async (plan, failure) => {
        const inner = new MemoryStore()
        await openNode(config, { store: inner })
        const store = new FailingStore(inner, failure)
        const { chain } = await openNode(config, { store })
        const whole = [await snapshot(inner)]
        const reference = await openNode(config)
        let failed: unknown
        for (const step of plan) {
          try {
            await take(chain, step)
          } catch (error) {
            failed = error
            break
          } finally {
            // A reorg is two steps: the old blocks go, the new one comes. Each is whole by itself.
            if (
              step === 'disagree' &&
              reference.chain.headRef('unsafe').number > reference.chain.headRef('safe').number
            ) {
              const before = reference.chain.headRef('safe').number
              const rewound = await openCopy(reference.store)
              await rewound.chain.resetTo(before)
              whole.push(await snapshot(rewound.store))
            }
            await take(reference.chain, step)
            whole.push(await snapshot(reference.store))
          }
        }
        expect(whole).toContain(await snapshot(inner))
        if (failed !== undefined) {
          expect(failed).toBeInstanceOf(ChainBrokenError)
          expect((failed as Error).message).toContain(`writing to the store failed (${failure.code}: `)
          await expect(chain.resetTo(0n)).rejects.toThrow(ChainBrokenError)
        }
        const again = await openNode(config, { store: inner })
        await take(again.chain, 'build')
        expect(again.state.head!.stateRoot).toBe(again.chain.head('unsafe').block.header.stateRoot)
      }),
      { numRuns: 60 },
    )
  })

  it('in block 0 leaves a new store', async () => {
    const inner = new MemoryStore()
    await expect(openNode(config, { store: new FailingStore(inner, { at: 1, written: false }) })).rejects.toThrow(
      /disk failed/,
    )
    const { chain } = await openNode(config, { store: inner })
    expect(chain.headRef('unsafe').number).toBe(0n)
  })
})

describe('a write that never returns', () => {
  it.each([false, true])(
    'holds up changes and no reads, and whole is what is opened next (written: %s)',
    async (written) => {
      const inner = new MemoryStore()
      await take((await openNode(config, { store: inner })).chain, 'build')
      const store = new FailingStore(inner, { at: 1, written, hangs: true })
      const { chain, state } = await openNode(config, { store })
      const before = chain.head('unsafe')
      const outcomes: string[] = []
      const note = (what: string) => () => outcomes.push(what)
      take(chain, 'build').then(note('built'), note('failed'))
      await store.hung
      chain.setHead('safe', chain.headRef('unsafe')).then(note('set'), note('failed'))
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(outcomes).toEqual([])
      expect(chain.head('unsafe')).toBe(before)
      expect(state.head?.stateRoot).toBe(before.block.header.stateRoot)
      expect(await chain.receipts(before.hash)).toHaveLength(2)
      const again = await openNode(config, { store: inner })
      expect(again.chain.headRef('unsafe').number).toBe(before.block.header.number + (written ? 1n : 0n))
      expect(again.chain.headRef('safe').number).toBe(0n)
      await take(again.chain, 'build')
    },
  )
})

async function openCopy(store: Store): ReturnType<typeof openNode> {
  const copy = new MemoryStore()
  for (const table of Object.values(TABLES)) {
    for await (const [key, value] of store.range(table)) await copy.write([{ type: 'put', table, key, value }])
  }
  return openNode(config, { store: copy })
}

describe('a chain on disk', () => {
  it('comes back whole after it was closed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'chain-'))
    try {
      const first = await openLevelStore(directory)
      const before = await openNode(config, { store: first })
      for (const step of ['build', 'agree', 'build', 'disagree', 'build'] as const) await take(before.chain, step)
      const [unsafe, safe] = [before.chain.head('unsafe'), before.chain.head('safe')]
      await before.chain.close()
      await first.close()

      const second = await openLevelStore(directory)
      const after = await openNode(config, { store: second })
      expect(after.chain.head('unsafe').hash).toBe(unsafe.hash)
      expect(encodeBlock(after.chain.head('unsafe').block)).toEqual(encodeBlock(unsafe.block))
      expect(after.chain.head('safe').hash).toBe(safe.hash)
      await take(after.chain, 'build')
      expect(after.chain.headRef('unsafe').number).toBe(unsafe.block.header.number + 1n)
      await second.close()
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
