/**
 * One block from its parent and its attributes: the one way by which sequencer and verifiers come to a block.
 * EIP-4788 and EIP-2935 system calls, the given transactions, then what the source offers; then roots and header
 * (specs.optimism.io: exec-engine, Canyon to Jovian). Writes nothing: the caller commits.
 */
import { BEACON_ROOTS, HISTORY_STORAGE, PREDEPLOYS } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { PreparedState, StateDatabase } from '../state/state-database.ts'
import type { Block, HashedBlock, Header, PayloadAttributes, Receipt } from './block.ts'
import { addToBloom, BLOOM_BYTES } from './bloom.ts'
import { bytesToHex, hexToBytes } from './bytes.ts'
import type { EngineBlock } from './engine.ts'
import { createEngine } from './evm/engine.ts'
import { type ExecutionContext, InvalidTransactionError } from './execute-message.ts'
import { executeTransaction, type TransactionOutcome } from './execute-transaction.ts'
import { decodeExtraData, eip1559ParamsOf, extraDataFor } from './extra-data.ts'
import { daFootprint, estimatedSizeScaled, l1FeeParameters, nextBaseFee } from './fees.ts'
import { EMPTY_REQUESTS_HASH, headerHash } from './header.ts'
import { InvalidBlockError } from './invalid-block.ts'
import type { AcceptedContent, NativeContracts } from './native.ts'
import { JOVIAN_RULES } from './op-rules.ts'
import { receiptsRoot, transactionsRoot } from './receipt.ts'
import { StateOverlay } from './state-overlay.ts'
import { systemCall } from './system-call.ts'
import {
  DEPOSIT_TYPE,
  decodeTransaction,
  type SignedTransaction,
  type Transaction,
  TransactionError,
} from './transaction.ts'

export type ExecutedBlock = HashedBlock & {
  transactions: Transaction[]
  receipts: Receipt[]
  /** To be written with the block, then given to `StateDatabase.applied`. */
  state: PreparedState
  /** Contents that native calls of this block accepted. */
  contents: AcceptedContent[]
}

/** Where a builder takes transactions from, best first. Each one handed out gets exactly one of the three answers. */
export interface TransactionSource {
  next(block: { baseFee: bigint; gasLeft: bigint }): SignedTransaction | undefined
  included(transaction: SignedTransaction): void
  /** Not valid as the state stands: drop it. */
  refused(transaction: SignedTransaction, reason: string): void
  /** Valid, but this block has no room for it. */
  skipped(transaction: SignedTransaction): void
}

export type BlockModules = { config: ChainConfig; natives: NativeContracts; state: StateDatabase }

/** Throws {@link InvalidBlockError} where the attributes or their transactions break a rule of consensus. */
export async function executeBlock(
  modules: BlockModules,
  parent: HashedBlock,
  attributes: PayloadAttributes,
  source?: TransactionSource,
): Promise<ExecutedBlock> {
  checkAttributes(modules, parent, attributes)
  const chainId = BigInt(modules.config.l2ChainId)
  const forced = decodeForced(attributes.transactions, chainId)
  const block = engineBlock(parent.block.header, attributes)
  const rules = JOVIAN_RULES
  const overlay = new StateOverlay(modules.state)
  const engine = createEngine({ rules, chainId, natives: modules.natives, overlay, block })
  const run = new BlockRun({ rules, chainId, overlay, engine, block, l1Fees: l1FeeParameters(overlay) })

  systemCall(run.context, BEACON_ROOTS, hexToBytes(attributes.parentBeaconBlockRoot))
  systemCall(run.context, HISTORY_STORAGE, hexToBytes(parent.hash))
  for (const transaction of forced) run.include(transaction)
  if (source !== undefined && !attributes.noTxPool) run.includeFrom(source)

  const state = modules.state.prepare(overlay.diff(), block.number)
  const transactions = run.transactions.map(({ raw }) => raw)
  const header = sealHeader({ parent, attributes, block, run, state, transactions })
  const { receipts } = run
  return {
    hash: headerHash(header),
    block: { header, transactions },
    transactions: run.transactions,
    receipts,
    state,
    contents: [...overlay.contents],
  }
}

/** What a finished block was built from, to execute it again. */
export function attributesOf({ header, transactions }: Block): PayloadAttributes {
  return {
    timestamp: header.timestamp,
    prevRandao: header.mixHash,
    suggestedFeeRecipient: header.beneficiary,
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    gasLimit: header.gasLimit,
    eip1559Params: eip1559ParamsOf(header.extraData),
    minBaseFee: decodeExtraData(header.extraData).minBaseFee,
    transactions,
    noTxPool: true,
  }
}

function checkAttributes({ state }: BlockModules, parent: HashedBlock, attributes: PayloadAttributes): void {
  const { header } = parent.block
  if (state.head?.number !== header.number || state.head.stateRoot !== header.stateRoot) {
    throw new Error(`block ${header.number + 1n} cannot be executed: the state is that of block ${state.head?.number}`)
  }
  if (attributes.timestamp <= header.timestamp) {
    throw new InvalidBlockError(`timestamp must be after the parent's ${header.timestamp}, got ${attributes.timestamp}`)
  }
}

