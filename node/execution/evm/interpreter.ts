/** The loop: one instruction after another until the frame ends or waits. Throws {@link Halt} where the frame fails. */
import { spendInstruction } from '../work-meter.ts'
import { type Frame, useReserve } from './frame.ts'
import { STACK_OVERFLOW, STACK_UNDERFLOW } from './halt.ts'
import type { Instruction } from './instruction.ts'

const STOP = 0
const MAX_STACK = 1024

export function execute(frame: Frame, instructions: readonly Instruction[]): void {
  const { stack } = frame
  const code = frame.code.bytes
  const { meter } = frame.machine.parameters
  while (frame.isRunning && !frame.isWaiting) {
    // Code ends as if a STOP followed.
    const opcode = frame.pc < code.length ? code[frame.pc]! : STOP
    const { gas, pops, pushes, run } = instructions[opcode]!
    if (stack.length < pops) throw STACK_UNDERFLOW
    if (stack.length + pushes - pops > MAX_STACK) throw STACK_OVERFLOW
    if (gas > frame.gas) useReserve(frame, gas)
    frame.gas -= gas
    frame.pc++
    if (meter !== undefined) spendInstruction(meter)
    run(frame)
  }
}
