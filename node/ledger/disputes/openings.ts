/**
 * Openings on demand and challenge 3 (docs/protocol.md, "Challenges"): a bond obliges the prover to show a request's
 * tokens, salts and query. Meanwhile nothing of the claim matures; who shows them takes the bond; silence past the
 * deadline undoes the claim.
 */

import type { Hex } from 'viem'
import { CHALLENGE, CLAIM_STATUS } from '../../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { checkQuery } from '../../../protocol/query.ts'
import { saltedHash } from '../../../protocol/receipt.ts'
import { type AttributionHandlers, face } from '../attribution/attribution-face.ts'
import { demandLayout, demandPlace, openDemands } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { dueNow } from '../payouts/pending.ts'
import { type OpenClaim, openClaim, resumeClaim, suspendClaim, undoClaim } from './claims.ts'
import { shownQueryOrVoid } from './evidence.ts'

/** Seconds that each open demand adds to a deadline. */
const SECONDS_PER_DEMAND = 2n

/** Counts one more open demand; returns the last second in which it may be answered. */
export function countDemand(context: CallContext): bigint {
  const already = context.read(openDemands)
  context.write(openDemands, already + 1n)
  return context.now + parameter(context, 'openingPeriod') + SECONDS_PER_DEMAND * already
}

/** Counts one open demand less. */
export function uncountDemand(context: CallContext): void {
  context.write(openDemands, context.read(openDemands) - 1n)
}

/** Ends an open demand and pays its bond out. */
function endDemand(context: CallContext, request: Hex, to: Address): void {
  const place = demandPlace(context, request)
  const { bond } = readRecord(context, place, demandLayout, ['bond'])
  writeRecord(context, place, demandLayout, { bond: 0n })
  uncountDemand(context)
  if (bond > 0n) context.transfer(NATIVE.attribution, to, bond)
}

/** A claim was undone for another reason: an open demand's bond returns to who posted it. */
export function settleDemand(context: CallContext, { request, status }: OpenClaim): void {
  if (status !== CLAIM_STATUS.suspended) return
  const { demander } = readRecord(context, demandPlace(context, request), demandLayout, ['demander'])
  endDemand(context, request, demander)
}

/** Token ids, four bytes each. Throws where there are not as many as the receipt says. */
function tokenIds(field: string, hex: Hex, count: number): Uint32Array {
  const bytes = bytesOf(hex)
  if (bytes.length !== 4 * count)
    throw face.error('InvalidField', [field, `must have ${count} ids of 4 bytes, has ${bytes.length} bytes`])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 * i))
}

/** Throws where the ids are not under the leaf's salted hash. */
function checkIds(context: CallContext, field: string, ids: { hex: Hex; salt: Hex; count: number; hash: Hex }): void {
  const values = tokenIds(field, ids.hex, ids.count)
  context.charge(GAS.keccak)
  context.chargeWords(2n * GAS.keccakWord, 32 + 4 * ids.count)
  if (saltedHash(ids.salt, values) !== ids.hash)
    throw face.error('InvalidField', [field, 'are not under the salted hash of the receipt'])
}

/** The query under the leaf's queryHash must be well formed; or void, and then without entries. */
function checkQueryShown(context: CallContext, leaf: Leaf, shown: Hex): void {
  const query = shownQueryOrVoid(context, leaf.queryHash, shown)
  const isVoid = query.length === 0
  if (isVoid && leaf.entries.length > 0)
    throw face.error('InvalidField', ['query', 'is void, and the leaf has entries'])
  const fault = isVoid ? undefined : checkQuery(query)
  if (fault) throw face.error('InvalidField', ['query', fault])
}

/** A claim whose opening is demanded, and the demand. */
function demandedClaim(context: CallContext, claimHex: Hex, leaf: Parameters<typeof openClaim>[2]) {
  const open = openClaim(context, claimHex, leaf)
  if (open.status !== CLAIM_STATUS.suspended) throw face.error('NotDemanded', [open.request])
  const demand = readRecord(context, demandPlace(context, open.request), demandLayout)
  return { open, demand }
}

type Openings = Pick<AttributionHandlers, 'demandOpening' | 'reveal' | 'punishHidden' | 'demandOf'>

export const openings: Openings = {
  demandOpening(context, [claimHex, leaf]) {
    const { caller: demander, value: bond } = context.call
    const required = parameter(context, 'openingBond')
    if (bond < required) throw face.error('BondTooSmall', [required, bond])
    const open = openClaim(context, claimHex, leaf)
    const { request } = open
    if (!leaf.openable) throw face.error('InvalidField', ['leaf', 'its payer has not allowed that it be opened'])
    if (open.status !== CLAIM_STATUS.standing) throw face.error('AlreadyDemanded', [request])
    const deadline = countDemand(context)
    suspendClaim(context, open)
    writeRecord(context, demandPlace(context, request), demandLayout, { demander, deadline, bond })
    face.emit(context, 'OpeningDemanded', { request, demander, deadline })
  },

  reveal(context, [claimHex, leaf, opening]) {
    const { open, demand } = demandedClaim(context, claimHex, leaf)
    const { request } = open
    if (context.now > demand.deadline) throw face.error('DeadlinePassed', [request, demand.deadline])
    const { promptIds, outputIds, promptSalt, outputSalt, query } = opening
    const { promptTokens, outputTokens, promptHash, outputHash } = leaf
    checkIds(context, 'promptIds', { hex: promptIds, salt: promptSalt, count: promptTokens, hash: promptHash })
    checkIds(context, 'outputIds', { hex: outputIds, salt: outputSalt, count: outputTokens, hash: outputHash })
    checkQueryShown(context, leaf, query)
    resumeClaim(context, open, dueNow(context, parameter(context, 'window')))
    const revealer = context.call.caller
    endDemand(context, request, revealer)
    face.emit(context, 'Revealed', { request, revealer, query, promptIds, outputIds })
  },

  punishHidden(context, [claimHex, leaf]) {
    const { open, demand } = demandedClaim(context, claimHex, leaf)
    const { request } = open
    const { demander, deadline } = demand
    if (context.now <= deadline) throw face.error('TooEarly', [deadline + 1n])
    const fault = `not opened by ${deadline}`
    face.emit(context, 'ChallengeUpheld', {
      subject: request,
      challenger: demander,
      challenge: CHALLENGE.hidden,
      fault,
    })
    undoClaim(context, open, demander)
    endDemand(context, request, demander)
  },

  demandOf(context, [request]) {
    return readRecord(context, demandPlace(context, request), demandLayout)
  },
}
