/** Opcodes 0x30 to 0x4a: what code can learn of its call, of other accounts and of the block. */
import { keccak256 } from '../../../protocol/keccak.ts'
import { type Fork, isAtLeast } from '../fork.ts'
import { EMPTY_CODE_HASH } from '../header.ts'
import { charge, type Frame } from './frame.ts'
import { OUT_OF_GAS } from './halt.ts'
import { type Instruction, instruction, unary, value } from './instruction.ts'
import { chargeWords, reach } from './memory.ts'
import type { Schedule } from './schedule.ts'
import { hexToWord, paddedWord, readWord, wordToAddress } from './word.ts'

const COPY_WORD = 3
const KECCAK_WORD = 6
/** Blocks back to which BLOCKHASH sees. */
const HASHES = 256n

const length = (bytes: Uint8Array) => BigInt(bytes.length)

export function environment(fork: Fork, schedule: Schedule): Map<number, Instruction> {
  const table = new Map<number, Instruction>([
    [0x20, instruction('KECCAK256', 30, 2, 1, keccak)],
    [0x30, value('ADDRESS', 2, ({ address }) => hexToWord(address))],
    [0x31, account('BALANCE', schedule.balance, ({ machine }, of) => machine.overlay.balance(of))],
    [0x32, value('ORIGIN', 2, ({ machine }) => hexToWord(machine.message.caller))],
    [0x33, value('CALLER', 2, ({ caller }) => hexToWord(caller))],
    [0x34, value('CALLVALUE', 2, (frame) => frame.value)],
    [0x35, unary('CALLDATALOAD', 3, (at, { input }) => paddedWord(input, at))],
    [0x36, value('CALLDATASIZE', 2, ({ input }) => length(input))],
    [0x37, copy('CALLDATACOPY', ({ input }) => input)],
    [0x38, value('CODESIZE', 2, ({ code }) => length(code.bytes))],
    [0x39, copy('CODECOPY', ({ code }) => code.bytes)],
    [0x3a, value('GASPRICE', 2, ({ machine }) => machine.message.gasPrice)],
    [0x3b, account('EXTCODESIZE', schedule.extCode, ({ machine }, of) => length(machine.overlay.codeOf(of)))],
    [0x3c, instruction('EXTCODECOPY', schedule.extCode, 4, 0, extCodeCopy)],
    [0x40, unary('BLOCKHASH', 20, blockHash)],
    [0x41, value('COINBASE', 2, ({ machine }) => hexToWord(machine.block.beneficiary))],
    [0x42, value('TIMESTAMP', 2, ({ machine }) => machine.block.timestamp)],
    [0x43, value('NUMBER', 2, ({ machine }) => machine.block.number)],
    [0x44, randomness(fork)],
    [0x45, value('GASLIMIT', 2, ({ machine }) => machine.block.gasLimit)],
  ])
  if (isAtLeast(fork, 'byzantium')) {
    table.set(
      0x3d,
      value('RETURNDATASIZE', 2, ({ returnData }) => length(returnData)),
    )
    table.set(0x3e, instruction('RETURNDATACOPY', 3, 3, 0, returnDataCopy))
  }
  if (isAtLeast(fork, 'constantinople')) table.set(0x3f, account('EXTCODEHASH', schedule.extCodeHash, extCodeHash))
  if (isAtLeast(fork, 'istanbul')) {
    table.set(
      0x46,
      value('CHAINID', 2, ({ machine }) => machine.chainId),
    )
    table.set(
      0x47,
      value('SELFBALANCE', 5, ({ machine, address }) => machine.overlay.balance(address)),
    )
  }
  if (isAtLeast(fork, 'london'))
    table.set(
      0x48,
      value('BASEFEE', 2, ({ machine }) => machine.block.baseFeePerGas),
    )
  if (isAtLeast(fork, 'cancun')) {
    table.set(0x49, unary('BLOBHASH', 3, blobHash))
    table.set(
      0x4a,
      value('BLOBBASEFEE', 2, ({ machine }) => machine.blobBaseFee),
    )
  }
  return table
}

/** EIP-4399. */
function randomness(fork: Fork): Instruction {
  if (isAtLeast(fork, 'paris')) return value('PREVRANDAO', 2, ({ machine }) => hexToWord(machine.block.prevRandao))
  return value('DIFFICULTY', 2, ({ machine }) => machine.block.difficulty ?? 0n)
}

/** An opcode that asks about the account on the stack's top. */
function account(name: string, gas: number, of: (frame: Frame, address: `0x${string}`) => bigint): Instruction {
  return unary(name, gas, (word, frame) => {
    const address = wordToAddress(word)
    charge(frame, frame.machine.accountAccess(address))
    return of(frame, address)
  })
}

function extCodeHash({ machine }: Frame, address: `0x${string}`): bigint {
  const found = machine.overlay.account(address)
  if (found === undefined) return 0n
  const isEmpty = found.nonce === 0n && found.balance === 0n && found.codeHash === EMPTY_CODE_HASH
  return isEmpty ? 0n : hexToWord(found.codeHash)
}

function keccak(frame: Frame): void {
  const { stack, memory } = frame
  const offset = stack.pop()!
  const size = stack.pop()!
  chargeWords(frame, KECCAK_WORD, size)
  const at = reach(frame, offset, size)
  const hash = keccak256(memory.bytes.subarray(at, at + Number(size)))
  stack.push(readWord(new DataView(hash.buffer, hash.byteOffset), 0))
}

function copy(name: string, of: (frame: Frame) => Uint8Array): Instruction {
  return instruction(name, 3, 3, 0, (frame) => copyFrom(frame, of(frame)))
}

/** Copies bytes to memory; takes from the stack where to, where from and how many. */
function copyFrom(frame: Frame, source: Uint8Array): void {
  const { stack, memory } = frame
  const to = stack.pop()!
  const from = stack.pop()!
  const size = stack.pop()!
  chargeWords(frame, COPY_WORD, size)
  memory.copyIn(reach(frame, to, size), source, from, Number(size))
}

function extCodeCopy(frame: Frame): void {
  const address = wordToAddress(frame.stack.pop()!)
  charge(frame, frame.machine.accountAccess(address))
  copyFrom(frame, frame.machine.overlay.codeOf(address))
}

/** EIP-211: reading beyond what came back fails. */
function returnDataCopy(frame: Frame): void {
  const { stack, returnData } = frame
  const from = stack[stack.length - 2]!
  const size = stack[stack.length - 3]!
  if (from + size > length(returnData)) throw OUT_OF_GAS
  copyFrom(frame, returnData)
}

function blockHash(number: bigint, { machine }: Frame): bigint {
  const isKnown = number < machine.block.number && number + HASHES >= machine.block.number
  return isKnown ? hexToWord(machine.blockHash(number)) : 0n
}

function blobHash(index: bigint, { machine }: Frame): bigint {
  const hashes = machine.message.blobHashes ?? []
  return index < BigInt(hashes.length) ? hexToWord(hashes[Number(index)]!) : 0n
}
