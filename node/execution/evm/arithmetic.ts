/** Opcodes 0x01 to 0x1e: arithmetic, comparison and bits over words (Yellow Paper, appendix H; EIP-145, EIP-7939). */
import { type Fork, isAtLeast } from '../fork.ts'
import { charge } from './frame.ts'
import { binary, type Instruction, instruction, ternary, unary } from './instruction.ts'
import type { Schedule } from './schedule.ts'

const MAX_WORD = (1n << 256n) - 1n

const wrap = (value: bigint) => BigInt.asUintN(256, value)
const signed = (word: bigint) => BigInt.asIntN(256, word)
const flag = (holds: boolean) => (holds ? 1n : 0n)

/** Bytes of a number without leading zeros. */
function byteLength(word: bigint): number {
  return word === 0n ? 0 : Math.ceil(word.toString(16).length / 2)
}

/** base^exponent mod 2^256, by squaring. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = wrap(result * square)
    square = wrap(square * square)
  }
  return result
}

/** The number in the word's lowest `last + 1` bytes, its sign drawn out over the whole. */
function signExtend(last: bigint, word: bigint): bigint {
  return last > 30n ? word : wrap(BigInt.asIntN(8 * (Number(last) + 1), word))
}

function arithmeticShift(by: bigint, word: bigint): bigint {
  const number = signed(word)
  if (by < 256n) return wrap(number >> by)
  return number < 0n ? MAX_WORD : 0n
}

function leadingZeros(word: bigint): bigint {
  return word === 0n ? 256n : BigInt(256 - word.toString(2).length)
}

export function arithmetic(fork: Fork, { expByte }: Schedule): Map<number, Instruction> {
  const table = new Map<number, Instruction>([
    [0x01, binary('ADD', 3, (a, b) => wrap(a + b))],
    [0x02, binary('MUL', 5, (a, b) => wrap(a * b))],
    [0x03, binary('SUB', 3, (a, b) => wrap(a - b))],
    [0x04, binary('DIV', 5, (a, b) => (b === 0n ? 0n : a / b))],
    [0x05, binary('SDIV', 5, (a, b) => (b === 0n ? 0n : wrap(signed(a) / signed(b))))],
    [0x06, binary('MOD', 5, (a, b) => (b === 0n ? 0n : a % b))],
    [0x07, binary('SMOD', 5, (a, b) => (b === 0n ? 0n : wrap(signed(a) % signed(b))))],
    [0x08, ternary('ADDMOD', 8, (a, b, n) => (n === 0n ? 0n : (a + b) % n))],
    [0x09, ternary('MULMOD', 8, (a, b, n) => (n === 0n ? 0n : (a * b) % n))],
    [0x0a, exp(expByte)],
    [0x0b, binary('SIGNEXTEND', 5, signExtend)],
    [0x10, binary('LT', 3, (a, b) => flag(a < b))],
    [0x11, binary('GT', 3, (a, b) => flag(a > b))],
    [0x12, binary('SLT', 3, (a, b) => flag(signed(a) < signed(b)))],
    [0x13, binary('SGT', 3, (a, b) => flag(signed(a) > signed(b)))],
    [0x14, binary('EQ', 3, (a, b) => flag(a === b))],
    [0x15, unary('ISZERO', 3, (a) => flag(a === 0n))],
    [0x16, binary('AND', 3, (a, b) => a & b)],
    [0x17, binary('OR', 3, (a, b) => a | b)],
    [0x18, binary('XOR', 3, (a, b) => a ^ b)],
    [0x19, unary('NOT', 3, (a) => a ^ MAX_WORD)],
    [0x1a, binary('BYTE', 3, (at, word) => (at > 31n ? 0n : (word >> (248n - 8n * at)) & 0xffn))],
  ])
  if (isAtLeast(fork, 'constantinople')) {
    table.set(
      0x1b,
      binary('SHL', 3, (by, word) => (by > 255n ? 0n : wrap(word << by))),
    )
    table.set(
      0x1c,
      binary('SHR', 3, (by, word) => (by > 255n ? 0n : word >> by)),
    )
    table.set(0x1d, binary('SAR', 3, arithmeticShift))
  }
  if (isAtLeast(fork, 'osaka')) table.set(0x1e, unary('CLZ', 5, leadingZeros))
  return table
}

function exp(perByte: number): Instruction {
  return instruction('EXP', 10, 2, 1, (frame) => {
    const { stack } = frame
    const base = stack.pop()!
    const exponent = stack.pop()!
    charge(frame, perByte * byteLength(exponent))
    stack.push(power(base, exponent))
  })
}
