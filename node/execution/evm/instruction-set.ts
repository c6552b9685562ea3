/** The instructions of a fork, by opcode. */
import type { Fork } from '../fork.ts'
import type { Rules } from '../rules.ts'
import { arithmetic } from './arithmetic.ts'
import { calls } from './calls.ts'
import { environment } from './environment.ts'
import { flow } from './flow.ts'
import { INVALID_OPCODE } from './halt.ts'
import { type Instruction, instruction } from './instruction.ts'
import { scheduleOf } from './schedule.ts'

const INVALID = instruction('INVALID', 0, 0, 0, () => {
  throw INVALID_OPCODE
})

const made = new Map<Fork, Instruction[]>()

/** All 256; those that the fork does not have fail. */
export function instructionSet(rules: Rules): readonly Instruction[] {
  const { fork } = rules
  const held = made.get(fork)
  if (held !== undefined) return held
  const schedule = scheduleOf(fork)
  const tables = [arithmetic(fork, schedule), environment(fork, schedule), flow(fork, schedule), calls(rules, schedule)]
  const all = new Map(tables.flatMap((table) => [...table]))
  const instructions = Array.from({ length: 256 }, (_, opcode) => all.get(opcode) ?? INVALID)
  made.set(fork, instructions)
  return instructions
}
