/** Opcodes that call, create, end and destroy: 0x00, 0xf0 to 0xff (EIP-150, 158, 1014, 2929, 3860, 6780, 7702). */
import { keccak256 } from '../../../protocol/keccak.ts'
import { bytesToAddress, concatBytes, EMPTY_BYTES, hexToBytes, lesser, wordBytes } from '../bytes.ts'
import { createdAddress } from '../execute-message.ts'
import { type Fork, isAtLeast } from '../fork.ts'
import { U64_MAX } from '../rlp-fields.ts'
import type { Rules } from '../rules.ts'
import { charge, type Frame, gasOf, halt, type Pending, setGas } from './frame.ts'
import { OUT_OF_GAS, STATIC_STATE_CHANGE } from './halt.ts'
import { type Instruction, instruction } from './instruction.ts'
import { chargeWords, reach } from './memory.ts'
import type { Schedule } from './schedule.ts'
import { wordToAddress } from './word.ts'

const MAX_DEPTH = 1024
const CALL_VALUE = 9_000
const CALL_STIPEND = 2_300n
const NEW_ACCOUNT = 25_000
const CREATE = 32_000
const KECCAK_WORD = 6

type CallKind = 'CALL' | 'CALLCODE' | 'DELEGATECALL' | 'STATICCALL'

export function calls(rules: Rules, schedule: Schedule): Map<number, Instruction> {
  const { fork } = rules
  const table = new Map<number, Instruction>([
    [0x00, instruction('STOP', 0, 0, 0, (frame) => halt(frame, EMPTY_BYTES))],
    [0xf0, create('CREATE', rules, schedule)],
    [0xf1, call('CALL', 7, schedule)],
    [0xf2, call('CALLCODE', 7, schedule)],
    [0xf3, instruction('RETURN', 0, 2, 0, (frame) => halt(frame, output(frame)))],
    [0xff, instruction('SELFDESTRUCT', schedule.selfDestruct, 1, 0, (frame) => selfDestruct(frame, fork, schedule))],
  ])
  if (isAtLeast(fork, 'homestead')) table.set(0xf4, call('DELEGATECALL', 6, schedule))
  if (isAtLeast(fork, 'byzantium')) {
    table.set(0xfa, call('STATICCALL', 6, schedule))
    table.set(0xfd, instruction('REVERT', 0, 2, 0, revert))
  }
  if (isAtLeast(fork, 'constantinople')) table.set(0xf5, create('CREATE2', rules, schedule))
  return table
}

function output(frame: Frame): Uint8Array {
  const offset = frame.stack.pop()!
  const size = frame.stack.pop()!
  return frame.memory.slice(reach(frame, offset, size), Number(size))
}

function revert(frame: Frame): void {
  halt(frame, output(frame))
  frame.isReverted = true
}

function call(kind: CallKind, pops: number, schedule: Schedule): Instruction {
  return instruction(kind, schedule.call, pops, 1, (frame) => {
    const { stack, machine } = frame
    const requested = stack.pop()!
    const target = wordToAddress(stack.pop()!)
    const value = pops === 7 ? stack.pop()! : 0n
    const [inOffset, inSize, outOffset, outSize] = [stack.pop()!, stack.pop()!, stack.pop()!, stack.pop()!]
    if (kind === 'CALL' && value !== 0n && frame.isStatic) throw STATIC_STATE_CHANGE

    const inAt = reach(frame, inOffset, inSize)
    const outAt = reach(frame, outOffset, outSize)
    charge(frame, machine.accountAccess(target))
    if (value !== 0n) charge(frame, CALL_VALUE)
    if (kind === 'CALL' && isBorn(frame, target, value, schedule)) charge(frame, NEW_ACCOUNT)
    const delegate = machine.delegateOf(target)
    if (delegate !== undefined) charge(frame, machine.accountAccess(delegate))
    const handed = handOn(frame, requested, schedule)
    const gas = value === 0n ? handed : handed + CALL_STIPEND

    const pending = { frame, kind: 'call', outOffset: outAt, outSize: Number(outSize) } as const
    if (frame.depth >= MAX_DEPTH || machine.overlay.balance(frame.address) < value) return refuse(pending, gas)
    const isOwn = kind === 'CALLCODE' || kind === 'DELEGATECALL'
    const isDelegate = kind === 'DELEGATECALL'
    machine.call(pending, {
      address: isOwn ? frame.address : target,
      codeAddress: target,
      caller: isDelegate ? frame.caller : frame.address,
      value: isDelegate ? frame.value : value,
      transfers: !isOwn,
      input: frame.memory.slice(inAt, Number(inSize)),
      gas,
      isStatic: frame.isStatic || kind === 'STATICCALL',
      depth: frame.depth + 1,
    })
  })
}

