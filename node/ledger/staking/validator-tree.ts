/**
 * Validators by stake, for draws (docs/protocol.md, "Staking"): a sum tree (Fenwick 1994) over the free stake of each
 * validator, so that a draw is O(log n) reads and a change of stake O(log n) writes, in the number of places in use.
 *
 *     place 1   2   3   4   5   6   7   8          node i holds the sum of the places i − lowbit(i) + 1 … i
 *     node  1   1-2 3   1-4 5   5-6 7   1-8        node 0 holds the sum of all
 *
 * A node keeps two values: now, and at the last boundary of draws before its latest change. A draw takes the stakes as
 * they were at a boundary that lay before anybody could know its randomness; so nobody stakes, leaves or moves stake
 * between accounts to meet a draw that is known. Boundaries are whole multiples of {@link drawWindow} L1 blocks.
 */
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { hexOf } from '../calls/face.ts'
import { at, type RecordOf, readRecord, recordLayout, toWord, variable, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { l1Number } from '../payouts/randomness.ts'

/** Most places there are. Who stakes when all are taken is a validator, and is not drawn until it finds one free. */
export const MAX_PLACES = 65_536n

/** Places that were ever made, and the first of the list of those that are free; 0 where none is. */
export const treeLayout = recordLayout({ places: 'uint32', freePlace: 'uint32' })
const tree = variable(NATIVE.staking, 11)

export const drawableLayout = recordLayout({
  /** From 1; 0 where the account has none. */
  place: 'uint32',
  /** Wei that the tree counts for it. */
  weight: 'uint96',
})

export const treePlaceLayout = recordLayout({
  /** The node's sum in wei, and what it was at the last boundary up to `changedAt`. */
  now: 'uint96',
  before: 'uint96',
  /** L1 number of the latest change. */
  changedAt: 'uint64',
  /** Who has the place; 0 where it is free. */
  validator: 'address',
  /** L1 number at which the place was taken. */
  since: 'uint64',
  /** The next free place, where this one is free. */
  nextFree: 'uint32',
})
type Node = Pick<RecordOf<typeof treePlaceLayout>, 'now' | 'before' | 'changedAt'>

/** A moment in L1 numbers, and the last boundary up to it. */
type Moment = { number: bigint; boundary: bigint }

export function drawablePlace(context: CallContext, validator: Address): Place {
  return at(context, variable(NATIVE.staking, 12), validator)
}

export function treePlace(context: CallContext, index: bigint): Place {
  return at(context, variable(NATIVE.staking, 13), index)
}

/** L1 blocks between two boundaries. */
export function drawWindow(context: CallContext): bigint {
  return 4n * parameter(context, 'drawDelay')
}

function present(context: CallContext): Moment {
  const number = l1Number(context)
  return { number, boundary: number - (number % drawWindow(context)) }
}

const lowbit = (index: bigint): bigint => index & -index

function readNode(context: CallContext, index: bigint): Node {
  return readRecord(context, treePlace(context, index), treePlaceLayout, ['now', 'before', 'changedAt'])
}

/** The node's sum at a boundary: right while no later one has passed. */
function sumAt(node: Node, boundary: bigint): bigint {
  return node.changedAt < boundary ? node.now : node.before
}

function addToNode(context: CallContext, index: bigint, change: bigint, { number, boundary }: Moment): void {
  const node = readNode(context, index)
  const changed = { now: node.now + change, before: sumAt(node, boundary), changedAt: number }
  writeRecord(context, treePlace(context, index), treePlaceLayout, changed)
}

/** Adds to the sums of a place that is there. */
function addToTree(context: CallContext, place: bigint, change: bigint, places: bigint, moment: Moment): void {
  for (let index = place; index <= places; index += lowbit(index)) addToNode(context, index, change, moment)
  addToNode(context, 0n, change, moment)
}

/** Makes the next place: its node begins with what its range holds already. */
function appendPlace(context: CallContext, place: bigint, moment: Moment): void {
  const node = { now: 0n, before: 0n, changedAt: moment.number }
  for (let index = place - 1n; index > place - lowbit(place); index -= lowbit(index)) {
    const child = readNode(context, index)
    node.now += child.now
    node.before += sumAt(child, moment.boundary)
  }
  writeRecord(context, treePlace(context, place), treePlaceLayout, node)
}

/** Gives the validator a place, of those that are free or at the end; 0 where there is none. */
function takePlace(context: CallContext, validator: Address, moment: Moment): bigint {
  const { places, freePlace } = readRecord(context, tree, treeLayout)
  const place = freePlace === 0n ? places + 1n : freePlace
  if (place > MAX_PLACES) return 0n
  if (freePlace === 0n) {
    appendPlace(context, place, moment)
    writeRecord(context, tree, treeLayout, { places: place })
  } else {
    const { nextFree } = readRecord(context, treePlace(context, place), treePlaceLayout, ['nextFree'])
    writeRecord(context, tree, treeLayout, { freePlace: nextFree })
  }
  writeRecord(context, treePlace(context, place), treePlaceLayout, { validator, since: moment.number, nextFree: 0n })
  return place
}

function leavePlace(context: CallContext, place: bigint): void {
  const { freePlace } = readRecord(context, tree, treeLayout, ['freePlace'])
  const nobody: Address = '0x0000000000000000000000000000000000000000'
  writeRecord(context, treePlace(context, place), treePlaceLayout, { validator: nobody, nextFree: freePlace })
  writeRecord(context, tree, treeLayout, { freePlace: place })
}

/** Counts `weight` wei for the validator from now on. `stays`: whether it keeps its place where that is nothing. */
export function setDrawable(context: CallContext, validator: Address, weight: bigint, stays: boolean): void {
  const own = drawablePlace(context, validator)
  const { place: taken, weight: counted } = readRecord(context, own, drawableLayout)
  if (weight === counted && (stays || taken === 0n)) return
  const moment = present(context)
  const place = taken === 0n ? takePlace(context, validator, moment) : taken
  if (place === 0n) return
  const { places } = readRecord(context, tree, treeLayout, ['places'])
  if (weight !== counted) addToTree(context, place, weight - counted, places, moment)
  if (!stays) leavePlace(context, place)
  writeRecord(context, own, drawableLayout, { place: stays ? place : 0n, weight })
}

/** Wei that the tree counts now. */
export function drawableStake(context: CallContext): bigint {
  return readNode(context, 0n).now
}

/** Whose wei number `ticket` is, of those that were counted at the boundary; undefined where it has left since. */
export function holderOf(context: CallContext, ticket: bigint, boundary: bigint): Address | undefined {
  const { places } = readRecord(context, tree, treeLayout, ['places'])
  let step = 1n
  while (step * 2n <= places) step *= 2n
  let place = 0n
  let rest = ticket
  for (; step > 0n; step /= 2n) {
    if (place + step > places) continue
    const sum = sumAt(readNode(context, place + step), boundary)
    if (sum > rest) continue
    place += step
    rest -= sum
  }
  if (place === places) return undefined
  const holder = readRecord(context, treePlace(context, place + 1n), treePlaceLayout, ['validator', 'since'])
  return BigInt(holder.validator) === 0n || holder.since >= boundary ? undefined : holder.validator
}

/**
 * The validator of draw number `index` under a seed, by free stake at the boundary. Draws are with replacement: one validator may be
 * drawn many times. Undefined where nothing was counted, or who was drawn has left since.
 */
export function drawValidator(
  context: CallContext,
  draw: { seed: bigint; index: number; boundary: bigint },
): Address | undefined {
  const total = sumAt(readNode(context, 0n), draw.boundary)
  if (total === 0n) return undefined
  const preimage = new Uint8Array(64)
  preimage.set(toWord(draw.seed), 0)
  preimage.set(toWord(BigInt(draw.index)), 32)
  return holderOf(context, BigInt(hexOf(context.keccak(preimage))) % total, draw.boundary)
}
