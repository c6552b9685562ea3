/** What every step of the story shares: the chain, clients, the cast, and the line of progress. */
import {
  type Abi,
  type Account,
  type Chain,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  type PrivateKeyAccount,
  type PublicClient,
  type TransactionReceipt,
  type Transport,
} from 'viem'
import { openledgerChain } from '../../client/index.ts'
import type { Address } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { Cast } from '../accounts.ts'

export type StoryContext = {
  config: ChainConfig
  cast: Cast
  /** Seconds between looks at the chain while a step waits. */
  l1: PublicClient<Transport, Chain>
  l2: PublicClient<Transport, Chain>
  l1Chain: Chain
  l2Chain: Chain
  l1Url: string
  l2Url: string
  /** Base URL of the prover's gateway. */
  gatewayUrl: string
  /** One line of progress. */
  progress: (line: string) => void
  signal: AbortSignal
}

export class StoryError extends Error {
  override name = 'StoryError'
}

/** Milliseconds between two looks at a chain. */
const POLLING_INTERVAL = 150
/** Blocks of 1–2 s: a transaction that is not mined within this many milliseconds will not be. */
const RECEIPT_TIMEOUT = 120_000

export function storyClients(config: ChainConfig, urls: { l1Url: string; l2Url: string }) {
  const l2Chain = openledgerChain(config)
  const l1Chain: Chain = {
    id: config.l1ChainId,
    name: `${config.name} L1`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [urls.l1Url] } },
  }
  const client = (chain: Chain, url: string) =>
    createPublicClient({
      chain,
      transport: http(url, { batch: true }),
      pollingInterval: POLLING_INTERVAL,
      cacheTime: 0,
    })
  return { l1Chain, l2Chain, l1: client(l1Chain, urls.l1Url), l2: client(l2Chain, urls.l2Url) }
}

export function l1Wallet(context: StoryContext, account: Account) {
  return createWalletClient({
    account,
    chain: context.l1Chain,
    transport: http(context.l1Url),
    pollingInterval: POLLING_INTERVAL,
    cacheTime: 0,
  })
}

export function l2Wallet(context: StoryContext, account: Account) {
  return createWalletClient({
    account,
    chain: context.l2Chain,
    transport: http(context.l2Url),
    pollingInterval: POLLING_INTERVAL,
    cacheTime: 0,
  })
}

/** One contract call of a batch. Gas is given, not estimated: hundreds of estimates would take longer than the calls. */
export type BatchCall = {
  account: PrivateKeyAccount
  to: Address
  abi: Abi
  functionName: string
  args: readonly unknown[]
  value?: bigint
  gas: bigint
  /** Named when the call fails. */
  label: string
}

/**
 * Sends the calls with consecutive nonces per account and waits until all are mined.
 * @throws {StoryError} that names the first call that failed
 */
export async function sendAll(context: StoryContext, calls: BatchCall[]): Promise<TransactionReceipt[]> {
  const nonces = new Map<Address, number>()
  const hashes: Hex[] = []
  const fees = await context.l2.estimateFeesPerGas()
  for (const call of calls) {
    context.signal.throwIfAborted()
    const { account } = call
    const nonce =
      nonces.get(account.address) ??
      (await context.l2.getTransactionCount({ address: account.address, blockTag: 'pending' }))
    nonces.set(account.address, nonce + 1)
    const serialized = await account.signTransaction({
      type: 'eip1559',
      chainId: context.config.l2ChainId,
      nonce,
      to: call.to,
      data: encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args as unknown[] }),
      value: call.value ?? 0n,
      gas: call.gas,
      maxFeePerGas: fees.maxFeePerGas * 4n,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
    })
    hashes.push(await context.l2.sendRawTransaction({ serializedTransaction: serialized }))
  }
  const receipts: TransactionReceipt[] = []
  for (const [index, hash] of hashes.entries()) {
    const receipt = await mined(context, hash)
    if (receipt.status !== 'success') throw new StoryError(`${calls[index]!.label} failed in transaction ${hash}`)
    receipts.push(receipt)
  }
  return receipts
}

export function mined(context: StoryContext, hash: Hex): Promise<TransactionReceipt> {
  return context.l2.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT })
}

/** Looks until the condition holds; the condition returns what it found, or undefined. */
export async function until<T>(
  context: StoryContext,
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    context.signal.throwIfAborted()
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new StoryError(`${what}: not within ${Math.round(timeoutMs / 1000)} s`)
    await new Promise((resolve) => setTimeout(resolve, POLLING_INTERVAL))
  }
}
