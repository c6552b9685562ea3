/** What a challenger asks of the chain and sends to it, through the SDK. */
import { type Account, type Chain, type Client, type Hash, type Hex, parseEventLogs, type Transport } from 'viem'
import { getBlock, getContractEvents, simulateContract } from 'viem/actions'
import {
  type ChallengeOutcome,
  challengeOmission,
  challengeOutcome,
  challengeReceipt,
  challengeScore,
  commitChallenge,
  confirmTransaction,
  getChallenge,
  getClaim,
  getParameter,
  getSettlement,
  type NativeClient,
  namingErrors,
  type RowProof,
  reclaimChallengeBond,
} from '../../client/index.ts'
import { queryArgument, rowProofArgument } from '../../client/row-proof.ts'
import { attributionAbi, CLAIM_STATUS } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { logPages } from '../attribute/chain-corpus.ts'
import type { ClaimRecord } from './claim-book.ts'
import type { LeafProof } from './proofs.ts'

/** A client of L2 with the challenger's account. */
export type DisputeClient = Client<Transport, Chain, Account>

/** A proof with its row's path, as it is sent. */
export type WholeProof = { proof: LeafProof; evidence: RowProof | undefined; salt: Hex }

/** The chain's head: number, seconds since 1970, and seconds between it and the block before. */
export type Head = { number: bigint; timestamp: bigint; spacing: bigint }

export type Standing = {
  /** Why nothing of the claim can be undone any more; undefined while it can. */
  over: 'undone' | 'matured' | undefined
  /** Seconds until it matures; undefined where it is held meanwhile. */
  left: bigint | undefined
}

const HELD: readonly number[] = [CLAIM_STATUS.suspended, CLAIM_STATUS.questioned]

export async function headOf(client: NativeClient): Promise<Head> {
  const { number, timestamp } = await getBlock(client)
  const { timestamp: before } = await getBlock(client, { blockNumber: number > 0n ? number - 1n : 0n })
  return { number, timestamp, spacing: timestamp - before }
}

/** How a claim stands after the head. */
export async function standingOf(client: NativeClient, request: Hex, { timestamp }: Head): Promise<Standing> {
  const [{ maturesAt }, [, status]] = await Promise.all([
    getSettlement(client, { request }),
    getClaim(client, { request }),
  ])
  if (status === CLAIM_STATUS.undone) return { over: 'undone', left: undefined }
  if (HELD.includes(status)) return { over: undefined, left: undefined }
  return timestamp < maturesAt ? { over: undefined, left: maturesAt - timestamp } : { over: 'matured', left: undefined }
}

export class DisputeChain {
  readonly account: Address
  readonly #client: DisputeClient

  constructor(modules: { client: DisputeClient }) {
    this.#client = modules.client
    this.account = modules.client.account.address.toLowerCase() as Address
  }

  standing(request: Hex, head: Head): Promise<Standing> {
    return standingOf(this.#client, request, head)
  }

  /** Every commitment that this account has ever made, by its logs. */
  async everCommitted(head: bigint): Promise<Set<Hex>> {
    const found = new Set<Hex>()
    for (const range of logPages(0n, head)) {
      const logs = await getContractEvents(this.#client, {
        ...{ address: NATIVE.attribution, abi: attributionAbi, eventName: 'ChallengeCommitted', strict: true },
        ...{ args: { challenger: this.account }, ...range },
      })
      for (const { args } of logs) found.add(args.commitment)
    }
    return found
  }

  /** Block and bond of a commitment that waits for its challenge; undefined where there is none. */
  async open(commitment: Hex): Promise<{ committedIn: bigint; bond: bigint } | undefined> {
    const [committedIn, bond] = await getChallenge(this.#client, { challenger: this.account, commitment })
    return committedIn === 0n ? undefined : { committedIn, bond }
  }

  bond(): Promise<bigint> {
    return getParameter(this.#client, { name: 'challengeBond' })
  }

  async commit(commitment: Hex, bond: bigint): Promise<Hash> {
    const hash = await commitChallenge(this.#client, { commitment, bond })
    await confirmTransaction(this.#client, { hash })
    return hash
  }

  async reclaim(commitment: Hex): Promise<Hash> {
    const hash = await reclaimChallengeBond(this.#client, { commitment })
    await confirmTransaction(this.#client, { hash })
    return hash
  }

  /** What the node says would come of the challenge in the pending block. Throws NativeContractError where it would revert. */
  async wouldUphold({ claimBytes: claim, leaf }: ClaimRecord, { proof, evidence, salt }: WholeProof): Promise<boolean> {
    const pending = { account: this.#client.account, blockTag: 'pending' } as const
    const contract = { address: NATIVE.attribution, abi: attributionAbi } as const
    if (proof.challenge === 'receipt') {
      const { signature, ...fields } = proof.receipt
      const args = [claim, leaf, fields, signature, salt] as const
      return this.#result('challengeReceipt', () =>
        simulateContract(this.#client, { ...contract, ...pending, functionName: 'challengeReceipt', args }),
      )
    }
    const query = queryArgument(proof.query)
    const row = rowProofArgument(present(evidence))
    if (proof.challenge === 'omission') {
      const args = [claim, leaf, query, row, salt] as const
      return this.#result('challengeOmission', () =>
        simulateContract(this.#client, { ...contract, ...pending, functionName: 'challengeOmission', args }),
      )
    }
    const args = [claim, leaf, proof.entry, query, row, salt] as const
    return this.#result('challengeScore', () =>
      simulateContract(this.#client, { ...contract, ...pending, functionName: 'challengeScore', args }),
    )
  }

  /** Sends the challenge and waits for what comes of it: of an upheld one the reward in wei, too. */
  async challenge(
    record: ClaimRecord,
    whole: WholeProof,
  ): Promise<{ outcome: ChallengeOutcome; reward: bigint; transaction: Hash }> {
    const transaction = await this.#send(record, whole)
    const receipt = await confirmTransaction(this.#client, { hash: transaction })
    const undone = parseEventLogs({ abi: attributionAbi, eventName: 'ClaimUndone', logs: receipt.logs })
    return { outcome: challengeOutcome(receipt), reward: undone[0]?.args.reward ?? 0n, transaction }
  }

  #send({ claimBytes: claim, leaf }: ClaimRecord, { proof, evidence, salt }: WholeProof): Promise<Hash> {
    if (proof.challenge === 'receipt')
      return challengeReceipt(this.#client, { claim, leaf, receipt: proof.receipt, salt })
    const shown = { claim, leaf, query: proof.query, evidence: present(evidence), salt }
    return proof.challenge === 'omission'
      ? challengeOmission(this.#client, shown)
      : challengeScore(this.#client, { ...shown, entry: proof.entry })
  }

  async #result(functionName: string, simulation: () => Promise<{ result: boolean }>): Promise<boolean> {
    return namingErrors('attribution', functionName, async () => (await simulation()).result)
  }
}

function present(evidence: RowProof | undefined): RowProof {
  if (!evidence) throw new TypeError('a proof by a row needs the row')
  return evidence
}
