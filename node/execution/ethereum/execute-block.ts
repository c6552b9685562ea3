/**
 * A block of Ethereum over its parent's state, by the rules of its fork: checked, executed, and compared with what its header
 * says. Transactions, messages, state overlay and engine are those of our own chain (execute-message.ts). Writes nothing.
 */
import type { Hex } from 'viem'
import { BEACON_ROOTS, HISTORY_STORAGE } from '../../../genesis/addresses.ts'
import type { PreparedState, StateDatabase } from '../../state/state-database.ts'
import type { Log } from '../block.ts'
import { addToBloom, BLOOM_BYTES } from '../bloom.ts'
import { bytesToHex, hexToBytes } from '../bytes.ts'
import type { EngineBlock } from '../engine.ts'
import { createEngine } from '../evm/engine.ts'
import { InvalidTransactionError, type MessageContext } from '../execute-message.ts'
import { NO_NATIVES } from '../native.ts'
import { transactionsRoot } from '../receipt.ts'
import { StateOverlay } from '../state-overlay.ts'
import { systemCall } from '../system-call.ts'
import { decodeEnvelope, type EthereumTransaction, TransactionError } from '../transaction.ts'
import { blobBaseFee, GAS_PER_BLOB } from './blob-gas.ts'
import { type EthereumBlock, ommersHash, withdrawalsRoot } from './block.ts'
import { BrokenRuleError, brokenRule, envelopeRule } from './block-rule.ts'
import { moveDaoBalances } from './dao-fork.ts'
import { blobGasOf, executeEthereumTransaction } from './execute-transaction.ts'
import { type Era, eraAt, type ForkSchedule } from './fork-schedule.ts'
import type { EthereumHeader } from './header.ts'
import { checkHeader } from './header-rules.ts'
import { checkOmmers, type Forebears, rewards } from './ommers.ts'
import { type EthereumReceipt, ethereumReceiptsRoot } from './receipt.ts'
import { collectRequests, requestsHash } from './requests.ts'

/** Wei in a Gwei, in which withdrawals are counted. */
const GWEI = 1_000_000_000n

export type EthereumModules = { schedule: ForkSchedule; state: StateDatabase }

export type Ancestry = {
  /** The parent first; as many as there are, up to ommers.ts's OMMER_GENERATIONS. */
  forebears: Forebears
  /** Up to the parent, its own included. */
  parentTotalDifficulty: bigint
  /** Hash of one of the last 256 blocks before this one. */
  hashOf(number: bigint): Hex
}

export type ExecutedEthereumBlock = {
  block: EthereumBlock
  transactions: EthereumTransaction[]
  receipts: EthereumReceipt[]
  /** To be written, then given to `StateDatabase.applied`. */
  state: PreparedState
}

/** Throws {@link BrokenRuleError} that names the rule where the block breaks one. The state must be the parent's. */
export async function executeEthereumBlock(
  { schedule, state }: EthereumModules,
  ancestry: Ancestry,
  block: EthereumBlock,
): Promise<ExecutedEthereumBlock> {
  const { header } = block
  const [parent] = ancestry.forebears
  if (parent === undefined || parent.hash !== header.parentHash)
    throw new Error(`block ${block.hash} must be executed after its parent ${header.parentHash}`)
  const { parentTotalDifficulty } = ancestry
  const eraOf = ({ number, timestamp }: EthereumHeader) => eraAt(schedule, { number, timestamp, parentTotalDifficulty })
  // An ommer may be older than a fork of which its nephew is.
  const checkChild = (of: EthereumHeader, child: EthereumHeader) => checkHeader(schedule, eraOf(child), of, child)
  const era = eraOf(header)
  checkChild(parent.header, header)
  checkBody(era, block)
  checkOmmers(block, ancestry.forebears, checkChild)
  const transactions = decodeTransactions(block.transactions, schedule.chainId, era)

  const overlay = new StateOverlay(state, era.rules)
  const run = new BlockRun({ schedule, state }, era, block, overlay, ancestry.hashOf)
  run.begin()
  for (const [index, transaction] of transactions.entries()) run.include(index, transaction)
  run.end()
  const prepared = state.prepare(overlay.diff(), header.number)
  run.check(prepared.stateRoot)
  return { block, transactions, receipts: run.receipts, state: prepared }
}

/** What the header says of ommers and withdrawals. Of transactions see `check`: an invalid one is to be named first. */
function checkBody({ rules }: Era, { header, ommers, withdrawals, size }: EthereumBlock): void {
  if (rules.maxBlockBytes !== undefined && size > rules.maxBlockBytes)
    throw brokenRule('RLP_BLOCK_LIMIT_EXCEEDED', `block must be at most ${rules.maxBlockBytes} bytes, got ${size}`)
  if (ommersHash(ommers) !== header.ommersHash)
    throw brokenRule('INVALID_UNCLES_HASH', `ommersHash must be ${ommersHash(ommers)}, got ${header.ommersHash}`)
  if (withdrawals !== undefined && withdrawalsRoot(withdrawals) !== header.withdrawalsRoot)
    throw brokenRule('INVALID_WITHDRAWALS_ROOT', `withdrawalsRoot must be ${withdrawalsRoot(withdrawals)}`)
}

function decodeTransactions(raws: Uint8Array[], chainId: bigint, { rules }: Era): EthereumTransaction[] {
  return raws.map((raw, index) => {
    try {
      return decodeEnvelope(raw, chainId, rules)
    } catch (error) {
      if (error instanceof TransactionError)
        throw new BrokenRuleError(envelopeRule(error), `transaction ${index}: ${error.message}`, { cause: error })
      throw error
    }
  })
}

