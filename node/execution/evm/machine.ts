/**
 * One message on the overlay: the frames that it makes, and what they share. Frames wait on a list, not on JavaScript's stack,
 * which 1,024 of them would overflow. Everything that a revert takes back is in the overlay's one journal, but for logs
 * and refunds, of which a frame remembers how they stood when it began.
 */

import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import { HISTORY_STORAGE } from '../../../genesis/addresses.ts'
import type { Log } from '../block.ts'
import { bytesToAddress, EMPTY_BYTES, wordHex } from '../bytes.ts'
import { isDelegation } from '../delegation.ts'
import type { EngineBlock, EngineMessage, EngineParameters } from '../engine.ts'
import { createdAddress } from '../execute-message.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../header.ts'
import type { Precompile } from '../precompiles/precompile.ts'
import type { StateOverlay } from '../state-overlay.ts'
import { spendPrecompile, type WorkMeter } from '../work-meter.ts'
import { AccessSet } from './access-set.ts'
import { analysed } from './code.ts'
import { depositCode } from './code-deposit.ts'
import { Frame, type FrameStart, gasOf, type Outcome, type Pending, setGas } from './frame.ts'
import { Halt } from './halt.ts'
import type { Instruction } from './instruction.ts'
import { execute } from './interpreter.ts'
import { callNative } from './native-call.ts'
import type { Schedule } from './schedule.ts'

/** EIP-2935's ring of block hashes. */
const HISTORY_WINDOW = 8191n
/** On a layer 2, whose excess blob gas is always 0 (EIP-4844's minimum). */
const NO_BLOBS_BASE_FEE = 1n

export type CallStart = FrameStart & {
  codeAddress: Address
  /** Whether the value moves from caller to address: not where another's code runs in an account's own name. */
  transfers: boolean
}

/** What all messages of a block have in common. */
export type MachineParameters = EngineParameters & {
  instructions: readonly Instruction[]
  schedule: Schedule
  precompiles: ReadonlyMap<Address, Precompile>
}

export class Machine {
  readonly overlay: StateOverlay
  readonly block: EngineBlock
  readonly chainId: bigint
  readonly message: EngineMessage
  readonly parameters: MachineParameters
  readonly access: AccessSet
  readonly logs: Log[] = []
  refund = 0
  readonly #transient = new Map<string, bigint>()
  readonly #created = new Set<Address>()
  readonly #doomed = new Set<Address>()
  readonly #frames: Frame[] = []
  #outcome: Outcome | undefined

  constructor(parameters: MachineParameters, message: EngineMessage) {
    this.parameters = parameters
    this.message = message
    this.overlay = parameters.overlay
    this.block = parameters.block
    this.chainId = parameters.chainId
    this.access = new AccessSet(parameters.overlay, parameters.precompiles)
    if (parameters.rules.hasAccessSets) this.#warm()
  }

