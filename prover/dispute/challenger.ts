/**
 * Challenges what was found wrong: a bonded commitment, and from the next block on the proof. All that it must remember lies on chain, so
 * a new one with the same key goes on where another was killed:
 *
 *     found ── commitChallenge ──> committed ──next block──> the node would uphold it ── challenge ──> upheld
 *                                      └── it would not; or the claim is undone or matured ── reclaimChallengeBond
 *
 * A subject is committed to once: a bond that was taken back says that the proof did not hold.
 */
import type { Hex } from 'viem'
import { NativeContractError } from '../../client/index.ts'
import type { LeafEvidence } from '../audit/auditor.ts'
import type { ClaimBook, ClaimRecord } from './claim-book.ts'
import type { Commitments } from './commitments.ts'
import type { DisputeChain, Head, WholeProof } from './dispute-chain.ts'
import { type LeafProof, rowEvidence } from './proofs.ts'
import type { WatchEvent } from './watch-event.ts'

/** Requests that are worked on at once. */
const AT_ONCE = 8
/** Proofs of one leaf that the node is asked about. */
const MOST_PROOFS = 8
/** Blocks from a decision to the challenge's: the commitment's, and the challenge's own. */
const BLOCKS_TO_CHALLENGE = 2n

type Case = {
  request: Hex
  /** Cheapest first; none where only a bond is to be taken back. */
  proofs: readonly LeafProof[]
  evidence: LeafEvidence | undefined
}

export type ChallengerModules = { chain: DisputeChain; book: ClaimBook; commitments: Commitments }

export class Challenger {
  readonly #modules: ChallengerModules
  readonly #told: (event: WatchEvent) => void
  readonly #cases = new Map<Hex, Case>()
  /** Requests that an earlier life of this key committed to, as far as they are not dealt with. */
  #earlier: Set<Hex> | undefined

  constructor(modules: ChallengerModules, told: (event: WatchEvent) => void) {
    this.#modules = modules
    this.#told = told
  }

  /** Whether nothing waits to be sent. */
  get isIdle(): boolean {
    return this.#cases.size === 0
  }

  /** A leaf that proofs speak against. */
  add(found: Case): void {
    this.#cases.set(found.request, found)
  }

