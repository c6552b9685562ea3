/** What an audit reads of challenge 4: the bonds of open rounds, the stake that their seats lock, the weights of draws. */
import { ROUND_STATUS } from '../../../genesis/abi/attribution.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { FEATURE_KIND } from '../../../protocol/challenge.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord, readRecords } from '../calls/storage-layout.ts'
import {
  ballotLayout,
  ballotPlace,
  roundCounters,
  roundLayout,
  roundPlace,
  roundsLayout,
  seatLayout,
  seatsPlace,
  VOTE,
} from '../disputes/committee-records.ts'
import { holdsPlace } from '../models/model-records.ts'
import { drawableLayout, drawablePlace, drawableStake } from '../staking/validator-tree.ts'

const OPEN: ReadonlySet<number> = new Set([ROUND_STATUS.drawing, ROUND_STATUS.voting, ROUND_STATUS.appealed])

function roundIds(context: CallContext): bigint[] {
  const { rounds } = readRecord(context, roundCounters, roundsLayout)
  return Array.from({ length: Number(rounds) }, (_, i) => BigInt(i) + 1n)
}

/** Wei of rounds that have not ended: bonds of their challengers and of who appealed. */
export function roundBonds(context: CallContext): bigint {
  let bonds = 0n
  for (const id of roundIds(context)) {
    const { bond, appealBond } = readRecord(context, roundPlace(context, id), roundLayout, ['bond', 'appealBond'])
    bonds += bond + appealBond
  }
  return bonds
}

/** A version's bond stays for each round about its rows or curvature that has not ended. */
export function holdFaults(context: CallContext): string[] {
  const rounds = new Map<bigint, bigint>()
  for (const id of roundIds(context)) {
    const { kind, status, version } = readRecord(context, roundPlace(context, id), roundLayout, [
      ...(['kind', 'status', 'version'] as const),
    ])
    if (kind === BigInt(FEATURE_KIND.query) || !OPEN.has(Number(status))) continue
    rounds.set(version, (rounds.get(version) ?? 0n) + 1n)
  }
  return [...rounds]
    .map(([version, open]) => ({ version, open, holds: context.read(holdsPlace(context, version)) }))
    .filter(({ open, holds }) => holds < open)
    .map(({ version, open, holds }) => `version ${version} is held ${holds} times, ${open} rounds are about it`)
}

/** Wei of the validator's stake that its seats lock. */
export function lockedBySeats(context: CallContext, validator: Address): bigint {
  let locked = 0n
  for (const id of roundIds(context)) {
    const seats = readRecords(context, seatsPlace(roundPlace(context, id)), seatLayout)
    if (!seats.some(({ holder }) => holder === validator)) continue
    const place = ballotPlace(context, id, VOTE.committee, validator)
    locked += readRecord(context, place, ballotLayout, ['locked']).locked
  }
  return locked
}

/** A draw counts no validator above its free stake, and in all what it counts of each. */
export function drawFaults(
  context: CallContext,
  validators: readonly { account: Address; amount: bigint; locked: bigint }[],
): string[] {
  let counted = 0n
  const faults: string[] = []
  for (const { account, amount, locked } of validators) {
    const { weight } = readRecord(context, drawablePlace(context, account), drawableLayout, ['weight'])
    counted += weight
    if (weight !== 0n && weight !== amount - locked)
      faults.push(`${account} is drawn by ${weight} wei, ${amount - locked} of its stake are free`)
  }
  const total = drawableStake(context)
  return total === counted ? faults : [...faults, `draws are among ${total} wei, validators are counted for ${counted}`]
}
