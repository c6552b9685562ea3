/**
 * How much a message may do before whoever runs it wants to think again: about one unit an instruction, more for what takes
 * longer. Not gas, which is consensus: work only decides where a call is answered.
 */

export type WorkMeter = { left: number }

/** Words of 32 bytes hashed or copied, and gas of precompiles, in the time of an instruction. */
const WORDS = 8
const PRECOMPILE_GAS = 50

/** The message is not done when its work is. Nothing of it stands. */
export class WorkLimitError extends Error {
  override name = 'WorkLimitError'
}

function spend(meter: WorkMeter | undefined, units: number): void {
  if (meter === undefined) return
  meter.left -= units
  if (meter.left < 0) throw new WorkLimitError('the call is too long to be run here')
}

export function spendWords(meter: WorkMeter | undefined, words: number): void {
  spend(meter, words / WORDS)
}

export function spendPrecompile(meter: WorkMeter | undefined, gas: bigint): void {
  spend(meter, Number(gas) / PRECOMPILE_GAS)
}

export function spendInstruction(meter: WorkMeter): void {
  spend(meter, 1)
}
