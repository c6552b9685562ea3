/**
 * Settlement of thousands of requests at once (docs/protocol.md, "Batches"): a prover commits to a tree of leaves and
 * their fees, later randomness draws wei of it, and only the leaves that hold a drawn one are settled in full, each draw
 * paying the same part of all fees. Everybody is paid, on the average, what settling every leaf would pay.
 *
 *     settleBatch ── fees leave the channels, stake is locked ──> open
 *     open ── drawnBy's randomness is there ──> settleDraws, leaf by leaf ──> settled, with a claim as any other
 *       │                                           └─ the leaf may not be settled ──> its wei to the treasury, its stake free
 *       └──── deadline ──> forfeitDraws: what was not shown goes to the treasury, and its stake is slashed
 */
import type { Hex } from 'viem'
import { LEAF_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, BURNED, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { encodedLeafHash, encodeLeaf, type Leaf, MOST_ENTRIES } from '../../../protocol/leaf.ts'
import { requestId } from '../../../protocol/request.ts'
import { drawnPosition, openDraws, provenStart } from '../../../protocol/sum-tree.ts'
import type { CallContext } from '../calls/context.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { channelLayout, channelPlace } from '../channels/channel-records.ts'
import { takeVoucher } from '../channels/voucher-check.ts'
import { parameter } from '../governance/parameters.ts'
import { l1Number, randomnessOf } from '../payouts/randomness.ts'
import { activeStake, lockStake, slashLocked, unlockStake } from '../staking/staking-records.ts'
import { type AttributionHandlers, face } from './attribution-face.ts'
import { settlementLayout, settlementPlace, treasury } from './attribution-records.ts'
import { batchCount, batchLayout, batchPartLayout, batchPartPlace, batchPlace } from './batch-records.ts'
import { channelFault, checkAttribution, type LeafSkipReason, readRules } from './leaf-check.ts'
import { chargeChannel, paySettlement } from './settlement.ts'

type Batch = RecordOf<typeof batchLayout>
type BatchPart = { channel: Hex; first: bigint; last: bigint; fees: bigint }

function knownBatch(context: CallContext, batch: bigint): Batch {
  const record = readRecord(context, batchPlace(context, batch), batchLayout)
  if (record.committedIn === 0n) throw face.error('UnknownBatch', [batch])
  return record
}

/** Charges a channel for its requests of the batch, whose numbers are spent from here on. */
function takePart(context: CallContext, batch: bigint, part: BatchPart): void {
  const { channel, first, last, fees } = part
  const fault = channelFault(context, channel, fees)
  if (fault !== undefined) throw face.error('ChannelRefused', [channel, fault])
  const place = channelPlace(context, channel)
  const { highest } = readRecord(context, place, channelLayout, ['highest'])
  if (first <= highest) throw face.error('ChannelRefused', [channel, LEAF_SKIP_REASON.alreadySettled])
  if (last < first) throw face.error('InvalidField', ['parts', `channel ${channel}: last is below first`])
  writeRecord(context, place, channelLayout, { highest: last, batchedTo: last })
  chargeChannel(context, channel, fees)
  writeRecord(context, batchPartPlace(context, batch, channel), batchPartLayout, { first, last, fees })
}

/** All parts, by ascending channel. Returns their fees. */
function takeParts(context: CallContext, batch: bigint, leaves: number, parts: readonly BatchPart[]): bigint {
  let before = ''
  let fees = 0n
  let requests = 0n
  for (const part of parts) {
    if (part.channel <= before) throw face.error('InvalidField', ['parts', 'must be by ascending channel'])
    before = part.channel
    takePart(context, batch, part)
    fees += part.fees
    requests += part.last - part.first + 1n
  }
  if (leaves === 0 || BigInt(leaves) > requests)
    throw face.error('InvalidField', ['leaves', `must be 1 to ${requests}, as many as the parts have requests`])
  return fees
}

/** Which of the batch's wei the draw names. Throws while that is not known. */
function positionOf(context: CallContext, id: bigint, { drawnBy, draws, fees }: Batch, draw: number): bigint {
  if (BigInt(draw) >= draws) throw face.error('InvalidField', ['draw', `must be below ${draws}, got ${draw}`])
  const randomness = randomnessOf(context, drawnBy)
  if (randomness === undefined) throw face.error('DrawPending', [id, drawnBy])
  context.charge(GAS.keccak + 2n * GAS.keccakWord)
  return drawnPosition({ randomness, batch: id, draw, total: fees })
}

/** Where the leaf's wei begin among the batch's. */
function startOf(
  context: CallContext,
  { root, fees, leaves }: Batch,
  leaf: Leaf,
  path: { index: number; hashes: readonly Hex[]; sums: readonly bigint[] },
): bigint {
  const { index, hashes, sums } = path
  if (hashes.length !== sums.length) throw face.error('InvalidField', ['path', 'must have a sum for every hash'])
  if (leaf.entries.length > MOST_ENTRIES)
    throw face.error('InvalidField', ['leaf', `has ${leaf.entries.length} entries, more than ${MOST_ENTRIES}`])
  const encoded = encodeLeaf(leaf)
  context.chargeWords(GAS.keccakWord, encoded.length)
  context.charge(GAS.keccak + BigInt(hashes.length) * (GAS.keccak + 4n * GAS.keccakWord))
  const start = provenStart({
    root: { hash: root, sum: fees },
    leaf: { hash: encodedLeafHash(encoded), sum: leaf.fee },
    ...{ index, count: Number(leaves) },
    proof: hashes.map((hash, i) => ({ hash, sum: sums[i]! })),
  })
  if (start === undefined) throw face.error('InvalidField', ['path', "does not lead from the leaf to the batch's root"])
  return start
}

/** The draws that the leaf is hit by, as bits. Each must be open, and name one of its wei. */
function hitBy(
  context: CallContext,
  id: bigint,
  batch: Batch,
  draws: readonly number[],
  wei: { start: bigint; end: bigint },
): bigint {
  if (draws.length === 0) throw face.error('InvalidField', ['draws', 'must not be empty'])
  let hits = 0n
  for (const draw of draws) {
    const position = positionOf(context, id, batch, draw)
    const bit = 1n << BigInt(draw)
    if ((batch.open & ~hits & bit) === 0n) throw face.error('DrawNotOpen', [id, draw])
    if (position < wei.start || position >= wei.end) throw face.error('DrawElsewhere', [id, draw, position])
    hits |= bit
  }
  return hits
}

/** The request of a leaf that the batch may settle: of one of its parts, and not settled before. */
function batchedRequest(context: CallContext, id: bigint, { channel, n }: Leaf): Hex {
  const { first, last } = readRecord(context, batchPartPlace(context, id, channel), batchPartLayout, ['first', 'last'])
  if (n < first || n > last || last === 0n)
    throw face.error('InvalidField', ['leaf', `is of request ${n}, which the batch does not settle`])
  context.charge(GAS.keccak + 2n * GAS.keccakWord)
  const request = requestId(channel, n)
  const { settledAt } = readRecord(context, settlementPlace(context, request), settlementLayout, ['settledAt'])
  if (settledAt !== 0n) throw face.error('LeafRefused', [request, LEAF_SKIP_REASON.alreadySettled])
  return request
}

type Drawn = { batch: bigint; prover: Address; request: Hex; draws: number; amount: bigint; lockedStake: bigint }

/**
 * Ends the draws of a leaf that may not be settled: it pays nobody, as a single leaf that is skipped, and costs no stake.
 * Since it was committed to, its version may have failed, a cluster been merged or a parameter been set, by people who
 * would have half of a slash.
 */
function voidDraws(context: CallContext, drawn: Drawn, reason: LeafSkipReason): void {
  const { batch, prover, request, draws: forfeited, amount, lockedStake } = drawn
  context.write(treasury, context.read(treasury) + amount)
  unlockStake(context, prover, lockedStake)
  face.emit(context, 'LeafSkipped', { request, reason })
  face.emit(context, 'DrawsForfeited', { batch, prover, reporter: prover, forfeited, slashed: 0n, reward: 0n })
}

type Batches = Pick<
  AttributionHandlers,
  'settleBatch' | 'settleDraws' | 'forfeitDraws' | 'batchCount' | 'getBatch' | 'drawOf'
>

export const batches: Batches = {
  settleBatch(context, [root, leaves, parts, vouchers]) {
    const { caller, block } = context.call
    context.refuseStatic('a settlement')
    if (activeStake(context, caller, STAKE_ROLE.prover) === 0n) throw face.error('NotProver', [caller])
    for (const voucher of vouchers) {
      const reason = takeVoucher(context, voucher)
      if (reason !== undefined) face.emit(context, 'VoucherSkipped', { channel: voucher.channel, reason })
    }
    const id = context.read(batchCount) + 1n
    context.write(batchCount, id)
    const fees = takeParts(context, id, leaves, parts)
    const draws = parameter(context, 'batchDraws')
    const perDraw = fees / draws
    if (perDraw === 0n) throw face.error('InvalidField', ['parts', `come to ${fees} wei, less than ${draws} draws`])
    const lockPerDraw = parameter(context, 'lockMultiple') * perDraw
    if (!lockStake(context, caller, lockPerDraw * draws))
      throw face.error('StakeTooSmall', [caller, lockPerDraw * draws])
    context.transfer(NATIVE.channels, NATIVE.attribution, fees)
    context.write(treasury, context.read(treasury) + fees - perDraw * draws)
    const drawnBy = l1Number(context) + parameter(context, 'drawDelay')
    const deadline = context.now + parameter(context, 'batchPeriod')
    writeRecord(context, batchPlace(context, id), batchLayout, {
      ...{ prover: caller, committedIn: block.number, leaves: BigInt(leaves), root, fees, perDraw, lockPerDraw },
      ...{ drawnBy, deadline, draws, open: (1n << draws) - 1n },
    })
    const event = { batch: id, prover: caller, root, leaves, fees, draws: Number(draws), drawnBy, deadline }
    face.emit(context, 'BatchCommitted', event)
    return id
  },

  settleDraws(context, [id, draws, leaf, path]) {
    const batch = knownBatch(context, id)
    const { caller } = context.call
    if (caller !== batch.prover) throw face.error('NotBatchProver', [caller, batch.prover])
    if (context.now >= batch.deadline) throw face.error('BatchOver', [id, batch.deadline])
    const request = batchedRequest(context, id, leaf)
    const start = startOf(context, batch, leaf, path)
    const hits = hitBy(context, id, batch, draws, { start, end: start + leaf.fee })
    const rules = readRules(context)
    const checked = checkAttribution(context, rules, leaf, batch.committedIn)
    const count = BigInt(draws.length)
    const payment = { amount: batch.perDraw * count, lockedStake: batch.lockPerDraw * count }
    writeRecord(context, batchPlace(context, id), batchLayout, { open: batch.open & ~hits })
    if (typeof checked === 'number')
      return voidDraws(context, { batch: id, prover: caller, request, draws: draws.length, ...payment }, checked)
    paySettlement(context, rules, request, leaf, checked, payment)
    const { amount } = payment
    face.emit(context, 'DrawsSettled', { batch: id, request, draws: [...draws], amount })
  },

  forfeitDraws(context, [id]) {
    const { prover, deadline, drawnBy, open, perDraw, lockPerDraw } = knownBatch(context, id)
    if (open === 0n) throw face.error('BatchOver', [id, deadline])
    if (context.now < deadline) throw face.error('TooEarly', [deadline])
    if (l1Number(context) <= drawnBy) throw face.error('DrawPending', [id, drawnBy])
    const forfeited = openDraws(open).length
    writeRecord(context, batchPlace(context, id), batchLayout, { open: 0n })
    context.write(treasury, context.read(treasury) + perDraw * BigInt(forfeited))
    const slashed = lockPerDraw * BigInt(forfeited)
    slashLocked(context, prover, STAKE_ROLE.prover, slashed)
    const reward = slashed / 2n
    const reporter = context.call.caller
    context.transfer(NATIVE.staking, reporter, reward)
    context.transfer(NATIVE.staking, BURNED, slashed - reward)
    face.emit(context, 'DrawsForfeited', { batch: id, prover, reporter, forfeited, slashed, reward })
    return forfeited
  },

  batchCount: (context) => context.read(batchCount),

  getBatch(context, [id]) {
    const record = readRecord(context, batchPlace(context, id), batchLayout)
    return { ...record, leaves: Number(record.leaves), draws: Number(record.draws) }
  },

  drawOf: (context, [id, draw]) => positionOf(context, id, knownBatch(context, id), draw),
}