/** Whether the call brings the account into being. */
function isBorn({ machine }: Frame, target: `0x${string}`, value: bigint, { hasEmptyAccounts }: Schedule): boolean {
  if (hasEmptyAccounts) return machine.overlay.account(target) === undefined
  return value !== 0n && machine.isDead(target)
}

/** Takes the gas for a call out of the frame: what is asked for, or as much as EIP-150 lets it have. */
function handOn(frame: Frame, requested: bigint, { keepsSixtyFourth }: Schedule): bigint {
  const available = gasOf(frame)
  const most = keepsSixtyFourth ? available - available / 64n : available
  if (requested > most && !keepsSixtyFourth) throw OUT_OF_GAS
  const handed = lesser(requested, most)
  setGas(frame, available - handed)
  return handed
}

/** Answers a call or creation that cannot begin: it fails, and its gas comes back. */
function refuse({ frame }: Pending, gas: bigint): void {
  frame.returnData = EMPTY_BYTES
  frame.stack.push(0n)
  setGas(frame, gasOf(frame) + gas)
}

function create(kind: 'CREATE' | 'CREATE2', rules: Rules, schedule: Schedule): Instruction {
  const pops = kind === 'CREATE' ? 3 : 4
  const perWord = Number(rules.initCodeWordGas) + (kind === 'CREATE' ? 0 : KECCAK_WORD)
  return instruction(kind, CREATE, pops, 1, (frame) => {
    const { stack, machine } = frame
    const { overlay } = machine
    if (frame.isStatic) throw STATIC_STATE_CHANGE
    const value = stack.pop()!
    const offset = stack.pop()!
    const size = stack.pop()!
    const salt = kind === 'CREATE' ? undefined : stack.pop()!
    const at = reach(frame, offset, size)
    if (size > BigInt(Number.MAX_SAFE_INTEGER) || Number(size) > rules.maxInitCodeBytes) throw OUT_OF_GAS
    chargeWords(frame, perWord, size)
    const gas = handOn(frame, gasOf(frame), schedule)

    const pending = { frame, kind: 'create' } as const
    const nonce = overlay.nonce(frame.address)
    const isPoor = overlay.balance(frame.address) < value
    if (frame.depth >= MAX_DEPTH || isPoor || nonce === U64_MAX) return refuse(pending, gas)
    overlay.setNonce(frame.address, nonce + 1n)
    const input = frame.memory.slice(at, Number(size))
    const address =
      salt === undefined ? createdAddress(frame.address, nonce) : saltedAddress(frame.address, salt, input)
    const start = { address, caller: frame.address, value, input: EMPTY_BYTES, gas, isStatic: false }
    machine.create(pending, { ...start, depth: frame.depth + 1 }, input)
  })
}

/** EIP-1014: keccak(0xff ‖ creator ‖ salt ‖ keccak(init code)), last 20 bytes. */
function saltedAddress(creator: `0x${string}`, salt: bigint, initCode: Uint8Array): `0x${string}` {
  const parts = concatBytes(new Uint8Array([0xff]), hexToBytes(creator), wordBytes(salt), keccak256(initCode))
  return bytesToAddress(keccak256(parts).subarray(12))
}

function selfDestruct(frame: Frame, fork: Fork, schedule: Schedule): void {
  const { stack, machine, address } = frame
  const { overlay } = machine
  if (frame.isStatic) throw STATIC_STATE_CHANGE
  const heir = wordToAddress(stack.pop()!)
  const balance = overlay.balance(address)
  if (machine.accountIsNew(heir)) charge(frame, schedule.coldAccount)
  const isBorn = schedule.hasEmptyAccounts
    ? overlay.account(heir) === undefined
    : balance !== 0n && machine.isDead(heir)
  if (isBorn) charge(frame, schedule.selfDestructNewAccount)
  const isDoomed = !isAtLeast(fork, 'cancun') || machine.hasCreated(address)
  if (isDoomed && machine.doom(address)) machine.refund += schedule.selfDestructRefund
  // What an account leaves to itself goes with it.
  if (heir !== address || isDoomed) overlay.subtractBalance(address, balance)
  overlay.addBalance(heir, heir === address ? 0n : balance)
  halt(frame, EMPTY_BYTES)
}
