/** All of Ethereum's state tests that the conformance data has. */
import { expect, it } from 'vitest'
import { isPresent } from '../conformance/archive.ts'
import { stateTestFaults } from '../conformance/ethereum-tests.ts'
import { runSuite } from '../conformance/suite.ts'

/** Milliseconds. One file (vmPerformance/loopMul: 22 million turns of a loop, interpreted) takes most of it. */
const TIMEOUT = { timeout: 3_600_000 }

it.skipIf(!isPresent('GeneralStateTests'))(
  "Ethereum's state tests give the expected roots and logs",
  TIMEOUT,
  async () => {
    const passed = await runSuite('GeneralStateTests', stateTestFaults)
    expect(passed.Cancun).toBeGreaterThan(900)
  },
)
