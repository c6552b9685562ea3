/**
 * One of Ethereum's state tests (GeneralStateTests): a transaction on a given state, in a given block, for each of several
 * forks and each choice of its data, gas and value; what must be is the state's root and the hash of the logs.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import type { Address } from '../../genesis/addresses.ts'
import type { Log } from '../../node/execution/block.ts'
import { bytesToHex, EMPTY_BYTES, hexToBytes, wordHex } from '../../node/execution/bytes.ts'
import { blobBaseFee, GAS_PER_BLOB } from '../../node/execution/ethereum/blob-gas.ts'
import { executeEthereumTransaction } from '../../node/execution/ethereum/execute-transaction.ts'
import { type Era, eraAt } from '../../node/execution/ethereum/fork-schedule.ts'
import { createEngine } from '../../node/execution/evm/engine.ts'
import { InvalidTransactionError } from '../../node/execution/execute-message.ts'
import { NO_NATIVES } from '../../node/execution/native.ts'
import { logItem } from '../../node/execution/receipt.ts'
import { encodeRlp } from '../../node/execution/rlp.ts'
import { U256_MAX } from '../../node/execution/rlp-fields.ts'
import { addressOfKey } from '../../node/execution/signature.ts'
import { StateOverlay } from '../../node/execution/state-overlay.ts'
import {
  type AccessListItem,
  decodeEnvelope,
  type EthereumTransaction,
  TransactionError,
} from '../../node/execution/transaction.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { address, bytes, hash, quantity, stateOf, stateSchema, word } from './fixture.ts'
import { blobsSchema, networkSchedule } from './network.ts'

const accessList = z.array(z.object({ address, storageKeys: z.array(word) }))

const transactionSchema = z.object({
  nonce: quantity,
  gasPrice: quantity.optional(),
  maxFeePerGas: quantity.optional(),
  maxPriorityFeePerGas: quantity.optional(),
  to: z.union([z.literal('').transform(() => undefined), address]).optional(),
  /** By index. */
  data: z.array(bytes),
  gasLimit: z.array(quantity),
  /** By index; some are no quantities, which is what the test is about. */
  value: z.array(z.string()),
  accessLists: z.array(accessList.nullable()).optional(),
  maxFeePerBlobGas: quantity.optional(),
  blobVersionedHashes: z.array(hash).optional(),
  authorizationList: z
    .array(z.object({ chainId: quantity, address, nonce: quantity, v: quantity, r: quantity, s: quantity }))
    .optional(),
  sender: address.optional(),
  secretKey: bytes.optional(),
})

const outcomeSchema = z.object({
  hash,
  logs: hash,
  indexes: z.object({ data: z.number(), gas: z.number(), value: z.number() }),
  txbytes: bytes.optional(),
  expectException: z.string().nullish(),
})

export const stateTestSchema = z.object({
  env: z.object({
    currentBaseFee: quantity.optional(),
    currentCoinbase: address,
    currentDifficulty: quantity.optional(),
    currentGasLimit: quantity,
    currentNumber: quantity,
    currentTimestamp: quantity,
    currentRandom: word.optional(),
    currentExcessBlobGas: quantity.optional(),
  }),
  pre: stateSchema,
  transaction: transactionSchema,
  post: z.record(z.string(), z.array(outcomeSchema)),
  config: z.object({ chainid: quantity.optional(), blobSchedule: blobsSchema.optional() }).optional(),
})

export type StateTest = z.output<typeof stateTestSchema>
export type StateTestOutcome = z.output<typeof outcomeSchema>

export type StateTestRun = {
  stateRoot: Hex
  /** Why it did not pass. */
  error: string | undefined
}

/** Base fee where the file gives none: retesteth's, by geth's runner. */
const DEFAULT_BASE_FEE = 10n

/** Runs one of a fork's outcomes. */
export async function runStateTest(test: StateTest, fork: string, outcome: StateTestOutcome): Promise<StateTestRun> {
  const { env, config } = test
  const chainId = config?.chainid ?? 1n
  const schedule = networkSchedule(fork, { chainId, blobs: config?.blobSchedule ?? {} })
  const parentTotalDifficulty = schedule.terminalTotalDifficulty ?? 0n
  const era = eraAt(schedule, { number: env.currentNumber, timestamp: env.currentTimestamp, parentTotalDifficulty })
  const { state } = await stateOf(test.pre)
  const overlay = new StateOverlay(state, era.rules)
  const { refused, logs } = await attempt(test, outcome, { chainId, era, overlay })
  // A reward of nothing, which counts where touching makes an account.
  overlay.addBalance(env.currentCoinbase, 0n)
  overlay.endTransaction()
  const { stateRoot } = state.prepare(overlay.diff(), 1n)
  const logsHash = bytesToHex(keccak256(encodeRlp(logs.map(logItem))))
  return { stateRoot, error: mismatch(outcome, { stateRoot, logsHash, refused }) }
}

