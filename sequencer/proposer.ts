/**
 * Posts output roots (node/chain/output-root.ts) to L1's L2OutputOracle, by which withdrawals are proved
 * (specs.optimism.io, "L2 Output Root Proposals").
 */
import { encodeFunctionData, type Hex, parseAbi } from 'viem'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { type Clock, systemClock } from '../node/chain/clock.ts'
import { outputRoot } from '../node/chain/output-root.ts'
import type { ChainReads, HeadLabel } from '../node/chain/reads.ts'
import { NodeError } from '../node/errors.ts'
import { L1Wallet, type L1WalletOptions } from './l1-wallet.ts'

const oracleAbi = parseAbi([
  'function nextBlockNumber() view returns (uint256)',
  'function proposeL2Output(bytes32 outputRoot, uint256 l2BlockNumber, bytes32 l1BlockHash, uint256 l1BlockNumber) payable',
])

export type ProposerModules = {
  config: ChainConfig
  chain: Pick<ChainReads, 'head' | 'blockByNumber'>
  clock?: Clock
}

export type ProposerOptions = Omit<L1WalletOptions, 'l1ChainId' | 'clock'> & {
  /** The head that a proposed block must have reached. Default 'finalized'; 'safe' on a development network. */
  label?: Exclude<HeadLabel, 'unsafe'>
  /** Milliseconds between looks at the oracle while there is nothing to propose. Default 12,000; 1,000 on a development network. */
  checkInterval?: number
}

export type ProposerEvent =
  | { kind: 'proposed'; l2Block: bigint; outputRoot: Hex; transaction: Hex }
  | { kind: 'waiting'; reason: string }
  | { kind: 'failed'; error: Error }

export class Proposer {
  readonly #modules: ProposerModules
  readonly #clock: Clock
  readonly #wallet: L1Wallet
  readonly #label: HeadLabel
  readonly #checkInterval: number
  readonly #listeners = new Set<(event: ProposerEvent) => void>()
  #reason: string | undefined
  #running: { stop: AbortController; done: Promise<void> } | undefined

  constructor(modules: ProposerModules, options: ProposerOptions) {
    const { config, clock = systemClock } = modules
    const { label, checkInterval, ...wallet } = options
    const isDevelopment = config.network === 'development'
    this.#modules = modules
    this.#clock = clock
    this.#label = label ?? (isDevelopment ? 'safe' : 'finalized')
    this.#checkInterval = checkInterval ?? (isDevelopment ? 1_000 : 12_000)
    this.#wallet = new L1Wallet({ ...wallet, l1ChainId: config.l1ChainId, clock })
  }

  start(): void {
    if (this.#running !== undefined) return
    const stop = new AbortController()
    this.#running = { stop, done: this.#run(stop.signal) }
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#running?.stop.abort()
    await this.#running?.done
    this.#running = undefined
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: ProposerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const outcome = await this.#turn(signal)
        if (outcome === 'proposed') continue
        if (outcome !== 'idle') this.#wait(outcome.blockedBy)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof NodeError) || error.severity === 'critical')
          return this.#emit({ kind: 'failed', error: error as Error })
        this.#wait(error.message)
      }
      await this.#clock.wait(this.#checkInterval, signal)
    }
  }

  /** Proposes the block that the oracle asks for next, unless the chain is not there yet, or something stands in the way. */
  async #turn(signal: AbortSignal): Promise<'proposed' | 'idle' | { blockedBy: string }> {
    const { config, chain } = this.#modules
    const { client } = this.#wallet
    const to = config.l2OutputOracleAddress
    const number = await this.#wallet.ask('next output', () =>
      client.readContract({ address: to, abi: oracleAbi, functionName: 'nextBlockNumber' }),
    )
    if (chain.head(this.#label).block.header.number < number) return 'idle'
    const block = await chain.blockByNumber(number)
    if (block === undefined) return { blockedBy: `L2 block ${number} is not in the chain` }
    const root = outputRoot(block)
    // Naming a recent L1 block makes the proposal void where L1 reorganizes under it.
    const l1 = await this.#wallet.ask('head', () => client.getBlock())
    const data = encodeFunctionData({
      abi: oracleAbi,
      functionName: 'proposeL2Output',
      args: [root, number, l1.hash, l1.number],
    })
    const receipt = await this.#wallet.send({ to, data }, signal)
    if (receipt.status !== 'success')
      return { blockedBy: `the proposal of L2 block ${number} reverted in ${receipt.transactionHash}` }
    this.#reason = undefined
    this.#emit({ kind: 'proposed', l2Block: number, outputRoot: root, transaction: receipt.transactionHash })
    return 'proposed'
  }

  #wait(reason: string): void {
    if (this.#reason === reason) return
    this.#reason = reason
    this.#emit({ kind: 'waiting', reason })
  }

  #emit(event: ProposerEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}
