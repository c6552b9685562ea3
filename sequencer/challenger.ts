/**
 * What a validator's node does on L1 beside deriving: it signs the output roots that it derives itself, hands the
 * signatures to the proposer, and challenges every output that is not the one it derives, with its bond
 * (sequencer/output-validators.ts). It judges safe blocks only: those come from L1 alone, as everybody sees it.
 */
import { encodeFunctionData, type Hex } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { type Clock, systemClock } from '../node/chain/clock.ts'
import { outputRoot } from '../node/chain/output-root.ts'
import type { ChainReads } from '../node/chain/reads.ts'
import type { Attestation } from './attestations.ts'
import { L1Wallet, type L1WalletOptions, wordsOf } from './l1-wallet.ts'
import { contractInRole, oracleAbi, signOutput, validatorsAbi } from './output-validators.ts'
import { type TurnEvent, type TurnOutcome, Turns } from './turns.ts'

export type ChallengerModules = {
  config: ChainConfig
  chain: Pick<ChainReads, 'head' | 'blockByNumber'>
  /** Hands a signature to whoever proposes; may throw, and is asked again. Nothing is signed where absent. */
  deliver?: (attestation: Attestation) => Promise<void>
  clock?: Clock
}

export type ChallengerOptions = Omit<L1WalletOptions, 'l1ChainId' | 'clock'> & {
  /** Milliseconds between looks at the oracle. Default 12,000; 1,000 on a development network. */
  checkInterval?: number
}

export type ChallengerEvent =
  | { kind: 'signed'; l2Block: bigint; outputRoot: Hex }
  | { kind: 'challenged'; index: bigint; l2Block: bigint; wrongRoot: Hex; outputRoot: Hex; transaction: Hex }
  | TurnEvent

/** Outputs that are signed before they are asked for: a proposer that catches up need not wait for each. */
const SIGNED_AHEAD = 8n

type Proposed = { index: bigint; outputRoot: Hex; timestamp: bigint; l2BlockNumber: bigint }

export class Challenger {
  readonly #modules: ChallengerModules
  readonly #wallet: L1Wallet
  readonly #turns: Turns<ChallengerEvent>
  #contract: Address | undefined
  /** Outputs below this index are final, or were judged to be right and stand as they were judged. */
  #judged: { upTo: bigint; lastRoot: Hex } | undefined
  /** The highest block whose signature was delivered. */
  #delivered = -1n
  /** L2 blocks between two outputs. */
  #interval: bigint | undefined

  constructor(modules: ChallengerModules, options: ChallengerOptions) {
    const { config, clock = systemClock } = modules
    const { checkInterval, ...wallet } = options
    this.#modules = modules
    this.#wallet = new L1Wallet({ ...wallet, l1ChainId: config.l1ChainId, clock })
    this.#turns = new Turns(
      { clock, turn: (signal) => this.#turn(signal) },
      { pause: checkInterval ?? (config.network === 'development' ? 1_000 : 12_000) },
    )
  }