/** In geth's words. */
function mismatch(
  { hash, logs, expectException }: StateTestOutcome,
  found: { stateRoot: Hex; logsHash: Hex; refused: string | undefined },
): string | undefined {
  if (expectException && found.refused === undefined) return `expected error "${expectException}", got no error`
  if (!expectException && found.refused !== undefined) return `unexpected error: ${found.refused}`
  if (found.stateRoot !== hash) return `post state root mismatch: got ${found.stateRoot}, want ${hash}`
  if (found.refused === undefined && found.logsHash !== logs)
    return `post state logs hash mismatch: got ${found.logsHash}, want ${logs}`
  return undefined
}

type Setting = { chainId: bigint; era: Era; overlay: StateOverlay }

async function attempt(
  test: StateTest,
  outcome: StateTestOutcome,
  setting: Setting,
): Promise<{ refused: string | undefined; logs: Log[] }> {
  try {
    return { refused: undefined, logs: await execute(test, outcome, setting) }
  } catch (error) {
    if (error instanceof TransactionError || error instanceof InvalidTransactionError)
      return { refused: error.message, logs: [] }
    throw error
  }
}

async function execute(test: StateTest, outcome: StateTestOutcome, { chainId, era, overlay }: Setting): Promise<Log[]> {
  const { rules, blobs } = era
  if (outcome.txbytes !== undefined) decodeEnvelope(hexToBytes(outcome.txbytes), chainId, rules)
  const transaction = transactionOf(test, outcome, chainId)
  const block = blockOf(test, era)
  const engine = createEngine({ rules, chainId, natives: NO_NATIVES, overlay, block, blockHash })
  const room = { gas: block.gasLimit, blobGas: (blobs?.max ?? 0n) * GAS_PER_BLOB }
  const { logs } = await executeEthereumTransaction({ rules, chainId, overlay, engine, block }, transaction, room)
  return logs
}

/** State tests have no chain: the hash of a block is that of its number in decimal. */
function blockHash(number: bigint): Hex {
  return bytesToHex(keccak256(new TextEncoder().encode(number.toString())))
}

function blockOf({ env }: StateTest, { rules, blobs }: Era) {
  return {
    number: env.currentNumber,
    timestamp: env.currentTimestamp,
    beneficiary: env.currentCoinbase,
    gasLimit: env.currentGasLimit,
    baseFeePerGas: rules.hasBaseFee ? (env.currentBaseFee ?? DEFAULT_BASE_FEE) : 0n,
    prevRandao: env.currentRandom ?? wordHex(0n),
    difficulty: rules.difficulty === undefined ? 0n : (env.currentDifficulty ?? 0n),
    ...(blobs === undefined ? {} : { blobBaseFee: blobBaseFee(env.currentExcessBlobGas ?? 0n, blobs) }),
  }
}

/** The transaction that an outcome's indexes choose. Throws {@link TransactionError}. */
function transactionOf(
  { transaction }: StateTest,
  { indexes, txbytes }: StateTestOutcome,
  chainId: bigint,
): EthereumTransaction {
  const { nonce, to, maxPriorityFeePerGas, maxFeePerGas, maxFeePerBlobGas, blobVersionedHashes } = transaction
  const raw = txbytes === undefined ? EMPTY_BYTES : hexToBytes(txbytes)
  const gasPrice = transaction.gasPrice ?? 0n
  const body = {
    hash: bytesToHex(keccak256(raw)),
    raw,
    sender: senderOf(transaction),
    to,
    nonce,
    value: wei(transaction.value[indexes.value]),
    gasLimit: transaction.gasLimit[indexes.gas] ?? 0n,
    data: hexToBytes(transaction.data[indexes.data] ?? '0x'),
    signature: { yParity: 0, r: 0n, s: 0n },
  }
  const list: AccessListItem[] | undefined = transaction.accessLists?.[indexes.data] ?? undefined
  const cap = maxFeePerGas ?? gasPrice
  const fees = { maxFeePerGas: cap, maxPriorityFeePerGas: maxPriorityFeePerGas ?? cap }
  const typed = { ...body, chainId, accessList: list ?? [] }
  if (transaction.authorizationList !== undefined) {
    const authorizationList = transaction.authorizationList.map(({ v, ...rest }) => ({ ...rest, yParity: Number(v) }))
    return { ...typed, ...fees, type: 4, authorizationList }
  }
  if (blobVersionedHashes !== undefined) {
    return { ...typed, ...fees, type: 3, maxFeePerBlobGas: maxFeePerBlobGas ?? 0n, blobHashes: blobVersionedHashes }
  }
  if (maxFeePerGas !== undefined) return { ...typed, ...fees, type: 2 }
  if (list !== undefined) return { ...typed, type: 1, gasPrice }
  return { ...body, type: 0, gasPrice, chainId: undefined }
}

function senderOf({ sender, secretKey }: StateTest['transaction']): Address {
  if (sender !== undefined) return sender
  if (secretKey !== undefined) return addressOfKey(hexToBytes(secretKey))
  throw new TransactionError('sender', 'must be given, or secretKey')
}

function wei(text = '0x0'): bigint {
  const parsed = quantity.safeParse(text)
  if (!parsed.success || parsed.data > U256_MAX)
    throw new TransactionError('value', `must be a quantity of at most 256 bits, got ${text}`)
  return parsed.data
}
