/**
 * Validators' signatures on output roots, as they arrive at the sequencer by JSON-RPC, until the proposer posts them.
 * Anybody may send: what is not of an active validator, or not about a block that may be proposed next, is refused.
 */
import { type Hex, recoverTypedDataAddress } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import { NodeError } from '../node/errors.ts'
import type { L1Wallet } from './l1-wallet.ts'
import { contractInRole, outputTypedData, validatorsAbi } from './output-validators.ts'

export type Attestation = { l2Block: bigint; outputRoot: Hex; signature: Hex }

/** Not taken; the message says why. */
export class AttestationRefused extends Error {
  override name = 'AttestationRefused'
}

/** Blocks with signatures that are kept at once. The proposer needs those of the next output alone. */
const KEPT_BLOCKS = 16
/** Validators are few: the owner of the contract admits each. */
const KEPT_SIGNERS = 256

export class AttestationBook {
  readonly #wallet: Pick<L1Wallet, 'ask' | 'client'>
  readonly #oracle: Address
  readonly #l1ChainId: number
  #contract: Address | undefined
  /** By L2 block, then by signer. */
  readonly #blocks = new Map<bigint, Map<Address, Attestation>>()

  constructor(modules: { wallet: Pick<L1Wallet, 'ask' | 'client'> }, options: { oracle: Address; l1ChainId: number }) {
    this.#wallet = modules.wallet
    this.#oracle = options.oracle
    this.#l1ChainId = options.l1ChainId
  }

  /** Takes a signature. Throws {@link AttestationRefused}, or a TemporaryError where L1 does not answer. */
  async submit(attestation: Attestation): Promise<void> {
    const { client } = this.#wallet
    this.#contract ??= await this.#wallet.ask('proposer of outputs', () =>
      contractInRole(client, this.#oracle, 'PROPOSER'),
    )
    const address = this.#contract
    if (address === undefined) throw new AttestationRefused('outputs of this chain need no validators')
    const signer = await signerOf(address, this.#l1ChainId, attestation)
    const isActive = await this.#wallet.ask('validators', () =>
      client.readContract({ address, abi: validatorsAbi, functionName: 'isActive', args: [signer] }),
    )
    if (!isActive) throw new AttestationRefused(`${signer} is not an active validator of ${address}`)
    this.#keep(signer, attestation)
  }

  /** Signatures on a root, by ascending signer, as the contract wants them. */
  signatures(l2Block: bigint, outputRoot: Hex): { signer: Address; signature: Hex }[] {
    return [...(this.#blocks.get(l2Block) ?? [])]
      .filter(([, attestation]) => attestation.outputRoot === outputRoot)
      .map(([signer, { signature }]) => ({ signer, signature }))
      .sort((a, b) => (a.signer < b.signer ? -1 : 1))
  }

  #keep(signer: Address, attestation: Attestation): void {
    const signers = this.#blocks.get(attestation.l2Block) ?? new Map<Address, Attestation>()
    if (!signers.has(signer) && signers.size >= KEPT_SIGNERS)
      throw new AttestationRefused(`block ${attestation.l2Block} has ${KEPT_SIGNERS} signatures`)
    signers.set(signer, attestation)
    // Moved to the end: the block that was signed last is dropped last.
    this.#blocks.delete(attestation.l2Block)
    this.#blocks.set(attestation.l2Block, signers)
    for (const block of this.#blocks.keys()) {
      if (this.#blocks.size <= KEPT_BLOCKS) break
      this.#blocks.delete(block)
    }
  }
}

async function signerOf(contract: Address, l1ChainId: number, attestation: Attestation): Promise<Address> {
  const { signature } = attestation
  try {
    const signer = await recoverTypedDataAddress({
      ...outputTypedData(contract, l1ChainId, attestation),
      signature,
    })
    return signer.toLowerCase() as Address
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw new AttestationRefused(`signature: ${(error as Error).message.split('\n')[0]}`)
  }
}
