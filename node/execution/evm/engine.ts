/** {@link Engine} by our own interpreter: synchronous from end to end, over the overlay itself. */
import type { Address } from '../../../genesis/addresses.ts'
import { EMPTY_BYTES } from '../bytes.ts'
import type { Engine, EngineMessage, EngineParameters, EngineResult } from '../engine.ts'
import { precompilesOf } from '../precompiles/precompile-set.ts'
import { instructionSet } from './instruction-set.ts'
import { Machine, type MachineParameters } from './machine.ts'
import { scheduleOf } from './schedule.ts'

export function createEngine(given: EngineParameters): Engine {
  const { rules, overlay, natives } = given
  const parameters: MachineParameters = {
    ...given,
    instructions: instructionSet(rules),
    schedule: scheduleOf(rules.fork),
    precompiles: precompilesOf(rules),
  }

  /** Nothing runs: no code, no precompile, no native contract. */
  function isPlainTransfer(to: Address): boolean {
    return overlay.codeOf(to).length === 0 && !natives.addresses.has(to) && !parameters.precompiles.has(to)
  }

  function run(message: EngineMessage): EngineResult {
    const { caller, to, value, gasLimit } = message
    if (to !== undefined && isPlainTransfer(to)) return transfer(caller, to, value)
    const machine = new Machine(parameters, message)
    const { failure, gasLeft, output, created } = machine.run()
    const isDone = failure === undefined
    if (isDone) for (const address of machine.doomed) overlay.destroy(address)
    return {
      failure,
      gasUsed: gasLimit - gasLeft,
      refund: isDone ? BigInt(machine.refund) : 0n,
      returnData: output,
      logs: machine.logs,
      createdAddress: created,
    }
  }

  function transfer(from: Address, to: Address, value: bigint): EngineResult {
    overlay.subtractBalance(from, value)
    overlay.addBalance(to, value)
    return { failure: undefined, gasUsed: 0n, refund: 0n, returnData: EMPTY_BYTES, logs: [], createdAddress: undefined }
  }

  return { run }
}
