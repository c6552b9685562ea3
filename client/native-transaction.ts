/**
 * Sending a transaction to a native contract and waiting for it. Every write action of the SDK is one
 * encodeFunctionData and one {@link sendNative}, so gas, nonce and errors are treated alike.
 */
import {
  type Account,
  type Address,
  BaseError,
  type Chain,
  type Client,
  decodeFunctionData,
  type Hash,
  type Hex,
  type TransactionReceipt,
  type Transport,
} from 'viem'
import {
  call,
  estimateGas,
  getTransaction,
  type SendTransactionErrorType,
  sendTransaction,
  waitForTransactionReceipt,
} from 'viem/actions'
import { parseAccount } from 'viem/utils'
import { NATIVE_ABI } from '../genesis/abi/native.ts'
import { NATIVE, type NativeName } from '../genesis/addresses.ts'
import { NativeContractError, namingErrors, nativeNameAt } from './native-error.ts'

/** Any viem client: public for reads, with an account for writes. */
export type NativeClient = Client<Transport, Chain | undefined, Account | undefined>

/** What every write action takes besides its own fields. */
export type WriteOptions = {
  /** Who signs; the client's account where absent. */
  account?: Account | Address
  /** Gas limit. Where absent the node estimates, and a fifth is added: the state may move before the transaction is mined. */
  gas?: bigint
  nonce?: number
  maxFeePerGas?: bigint
  maxPriorityFeePerGas?: bigint
}

/** A write action was called on a client without an account, and without `account`. */
export class NoAccountError extends BaseError {
  override name = 'NoAccountError'
  constructor() {
    super('no account to sign with', { metaMessages: ['pass `account`, or create the client with one'] })
  }
}

export type NativeWriteErrorType = NativeContractError | NoAccountError | SendTransactionErrorType

/** A transaction was mined and reverted without a custom error that we can name. */
export class TransactionRevertedError extends BaseError {
  override name = 'TransactionRevertedError'
  readonly receipt: TransactionReceipt
  constructor(receipt: TransactionReceipt) {
    super(`transaction ${receipt.transactionHash} reverted in block ${receipt.blockNumber}`)
    this.receipt = receipt
  }
}

const withMargin = (gas: bigint) => gas + gas / 5n

/** The account that a write action signs with. Throws {@link NoAccountError}. */
export function signerOf(client: NativeClient, account: Account | Address | undefined): Account {
  const chosen = account ?? client.account
  if (!chosen) throw new NoAccountError()
  return parseAccount(chosen)
}

function functionNameOf(contract: NativeName, data: Hex): string {
  return decodeFunctionData({ abi: NATIVE_ABI[contract], data }).functionName
}

/**
 * Sends `data` to a native contract, or to the contract `through` which a function of it is called, and returns the transaction's hash without waiting for it.
 * Throws {@link NativeContractError} where the gas estimate reverts (that is where the node refuses it).
 */
export async function sendNative(
  client: NativeClient,
  options: WriteOptions,
  transaction: {
    contract: NativeName
    data: Hex
    value?: bigint
    through?: { address: Address; functionName: string }
  },
): Promise<Hash> {
  const { contract, data, value, through } = transaction
  const account = signerOf(client, options.account)
  const call = { to: through?.address ?? NATIVE[contract], data, value: value ?? 0n }
  return namingErrors(contract, through?.functionName ?? functionNameOf(contract, data), () =>
    sendCall(client, { ...options, account }, call),
  )
}

/** Sends a call to any contract and returns the transaction's hash without waiting for it; its errors are viem's own. */
export async function sendCall(
  client: NativeClient,
  options: WriteOptions,
  call: { to: Address; data: Hex; value: bigint },
): Promise<Hash> {
  const account = signerOf(client, options.account)
  const request = { account, ...call }
  const gas = options.gas ?? withMargin(await estimateGas(client, request))
  const { nonce, maxFeePerGas, maxPriorityFeePerGas } = options
  const fees = {
    ...(maxFeePerGas !== undefined && { maxFeePerGas }),
    ...(maxPriorityFeePerGas !== undefined && { maxPriorityFeePerGas }),
  }
  const send = () =>
    sendTransaction(client, {
      ...request,
      ...fees,
      chain: client.chain,
      gas,
      ...(nonce !== undefined && { nonce }),
    })
  return nonce === undefined ? inTurn(`${client.chain?.id} ${account.address}`, send) : send()
}

/** Last transaction that this process sends for an account. */
const turns = new Map<string, Promise<unknown>>()

/** A node counts a transaction that it has taken: one that asks for its nonce before that would take the same. */
function inTurn<T>(account: string, send: () => Promise<T>): Promise<T> {
  const sent = (turns.get(account) ?? Promise.resolve()).then(send)
  const turn = sent.catch(() => undefined)
  turns.set(account, turn)
  void turn.then(() => {
    if (turns.get(account) === turn) turns.delete(account)
  })
  return sent
}

/** Milliseconds between two looks for a receipt. */
const POLLING_INTERVAL = 250
/** Milliseconds after which a transaction that is not mined is given up. */
const DEFAULT_TIMEOUT = 60_000

/**
 * Waits until a transaction is mined and returns its receipt.
 * Throws {@link NativeContractError} (custom error, found by replaying the call before its block) or
 * {@link TransactionRevertedError} where it reverted.
 *
 * @example
 * const receipt = await confirmTransaction(client, { hash: await createDatanet(client, { … }) })
 */
export async function confirmTransaction(
  client: NativeClient,
  parameters: { hash: Hash; timeout?: number },
): Promise<TransactionReceipt> {
  const { hash, timeout = DEFAULT_TIMEOUT } = parameters
  const receipt = await waitForTransactionReceipt(client, { hash, timeout, pollingInterval: POLLING_INTERVAL })
  if (receipt.status === 'success') return receipt
  const contract = receipt.to && nativeNameAt(receipt.to)
  if (contract) await replay(client, receipt, contract)
  throw new TransactionRevertedError(receipt)
}

/** Replays a reverted native call on the state before its block: throws its custom error where it reverts there too. */
async function replay(client: NativeClient, receipt: TransactionReceipt, contract: NativeName): Promise<void> {
  const { from, to, input, value } = await getTransaction(client, { hash: receipt.transactionHash })
  try {
    await namingErrors(contract, functionNameOf(contract, input), () =>
      call(client, { account: from, to, data: input, value, blockNumber: receipt.blockNumber - 1n }),
    )
  } catch (error) {
    if (error instanceof NativeContractError) throw error
    throw new TransactionRevertedError(receipt)
  }
}
