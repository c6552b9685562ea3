/** Why a frame ends before its code does. All but a revert use up its gas (Yellow Paper, 9.4.2, "Exceptional halting"). */

export class Halt extends Error {
  override name = 'Halt'
}

// Thrown as they are, again and again: an error's stack trace would cost more than the frame.
export const OUT_OF_GAS = new Halt('out of gas')
export const STACK_UNDERFLOW = new Halt('stack underflow')
export const STACK_OVERFLOW = new Halt('stack overflow')
export const INVALID_OPCODE = new Halt('invalid opcode')
export const INVALID_JUMP = new Halt('invalid JUMP')
export const STATIC_STATE_CHANGE = new Halt('static state change')
