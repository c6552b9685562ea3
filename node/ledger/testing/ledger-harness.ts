/**
 * A world for the ledger's tests: storage and balances in memory, one native call to a transaction, and
 * a clock that stands until it is moved. It applies a result as execution does, and knows nothing else.
 */
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeAbiParameters,
  decodeErrorResult,
  decodeEventLog,
  encodeFunctionData,
  type Hex,
} from 'viem'
import { NATIVE_ABI } from '../../../genesis/abi/native.ts'
import { type Address, MATURING_DEPOSITOR, NATIVE, PREDEPLOYS } from '../../../genesis/addresses.ts'
import { GOVERNOR_SLOT, PARAMETERS, parameterDefaults, parameterSlot } from '../../../genesis/parameters.ts'
import type { Log } from '../../execution/block.ts'
import { wordHex } from '../../execution/bytes.ts'
import type {
  AcceptedContent,
  NativeCall,
  NativeContracts,
  NativeReader,
  NativeResult,
} from '../../execution/native.ts'
import { LedgerAudit } from '../audit/audit.ts'
import { CallContext } from '../calls/context.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { createLedger } from '../ledger.ts'

type Abis = typeof NATIVE_ABI
export type Contract = keyof Abis
export type Args<contract extends Contract, name extends ContractFunctionName<Abis[contract]>> = ContractFunctionArgs<
  Abis[contract],
  'view' | 'pure' | 'nonpayable' | 'payable',
  name
>
type Answer<contract extends Contract, name extends ContractFunctionName<Abis[contract]>> = ContractFunctionReturnType<
  Abis[contract],
  'view' | 'pure' | 'nonpayable' | 'payable',
  name
>

export type CallOptions = { value?: bigint; gas?: bigint; isStatic?: boolean }
export type Event = { contract: Contract; name: string; args: Record<string, unknown> }

export const GOVERNOR: Address = '0x9000000000000000000000000000000000000009'
export const CHAIN_ID = 4_222n
export const OPEN = 10n ** 18n

/** A call that did not end well. */
export class CallFailed extends Error {
  override name = 'CallFailed'
  readonly errorName: string
  readonly args: readonly unknown[]

  constructor(errorName: string, args: readonly unknown[]) {
    super(`${errorName}(${args.join(', ')})`)
    this.errorName = errorName
    this.args = args
  }
}

export class World {
  readonly ledger: NativeContracts
  readonly storage = new Map<string, bigint>()
  readonly balances = new Map<Address, bigint>()
  readonly logs: Log[] = []
  readonly contents: AcceptedContent[] = []
  number = 100n
  now = 1_000_000n
  prevRandao: Hex = hexOf(new Uint8Array(32))
  /** Gas of the last call. */
  gasUsed = 0n
  refund = 0n
  readonly #audit = new LedgerAudit()
  #audited = 0

  constructor(ledger = createLedger()) {
    this.ledger = ledger
    const values = parameterDefaults('development')
    for (const [name, value] of Object.entries(values)) {
      const { id } = PARAMETERS[name as keyof typeof PARAMETERS]
      this.storage.set(NATIVE.parameters + parameterSlot(id), value)
    }
    this.storage.set(NATIVE.parameters + GOVERNOR_SLOT, BigInt(GOVERNOR))
  }

  /** Lets blocks of 2 s pass. */
  pass(seconds: bigint): void {
    this.now += seconds
    this.number += (seconds + 1n) / 2n
  }

  fund(account: Address, value: bigint): void {
    this.balances.set(account, this.balance(account) + value)
  }

  balance(account: Address): bigint {
    return this.balances.get(account) ?? 0n
  }

  /** Calls a function and returns its answer. Throws {@link CallFailed}. */
  send<const contract extends Contract, name extends ContractFunctionName<Abis[contract]>>(
    from: Address,
    contract: contract,
    functionName: name,
    args: Args<contract, name> & readonly unknown[],
    options: CallOptions = {},
  ): Answer<contract, name> {
    const abi: Abi = NATIVE_ABI[contract]
    const plain: { functionName: string; args: readonly unknown[] } = { functionName, args }
    const data = bytesOf(encodeFunctionData({ abi, ...plain }))
    const result = this.raw(from, contract, data, options)
    if (!result.ok) throw failure(abi, result)
    const item = abi.find((each) => each.type === 'function' && each.name === functionName)
    const outputs = item?.type === 'function' ? item.outputs : []
    if (outputs.length === 0) return undefined as Answer<contract, name>
    const values: readonly unknown[] = decodeAbiParameters(outputs, result.returnData)
    return (outputs.length === 1 ? values[0] : values) as Answer<contract, name>
  }