  /** EIP-2929, 2930, 3651. */
  #warm(): void {
    const { caller, to, warmAddresses, accessList } = this.message
    this.access.add(caller)
    if (this.parameters.rules.warmBeneficiary) this.access.add(this.block.beneficiary)
    if (to !== undefined) this.access.add(to)
    for (const address of warmAddresses) this.access.add(address)
    for (const { address, storageKeys } of accessList) {
      this.access.add(address)
      for (const key of storageKeys) this.access.addSlot(address, key)
    }
    // EIP-7702: who a transaction's recipient has delegated to costs nothing more.
    const delegate = to && this.delegateOf(to)
    if (delegate !== undefined) this.access.add(delegate)
  }

  /** Runs the message to its end. */
  run(): Outcome {
    const { caller, to, value, data, gasLimit } = this.message
    const start = { caller, value, gas: gasLimit, isStatic: false, depth: 0 }
    if (to === undefined) {
      const address = createdAddress(caller, this.overlay.nonce(caller) - 1n)
      this.create(undefined, { ...start, address, input: EMPTY_BYTES }, data)
    } else {
      this.call(undefined, { ...start, address: to, codeAddress: to, input: data, transfers: true })
    }
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) this.#advance(frame)
    return this.#outcome!
  }

  /** Accounts that go with the transaction. */
  get doomed(): Iterable<Address> {
    return this.#doomed
  }

  #advance(frame: Frame): void {
    const failure = runUntilWaiting(frame)
    if (failure === undefined && frame.isRunning) return
    this.#frames.pop()
    this.#finish(frame, failure)
  }

  #finish(frame: Frame, halted: string | undefined): void {
    const failure = halted ?? (frame.isReverted ? 'revert' : depositCode(frame))
    if (failure === undefined) this.overlay.commit()
    else {
      this.overlay.revert()
      this.logs.length = frame.logsBefore
      this.refund = frame.refundBefore
    }
    const gasLeft = failure === undefined || failure === 'revert' ? gasOf(frame) : 0n
    const output = failure === undefined || failure === 'revert' ? frame.output : EMPTY_BYTES
    const created = frame.isCreation && failure === undefined ? frame.address : undefined
    this.#settle(frame.waiting, { failure, gasLeft, output, created })
  }

  /** Hands an outcome to who waits for it. */
  #settle(pending: Pending | undefined, outcome: Outcome): void {
    if (pending === undefined) {
      this.#outcome = outcome
      return
    }
    const { frame } = pending
    setGas(frame, gasOf(frame) + outcome.gasLeft)
    const { failure, output, created } = outcome
    if (pending.kind === 'create') {
      frame.returnData = failure === undefined ? EMPTY_BYTES : output
      frame.stack.push(created === undefined ? 0n : BigInt(created))
    } else {
      frame.returnData = output
      const size = Math.min(output.length, pending.outSize)
      frame.memory.bytes.set(output.subarray(0, size), pending.outOffset)
      frame.stack.push(failure === undefined ? 1n : 0n)
    }
    frame.isWaiting = false
  }

  /** Begins a call; `pending` hears of its end, which may be at once. */
  call(pending: Pending | undefined, start: CallStart): void {
    const { overlay } = this
    const { address, codeAddress, caller, value, transfers, input, gas } = start
    overlay.checkpoint()
    if (transfers) {
      if (value !== 0n) overlay.subtractBalance(caller, value)
      overlay.addBalance(address, value)
    }
    const { natives, precompiles } = this.parameters
    const precompile = precompiles.get(codeAddress)
    const hash = overlay.account(this.delegateOf(codeAddress) ?? codeAddress)?.codeHash
    if (transfers && natives.addresses.has(address)) this.#settleAtOnce(pending, callNative(this, start))
    else if (precompile !== undefined)
      this.#settleAtOnce(pending, callPrecompile(precompile, input, gas, this.parameters.meter))
    else if (hash === undefined || hash === EMPTY_CODE_HASH) {
      this.#settleAtOnce(pending, { failure: undefined, gasLeft: gas, output: EMPTY_BYTES, created: undefined })
    } else this.#begin(pending, new Frame(this, analysed(overlay.code(hash), hash), start, false))
  }

  /** Begins a creation at an address, whose creator's nonce has been counted up. */
  create(pending: Pending | undefined, start: FrameStart, initCode: Uint8Array): void {
    const { overlay } = this
    const { address, caller, value } = start
    if (this.parameters.rules.hasAccessSets) this.access.add(address)
    if (this.#isTaken(address)) {
      const failure = 'contract address collision'
      this.#settle(pending, { failure, gasLeft: 0n, output: EMPTY_BYTES, created: undefined })
      return
    }
    overlay.checkpoint()
    this.#addTo(this.#created, address)
    overlay.clearStorage(address)
    overlay.setNonce(address, this.parameters.schedule.hasEmptyAccounts ? 0n : 1n)
    if (value !== 0n) {
      overlay.subtractBalance(caller, value)
      overlay.addBalance(address, value)
    }
    this.#begin(pending, new Frame(this, analysed(initCode, undefined), start, true))
  }

  /** EIP-684, EIP-7610. */
  #isTaken(address: Address): boolean {
    const found = this.overlay.account(address)
    if (found === undefined) return false
    return found.nonce > 0n || found.codeHash !== EMPTY_CODE_HASH || found.storageRoot !== EMPTY_ROOT
  }

  #begin(pending: Pending | undefined, frame: Frame): void {
    if (pending !== undefined) pending.frame.isWaiting = true
    frame.waiting = pending
    this.#frames.push(frame)
  }

  #settleAtOnce(pending: Pending | undefined, outcome: Outcome): void {
    if (outcome.failure === undefined) this.overlay.commit()
    else this.overlay.revert()
    this.#settle(pending, outcome)
  }

  // What instructions ask.

  /** Whether the account does not exist or is empty (EIP-161). */
  isDead(address: Address): boolean {
    const account = this.overlay.account(address)
    if (account === undefined) return true
    return account.nonce === 0n && account.balance === 0n && account.codeHash === EMPTY_CODE_HASH
  }

  /** Whose code the account has by EIP-7702, where it has another's. */
  delegateOf(address: Address): Address | undefined {
    if (!this.parameters.rules.transactionTypes.includes(4)) return undefined
    const code = this.overlay.codeOf(address)
    return isDelegation(code) ? bytesToAddress(code.subarray(3)) : undefined
  }

  /** Gas of meeting an account (EIP-2929). */
  accountAccess(address: Address): number {
    const { coldAccount, warmAccess } = this.parameters.schedule
    return this.accountIsNew(address) ? coldAccount : warmAccess
  }

  /** Meets the account; false before EIP-2929. */
  accountIsNew(address: Address): boolean {
    return this.parameters.rules.hasAccessSets && this.access.add(address)
  }

  slotAccess(address: Address, slot: Hex): number {
    const { coldSlot, warmAccess } = this.parameters.schedule
    return this.slotIsNew(address, slot) ? coldSlot : warmAccess
  }

  slotIsNew(address: Address, slot: Hex): boolean {
    return this.parameters.rules.hasAccessSets && this.access.addSlot(address, slot)
  }

  transient(address: Address, slot: bigint): bigint {
    return this.#transient.get(`${address}${slot}`) ?? 0n
  }

  setTransient(address: Address, slot: bigint, value: bigint): void {
    const key = `${address}${slot}`
    const before = this.#transient.get(key) ?? 0n
    this.#transient.set(key, value)
    this.overlay.onRevert(() => this.#transient.set(key, before))
  }

  hasCreated(address: Address): boolean {
    return this.#created.has(address)
  }

  /** Marks the account to go; whether it was not marked yet. */
  doom(address: Address): boolean {
    return this.#addTo(this.#doomed, address)
  }

  #addTo(set: Set<Address>, address: Address): boolean {
    if (set.has(address)) return false
    set.add(address)
    this.overlay.onRevert(() => set.delete(address))
    return true
  }

  get blobBaseFee(): bigint {
    return this.block.blobBaseFee ?? NO_BLOBS_BASE_FEE
  }

  /** The state is all that our own chain needs: EIP-2935's ring holds the last 8,191 hashes since block 0. */
  blockHash(number: bigint): Hex {
    const known = this.parameters.blockHash
    if (known !== undefined) return known(number)
    return wordHex(this.overlay.storage(HISTORY_STORAGE, wordHex(number % HISTORY_WINDOW)))
  }
}

/** Why it failed, or undefined where it ended well or waits for another frame. */
function runUntilWaiting(frame: Frame): string | undefined {
  try {
    execute(frame, frame.machine.parameters.instructions)
    return undefined
  } catch (error) {
    if (error instanceof Halt) return error.message
    throw error
  }
}

function callPrecompile(precompile: Precompile, input: Uint8Array, gas: bigint, meter: WorkMeter | undefined): Outcome {
  const failed = (failure: string) => ({ failure, gasLeft: 0n, output: EMPTY_BYTES, created: undefined })
  const cost = precompile.gas(input)
  if (cost > gas) return failed('out of gas')
  spendPrecompile(meter, cost)
  const output = precompile.run(input)
  if (output === undefined) return failed('invalid precompile input')
  return { failure: undefined, gasLeft: gas - cost, output, created: undefined }
}
