/** {@link Engine} by @ethereumjs/evm over the overlay, with native calls dispatched inside its call frames. */
import {
  EVM,
  EVMError,
  type EVMResult,
  type ExecResult,
  type Message,
  NobleBN254,
  type PrecompileInput,
} from '@ethereumjs/evm'
import { Address as EvmAddress } from '@ethereumjs/util'
import type { Hex } from 'viem'
import { type Address, HISTORY_STORAGE } from '../../genesis/addresses.ts'
import type { Log } from './block.ts'
import { bytesToAddress, bytesToHex, EMPTY_BYTES, hexToBytes, wordHex } from './bytes.ts'
import type { Engine, EngineBlock, EngineMessage, EngineParameters, EngineResult } from './engine.ts'
import { OverlayStateManager } from './ethereumjs-state.ts'
import type { NativeCall, NativeReader, NativeResult } from './native.ts'
import { evmCommon, ownPrecompiles } from './precompiles.ts'
import type { StateOverlay } from './state-overlay.ts'

type EvmBlock = NonNullable<Parameters<EVM['runCall']>[0]['block']>
type EvmLog = NonNullable<ExecResult['logs']>[number]

/** EIP-2935's ring of block hashes. */
const HISTORY_WINDOW = 8191n
/** The blob base fee on a layer 2, whose excess blob gas is always 0 (EIP-4844's minimum). */
const NO_BLOBS_BASE_FEE = 1n

const evmAddress = (address: Address) => new EvmAddress(hexToBytes(address))

/**
 * The library has no hook that knows a call's sender, value and static flag, so this overrides the step that
 * finds the code of a call frame: where code address, target and native address are one, the "code" is a
 * function that makes the native call. Everything else reads the account's code, 0xfe, and fails on it.
 */
class NativeEvm extends EVM {
  readonly #parameters: EngineParameters

  constructor(parameters: EngineParameters) {
    super({
      common: evmCommon(parameters.rules.fork, parameters.chainId),
      stateManager: new OverlayStateManager(parameters.overlay),
      blockchain: blockHashes(parameters),
      bn254: new NobleBN254(),
      customPrecompiles: ownPrecompiles(parameters.rules),
    })
    this.#parameters = parameters
  }

  protected override async _loadCode(message: Message): Promise<void> {
    const target = message.to && bytesToAddress(message.to.bytes)
    const isNative =
      target !== undefined &&
      message.code === undefined &&
      !message.delegatecall &&
      message.codeAddress.equals(message.to!) &&
      this.#parameters.natives.addresses.has(target)
    if (!isNative) return super._loadCode(message)
    message.code = ({ gasLimit }: PrecompileInput) => this.#callNative(target, message, gasLimit)
    message.isCompiled = true
  }

  #callNative(to: Address, message: Message, gas: bigint): ExecResult {
    const { natives, block, chainId } = this.#parameters
    const call: NativeCall = {
      to,
      caller: bytesToAddress(message.caller.bytes),
      origin: this._tx === undefined ? bytesToAddress(message.caller.bytes) : bytesToAddress(this._tx.origin.bytes),
      value: message.value,
      data: message.data,
      isStatic: message.isStatic,
      gas,
      block: { number: block.number, timestamp: block.timestamp, prevRandao: block.prevRandao, chainId },
    }
    const result = natives.call(this.#nativeReader(), call)
    if (!result.ok) return nativeFailure(result, gas)
    if (result.gasUsed > gas) return failure(EVMError.errorMessages.OUT_OF_GAS, gas)
    if (call.isStatic && changesState(result)) {
      return failure(EVMError.errorMessages.STATIC_STATE_CHANGE, gas)
    }
    this.#applyNative(result)
    // The library takes the refund counter from the message after the "precompile" has run.
    message.gasRefund += result.refund
    return { executionGasUsed: result.gasUsed, returnValue: result.returnData, logs: result.logs.map(toEvmLog) }
  }

  #nativeReader(): NativeReader {
    const { overlay } = this.#parameters
    return {
      storage: (address, slot) => overlay.storage(address, slot),
      originalStorage: (address, slot) => overlay.originalStorage(address, slot),
      isWarm: (address, slot) => this.journal.isWarmedStorage(hexToBytes(address), hexToBytes(slot)),
      balance: (address) => overlay.balance(address),
    }
  }

  #applyNative(result: NativeResult & { ok: true }): void {
    const { overlay } = this.#parameters
    for (const { address, slot } of result.accessed)
      this.journal.addWarmedStorage(hexToBytes(address), hexToBytes(slot))
    for (const { address, slot, value } of result.writes) overlay.setStorage(address, slot, value)
    for (const { from, to, value } of result.transfers) {
      overlay.subtractBalance(from, value)
      overlay.addBalance(to, value)
    }
    for (const content of result.contents) overlay.acceptContent(content)
  }
}

function changesState({ writes, transfers, logs, contents }: NativeResult & { ok: true }): boolean {
  return writes.length + transfers.length + logs.length + contents.length > 0
}

function failure(
  reason: (typeof EVMError.errorMessages)[keyof typeof EVMError.errorMessages],
  gasUsed: bigint,
): ExecResult {
  return { executionGasUsed: gasUsed, returnValue: EMPTY_BYTES, exceptionError: new EVMError(reason) }
}

function nativeFailure(result: NativeResult & { ok: false }, gas: bigint): ExecResult {
  if (result.kind === 'outOfGas' || result.gasUsed > gas) return failure(EVMError.errorMessages.OUT_OF_GAS, gas)
  return { ...failure(EVMError.errorMessages.REVERT, result.gasUsed), returnValue: result.returnData }
}

function toEvmLog(log: Log): EvmLog {
  return [hexToBytes(log.address), log.topics.map(hexToBytes), log.data]
}

