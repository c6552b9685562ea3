/**
 * A settlement's claim on what it credited (docs/protocol.md, "Challenges"), until it matures: it stands; while an
 * opening is demanded it is suspended, its credits taken out of pending; a proved challenge undoes it.
 *
 *     settled ──> standing ─┬─ demandOpening ──> suspended ─┬─ reveal ──> opened, credited anew <──> questioned (challenge 4)
 *                           │                               └─ deadline ─> undone
 *                           └─ challenge ──────────────────────────────> undone
 *
 * Undoing leaves the state as if the request had never been settled, but for the slash, the logs and the spent id.
 */
import type { Hex } from 'viem'
import { CLAIM_STATUS } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, BURNED, NATIVE } from '../../../genesis/addresses.ts'
import { type Claim, type ClaimCredit, decodeClaim, encodeClaim } from '../../../protocol/claim.ts'
import { type Leaf, leafHash, MOST_ENTRIES } from '../../../protocol/leaf.ts'
import { requestId } from '../../../protocol/request.ts'
import { creditRefund } from '../agents/spending.ts'
import { face } from '../attribution/attribution-face.ts'
import { claimLayout, claimPlace, settlementLayout, settlementPlace } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { beneficiaryPlace, channelLayout, channelPlace } from '../channels/channel-records.ts'
import { addPending, type Due, subtractPending, TARGET_KIND, type Target } from '../payouts/pending.ts'
import { slashLocked } from '../staking/staking-records.ts'

export type OpenClaim = {
  request: Hex
  claim: Claim
  leaf: Leaf
  settlement: RecordOf<typeof settlementLayout>
  status: number
}

/** Puts a settlement's credits on record, and in pending. */
export function writeClaim(context: CallContext, request: Hex, claim: Claim, status: number): void {
  const encoded = encodeClaim(claim)
  writeRecord(context, claimPlace(context, request), claimLayout, {
    claimHash: hexOf(context.keccak(encoded)),
    ...(status !== CLAIM_STATUS.standing && { status: BigInt(status) }),
  })
  const due: Due = { maturesAt: claim.maturesAt, lane: claim.lane }
  for (const credit of claim.credits) addPending(context, targetOf(credit), credit.amount, due)
  face.emit(context, 'Claimed', { request, claim: hexOf(encoded) })
}

function targetOf({ kind, id }: ClaimCredit): Target {
  return { kind: kind as Target['kind'], id }
}

/** The claim that has not matured and not been undone, from its own bytes and its leaf. Throws where they are not its. */
export function openClaim(context: CallContext, claimHex: Hex, leaf: Leaf): OpenClaim {
  const request = requestId(leaf.channel, leaf.n)
  const settlement = readRecord(context, settlementPlace(context, request), settlementLayout)
  if (settlement.settledAt === 0n) throw face.error('UnknownClaim', [request])
  if (leaf.entries.length > MOST_ENTRIES || leafHash(leaf) !== settlement.leafHash)
    throw face.error('InvalidField', ['leaf', 'is not the leaf that was settled'])
  const record = readRecord(context, claimPlace(context, request), claimLayout)
  const status = Number(record.status)
  if (status === CLAIM_STATUS.undone) throw face.error('ClaimUndoneBefore', [request])
  if (!isHeld(status) && context.now >= settlement.maturesAt)
    throw face.error('ClaimMatured', [request, settlement.maturesAt])
  const bytes = bytesOf(claimHex)
  if (hexOf(context.keccak(bytes)) !== record.claimHash)
    throw face.error('InvalidField', ['claim', 'is not what the settlement credited'])
  return { request, claim: decodeClaim(bytes), leaf, settlement, status }
}

/** Whether the claim's credits are out of pending, until a demand is answered or a committee has decided. */
function isHeld(status: number): boolean {
  return status === CLAIM_STATUS.suspended || status === CLAIM_STATUS.questioned
}

function takeCredits(context: CallContext, { claim }: OpenClaim): void {
  const due: Due = { maturesAt: claim.maturesAt, lane: claim.lane }
  for (const credit of claim.credits) subtractPending(context, targetOf(credit), credit.amount, due)
}

/** Takes the claim's credits out of pending until its request is opened, or its query decided. The stake stays locked. */
export function suspendClaim(context: CallContext, open: OpenClaim, status: number = CLAIM_STATUS.suspended): void {
  takeCredits(context, open)
  writeRecord(context, claimPlace(context, open.request), claimLayout, { status: BigInt(status) })
}

/** Credits a suspended claim anew, to mature at a later moment. */
export function resumeClaim(context: CallContext, open: OpenClaim, due: Due): void {
  writeClaim(context, open.request, { ...open.claim, ...due }, CLAIM_STATUS.opened)
  writeRecord(context, settlementPlace(context, open.request), settlementLayout, { maturesAt: due.maturesAt })
}

/**
 * Undoes the claim: its credits, its fee, its lock. Half of the locked stake goes to who proved it wrong, the rest is
 * burned, so that proving it of oneself costs half.
 */
export function undoClaim(context: CallContext, open: OpenClaim, challenger: Address): void {
  const { request, leaf, settlement } = open
  const { prover, fee, lockedStake } = settlement
  if (!isHeld(open.status)) takeCredits(context, open)
  writeRecord(context, claimPlace(context, request), claimLayout, { status: BigInt(CLAIM_STATUS.undone) })
  returnFee(context, leaf.channel, fee)
  slashLocked(context, prover, STAKE_ROLE.prover, lockedStake)
  const reward = lockedStake / 2n
  context.transfer(NATIVE.staking, challenger, reward)
  context.transfer(NATIVE.staking, BURNED, lockedStake - reward)
  face.emit(context, 'ClaimUndone', { request, prover, challenger, slashed: lockedStake, reward })
}

/**
 * The fee goes back into its channel, or where that has been refunded to where its refund went: the payer, or the agent
 * whose wei it was. What a batch's draws paid may be more than the channel was ever charged: the rest is then a deposit.
 */
function returnFee(context: CallContext, channel: Hex, fee: bigint): void {
  const place = channelPlace(context, channel)
  const { payer, deposit, settled, closed } = readRecord(context, place, channelLayout)
  const charged = fee < settled ? fee : settled
  const left = closed ? deposit - charged : deposit + fee - charged
  writeRecord(context, place, channelLayout, { settled: settled - charged, ...(left !== deposit && { deposit: left }) })
  const agent = closed ? context.read(beneficiaryPlace(context, channel)) : 0n
  const refunded = agent === 0n ? payer : NATIVE.agents
  context.transfer(NATIVE.attribution, closed ? refunded : NATIVE.channels, fee)
  if (agent !== 0n) creditRefund(context, agent, channel, fee)
}

/** The lock as one of a claim's credits. */
export function lockCredit(prover: Address, amount: bigint): ClaimCredit {
  return { kind: TARGET_KIND.lock, id: BigInt(prover), amount }
}
