/** Messages that are executed and forgotten: eth_call and eth_estimateGas, by geth's rules for both. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { Account, StateReader } from '../state/reader.ts'
import type { Header, Log } from './block.ts'
import { lesser } from './bytes.ts'
import { createEngine } from './evm/engine.ts'
import {
  checkMessage,
  type ExecutionContext,
  executeMessage,
  InvalidTransactionError,
  type MessageOutcome,
} from './execute-message.ts'
import { l1FeeParameters } from './fees.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from './header.ts'
import type { NativeContracts } from './native.ts'
import { JOVIAN_RULES } from './op-rules.ts'
import { StateOverlay } from './state-overlay.ts'
import type { Authorization } from './transaction.ts'
import type { WorkMeter } from './work-meter.ts'

/** An unsigned message for eth_call and eth_estimateGas. */
export type CallRequest = {
  from: Address
  to: Address | undefined
  gas: bigint | undefined
  gasPrice: bigint | undefined
  value: bigint
  data: Uint8Array
  accessList?: { address: Address; storageKeys: Hex[] }[]
  /** EIP-7702. */
  authorizationList?: Authorization[]
}

/** eth_call's third parameter, by address. */
export type StateOverrides = Map<
  Address,
  { balance?: bigint; nonce?: bigint; code?: Uint8Array; state?: Map<Hex, bigint>; stateDiff?: Map<Hex, bigint> }
>

export type CallResult = {
  succeeded: boolean
  returnData: Uint8Array
  gasUsed: bigint
  logs: Log[]
  /** Where not succeeded: 'revert', 'out of gas', 'invalid opcode' … */
  reason: string | undefined
}

/** `meter`: see EngineParameters. */
export type CallModules = { config: ChainConfig; natives: NativeContracts; meter?: WorkMeter }

/** geth's default RPC gas cap. */
export const CALL_GAS_CAP = 50_000_000n

const NEW_ACCOUNT: Account = { nonce: 0n, balance: 0n, storageRoot: EMPTY_ROOT, codeHash: EMPTY_CODE_HASH }

/** Runs the message in the block of this header, on the given state. Never throws for what the message does, but for its work by the meter. */
export async function simulateCall(
  modules: CallModules,
  state: StateReader,
  header: Header,
  request: CallRequest,
  overrides?: StateOverrides,
): Promise<CallResult> {
  return toCallResult(simulate(modules, state, header, request, request.gas ?? CALL_GAS_CAP, overrides))
}

type Simulated = MessageOutcome | { failure: string; gasUsed: bigint; refunded: bigint }

function simulate(
  modules: CallModules,
  state: StateReader,
  header: Header,
  request: CallRequest,
  gas: bigint,
  overrides?: StateOverrides,
): Simulated {
  const context = callContext(modules, state, header)
  if (overrides !== undefined) applyOverrides(context.overlay, overrides)
  const { from, to, value, data, accessList = [], authorizationList = [] } = request
  const gasPrice = request.gasPrice ?? 0n
  const gasLimit = lesser(gas, CALL_GAS_CAP)
  const message = { caller: from, to, value, data, gasLimit, gasPrice, accessList, authorizationList }
  const invalid = invalidReason(context, message)
  if (invalid !== undefined) return { failure: invalid, gasUsed: 0n, refunded: 0n }
  return executeMessage(context, message)
}

function callContext({ config, natives, meter }: CallModules, state: StateReader, header: Header): ExecutionContext {
  const overlay = new StateOverlay(state)
  const chainId = BigInt(config.l2ChainId)
  const block = {
    number: header.number,
    timestamp: header.timestamp,
    beneficiary: header.beneficiary,
    gasLimit: header.gasLimit,
    baseFeePerGas: header.baseFeePerGas,
    prevRandao: header.mixHash,
  }
  const rules = JOVIAN_RULES
  const engine = createEngine({ rules, chainId, natives, overlay, block, ...(meter && { meter }) })
  return { rules, chainId, overlay, engine, block, l1Fees: l1FeeParameters(overlay) }
}

function invalidReason(
  { overlay, rules }: ExecutionContext,
  message: Parameters<typeof checkMessage>[0],
): string | undefined {
  const { caller, gasLimit, gasPrice, value } = message
  const have = overlay.balance(caller)
  const want = gasLimit * gasPrice + value
  if (have < want) return `insufficient funds for gas * price + value: address ${caller} have ${have} want ${want}`
  try {
    checkMessage(message, rules)
    return undefined
  } catch (error) {
    if (error instanceof InvalidTransactionError) return error.message
    throw error
  }
}