  /** The name of the error that a call fails with. Throws where it does not fail. */
  fails<const contract extends Contract, name extends ContractFunctionName<Abis[contract]>>(
    from: Address,
    contract: contract,
    functionName: name,
    args: Args<contract, name> & readonly unknown[],
    options: CallOptions = {},
  ): string {
    try {
      this.send(from, contract, functionName, args, options)
    } catch (error) {
      if (error instanceof CallFailed)
        return error.errorName === 'InvalidField' ? `InvalidField ${error.args[0]}` : error.errorName
      throw error
    }
    throw new Error(`${functionName} was expected to fail`)
  }

  /** Opens the epoch of an L1 block: its attributes, its prevRandao, its maturing deposit. */
  epoch(l1Number: bigint, prevRandao: Hex = wordHex(l1Number)): NativeResult {
    this.storage.set(PREDEPLOYS.l1Block + wordHex(0n), l1Number)
    this.prevRandao = prevRandao
    return this.mature()
  }

  /** The maturing deposit. */
  mature(gas = 4_500_000n): NativeResult {
    return this.raw(MATURING_DEPOSITOR, 'attribution', new Uint8Array(0), { gas })
  }

  /** A transaction with one native call: value moves first, and moves back where the call fails. */
  raw(from: Address, contract: Contract, data: Uint8Array, options: CallOptions = {}): NativeResult {
    const to = NATIVE[contract]
    const { value = 0n } = options
    if (this.balance(from) < value) throw new Error(`${from} cannot send ${value} wei`)
    this.#move(from, to, value)
    const result = this.ledger.call(this.reader(), this.#call(from, contract, data, options))
    this.gasUsed = result.gasUsed
    if (!result.ok) {
      this.#move(to, from, value)
      return result
    }
    this.refund = result.refund
    for (const write of result.writes) this.storage.set(write.address + write.slot, write.value)
    for (const transfer of result.transfers) this.#move(transfer.from, transfer.to, transfer.value)
    this.logs.push(...result.logs)
    this.contents.push(...result.contents)
    return result
  }

  /**
   * A frame of calls, as a contract makes them: what it throws undoes everything in it, and is thrown on. Frames nest.
   */
  frame<answer>(act: () => answer): answer {
    const storage = new Map(this.storage)
    const balances = new Map(this.balances)
    const marks = [this.logs.length, this.contents.length] as const
    try {
      return act()
    } catch (error) {
      for (const [mine, before] of [
        [this.storage, storage],
        [this.balances, balances],
      ] as const) {
        mine.clear()
        for (const [key, value] of before) (mine as Map<string, bigint>).set(key, value)
      }
      this.logs.length = marks[0]
      this.contents.length = marks[1]
      throw error
    }
  }

  /** Broken invariants, in words. */
  audit(): string[] {
    this.#audit.follow(this.logs.slice(this.#audited))
    this.#audited = this.logs.length
    const reader = { storage: this.reader().storage, balance: (address: Address) => this.balance(address) }
    return this.#audit.check(reader, this.#block())
  }

  /** Reads the ledger's storage through a context of its own. */
  view<answer>(read: (context: CallContext) => answer): answer {
    const call = this.#call('0x0000000000000000000000000000000000000000', 'attribution', new Uint8Array(0), {
      isStatic: true,
    })
    return read(new CallContext(this.reader(), call))
  }

  /** The events logged since `from`, decoded. */
  events(from = 0): Event[] {
    return this.logs.slice(from).map((log) => {
      const contract = Object.entries(NATIVE).find(([, address]) => address === log.address)![0] as Contract
      const abi: Abi = NATIVE_ABI[contract]
      const topics = log.topics as [Hex, ...Hex[]]
      const { eventName, args } = decodeEventLog({ abi, topics, data: hexOf(log.data), strict: true })
      return { contract, name: eventName!, args: Object.fromEntries(Object.entries(args ?? {})) }
    })
  }

  #call(from: Address, contract: Contract, data: Uint8Array, options: CallOptions): NativeCall {
    const { value = 0n, gas = 15_000_000n, isStatic = false } = options
    const block = this.#block()
    return { to: NATIVE[contract], caller: from, origin: from, value, data, isStatic, gas, block }
  }

  #block() {
    return { number: this.number, timestamp: this.now, prevRandao: this.prevRandao, chainId: CHAIN_ID }
  }

  /** The state as a call sees it: every slot cold, and as the transaction found it. */
  reader(): NativeReader {
    const storage = (address: Address, slot: Hex) => this.storage.get(address + slot) ?? 0n
    return { storage, originalStorage: storage, isWarm: () => false, balance: (address) => this.balance(address) }
  }

  #move(from: Address, to: Address, value: bigint): void {
    if (value === 0n) return
    if (this.balance(from) < value) throw new Error(`${from} holds less than ${value} wei`)
    this.balances.set(from, this.balance(from) - value)
    this.balances.set(to, this.balance(to) + value)
  }
}

function failure(abi: Abi, result: NativeResult & { ok: false }): CallFailed {
  if (result.kind === 'outOfGas') return new CallFailed('outOfGas', [])
  const { errorName, args } = decodeErrorResult({ abi, data: hexOf(result.returnData) })
  return new CallFailed(errorName, args ?? [])
}