  start(): void {
    this.#turns.start()
  }

  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void> {
    return this.#turns.stop()
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: ChallengerEvent) => void): () => void {
    return this.#turns.onEvent(listener)
  }

  async #turn(signal: AbortSignal): Promise<TurnOutcome> {
    const blockedBy = (await this.#judge(signal)) ?? (await this.#sign())
    if (blockedBy !== undefined) return { blockedBy }
    this.#turns.unblocked()
    return 'idle'
  }

  /** Looks at every output that is not final, oldest first, and challenges the first wrong one. */
  async #judge(signal: AbortSignal): Promise<string | undefined> {
    const next = await this.#oracle('nextOutputIndex')
    const safe = this.#modules.chain.head('safe').block.header.number
    for (let index = await this.#firstUnjudged(next); index < next; index++) {
      const output = await this.#outputAt(index)
      if (output.l2BlockNumber > safe) return undefined
      const block = await this.#modules.chain.blockByNumber(output.l2BlockNumber)
      if (block === undefined) return `L2 block ${output.l2BlockNumber} is not in the chain`
      const own = outputRoot(block)
      if (own !== output.outputRoot && !(await this.#isFinal(output))) return this.#challenge(output, own, signal)
      this.#judged = { upTo: index + 1n, lastRoot: output.outputRoot }
    }
    return undefined
  }

  /** After a start, or where outputs were deleted and others may stand in their place: the first that is not final. */
  async #firstUnjudged(next: bigint): Promise<bigint> {
    if (this.#judged !== undefined) {
      const { upTo, lastRoot } = this.#judged
      if (upTo <= next && (await this.#outputAt(upTo - 1n)).outputRoot === lastRoot) return upTo
    }
    let [low, high] = [0n, next]
    while (low < high) {
      const middle = (low + high) / 2n
      if (await this.#isFinal(await this.#outputAt(middle))) low = middle + 1n
      else high = middle
    }
    return low
  }

  async #challenge(wrong: Proposed, own: Hex, signal: AbortSignal): Promise<string | undefined> {
    const to = await this.#validators()
    if (to === undefined) return `output ${wrong.index} is wrong, and no contract of validators may delete it`
    const data = encodeFunctionData({ abi: validatorsAbi, functionName: 'challenge', args: [wrong.index, own] })
    const receipt = await this.#wallet.send({ to, data }, signal)
    if (receipt.status !== 'success')
      return `the challenge of output ${wrong.index} reverted in ${receipt.transactionHash}`
    this.#turns.emit({
      kind: 'challenged',
      index: wrong.index,
      l2Block: wrong.l2BlockNumber,
      wrongRoot: wrong.outputRoot,
      outputRoot: own,
      transaction: receipt.transactionHash,
    })
    return undefined
  }

  /** Signs the outputs that will be asked for next, as soon as their blocks are safe. */
  async #sign(): Promise<string | undefined> {
    const { chain, deliver } = this.#modules
    const contract = deliver && (await this.#validators())
    if (deliver === undefined || contract === undefined) return undefined
    const next = await this.#oracle('nextBlockNumber')
    this.#interval ??= await this.#oracle('SUBMISSION_INTERVAL')
    const safe = chain.head('safe').block.header.number
    const last = next + this.#interval * (SIGNED_AHEAD - 1n)
    for (let l2Block = next; l2Block <= last && l2Block <= safe; l2Block += this.#interval) {
      // The next one again at each look: whoever proposes may have started anew and lost it.
      if (l2Block !== next && l2Block <= this.#delivered) continue
      const reason = await this.#signBlock(l2Block, contract, deliver)
      if (reason !== undefined) return reason
    }
    return undefined
  }

  async #signBlock(
    l2Block: bigint,
    contract: Address,
    deliver: NonNullable<ChallengerModules['deliver']>,
  ): Promise<string | undefined> {
    const { chain, config } = this.#modules
    const block = await chain.blockByNumber(l2Block)
    if (block === undefined) return `L2 block ${l2Block} is not in the chain`
    const output = { l2Block, outputRoot: outputRoot(block) }
    const signature = await signOutput(this.#wallet.account, contract, config.l1ChainId, output)
    try {
      await deliver({ ...output, signature })
    } catch (error) {
      return `the signature of L2 block ${l2Block} could not be delivered: ${wordsOf(error).split('\n')[0]}`
    }
    if (l2Block > this.#delivered) {
      this.#delivered = l2Block
      this.#turns.emit({ kind: 'signed', ...output })
    }
    return undefined
  }

  async #isFinal({ timestamp }: Proposed): Promise<boolean> {
    const period = await this.#oracle('FINALIZATION_PERIOD_SECONDS')
    const block = await this.#wallet.ask('head', () => this.#wallet.client.getBlock())
    return block.timestamp >= timestamp + period
  }

  async #outputAt(index: bigint): Promise<Proposed> {
    const address = this.#modules.config.l2OutputOracleAddress
    const output = await this.#wallet.ask(`output ${index}`, () =>
      this.#wallet.client.readContract({ address, abi: oracleAbi, functionName: 'getL2Output', args: [index] }),
    )
    return { index, ...output }
  }

  #oracle(
    functionName: 'nextOutputIndex' | 'nextBlockNumber' | 'SUBMISSION_INTERVAL' | 'FINALIZATION_PERIOD_SECONDS',
  ): Promise<bigint> {
    const address = this.#modules.config.l2OutputOracleAddress
    return this.#wallet.ask(functionName, () =>
      this.#wallet.client.readContract({ address, abi: oracleAbi, functionName }),
    )
  }

  async #validators(): Promise<Address | undefined> {
    const { l2OutputOracleAddress } = this.#modules.config
    this.#contract ??= await this.#wallet.ask('challenger of outputs', () =>
      contractInRole(this.#wallet.client, l2OutputOracleAddress, 'CHALLENGER'),
    )
    return this.#contract
  }
}
