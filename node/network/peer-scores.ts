/**
 * What we hold for and against each peer; gossipsub takes it as its application-specific score (gossipsub v1.1,
 * P5). A refused message costs 40, an accepted block gains 1 up to 20; half of any score is forgotten in ten
 * minutes. At −20 a peer hears no gossip, at −80 it is not listened to, at −100 it is disconnected and kept out
 * until its score has risen above that.
 */
import type { Clock } from '../chain/clock.ts'

export const SCORE = {
  refused: -40,
  accepted: 1,
  most: 20,
  gossipThreshold: -20,
  publishThreshold: -50,
  graylistThreshold: -80,
  banThreshold: -100,
} as const

/** Milliseconds in which half of a score is forgotten. */
const HALF_LIFE = 600_000
/** Peers remembered; the longest untouched is forgotten first. */
const MAX_PEERS = 10_000

export class PeerScores {
  readonly #clock: Pick<Clock, 'now'>
  readonly #scores = new Map<string, { score: number; at: number }>()

  constructor(modules: { clock: Pick<Clock, 'now'> }) {
    this.#clock = modules.clock
  }

  /** The score now; 0 of a stranger. */
  of(peer: string): number {
    const entry = this.#scores.get(peer)
    return entry === undefined ? 0 : entry.score * 0.5 ** ((this.#clock.now() - entry.at) / HALF_LIFE)
  }

  isBanned(peer: string): boolean {
    return this.of(peer) <= SCORE.banThreshold
  }

  refused(peer: string): void {
    this.#set(peer, this.of(peer) + SCORE.refused)
  }

  accepted(peer: string): void {
    this.#set(peer, Math.min(SCORE.most, this.of(peer) + SCORE.accepted))
  }

  #set(peer: string, score: number): void {
    this.#scores.delete(peer)
    this.#scores.set(peer, { score, at: this.#clock.now() })
    if (this.#scores.size > MAX_PEERS) {
      for (const oldest of this.#scores.keys()) {
        this.#scores.delete(oldest)
        break
      }
    }
  }
}
