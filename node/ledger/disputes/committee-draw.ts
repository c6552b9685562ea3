/** Drawing the seats of a committee: when, by whose stake, and what a seat locks (docs/protocol.md, "The committee"). */
import type { Address } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { hexOf } from '../calls/face.ts'
import { toWord, writeRecord, writeRecords } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { l1Number } from '../payouts/randomness.ts'
import { lockForDuty } from '../staking/staking-records.ts'
import { drawValidator, drawWindow } from '../staking/validator-tree.ts'
import { ballotLayout, ballotPlace, type Round, roundPlace, seatLayout, seatsPlace, VOTE } from './committee-records.ts'

/**
 * When a round that is opened now is drawn, in L1 numbers: `drawDelay` ahead, by the stakes of the last boundary, and before
 * the next one; or, where that is near, as long after the next boundary as nobody can know the draw at it.
 */
export function drawTimes(context: CallContext): Pick<Round, 'boundary' | 'drawAt' | 'drawUntil'> {
  const number = l1Number(context)
  const delay = parameter(context, 'drawDelay')
  const length = drawWindow(context)
  const passed = number % length
  const boundary = number - passed
  const later = passed >= 2n * delay
  const start = later ? boundary + length : boundary
  return { boundary: start, drawAt: (later ? start : number) + delay, drawUntil: start + length }
}

/** Draws the seats; those that fall to one validator are its together, in the order in which it was first drawn. */
export function drawSeats(context: CallContext, round: Round, randomness: bigint): Map<Address, bigint> {
  const preimage = new Uint8Array(64)
  preimage.set(toWord(randomness), 0)
  preimage.set(toWord(round.id), 32)
  const seed = BigInt(hexOf(context.keccak(preimage)))
  const holders = new Map<Address, bigint>()
  for (let index = 0; index < Number(round.seats); index++) {
    const holder = drawValidator(context, { seed, index, boundary: round.boundary })
    if (holder) holders.set(holder, (holders.get(holder) ?? 0n) + 1n)
  }
  return holders
}

/** Gives the seats to their holders, and locks the stake behind them. */
export function seat(context: CallContext, round: Round, holders: ReadonlyMap<Address, bigint>): void {
  const each = parameter(context, 'seatStake')
  for (const [holder, seats] of holders) {
    const locked = lockForDuty(context, holder, seats * each)
    writeRecord(context, ballotPlace(context, round.id, VOTE.committee, holder), ballotLayout, {
      weight: seats,
      locked,
    })
  }
  const places = [...holders].map(([holder, seats]) => ({ holder, seats }))
  writeRecords(context, seatsPlace(roundPlace(context, round.id)), seatLayout, places)
}
