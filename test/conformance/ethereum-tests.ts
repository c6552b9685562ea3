/** The runners that the quick and the long suites share. */
import { runNamedBlockTest } from '../../cli/blocktest.ts'
import type { Refusal } from '../../cli/conformance/block-test.ts'
import { runTest } from '../../cli/statetest.ts'
import type { Faults } from './suite.ts'

/** By fork. */
export async function stateTestFaults(name: string, json: unknown): Promise<Faults> {
  const faults: Faults = {}
  for (const { fork, error } of await runTest(name, json)) faults[fork] ??= error
  return faults
}

export async function blockTestFaults(name: string, json: unknown): Promise<Faults> {
  const { fork, error } = await runNamedBlockTest(name, json)
  return { [fork]: error }
}

/**
 * Like {@link blockTestFaults}, and a fault where a block was refused by another rule than the test says. A test may leave the
 * choice of several ("A|B").
 */
export async function invalidBlockFaults(name: string, json: unknown): Promise<Faults> {
  const { fork, error, refusals = [] } = await runNamedBlockTest(name, json)
  const other = refusals.find(({ rule, expected }) => !expected.split('|').includes(rule))
  return { [fork]: error ?? (other && wrongRule(other)) }
}

function wrongRule({ block, rule, expected, reason }: Refusal): string {
  return `block ${block} breaks ${expected}, was refused by ${rule}: ${reason}`
}