function applyOverrides(overlay: StateOverlay, overrides: StateOverrides): void {
  for (const [address, { balance, nonce, code, state, stateDiff }] of overrides) {
    const account = overlay.account(address) ?? NEW_ACCOUNT
    overlay.putAccount(address, { ...account, balance: balance ?? account.balance, nonce: nonce ?? account.nonce })
    if (code !== undefined) overlay.setCode(address, code)
    if (state !== undefined) overlay.clearStorage(address)
    for (const [slot, value] of state ?? stateDiff ?? []) overlay.setStorage(address, slot, value)
  }
  overlay.endTransaction()
}

function toCallResult(simulated: Simulated): CallResult {
  const { failure, gasUsed } = simulated
  const empty = { returnData: new Uint8Array(0), logs: [] }
  const { returnData, logs } = 'logs' in simulated ? simulated : empty
  return { succeeded: failure === undefined, returnData, gasUsed, logs, reason: failure }
}

/** Gas that a call with value hands on for free (CallStipend). */
const CALL_STIPEND = 2_300n
/** The search ends where the bounds are this close: 1.5 %. */
const CLOSE_ENOUGH = { numerator: 15n, denominator: 1_000n }
const PLAIN_TRANSFER_GAS = 21_000n

/** Least gas (within 1.5 %) with which the message succeeds, or the result with which it fails at the most gas allowed. */
export async function estimateGas(
  modules: CallModules,
  state: StateReader,
  header: Header,
  request: CallRequest,
): Promise<{ gas: bigint } | { failed: CallResult }> {
  const attempt = (gas: bigint) => simulate(modules, state, header, request, gas)
  const most = mostGas(state, header, request)
  if (isPlainTransfer(modules, state, request) && most >= PLAIN_TRANSFER_GAS) {
    const plain = attempt(PLAIN_TRANSFER_GAS)
    if (plain.failure === undefined) return { gas: PLAIN_TRANSFER_GAS }
  }
  const first = attempt(most)
  if (first.failure !== undefined) return { failed: toCallResult(first) }
  return { gas: searchGas(attempt, most, first) }
}

/** Binary search between what was used and what was allowed, beginning with a guess that mostly is the answer. */
function searchGas(attempt: (gas: bigint) => Simulated, most: bigint, first: Simulated): bigint {
  let tooLittle = first.gasUsed - 1n
  let enough = most
  const narrow = (gas: bigint) => {
    const { failure } = attempt(gas)
    if (failure === undefined) enough = gas
    else tooLittle = gas
  }
  // A frame may hand on 63/64 of its gas (EIP-150), and refunds come only at the end.
  const guess = ((first.gasUsed + first.refunded + CALL_STIPEND) * 64n) / 63n
  if (guess < enough) narrow(guess)
  while (tooLittle + 1n < enough) {
    if ((enough - tooLittle) * CLOSE_ENOUGH.denominator < enough * CLOSE_ENOUGH.numerator) break
    const middle = (enough + tooLittle) / 2n
    narrow(lesser(middle, tooLittle * 2n))
  }
  return enough
}

/** The block's gas limit or the request's own, within what the sender can pay for. */
function mostGas(state: StateReader, header: Header, { from, gas, gasPrice, value }: CallRequest): bigint {
  const asked = gas !== undefined && gas >= PLAIN_TRANSFER_GAS ? gas : header.gasLimit
  const capped = lesser(asked, CALL_GAS_CAP)
  if (gasPrice === undefined || gasPrice === 0n) return capped
  const balance = state.account(from)?.balance ?? 0n
  const affordable = balance > value ? (balance - value) / gasPrice : 0n
  return lesser(affordable, capped)
}

function isPlainTransfer({ natives }: CallModules, state: StateReader, request: CallRequest): boolean {
  const { to, data, authorizationList = [] } = request
  if (to === undefined || data.length > 0 || authorizationList.length > 0 || natives.addresses.has(to)) return false
  const codeHash = state.account(to)?.codeHash
  return codeHash === undefined || codeHash === EMPTY_CODE_HASH
}