function engineBlock({ rules, blobs }: Era, header: EthereumHeader): EngineBlock {
  return {
    number: header.number,
    timestamp: header.timestamp,
    beneficiary: header.beneficiary,
    gasLimit: header.gasLimit,
    baseFeePerGas: header.baseFeePerGas ?? 0n,
    prevRandao: header.mixHash,
    difficulty: rules.difficulty === undefined ? 0n : header.difficulty,
    ...(blobs === undefined ? {} : { blobBaseFee: blobBaseFee(header.excessBlobGas ?? 0n, blobs) }),
  }
}

/** A block as it executes: what it has used so far, and what its end must come to. */
class BlockRun {
  readonly receipts: EthereumReceipt[] = []
  readonly #modules: EthereumModules
  readonly #era: Era
  readonly #block: EthereumBlock
  readonly #context: MessageContext
  #gasUsed = 0n
  #blobGasUsed = 0n
  #requests: Uint8Array[] = []

  constructor(
    modules: EthereumModules,
    era: Era,
    block: EthereumBlock,
    overlay: StateOverlay,
    blockHash: (number: bigint) => Hex,
  ) {
    const { rules } = era
    const { chainId } = modules.schedule
    const of = engineBlock(era, block.header)
    const engine = createEngine({ rules, chainId, natives: NO_NATIVES, overlay, block: of, blockHash })
    this.#modules = modules
    this.#era = era
    this.#block = block
    this.#context = { rules, chainId, overlay, engine, block: of }
  }

  /** What the protocol does before any transaction. */
  begin(): void {
    const { number, parentHash, parentBeaconBlockRoot } = this.#block.header
    const { dao } = this.#modules.schedule
    if (dao?.supported && dao.block === number) moveDaoBalances(this.#context.overlay)
    if (parentBeaconBlockRoot !== undefined) systemCall(this.#context, BEACON_ROOTS, hexToBytes(parentBeaconBlockRoot))
    if (this.#era.rules.storesParentHash) systemCall(this.#context, HISTORY_STORAGE, hexToBytes(parentHash))
  }

  /** Throws {@link BrokenRuleError} where the transaction may not stand here. */
  include(index: number, transaction: EthereumTransaction): void {
    const { gasLimit } = this.#block.header
    const maxBlobGas = (this.#era.blobs?.max ?? 0n) * GAS_PER_BLOB
    const room = { gas: gasLimit - this.#gasUsed, blobGas: maxBlobGas - this.#blobGasUsed }
    try {
      const outcome = executeEthereumTransaction(this.#context, transaction, room)
      this.#gasUsed += outcome.gasUsed
      this.#blobGasUsed += blobGasOf(transaction)
      this.receipts.push({ ...outcome, cumulativeGasUsed: this.#gasUsed, stateRoot: this.#rootNow() })
    } catch (error) {
      if (error instanceof InvalidTransactionError) {
        const reason = `transaction ${index}: ${error.message}`
        throw new BrokenRuleError(`TransactionException.${error.rule}`, reason, { cause: error })
      }
      throw error
    }
  }

  /** What receipts begin with before Byzantium. */
  #rootNow(): Hex | undefined {
    if (this.#era.rules.receiptBegins === 'status') return undefined
    return this.#modules.state.prepare(this.#context.overlay.diff(), this.#block.header.number).stateRoot
  }

  /** What the protocol does after the last transaction. */
  end(): void {
    const { overlay, rules } = this.#context
    for (const { address, amount } of this.#block.withdrawals ?? []) overlay.addBalance(address, amount * GWEI)
    overlay.endTransaction()
    if (rules.hasRequests) {
      const logs: Log[] = this.receipts.flatMap((receipt) => receipt.logs)
      this.#requests = collectRequests(this.#context, this.#modules.schedule.depositContract, logs)
    }
    if (rules.blockReward === 0n) return
    for (const { to, wei } of rewards(this.#block, rules.blockReward)) overlay.addBalance(to, wei)
    overlay.endTransaction()
  }

  /** Compares what came out with the header. Throws {@link BrokenRuleError}. */
  check(stateRoot: Hex): void {
    const { header } = this.#block
    const expect = <T>(rule: Parameters<typeof brokenRule>[0], field: string, found: T, due: T) => {
      if (found !== due) throw brokenRule(rule, `${field} must be ${due}, got ${found}`)
    }
    const { transactionsRoot: root } = header
    expect('INVALID_TRANSACTIONS_ROOT', 'transactionsRoot', root, transactionsRoot(this.#block.transactions))
    expect('INVALID_GAS_USED', 'gasUsed', header.gasUsed, this.#gasUsed)
    if (header.blobGasUsed !== undefined)
      expect('INCORRECT_BLOB_GAS_USED', 'blobGasUsed', header.blobGasUsed, this.#blobGasUsed)
    const bloom = new Uint8Array(BLOOM_BYTES)
    for (const { logs } of this.receipts) addToBloom(bloom, logs)
    expect('INVALID_LOG_BLOOM', 'logsBloom', header.logsBloom, bytesToHex(bloom))
    expect('INVALID_RECEIPTS_ROOT', 'receiptsRoot', header.receiptsRoot, ethereumReceiptsRoot(this.receipts))
    if (header.requestsHash !== undefined)
      expect('INVALID_REQUESTS', 'requestsHash', header.requestsHash, requestsHash(this.#requests))
    expect('INVALID_STATE_ROOT', 'stateRoot', header.stateRoot, stateRoot)
  }
}
