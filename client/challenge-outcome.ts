/** What a challenge's transaction brought about, read from its receipt's logs. */
import { type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import { attributionAbi } from '../genesis/abi/attribution.ts'
import { NATIVE } from '../genesis/addresses.ts'
import { EventMissingError, logsOf } from './native-event.ts'

export type ChallengeOutcome = {
  /** Request id; of challenge 6 protocol/challenge.ts's `sameSubject`. */
  subject: Hex
  /** `CHALLENGE`. */
  challenge: number
} & (
  | { upheld: true /** In words. */; fault: string }
  | { upheld: false /** Wei that the challenger lost. */; bondLost: bigint }
)

/**
 * The outcome of a challengeScore, challengeOmission, challengeReceipt, challengeSame or punishHidden transaction.
 * Throws {@link EventMissingError} where the receipt is of something else.
 *
 * @example
 * const outcome = challengeOutcome(await confirmTransaction(client, { hash: await challengeScore(client, proof) }))
 * if (outcome.upheld) console.log(outcome.fault)
 */
export function challengeOutcome(receipt: Pick<TransactionReceipt, 'logs'>): ChallengeOutcome {
  for (const event of parseEventLogs({ abi: attributionAbi, logs: logsOf(receipt.logs, NATIVE.attribution) })) {
    if (event.eventName === 'ChallengeUpheld') {
      const { subject, challenge, fault } = event.args
      return { subject, challenge, upheld: true, fault }
    }
    if (event.eventName === 'ChallengeFailed') {
      const { subject, challenge, bondLost } = event.args
      return { subject, challenge, upheld: false, bondLost }
    }
  }
  throw new EventMissingError('ChallengeUpheld', 'attribution')
}
