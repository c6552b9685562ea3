/**
 * One native call in progress: gas, an overlay of writes over the reader, logs, transfers. Storage is
 * priced as the EVM prices it (EIP-2929 warm and cold, EIP-2200 with EIP-3529 for writes and refunds),
 * so a native call costs what it touches. Nothing outside lives longer than the call: a revert drops
 * the context, and with it everything that the call did.
 */
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { Log } from '../../execution/block.ts'
import { wordHex } from '../../execution/bytes.ts'
import type { AcceptedContent, NativeCall, NativeReader, NativeResult, NativeTransfer } from '../../execution/native.ts'
import { invalidField, OutOfGas } from './revert.ts'

/** A slot of a native account. */
export type Place = { account: Address; slot: bigint }

/** A slot that the call has touched; its value is read when it is first asked for. */
type Cell = { address: Address; slot: Hex; value: bigint | undefined; original: bigint | undefined; isWritten: boolean }

const words = (bytes: number): bigint => BigInt((bytes + 31) >> 5)

export class CallContext {
  readonly call: NativeCall
  readonly #reader: NativeReader
  #gasLeft: bigint
  #refund = 0n
  /** In order of first touch. */
  readonly #cells = new Map<string, Cell>()
  /** In order of first write. */
  readonly #written: Cell[] = []
  /** By slot and key; of the account that asked last. */
  readonly #derived = new Map<bigint, Map<bigint | Hex, Place>>()
  readonly #balanceChanges = new Map<Address, bigint>()
  readonly #logs: Log[] = []
  readonly #transfers: NativeTransfer[] = []
  readonly #contents: AcceptedContent[] = []

  constructor(reader: NativeReader, call: NativeCall) {
    this.#reader = reader
    this.call = call
    this.#gasLeft = call.gas
  }

  get gasLeft(): bigint {
    return this.#gasLeft
  }

  /** Seconds since 1970, of the block that the call is in. */
  get now(): bigint {
    return this.call.block.timestamp
  }

  /** Takes gas. Throws {@link OutOfGas} where there is not enough. */
  charge(gas: bigint): void {
    if (gas > this.#gasLeft) throw new OutOfGas()
    this.#gasLeft -= gas
  }

  /** Takes gas for work on `bytes` bytes: a price for each begun word of 32. */
  chargeWords(perWord: bigint, bytes: number): void {
    this.charge(perWord * words(bytes))
  }

  /** keccak256 at KECCAK256's price. */
  keccak(bytes: Uint8Array): Uint8Array {
    this.charge(GAS.keccak + GAS.keccakWord * words(bytes.length))
    return keccak256(bytes)
  }

  /** A place that follows from another and a key, at the price of hashing 64 bytes; hashed once in a call, for calls come back to it. */
  derived(place: Place, key: bigint | Hex, derive: () => Place): Place {
    this.charge(GAS.keccak + 2n * GAS.keccakWord)
    const byKey = this.#derived.get(place.slot) ?? new Map<bigint | Hex, Place>()
    if (byKey.size === 0) this.#derived.set(place.slot, byKey)
    const known = byKey.get(key)
    if (known?.account === place.account) return known
    const found = derive()
    byKey.set(key, found)
    return found
  }

  read(place: Place): bigint {
    return this.#current(this.#touch(place, GAS.coldSlot, GAS.warmSlot))
  }

  /** Throws a revert in a static call. */
  write(place: Place, value: bigint): void {
    this.refuseStatic('a write')
    if (this.#gasLeft <= GAS.storageSentry) throw new OutOfGas()
    const cell = this.#touch(place, GAS.coldSlot, 0n)
    const current = this.#current(cell)
    cell.original ??= this.#reader.originalStorage(cell.address, cell.slot)
    this.charge(writeCost(cell.original, current, value))
    this.#refund += writeRefund(cell.original, current, value)
    cell.value = value
    if (cell.isWritten) return
    cell.isWritten = true
    this.#written.push(cell)
  }

  /** A log of a native account. Throws a revert in a static call. */
  log(log: Log): void {
    this.refuseStatic('a log')
    this.charge(GAS.log + GAS.logTopic * BigInt(log.topics.length) + GAS.logByte * BigInt(log.data.length))
    this.#logs.push(log)
  }

  /** Moves wei without a call. Throws a revert in a static call, or where `from` holds less. */
  transfer(from: Address, to: Address, value: bigint): void {
    this.refuseStatic('a transfer')
    this.charge(GAS.transfer)
    if (value === 0n || from === to) return
    const held = this.#balance(from)
    if (held < value) throw invalidField('value', `${from} holds ${held} wei, less than the ${value} to move`)
    if (this.#balance(to) === 0n) this.charge(GAS.transferNewAccount)
    this.#balanceChanges.set(from, (this.#balanceChanges.get(from) ?? 0n) - value)
    this.#balanceChanges.set(to, (this.#balanceChanges.get(to) ?? 0n) + value)
    this.#transfers.push({ from, to, value })
  }

  /** Hands accepted content to whoever keeps contents. */
  accept(content: AcceptedContent): void {
    this.#contents.push(content)
  }

  /** What the call did, once it has ended well. */
  result(returnData: Uint8Array): NativeResult {
    return {
      ok: true,
      returnData,
      writes: this.#written.map(({ address, slot, value }) => ({ address, slot, value: value! })),
      transfers: this.#transfers,
      logs: this.#logs,
      gasUsed: this.call.gas - this.#gasLeft,
      refund: this.#refund,
      accessed: [...this.#cells.values()].map(({ address, slot }) => ({ address, slot })),
      contents: this.#contents,
    }
  }

  refuseStatic(what: string): void {
    if (this.call.isStatic) throw invalidField('call', `a static call allows no writes, this one needs ${what}`)
  }

  #current(cell: Cell): bigint {
    cell.value ??= this.#reader.storage(cell.address, cell.slot)
    return cell.value
  }

  #balance(account: Address): bigint {
    return this.#reader.balance(account) + (this.#balanceChanges.get(account) ?? 0n)
  }

  /** Marks the slot as accessed, and takes what a cold or a warm one costs. */
  #touch({ account, slot }: Place, cold: bigint, warm: bigint): Cell {
    const hex = wordHex(slot)
    const key = account + hex
    const known = this.#cells.get(key)
    if (known) {
      this.charge(warm)
      return known
    }
    const cell = { address: account, slot: hex, value: undefined, original: undefined, isWritten: false }
    this.#cells.set(key, cell)
    this.charge(this.#reader.isWarm(account, hex) ? warm : cold)
    return cell
  }
}

/** EIP-2200's cost of a write as EIP-2929 restates it, less the cold surcharge. */
function writeCost(original: bigint, current: bigint, value: bigint): bigint {
  if (value === current || original !== current) return GAS.warmSlot
  return original === 0n ? GAS.storageSet : GAS.storageReset
}

/** EIP-2200's refund with EIP-3529's numbers. */
function writeRefund(original: bigint, current: bigint, value: bigint): bigint {
  if (value === current) return 0n
  if (original === current) return original !== 0n && value === 0n ? GAS.refundClear : 0n
  let refund = 0n
  if (original !== 0n && current === 0n) refund -= GAS.refundClear
  if (original !== 0n && value === 0n) refund += GAS.refundClear
  if (value === original) refund += original === 0n ? GAS.refundRestoreEmpty : GAS.refundRestoreValue
  return refund
}
