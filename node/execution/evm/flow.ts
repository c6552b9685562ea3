/** Opcodes of the stack, memory, storage, jumps and logs: 0x50 to 0xa4 (EIP-1153, 2200, 2929, 3855, 5656). */
import { wordHex } from '../bytes.ts'
import { type Fork, isAtLeast } from '../fork.ts'
import { pushed } from './code.ts'
import { charge, type Frame, gasOf } from './frame.ts'
import { INVALID_JUMP, STATIC_STATE_CHANGE } from './halt.ts'
import { type Instruction, instruction, unary, value } from './instruction.ts'
import { chargeWords, reach } from './memory.ts'
import type { Schedule } from './schedule.ts'
import { sstore } from './storage.ts'

const WORD = 32n
const COPY_WORD = 3
const TRANSIENT = 100
const LOG = 375
const LOG_BYTE = 8

export function flow(fork: Fork, schedule: Schedule): Map<number, Instruction> {
  const table = new Map<number, Instruction>([
    [0x50, instruction('POP', 2, 1, 0, ({ stack }) => void stack.pop())],
    [0x51, unary('MLOAD', 3, (at, frame) => frame.memory.word(reach(frame, at, WORD)))],
    [0x52, instruction('MSTORE', 3, 2, 0, mstore)],
    [0x53, instruction('MSTORE8', 3, 2, 0, mstore8)],
    [0x54, unary('SLOAD', schedule.sload, sload)],
    [0x55, instruction('SSTORE', 0, 2, 0, (frame) => sstore(frame, schedule))],
    [0x56, instruction('JUMP', 8, 1, 0, (frame) => jump(frame, frame.stack.pop()!))],
    [0x57, instruction('JUMPI', 10, 2, 0, jumpIf)],
    [0x58, value('PC', 2, ({ pc }) => BigInt(pc - 1))],
    [0x59, value('MSIZE', 2, ({ memory }) => BigInt(memory.size))],
    [0x5a, value('GAS', 2, gasOf)],
    [0x5b, instruction('JUMPDEST', 1, 0, 0, () => {})],
  ])
  if (isAtLeast(fork, 'shanghai'))
    table.set(
      0x5f,
      value('PUSH0', 2, () => 0n),
    )
  if (isAtLeast(fork, 'cancun')) {
    table.set(
      0x5c,
      unary('TLOAD', TRANSIENT, (slot, { machine, address }) => machine.transient(address, slot)),
    )
    table.set(0x5d, instruction('TSTORE', TRANSIENT, 2, 0, tstore))
    table.set(0x5e, instruction('MCOPY', 3, 3, 0, mcopy))
  }
  for (let size = 1; size <= 32; size++) table.set(0x5f + size, push(size))
  for (let depth = 1; depth <= 16; depth++) table.set(0x7f + depth, dup(depth))
  for (let depth = 1; depth <= 16; depth++) table.set(0x8f + depth, swap(depth))
  for (let topics = 0; topics <= 4; topics++) table.set(0xa0 + topics, log(topics))
  return table
}

function push(size: number): Instruction {
  return instruction(`PUSH${size}`, 3, 0, 1, (frame) => {
    frame.stack.push(pushed(frame.code, frame.pc, size))
    frame.pc += size
  })
}

function dup(depth: number): Instruction {
  return instruction(`DUP${depth}`, 3, depth, depth + 1, ({ stack }) => {
    stack.push(stack[stack.length - depth]!)
  })
}

function swap(depth: number): Instruction {
  return instruction(`SWAP${depth}`, 3, depth + 1, depth + 1, ({ stack }) => {
    const top = stack.length - 1
    const word = stack[top]!
    stack[top] = stack[top - depth]!
    stack[top - depth] = word
  })
}

function jump(frame: Frame, to: bigint): void {
  // A number too large to be exact is beyond any code.
  const at = Number(to)
  if (frame.code.jumps[at] !== 1) throw INVALID_JUMP
  frame.pc = at
}

function jumpIf(frame: Frame): void {
  const to = frame.stack.pop()!
  if (frame.stack.pop() !== 0n) jump(frame, to)
}

function mstore(frame: Frame): void {
  const at = reach(frame, frame.stack.pop()!, WORD)
  frame.memory.setWord(at, frame.stack.pop()!)
}

function mstore8(frame: Frame): void {
  const at = reach(frame, frame.stack.pop()!, 1n)
  frame.memory.bytes[at] = Number(frame.stack.pop()! & 0xffn)
}

function mcopy(frame: Frame): void {
  const { stack, memory } = frame
  const to = stack.pop()!
  const from = stack.pop()!
  const size = stack.pop()!
  chargeWords(frame, COPY_WORD, size)
  const source = reach(frame, from, size)
  const target = reach(frame, to, size)
  memory.bytes.copyWithin(target, source, source + Number(size))
}

function sload(slot: bigint, frame: Frame): bigint {
  const { machine, address } = frame
  const key = wordHex(slot)
  charge(frame, machine.slotAccess(address, key))
  return machine.overlay.storage(address, key)
}

function tstore({ stack, machine, address, isStatic }: Frame): void {
  if (isStatic) throw STATIC_STATE_CHANGE
  const slot = stack.pop()!
  machine.setTransient(address, slot, stack.pop()!)
}

function log(topics: number): Instruction {
  return instruction(`LOG${topics}`, LOG * (topics + 1), topics + 2, 0, (frame) => {
    const { stack, memory, machine, address } = frame
    if (frame.isStatic) throw STATIC_STATE_CHANGE
    const offset = stack.pop()!
    const size = stack.pop()!
    const at = reach(frame, offset, size)
    charge(frame, LOG_BYTE * Number(size))
    const words = stack.splice(stack.length - topics, topics).reverse()
    machine.logs.push({ address, topics: words.map(wordHex), data: memory.slice(at, Number(size)) })
  })
}
