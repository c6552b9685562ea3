/** Ethereum's own tests over our execution: a sample of the state tests, and all the others that the conformance data has. */
import { describe, expect, it } from 'vitest'
import { isPresent } from './archive.ts'
import { blockTestFaults, invalidBlockFaults, stateTestFaults } from './ethereum-tests.ts'
import { runSuite } from './suite.ts'
import { transactionTestFault, transactionTestSchema } from './transaction-test.ts'
import { trieTestRoot, trieTestSchema } from './trie-test.ts'

/** Every how manyth file of state tests is run here; test/long runs them all. */
const STRIDE = 16
/** Hundreds of millions of gas each, or minutes of cryptography. */
const SLOW = /vmPerformance|stTimeConsuming|stQuadraticComplexity|stAttack|stZeroKnowledge|CALLCODEBlake2f/

const TIMEOUT = { timeout: 300_000 }

describe("Ethereum's tests", () => {
  it.skipIf(!isPresent('GeneralStateTests'))('of state give the expected roots and logs', TIMEOUT, async () => {
    const only = (path: string, index: number) => index % STRIDE === 0 && !SLOW.test(path)
    const passed = await runSuite('GeneralStateTests', stateTestFaults, { only })
    expect(passed.Cancun).toBeGreaterThan(20)
  })

  it.skipIf(!isPresent('ValidBlocks'))('of valid blocks end at the expected block and state', TIMEOUT, async () => {
    const passed = await runSuite('ValidBlocks', blockTestFaults)
    expect(passed.Cancun).toBeGreaterThan(100)
  })

  it.skipIf(!isPresent('InvalidBlocks'))('of invalid blocks are refused by the rule they break', TIMEOUT, async () => {
    const passed = await runSuite('InvalidBlocks', invalidBlockFaults)
    expect(passed.Cancun).toBeGreaterThan(50)
  })

  it.skipIf(!isPresent('TransactionTests'))('of envelopes are read or refused as each fork says', TIMEOUT, async () => {
    const passed = await runSuite('TransactionTests', (_, json) => {
      const test = transactionTestSchema.parse(json)
      return Object.fromEntries(Object.keys(test.result).map((fork) => [fork, transactionTestFault(test, fork)]))
    })
    expect(Math.min(...Object.values(passed))).toBeGreaterThan(50)
  })

  it.skipIf(!isPresent('TrieTests'))('of tries give the expected roots', TIMEOUT, async () => {
    const passed = await runSuite('TrieTests', (_, json, path) => {
      const test = trieTestSchema.safeParse(json)
      if (!test.success) return { trie: 'not a list of keys and values' }
      const root = trieTestRoot(test.data, /secure/i.test(path))
      const expected = test.data.root.replace(/^(0x)?/, '0x')
      return { trie: root === expected ? undefined : `root is ${root}, must be ${expected}` }
    })
    expect(passed.trie).toBeGreaterThan(10)
  })
})
