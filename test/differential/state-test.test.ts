/**
 * Ethereum's own state tests, as filled for Cancun, give the same state roots under our rules, which are Prague's with
 * the OP Stack's fees at zero. What Prague changed is passed over, by name: the floor for data (EIP-7623), and tests about
 * addresses that have become precompiles since.
 */
import { describe, expect, it } from 'vitest'
import { isPresent, readArchive } from '../conformance/archive.ts'
import { runStateTest, type StateTest, stateTestSchema } from './state-test.ts'

const ARCHIVE = 'GeneralStateTests'
/** Every how manyth file is run; OPENLEDGER_STATE_TESTS=1 runs them all. */
const STRIDE = Number(process.env.OPENLEDGER_STATE_TESTS ?? 7)

/** Hundreds of millions of gas each, minutes in this interpreter. */
const SLOW = /vmPerformance|stTimeConsuming|stQuadraticComplexity|stAttack/
/** They call every low address, or ask which ones are precompiles. */
const ABOUT_PRECOMPILES = /precompsEIP2929Cancun|idPrecomps|failed_tx_xcf416c53/

/** EIP-2537's and RIP-7212's addresses, which Cancun's tests use for contracts of their own. */
function usesNewPrecompiles({ pre }: StateTest): boolean {
  return Object.keys(pre).some((address) => {
    const number = BigInt(address)
    return number === 0x100n || (number >= 0x0bn && number <= 0x11n)
  })
}

const isBlobTransaction = (txbytes: string) => txbytes.startsWith('0x03')

describe.skipIf(!isPresent(ARCHIVE))("Ethereum's state tests", () => {
  it('give the expected roots', { timeout: 600_000 }, async () => {
    const counts = { equal: 0, metFloor: 0 }
    let index = 0
    for await (const { path, json } of readArchive(ARCHIVE)) {
      if (SLOW.test(path) || ABOUT_PRECOMPILES.test(path) || index++ % STRIDE !== 0) continue
      for (const raw of Object.values(json as object)) {
        const test = stateTestSchema.parse(raw)
        if (usesNewPrecompiles(test)) continue
        for (const [at, outcome] of (test.post.Cancun ?? []).entries()) {
          if (isBlobTransaction(outcome.txbytes)) continue
          const { stateRoot, refused, metFloor } = await runStateTest(test, outcome)
          counts[metFloor ? 'metFloor' : 'equal']++
          if (metFloor) continue
          const name = `${path} ${at}`
          expect(stateRoot, name).toBe(outcome.hash)
          expect(refused !== undefined, `${name}: ${refused ?? 'accepted'}`).toBe(outcome.expectException !== undefined)
        }
      }
    }
    expect(counts.equal).toBeGreaterThan(500)
    expect(counts.metFloor).toBeLessThan(counts.equal / 20)
  })
})
