/** One opcode: its fixed gas, what it takes from the stack and leaves there, and what it does. */
import type { Frame } from './frame.ts'

export type Instruction = {
  name: string
  /** Charged before it runs; what depends on its operands it charges itself. */
  gas: number
  pops: number
  pushes: number
  /** Finds its operands on the stack, and `pc` behind the opcode. */
  run: (frame: Frame) => void
}

export function instruction(
  name: string,
  gas: number,
  pops: number,
  pushes: number,
  run: (frame: Frame) => void,
): Instruction {
  return { name, gas, pops, pushes, run }
}

/** Puts a value on the stack. */
export function value(name: string, gas: number, of: (frame: Frame) => bigint): Instruction {
  return instruction(name, gas, 0, 1, (frame) => {
    frame.stack.push(of(frame))
  })
}

/** Puts a value in the place of the stack's top. */
export function unary(name: string, gas: number, of: (a: bigint, frame: Frame) => bigint): Instruction {
  return instruction(name, gas, 1, 1, (frame) => {
    const { stack } = frame
    const top = stack.length - 1
    stack[top] = of(stack[top]!, frame)
  })
}

/** Puts a value in the place of the stack's two uppermost; `a` is the top. */
export function binary(name: string, gas: number, of: (a: bigint, b: bigint) => bigint): Instruction {
  return instruction(name, gas, 2, 1, ({ stack }) => {
    const a = stack.pop()!
    const top = stack.length - 1
    stack[top] = of(a, stack[top]!)
  })
}

export function ternary(name: string, gas: number, of: (a: bigint, b: bigint, c: bigint) => bigint): Instruction {
  return instruction(name, gas, 3, 1, ({ stack }) => {
    const a = stack.pop()!
    const b = stack.pop()!
    const top = stack.length - 1
    stack[top] = of(a, b, stack[top]!)
  })
}
