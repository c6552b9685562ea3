/**
 * A frame: one running code with its own stack, memory and gas. Gas is a number as long as it fits, because numbers are many
 * times faster than bigints; what a gas limit has beyond that waits in `reserve`.
 */
import type { Address } from '../../../genesis/addresses.ts'
import { EMPTY_BYTES } from '../bytes.ts'
import type { Code } from './code.ts'
import { OUT_OF_GAS } from './halt.ts'
import type { Machine } from './machine.ts'
import { Memory } from './memory.ts'

/** Numbers up to here, and sums of a few, are exact. */
const MOST_GAS = 2 ** 52
const MOST_GAS_BIG = BigInt(MOST_GAS)

/** What a frame is started with. */
export type FrameStart = {
  /** Whose storage, balance and address the code has. */
  address: Address
  caller: Address
  value: bigint
  input: Uint8Array
  gas: bigint
  isStatic: boolean
  /** 0 for the message's own. */
  depth: number
}

/** How a call or creation ended. */
export type Outcome = {
  /** Absent where it succeeded. */
  failure: string | undefined
  gasLeft: bigint
  /** Return data, or a revert's. */
  output: Uint8Array
  created: Address | undefined
}

/** What a frame waits for. */
export type Pending =
  | { frame: Frame; kind: 'call'; outOffset: number; outSize: number }
  | { frame: Frame; kind: 'create' }

export class Frame {
  readonly machine: Machine
  readonly code: Code
  readonly address: Address
  readonly caller: Address
  readonly value: bigint
  readonly input: Uint8Array
  readonly isStatic: boolean
  readonly depth: number
  /** A creation's frame: what it returns becomes the account's code. */
  readonly isCreation: boolean
  readonly stack: bigint[] = []
  readonly memory = new Memory()
  pc = 0
  gas = 0
  reserve = 0n
  isRunning = true
  isReverted = false
  output: Uint8Array = EMPTY_BYTES
  /** What the last call gave back. */
  returnData: Uint8Array = EMPTY_BYTES
  /** For a call or creation of its own to end. */
  isWaiting = false
  /** Who waits for this one. */
  waiting: Pending | undefined
  /** The message's logs and refunds when the frame began. */
  readonly logsBefore: number
  readonly refundBefore: number

  constructor(machine: Machine, code: Code, start: FrameStart, isCreation: boolean) {
    this.machine = machine
    this.code = code
    this.address = start.address
    this.caller = start.caller
    this.value = start.value
    this.input = start.input
    this.isStatic = start.isStatic
    this.depth = start.depth
    this.isCreation = isCreation
    this.logsBefore = machine.logs.length
    this.refundBefore = machine.refund
    setGas(this, start.gas)
  }
}

export function gasOf(frame: Frame): bigint {
  return frame.reserve + BigInt(frame.gas)
}

export function setGas(frame: Frame, gas: bigint): void {
  const isMore = gas > MOST_GAS_BIG
  frame.gas = isMore ? MOST_GAS : Number(gas)
  frame.reserve = isMore ? gas - MOST_GAS_BIG : 0n
}

export function charge(frame: Frame, gas: number): void {
  if (gas > frame.gas) useReserve(frame, gas)
  frame.gas -= gas
}

export function useReserve(frame: Frame, gas: number): void {
  if (frame.reserve === 0n || gas > MOST_GAS) throw OUT_OF_GAS
  setGas(frame, gasOf(frame))
  if (gas > frame.gas) throw OUT_OF_GAS
}

export function halt(frame: Frame, output: Uint8Array): void {
  frame.output = output
  frame.isRunning = false
}