  /** Takes each case a step on. `unchecked`: requests of which it is not known yet whether proofs speak against them. */
  async turn(head: Head, unchecked: ReadonlySet<Hex>): Promise<void> {
    await this.#resume(head, unchecked)
    const cases = [...this.#cases.values()]
    for (let start = 0; start < cases.length; start += AT_ONCE) {
      await Promise.all(
        cases.slice(start, start + AT_ONCE).map((each) =>
          this.#advance(each, head).catch((error: unknown) => {
            if (!(error instanceof Error)) throw error
            this.#told({ type: 'failed', request: each.request, reason: error.message })
          }),
        ),
      )
    }
  }

  /** Bonds of an earlier life that no proof is known for are cases of their own. */
  async #resume(head: Head, unchecked: ReadonlySet<Hex>): Promise<void> {
    const { chain, commitments } = this.#modules
    const earlier = this.#earlier ?? (await this.#committedEarlier(head))
    this.#earlier = earlier
    for (const request of earlier) {
      if (unchecked.has(request) || this.#cases.has(request)) continue
      if (await chain.open(commitments.of(request))) this.add({ request, proofs: [], evidence: undefined })
      else earlier.delete(request)
    }
  }

  async #committedEarlier(head: Head): Promise<Set<Hex>> {
    const { chain, book, commitments } = this.#modules
    const all = await chain.everCommitted(head.number)
    if (all.size === 0) return new Set()
    return new Set([...book.requests()].filter((request) => all.has(commitments.of(request))))
  }

  async #advance(found: Case, head: Head): Promise<void> {
    const { chain, book, commitments } = this.#modules
    const { request, proofs } = found
    const record = book.get(request)
    if (!record) return
    const commitment = commitments.of(request)
    const [{ over, left }, open] = await Promise.all([chain.standing(request, head), chain.open(commitment)])
    if (over || proofs.length === 0) {
      if (over && proofs.length > 0) this.#tellOnce(found, { type: 'over', request, reason: over })
      if (!open) return this.#close(found)
      if (open.committedIn < head.number) await this.#reclaim(found, commitment, open.bond)
      return
    }
    if (open) {
      if (open.committedIn < head.number) await this.#challenge(found, record, { commitment, bond: open.bond })
      return
    }
    const refusal = this.#refusal(request, left, head)
    if (refusal === undefined) return this.#commit(proofs[0]!, request, commitment)
    this.#told({ type: 'unproved', request, reason: refusal })
    this.#close(found)
  }

  /** Why nothing is committed to. */
  #refusal(request: Hex, left: bigint | undefined, { spacing }: Head): string | undefined {
    if (this.#earlier?.has(request)) return 'its bond was taken back once, because the proof did not hold'
    if (left !== undefined && left <= BLOCKS_TO_CHALLENGE * spacing)
      return `it matures in ${left} s, before a challenge could be mined`
    return undefined
  }

  async #commit({ challenge, reason }: LeafProof, request: Hex, commitment: Hex): Promise<void> {
    const { chain } = this.#modules
    const bond = await chain.bond()
    const transaction = await chain.commit(commitment, bond)
    this.#told({ type: 'committed', request, challenge, reason, bond, transaction })
  }

  async #challenge(found: Case, record: ClaimRecord, committed: { commitment: Hex; bond: bigint }): Promise<void> {
    const { chain } = this.#modules
    const { request } = found
    const tried = await this.#firstUpheld(found, record)
    if (tried === 'later') return
    if ('refused' in tried) {
      this.#tellOnce(found, { type: 'unproved', request, reason: tried.refused })
      return this.#reclaim(found, committed.commitment, committed.bond)
    }
    const { outcome, reward, transaction } = await chain.challenge(record, tried)
    const { challenge } = tried.proof
    if (outcome.upheld) this.#told({ type: 'upheld', request, challenge, fault: outcome.fault, reward, transaction })
    else this.#told({ type: 'lost', request, bond: outcome.bondLost, transaction })
    this.#close(found)
  }

  /** The first proof that the node would uphold; or that it is to be asked later; or why it upholds none. */
  async #firstUpheld(
    { request, proofs, evidence }: Case,
    record: ClaimRecord,
  ): Promise<WholeProof | 'later' | { refused: string }> {
    const { chain, commitments } = this.#modules
    let refused = 'no row leads to the featureRoot of its version'
    for (const proof of proofs.slice(0, MOST_PROOFS)) {
      const row = proof.challenge !== 'receipt' && evidence ? rowEvidence(evidence, proof.row) : undefined
      if (proof.challenge !== 'receipt' && !row) continue
      const whole = { proof, evidence: row, salt: commitments.salt(request) }
      try {
        if (await chain.wouldUphold(record, whole)) return whole
        refused = `the chain would find no fault: ${proof.reason}`
      } catch (error) {
        if (!(error instanceof NativeContractError)) throw error
        // What is over shows in its standing with the next block.
        if (['ChallengeTooYoung', 'ClaimUndoneBefore', 'ClaimMatured'].includes(error.errorName)) return 'later'
        refused = error.shortMessage
      }
    }
    return { refused }
  }

  async #reclaim(found: Case, commitment: Hex, bond: bigint): Promise<void> {
    const transaction = await this.#modules.chain.reclaim(commitment)
    this.#told({ type: 'reclaimed', request: found.request, bond, transaction })
    this.#close(found)
  }

  /** A case whose bond could not be taken back yet is looked at again: it has told why it ended. */
  #tellOnce(found: Case, event: WatchEvent): void {
    this.#told(event)
    this.#cases.set(found.request, { ...found, proofs: [] })
  }

  #close({ request }: Case): void {
    this.#cases.delete(request)
    this.#earlier?.delete(request)
  }
}
