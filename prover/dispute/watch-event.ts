/** What a watcher tells of, one line each. */
import { formatEther, type Hex } from 'viem'
import { FEATURE_KIND } from '../../protocol/challenge.ts'
import { type AuditDifference, describeDifference } from '../audit/auditor.ts'
import type { LeafProof } from './proofs.ts'
import type { SeatEvent } from './seats.ts'

export type WatchEvent = { request: Hex } & (
  | { type: 'checked'; block: bigint }
  /** Its payer allows no opening: nobody can recompute it. */
  | { type: 'closed'; block: bigint }
  | { type: 'difference'; difference: AuditDifference }
  /** It differs, and no proof of it would be upheld at once: why. */
  | { type: 'unproved'; reason: string }
  | { type: 'committed'; challenge: LeafProof['challenge']; reason: string; bond: bigint; transaction: Hex }
  | { type: 'upheld'; challenge: LeafProof['challenge']; fault: string; reward: bigint; transaction: Hex }
  /** The chain found no fault, against what it had said before. */
  | { type: 'lost'; bond: bigint; transaction: Hex }
  /** Nothing is left to be challenged: somebody else was first, or it was too late. */
  | { type: 'over'; reason: 'undone' | 'matured' }
  | { type: 'reclaimed'; bond: bigint; transaction: Hex }
  /** Will be tried again with the next block. */
  | { type: 'failed'; reason: string }
)

const OVER = { undone: 'the claim was undone by somebody else', matured: 'the claim has matured' } as const

const open = (wei: bigint) => `${formatEther(wei)} OPEN`

/** One line for people. */
export function describeWatchEvent(event: WatchEvent): string {
  return event.type === 'difference'
    ? `difference: ${describeDifference(event.difference)}`
    : `${event.request}: ${sentence(event)}`
}

function sentence(event: Exclude<WatchEvent, { type: 'difference' }>): string {
  switch (event.type) {
    case 'checked':
      return `settled in block ${event.block}, the same integers`
    case 'closed':
      return `settled in block ${event.block}, closed by its payer`
    case 'unproved':
      return `not challenged: ${event.reason}`
    case 'committed':
      return `committed to challenge ${event.challenge}, bond ${open(event.bond)}: ${event.reason}`
    case 'upheld':
      return `challenged and upheld, +${open(event.reward)}: ${event.fault}`
    case 'lost':
      return `challenged and not upheld, -${open(event.bond)}`
    case 'over':
      return OVER[event.reason]
    case 'reclaimed':
      return `bond reclaimed, ${open(event.bond)}`
    case 'failed':
      return `will be tried again: ${event.reason}`
  }
}

const KINDS = ['', 'query of request', 'row', 'curvature'] as const

/** One line for people. */
export function describeSeatEvent(event: SeatEvent): string {
  return `round ${event.round}: ${seatSentence(event)}`
}

function seatSentence(event: SeatEvent): string {
  switch (event.type) {
    case 'seated': {
      const { kind, version, index, subject } = event.about
      const what = `${KINDS[kind]} ${kind === FEATURE_KIND.query ? subject : index}`
      return `drawn to ${event.seats} seats about ${what} of version ${version}`
    }
    case 'abstained':
      return `no vote: ${event.reason}`
    case 'voted':
      return `committed to ${event.vectorHash}`
    case 'revealed':
      return `revealed ${event.vectorHash}`
    case 'failed':
      return `will be tried again: ${event.reason}`
  }
}