/** Decodes the attributes' transactions, senders recovered, before anything is executed. */
function decodeForced(raws: Uint8Array[], chainId: bigint): Transaction[] {
  let depositsEnded = false
  return raws.map((raw, index) => {
    const transaction = decodeAt(raw, index, chainId)
    if (transaction.type !== DEPOSIT_TYPE) depositsEnded = true
    else if (depositsEnded) throw new InvalidBlockError(`transaction ${index}: deposits must come first in a block`)
    return transaction
  })
}

function decodeAt(raw: Uint8Array, index: number, chainId: bigint): Transaction {
  try {
    return decodeTransaction(raw, chainId)
  } catch (error) {
    if (error instanceof TransactionError)
      throw new InvalidBlockError(`transaction ${index}: ${error.message}`, { cause: error })
    throw error
  }
}

function engineBlock(parent: Header, attributes: PayloadAttributes): EngineBlock {
  return {
    number: parent.number + 1n,
    timestamp: attributes.timestamp,
    beneficiary: attributes.suggestedFeeRecipient,
    gasLimit: attributes.gasLimit,
    baseFeePerGas: nextBaseFee(parent),
    prevRandao: attributes.prevRandao,
  }
}

/** A block in the making: what was included, and the room that is left. */
class BlockRun {
  context: ExecutionContext
  readonly transactions: Transaction[] = []
  readonly receipts: Receipt[] = []
  gasUsed = 0n
  /** Gas of data-availability footprint (Jovian), bounded by the gas limit like gas itself. */
  footprint = 0n
  #hasLeftDeposits = false

  constructor(context: ExecutionContext) {
    this.context = context
  }

  get gasLeft(): bigint {
    return this.context.block.gasLimit - this.gasUsed
  }

  /** Includes a transaction that must stand here. Throws {@link InvalidBlockError} where it cannot. */
  include(transaction: Transaction): void {
    const at = `transaction ${this.transactions.length}`
    const lack = this.#lackOfRoom(transaction)
    if (lack !== undefined) throw new InvalidBlockError(`${at}: ${lack}`)
    try {
      this.#record(transaction, executeTransaction(this.context, transaction))
    } catch (error) {
      if (error instanceof InvalidTransactionError)
        throw new InvalidBlockError(`${at}: ${error.message}`, { cause: error })
      throw error
    }
  }

  /** Includes what the source offers until it has nothing more that fits. */
  includeFrom(source: TransactionSource): void {
    for (;;) {
      const baseFee = this.context.block.baseFeePerGas
      const transaction = source.next({ baseFee, gasLeft: this.gasLeft })
      if (transaction === undefined) return
      if (this.#lackOfRoom(transaction) !== undefined) {
        source.skipped(transaction)
        continue
      }
      try {
        this.#record(transaction, executeTransaction(this.context, transaction))
        source.included(transaction)
      } catch (error) {
        if (!(error instanceof InvalidTransactionError)) throw error
        source.refused(transaction, error.message)
      }
    }
  }

  /** Why this block has no room for the transaction, or undefined where it has. */
  #lackOfRoom(transaction: Transaction): string | undefined {
    const { gasLimit } = this.context.block
    if (transaction.gasLimit > this.gasLeft) {
      return `gas limit reached: it needs ${transaction.gasLimit}, the block has ${this.gasLeft} left`
    }
    if (transaction.type === DEPOSIT_TYPE) return undefined
    this.#leaveDeposits()
    const footprint = this.footprint + daFootprint(estimatedSizeScaled(transaction.raw), this.context.l1Fees)
    if (footprint <= gasLimit) return undefined
    return `data-availability footprint would be ${footprint}, the block's gas limit is ${gasLimit}`
  }

  /** The L1 attributes of this block are in place once its deposits have run: fees are read there and then. */
  #leaveDeposits(): void {
    if (this.#hasLeftDeposits) return
    this.#hasLeftDeposits = true
    this.context = { ...this.context, l1Fees: l1FeeParameters(this.context.overlay) }
  }

  #record(transaction: Transaction, outcome: TransactionOutcome): void {
    this.gasUsed += outcome.gasUsed
    this.footprint += outcome.daFootprint
    this.transactions.push(transaction)
    this.receipts.push({ ...outcome, cumulativeGasUsed: this.gasUsed })
  }
}

function sealHeader(sealed: {
  parent: HashedBlock
  attributes: PayloadAttributes
  block: EngineBlock
  run: BlockRun
  state: PreparedState
  transactions: Uint8Array[]
}): Header {
  const { parent, attributes, block, run, state, transactions } = sealed
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const { logs } of run.receipts) addToBloom(bloom, logs)
  return {
    parentHash: parent.hash,
    beneficiary: block.beneficiary,
    stateRoot: state.stateRoot,
    transactionsRoot: transactionsRoot(transactions),
    receiptsRoot: receiptsRoot(run.receipts),
    logsBloom: bytesToHex(bloom),
    number: block.number,
    gasLimit: block.gasLimit,
    gasUsed: run.gasUsed,
    timestamp: block.timestamp,
    extraData: extraDataFor(attributes.eip1559Params, attributes.minBaseFee),
    mixHash: attributes.prevRandao,
    baseFeePerGas: block.baseFeePerGas,
    withdrawalsRoot: state.storageRoot(PREDEPLOYS.l2ToL1MessagePasser),
    blobGasUsed: run.footprint,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: attributes.parentBeaconBlockRoot,
    requestsHash: EMPTY_REQUESTS_HASH,
  }
}
