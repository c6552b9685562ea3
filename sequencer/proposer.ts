/**
 * Posts output roots (node/chain/output-root.ts) to L1's L2OutputOracle, by which withdrawals are proved
 * (specs.optimism.io, "L2 Output Root Proposals"). Where the oracle takes them from the contract of bonded validators
 * (sequencer/output-validators.ts) they go through it, with the signatures that have arrived; while a dispute is open
 * only with those of two thirds.
 */
import { encodeFunctionData, type Hex, zeroAddress } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { type Clock, systemClock } from '../node/chain/clock.ts'
import { outputRoot } from '../node/chain/output-root.ts'
import type { ChainReads, HeadLabel } from '../node/chain/reads.ts'
import { AttestationBook } from './attestations.ts'
import { L1Wallet, type L1WalletOptions } from './l1-wallet.ts'
import { contractInRole, oracleAbi, quorumOf, validatorsAbi } from './output-validators.ts'
import { type TurnEvent, type TurnOutcome, Turns } from './turns.ts'

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
  /** Milliseconds that an undisputed output waits for two thirds of the validators. Default 60,000; 2,000 on a development network. */
  signatureWait?: number
}

export type ProposerEvent =
  /** Fewer signers than the quorum, which is two thirds, have signed in time where validators are slow or silent. */
  | { kind: 'proposed'; l2Block: bigint; outputRoot: Hex; transaction: Hex; signers: Address[]; quorum: number }
  | TurnEvent

/** What a proposal goes to L1 with. */
type Approval = { signers: Address[]; signatures: Hex[]; quorum: number }

/** Where the oracle takes outputs from the proposer itself. */
const NO_VALIDATORS: Approval = { signers: [], signatures: [], quorum: 0 }

export class Proposer {
  readonly #modules: ProposerModules
  readonly #clock: Clock
  readonly #wallet: L1Wallet
  readonly #label: HeadLabel
  readonly #turns: Turns<ProposerEvent>
  readonly #signatureWait: number
  /** Where validators' signatures arrive. */
  readonly attestations: AttestationBook
  #contract: { address: Address | undefined } | undefined
  /** Since when the block has waited for signatures, in milliseconds. */
  #waiting: { l2Block: bigint; since: number } | undefined

  constructor(modules: ProposerModules, options: ProposerOptions) {
    const { config, clock = systemClock } = modules
    const { label, checkInterval, signatureWait, ...wallet } = options
    const isDevelopment = config.network === 'development'
    this.#modules = modules
    this.#clock = clock
    this.#label = label ?? (isDevelopment ? 'safe' : 'finalized')
    this.#signatureWait = signatureWait ?? (isDevelopment ? 2_000 : 60_000)
    this.#wallet = new L1Wallet({ ...wallet, l1ChainId: config.l1ChainId, clock })
    this.#turns = new Turns(
      { clock, turn: (signal) => this.#turn(signal) },
      { pause: checkInterval ?? (isDevelopment ? 1_000 : 12_000) },
    )
    const { l2OutputOracleAddress: oracle, l1ChainId } = config
    this.attestations = new AttestationBook({ wallet: this.#wallet }, { oracle, l1ChainId })
  }

  start(): void {
    this.#turns.start()
  }

  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void> {
    return this.#turns.stop()
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: ProposerEvent) => void): () => void {
    return this.#turns.onEvent(listener)
  }

  /** Proposes the block that the oracle asks for next, unless the chain is not there yet, or something stands in the way. */
  async #turn(signal: AbortSignal): Promise<TurnOutcome> {
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
    const contract = await this.#validators()
    const approval = contract === undefined ? NO_VALIDATORS : await this.#approval(contract, number, root)
    if (approval === 'idle' || 'blockedBy' in approval) return approval
    // Naming a recent L1 block makes the proposal void where L1 reorganizes under it.
    const l1 = await this.#wallet.ask('head', () => client.getBlock())
    const proposal = [root, number, l1.hash, l1.number] as const
    const { signers, signatures, quorum } = approval
    const data =
      contract === undefined
        ? encodeFunctionData({ abi: oracleAbi, functionName: 'proposeL2Output', args: proposal })
        : encodeFunctionData({ abi: validatorsAbi, functionName: 'propose', args: [...proposal, signatures] })
    const receipt = await this.#wallet.send({ to: contract ?? to, data }, signal)
    if (receipt.status !== 'success')
      return { blockedBy: `the proposal of L2 block ${number} reverted in ${receipt.transactionHash}` }
    this.#turns.unblocked()
    const { transactionHash: transaction } = receipt
    this.#turns.emit({ kind: 'proposed', l2Block: number, outputRoot: root, transaction, signers, quorum })
    return 'again'
  }

  async #validators(): Promise<Address | undefined> {
    const { l2OutputOracleAddress } = this.#modules.config
    this.#contract ??= {
      address: await this.#wallet.ask('proposer of outputs', () =>
        contractInRole(this.#wallet.client, l2OutputOracleAddress, 'PROPOSER'),
      ),
    }
    return this.#contract.address
  }

  /** The signatures to post with, or why the contract would not take the output, or not yet. */
  async #approval(address: Address, l2Block: bigint, root: Hex): Promise<Approval | { blockedBy: string } | 'idle'> {
    const { client, account } = this.#wallet
    const contract = { address, abi: validatorsAbi } as const
    const [dispute, validators, isBonded] = await this.#wallet.ask('validators of outputs', () =>
      Promise.all([
        client.readContract({ ...contract, functionName: 'dispute' }),
        client.readContract({ ...contract, functionName: 'activeCount' }),
        client.readContract({ ...contract, functionName: 'isBonded', args: [account.address] }),
      ]),
    )
    const isDisputed = dispute[4] !== zeroAddress
    if (!isDisputed && !isBonded)
      return { blockedBy: `proposer ${account.address} has no bond in ${address}: bond() it, or name another proposer` }
    const quorum = Number(quorumOf(validators))
    const signed = { ...(await this.#activeSignatures(address, l2Block, root)), quorum }
    if (signed.signers.length >= quorum) return signed
    if (isDisputed)
      return { blockedBy: `L2 block ${l2Block} is disputed: ${signed.signers.length} of ${quorum} signatures` }
    if (this.#waiting?.l2Block !== l2Block) this.#waiting = { l2Block, since: this.#clock.now() }
    const isOver = this.#clock.now() - this.#waiting.since >= this.#signatureWait
    return isOver ? signed : 'idle'
  }

  /** The contract refuses a proposal with the signature of somebody who is a validator no more. */
  async #activeSignatures(address: Address, l2Block: bigint, root: Hex) {
    const { client } = this.#wallet
    const signers: Address[] = []
    const signatures: Hex[] = []
    for (const { signer, signature } of this.attestations.signatures(l2Block, root)) {
      const isActive = await this.#wallet.ask('validator', () =>
        client.readContract({ address, abi: validatorsAbi, functionName: 'isActive', args: [signer] }),
      )
      if (!isActive) continue
      signers.push(signer)
      signatures.push(signature)
    }
    return { signers, signatures }
  }
}