function fromEvmLog([address, topics, data]: EvmLog): Log {
  return { address: bytesToAddress(address), topics: topics.map(bytesToHex), data }
}

/** The state is all that our own chain needs: EIP-2935's ring holds the last 8,191 hashes since block 0. */
function ringHash(overlay: StateOverlay): (number: bigint) => Hex {
  return (number) => wordHex(overlay.storage(HISTORY_STORAGE, wordHex(number % HISTORY_WINDOW)))
}

/** What BLOCKHASH asks. */
function blockHashes({ overlay, blockHash = ringHash(overlay) }: EngineParameters) {
  const blockchain = {
    getBlock: async (number: number) => {
      const hash = hexToBytes(blockHash(BigInt(number)))
      return { hash: () => hash }
    },
    putBlock: async () => {
      throw new Error('the engine stores no blocks')
    },
    shallowCopy: () => blockchain,
  }
  return blockchain
}

function evmBlock(block: EngineBlock): EvmBlock {
  return {
    header: {
      number: block.number,
      coinbase: evmAddress(block.beneficiary),
      timestamp: block.timestamp,
      difficulty: block.difficulty ?? 0n,
      prevRandao: hexToBytes(block.prevRandao),
      gasLimit: block.gasLimit,
      baseFeePerGas: block.baseFeePerGas,
      getBlobGasPrice: () => block.blobBaseFee ?? NO_BLOBS_BASE_FEE,
    },
  }
}

/** The library's sentences, in geth's words where callers look for them. */
function reasonOf(error: EVMError): string {
  switch (error.error) {
    case EVMError.errorMessages.REVERT:
      return 'revert'
    case EVMError.errorMessages.CREATE_COLLISION:
      return 'contract address collision'
    default:
      return error.error
  }
}

function toResult({ execResult, createdAddress }: EVMResult): EngineResult {
  const { exceptionError, executionGasUsed, returnValue, logs, gasRefund } = execResult
  // Frontier keeps an account whose code it could not pay for, without the code (EIP-2 ended that).
  const isKept = exceptionError?.error === EVMError.errorMessages.CODESTORE_OUT_OF_GAS
  if (exceptionError !== undefined && !isKept) {
    const returnData = exceptionError.error === EVMError.errorMessages.REVERT ? returnValue : EMPTY_BYTES
    return {
      failure: reasonOf(exceptionError),
      gasUsed: executionGasUsed,
      refund: 0n,
      returnData,
      logs: [],
      createdAddress: undefined,
    }
  }
  return {
    failure: undefined,
    gasUsed: executionGasUsed,
    refund: gasRefund ?? 0n,
    returnData: returnValue,
    logs: (logs ?? []).map(fromEvmLog),
    createdAddress: createdAddress && bytesToAddress(createdAddress.bytes),
  }
}

export function createEthereumjsEngine(parameters: EngineParameters): Engine {
  const { overlay, natives, rules } = parameters
  const evm = new NativeEvm(parameters)
  const block = evmBlock(parameters.block)
  const precompiles = [...evm.precompiles.keys()]

  /** EIP-2929, 2930, 3651. */
  function warm(message: EngineMessage): void {
    if (!rules.hasAccessSets) return
    for (const address of precompiles) evm.journal.addAlwaysWarmAddress(address)
    evm.journal.addAlwaysWarmAddress(message.caller)
    if (rules.warmBeneficiary) evm.journal.addAlwaysWarmAddress(parameters.block.beneficiary)
    if (message.to !== undefined) evm.journal.addAlwaysWarmAddress(message.to)
    for (const address of message.warmAddresses) evm.journal.addAlwaysWarmAddress(address)
    for (const { address, storageKeys } of message.accessList) {
      evm.journal.addAlwaysWarmAddress(address)
      for (const key of storageKeys) evm.journal.addAlwaysWarmSlot(address, key)
    }
  }

  /** Nothing runs: no code, no precompile, no native contract. */
  function isPlainTransfer(to: Address): boolean {
    return overlay.codeOf(to).length === 0 && !natives.addresses.has(to) && evm.getPrecompile(to) === undefined
  }

  function transfer(message: EngineMessage, to: Address): EngineResult {
    overlay.subtractBalance(message.caller, message.value)
    overlay.addBalance(to, message.value)
    return { failure: undefined, gasUsed: 0n, refund: 0n, returnData: EMPTY_BYTES, logs: [], createdAddress: undefined }
  }

  async function run(message: EngineMessage): Promise<EngineResult> {
    if (message.to !== undefined && isPlainTransfer(message.to)) return transfer(message, message.to)
    evm.journal.cleanJournal()
    warm(message)
    const caller = evmAddress(message.caller)
    const result = await evm.runCall({
      block,
      caller,
      origin: caller,
      gasPrice: message.gasPrice,
      gasLimit: message.gasLimit,
      data: message.data,
      value: message.value,
      skipNonceIncrement: true,
      ...(message.to === undefined ? {} : { to: evmAddress(message.to) }),
      ...(message.blobHashes === undefined ? {} : { blobVersionedHashes: message.blobHashes }),
    })
    evm.transientStorage.clear()
    const outcome = toResult(result)
    if (outcome.failure === undefined) destroy(result.execResult)
    return outcome
  }

  /** EIP-6780: only accounts that this same message created go; for the rest SELFDESTRUCT just moved the balance. */
  function destroy({ selfdestruct, createdAddresses }: ExecResult): void {
    for (const address of selfdestruct?.keys() ?? []) {
      const isGone = !rules.destroysOnlyCreated || createdAddresses?.has(address)
      if (isGone) overlay.destroy(bytesToAddress(hexToBytes(address)))
    }
  }

  return { run }
}
