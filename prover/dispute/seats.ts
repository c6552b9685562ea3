/**
 * Serves the seats that a validator's account is drawn to (docs/protocol.md, "The committee"): recomputes what the round is about, commits the
 * hash, reveals it in time. What it cannot recompute it does not vote on. Salts follow from the key (commitments.ts) and what is recomputed is
 * the same each time, so a new one goes on where another was killed.
 */
import type { Hash, Hex } from 'viem'
import { getContractEvents } from 'viem/actions'
import { commitSeat, confirmTransaction, getBallot, getRound, getRoundCount, revealSeat } from '../../client/index.ts'
import { attributionAbi, ROUND_STATUS } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { hashWords } from '../../protocol/abi-words.ts'
import { seatCommitment } from '../../protocol/challenge.ts'
import { toHex } from '../../protocol/hex.ts'
import { logPages } from '../attribute/chain-corpus.ts'
import type { Commitments } from './commitments.ts'
import type { DisputeClient, Head } from './dispute-chain.ts'

export type SeatSubject = {
  /** `FEATURE_KIND`. */
  kind: number
  version: bigint
  /** Of a row, or of a curvature's block. */
  index: number
  /** Request id, of a query. */
  subject: Hex
}

/** keccak of what a member finds; or why it finds nothing. */
export type Recompute = (about: SeatSubject) => Promise<{ vectorHash: Hex } | { unknown: string }>

export type SeatEvent = { round: bigint } & (
  | { type: 'seated'; seats: bigint; about: SeatSubject }
  | { type: 'abstained'; reason: string }
  | { type: 'voted'; vectorHash: Hex; transaction: Hash }
  | { type: 'revealed'; vectorHash: Hex; transaction: Hash }
  | { type: 'failed'; reason: string }
)

const OPEN: readonly number[] = [ROUND_STATUS.drawing, ROUND_STATUS.voting, ROUND_STATUS.appealed]
const NOTHING = /^0x0+$/

type Round = Awaited<ReturnType<typeof getRound>>

export class Seats {
  readonly #client: DisputeClient
  readonly #commitments: Commitments
  readonly #recompute: Recompute
  readonly #told: (event: SeatEvent) => void
  readonly #voter: Address
  /** Rounds that may still be drawn or voted in, and what this account's seats in them are about. */
  readonly #open = new Map<bigint, { about?: SeatSubject; vectorHash?: Hex; isOver?: boolean }>()
  #seen = 0n

  constructor(
    modules: { client: DisputeClient; commitments: Commitments; recompute: Recompute },
    told: (event: SeatEvent) => void,
  ) {
    this.#client = modules.client
    this.#commitments = modules.commitments
    this.#recompute = modules.recompute
    this.#told = told
    this.#voter = modules.client.account.address.toLowerCase() as Address
  }

  /** Looks at each open round, and votes or reveals where it is time. */
  async turn(head: Head): Promise<void> {
    const count = await getRoundCount(this.#client, {})
    while (this.#seen < count) this.#open.set(++this.#seen, {})
    for (const id of this.#open.keys()) {
      await this.#serve(id, head).catch((error: unknown) => {
        if (!(error instanceof Error)) throw error
        this.#told({ type: 'failed', round: id, reason: error.message })
      })
    }
  }

  async #serve(id: bigint, head: Head): Promise<void> {
    const known = this.#open.get(id)!
    const round = await getRound(this.#client, { round: id })
    if (known.isOver || !OPEN.includes(round.status)) {
      this.#open.delete(id)
      return
    }
    if (round.status !== ROUND_STATUS.voting) return
    const ballot = await getBallot(this.#client, { round: id, inAppeal: false, voter: this.#voter })
    const isLate = head.timestamp > round.committee.revealUntil
    if (ballot.weight === 0n || isLate || !NOTHING.test(ballot.vote)) {
      known.isOver = true
      return
    }
    if (!known.about) {
      known.about = await this.#aboutOf(id, round, head)
      this.#told({ type: 'seated', round: id, seats: ballot.weight, about: known.about })
    }
    if (NOTHING.test(ballot.commitment)) return this.#vote(id, known.about, round, head)
    if (head.timestamp > round.committee.commitUntil) return this.#reveal(id, known.about)
  }

  async #vote(id: bigint, about: SeatSubject, round: Round, head: Head): Promise<void> {
    const known = this.#open.get(id)!
    if (head.timestamp + head.spacing > round.committee.commitUntil) {
      this.#told({ type: 'abstained', round: id, reason: 'the time to commit is over' })
      known.isOver = true
      return
    }
    const vectorHash = await this.#vectorOf(id, about)
    if (!vectorHash) return
    const commitment = seatCommitment({ round: id, vectorHash, salt: this.#salt(id), voter: this.#voter })
    const transaction = await commitSeat(this.#client, { round: id, commitment })
    await confirmTransaction(this.#client, { hash: transaction })
    this.#told({ type: 'voted', round: id, vectorHash, transaction })
  }

  async #reveal(id: bigint, about: SeatSubject): Promise<void> {
    const vectorHash = await this.#vectorOf(id, about)
    if (!vectorHash) return
    const transaction = await revealSeat(this.#client, { round: id, vectorHash, salt: this.#salt(id) })
    await confirmTransaction(this.#client, { hash: transaction })
    this.#open.get(id)!.isOver = true
    this.#told({ type: 'revealed', round: id, vectorHash, transaction })
  }

  /** Undefined, told once, where it cannot be recomputed. */
  async #vectorOf(id: bigint, about: SeatSubject): Promise<Hex | undefined> {
    const known = this.#open.get(id)!
    if (known.vectorHash) return known.vectorHash
    const found = await this.#recompute(about)
    if ('unknown' in found) {
      this.#told({ type: 'abstained', round: id, reason: found.unknown })
      known.isOver = true
      return undefined
    }
    known.vectorHash = found.vectorHash
    return found.vectorHash
  }

  async #aboutOf(id: bigint, { kind, version, subject }: Round, head: Head): Promise<SeatSubject> {
    for (const range of logPages(0n, head.number)) {
      const [log] = await getContractEvents(this.#client, {
        ...{ address: NATIVE.attribution, abi: attributionAbi, eventName: 'FeatureChallenged', strict: true },
        ...{ args: { round: id }, ...range },
      })
      if (log) return { kind, version, subject, index: log.args.index }
    }
    throw new Error(`the node has no log of round ${id}`)
  }

  #salt(round: bigint): Hex {
    return this.#commitments.salt(toHex(hashWords([{ uint: round, bits: 64 }])))
  }
}
