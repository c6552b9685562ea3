/**
 * Contributing (docs/protocol.md, "Datanets"): a bonded commitment, then the contribution. What happens then is the
 * Datanet's policy: in a curated one it is a proposal until its curators have voted, elsewhere it is accepted at once.
 *
 *     commit ──> contribute ─┬─ open, permissioned ──────────────> accepted ──> withdrawn
 *                            └─ curated ──> proposed ─┬─ quorum ─> accepted
 *                                                     ├─ quorum ─> rejected, the bond lost
 *                                                     └─ nobody voted, or too late: taken back
 */
import type { Hex } from 'viem'
import { CONTRIBUTION_STATUS, DATANET_POLICY } from '../../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { contributionCommitment } from '../../../protocol/commitment.ts'
import { minhash as minhashOf } from '../../../protocol/minhash.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf, hexOf, plainAddress } from '../calls/face.ts'
import {
  clearRecord,
  type RecordOf,
  readRecord,
  readString,
  writeRecord,
  writeString,
} from '../calls/storage-layout.ts'
import { checkText } from '../calls/text-field.ts'
import { parameter } from '../governance/parameters.ts'
import { type Arrival, admit, readMinhash, withdrawFounder, writeMinhash } from './clusters.ts'
import { count, type DatanetHandlers, face, knownCommitment, knownDatanet, ownContribution } from './datanet-face.ts'
import {
  admittedPlace,
  commitmentLayout,
  commitmentPlace,
  contentPlace,
  contributionLayout,
  contributionPlace,
  contributionTail,
  counters,
  countersLayout,
  datanetLayout,
  datanetPlace,
  standingLayout,
  standingPlace,
  versionsLayout,
  versionsPlace,
} from './datanet-records.ts'

/** What a contribution says of its content. */
export type Content = {
  hash: Hex
  size: number
  cid: string
  minhash: Uint32Array
  /** Whether the node has computed the MinHash from the content itself. */
  seen: boolean
  /** Whether the whole bond stays, because what is said can still be disproved. */
  disputable?: boolean
}

/** The caller's open commitment to this content. */
function openCommitment(context: CallContext, commitment: Hex): RecordOf<typeof commitmentLayout> {
  const record = knownCommitment(context, context.call.caller, commitment)
  const expiredAt = record.committedAt + parameter(context, 'commitLifetime')
  if (context.now > expiredAt) throw face.error('CommitmentExpired', [commitment, expiredAt])
  return record
}

/** Ends a commitment and returns `bond` wei of it to its owner. */
function endCommitment(context: CallContext, owner: Address, commitment: Hex, bond: bigint): void {
  clearRecord(context, commitmentPlace(context, owner, commitment), commitmentLayout)
  if (bond === 0n) return
  context.transfer(NATIVE.datanets, owner, bond)
  face.emit(context, 'BondReturned', { commitment, owner, bond })
}

/** The contribution with the same content, and its cluster; refuses the content where that one's commitment is not later. */
function sameContent(context: CallContext, datanet: bigint, hash: Hex, sequence: bigint): Arrival['sameContent'] {
  const contribution = context.read(contentPlace(context, datanet, hash))
  if (contribution === 0n) return undefined
  const other = readRecord(context, contributionPlace(context, contribution), contributionLayout, [
    'cluster',
    'sequence',
  ])
  if (sequence >= other.sequence) throw face.error('DuplicateContent', [hash, contribution])
  return { contribution, cluster: other.cluster }
}

/** Puts a recorded contribution into its cluster: from here on it may earn. */
export function acceptContribution(context: CallContext, contribution: bigint, seen: boolean): bigint {
  const place = contributionPlace(context, contribution)
  const record = readRecord(context, place, contributionLayout)
  const { datanet, contributor, sequence, size, contentHash } = record
  const tail = contributionTail(place)
  const same = sameContent(context, datanet, contentHash, sequence)
  const minhash = readMinhash(context, tail.minhash)
  const arrival = { contribution, datanet, contributor, sequence, size, minhash, seen, sameContent: same }
  const { cluster, founder } = admit(context, arrival)
  writeRecord(context, place, contributionLayout, { cluster, status: BigInt(CONTRIBUTION_STATUS.accepted) })
  context.write(contentPlace(context, datanet, contentHash), contribution)
  const cid = readString(context, tail.cid)
  const what = { datanet, contribution, contributor, cluster, founder, contentHash, size: Number(size), cid }
  face.emit(context, 'Contributed', what)
  return cluster
}

/** Uses the caller's commitment. Returns the contribution's id, and its cluster: 0 while it is a proposal. */
export function takeContribution(
  context: CallContext,
  datanet: bigint,
  content: Content,
  salt: Hex,
): readonly [contribution: bigint, cluster: bigint] {
  const contributor = context.call.caller
  checkText('cid', content.cid, 0, 128)
  const network = knownDatanet(context, datanet)
  if (network.policy === BigInt(DATANET_POLICY.permissioned)) {
    const admitted = context.read(admittedPlace(context, datanet, contributor)) !== 0n
    if (!admitted && contributor !== network.owner) throw face.error('NotAdmitted', [contributor])
  }
  context.charge(GAS.keccak + 4n * GAS.keccakWord)
  const commitment = contributionCommitment({ owner: contributor, datanet, contentHash: content.hash, salt })
  const committed = openCommitment(context, commitment)
  if (committed.bond < network.bond) throw face.error('BondTooSmall', [network.bond, committed.bond])
  const { sequence, committedAt } = committed

  const contribution = count(context, 'contributions') + 1n
  writeRecord(context, counters, countersLayout, { contributions: contribution })
  writeRecord(context, datanetPlace(context, datanet), datanetLayout, { contributions: network.contributions + 1n })
  const place = contributionPlace(context, contribution)
  const proposed = network.policy === BigInt(DATANET_POLICY.curated)
  writeRecord(context, place, contributionLayout, {
    datanet,
    blockNumber: context.call.block.number,
    committedAt,
    contributor,
    size: BigInt(content.size),
    status: BigInt(proposed ? CONTRIBUTION_STATUS.proposed : CONTRIBUTION_STATUS.accepted),
    sequence,
    contentHash: content.hash,
  })
  const tail = contributionTail(place)
  writeString(context, tail.cid, content.cid)
  writeMinhash(context, tail.minhash, content.minhash)
  if (content.seen) face.emit(context, 'ContentSeen', { contribution, contentHash: content.hash })

  if (!proposed) {
    const cluster = acceptContribution(context, contribution, content.seen)
    const kept = content.disputable ? committed.bond : network.bond
    keepBond(context, contribution, kept)
    endCommitment(context, contributor, commitment, committed.bond - kept)
    return [contribution, cluster]
  }
  sameContent(context, datanet, content.hash, sequence)
  endCommitment(context, contributor, commitment, 0n)
  propose(context, contribution, datanet, content, committed.bond)
  return [contribution, 0n]
}

function propose(context: CallContext, contribution: bigint, datanet: bigint, content: Content, bond: bigint): void {
  const endsAt = context.now + parameter(context, 'reviewPeriod')
  const { seen, hash: contentHash, size, cid } = content
  writeRecord(context, standingPlace(context, contribution), standingLayout, { bond, seen, endsAt })
  const contributor = context.call.caller
  face.emit(context, 'Proposed', { datanet, contribution, contributor, contentHash, size, cid, bond, endsAt })
}

function keepBond(context: CallContext, contribution: bigint, bond: bigint): void {
  if (bond === 0n) return
  writeRecord(context, standingPlace(context, contribution), standingLayout, { bond })
  face.emit(context, 'BondKept', { contribution, bond })
}

/** Returns to the contributor what a contribution keeps beyond `left` wei. */
export function returnKeptBond(context: CallContext, contribution: bigint, contributor: Address, left = 0n): void {
  const place = standingPlace(context, contribution)
  const { bond } = readRecord(context, place, standingLayout, ['bond'])
  if (bond <= left) return
  writeRecord(context, place, standingLayout, { bond: left })
  context.transfer(NATIVE.datanets, contributor, bond - left)
  face.emit(context, 'KeptBondReturned', { contribution, contributor, bond: bond - left })
}

function shownContent(context: CallContext, contentHex: Hex, cid: string): { content: Content; bytes: Uint8Array } {
  const bytes = bytesOf(contentHex)
  const limit = parameter(context, 'maxContentBytes')
  if (bytes.length === 0) throw face.error('InvalidField', ['content', 'must not be empty'])
  if (BigInt(bytes.length) > limit) throw face.error('ContentTooLarge', [BigInt(bytes.length), limit])
  context.charge(GAS.minhashByte * BigInt(bytes.length))
  const hash = hexOf(context.keccak(bytes))
  return { content: { hash, size: bytes.length, cid, minhash: minhashOf(bytes), seen: true }, bytes }
}

/** A proposal is taken back while nobody has voted, or after its time. */
function checkTakeBack(context: CallContext, contribution: bigint): void {
  const { accepts, rejects, endsAt } = readRecord(context, standingPlace(context, contribution), standingLayout)
  if (accepts + rejects > 0n && context.now < endsAt) throw face.error('ReviewOpen', [contribution, endsAt])
}

type Contributing = Pick<
  DatanetHandlers,
  'commit' | 'contribute' | 'contributeContent' | 'newVersion' | 'withdraw' | 'reclaimBond' | 'versionsOf'
>

export const contributing: Contributing = {
  commit(context, [commitment]) {
    const { caller, value } = context.call
    const required = parameter(context, 'commitBond')
    if (value < required) throw face.error('BondTooSmall', [required, value])
    const place = commitmentPlace(context, caller, commitment)
    const { committedAt } = readRecord(context, place, commitmentLayout, ['committedAt'])
    if (committedAt !== 0n) throw face.error('CommitmentTaken', [commitment])
    const { commitments } = readRecord(context, counters, countersLayout, ['commitments'])
    const sequence = commitments + 1n
    writeRecord(context, counters, countersLayout, { commitments: sequence })
    writeRecord(context, place, commitmentLayout, { committedAt: context.now, bond: value, sequence })
    face.emit(context, 'Committed', { commitment, owner: caller, bond: value })
  },

  contribute(context, [datanet, contentHash, cid, size, minhash, salt]) {
    if (size === 0) throw face.error('InvalidField', ['size', 'must be above 0'])
    const content = { hash: contentHash, size, cid, minhash: Uint32Array.from(minhash), seen: false }
    return takeContribution(context, datanet, content, salt)
  },

  contributeContent(context, [datanet, contentHex, cid, salt]) {
    const { content, bytes } = shownContent(context, contentHex, cid)
    const ids = takeContribution(context, datanet, content, salt)
    context.accept({ hash: content.hash, bytes })
    return ids
  },

  newVersion(context, [previous, contentHex, cid, salt]) {
    const before = ownContribution(context, previous)
    if (before.status !== BigInt(CONTRIBUTION_STATUS.accepted))
      throw face.error('NotAccepted', [previous, Number(before.status)])
    const place = versionsPlace(context, previous)
    const { next } = readRecord(context, place, versionsLayout, ['next'])
    if (next !== 0n) throw face.error('AlreadySuperseded', [previous, next])
    const { content, bytes } = shownContent(context, contentHex, cid)
    const ids = takeContribution(context, before.datanet, content, salt)
    context.accept({ hash: content.hash, bytes })
    writeRecord(context, place, versionsLayout, { next: ids[0] })
    writeRecord(context, versionsPlace(context, ids[0]), versionsLayout, { previous })
    face.emit(context, 'NewVersion', { previous, contribution: ids[0] })
    return ids
  },

  withdraw(context, [contribution]) {
    const record = ownContribution(context, contribution)
    const { withdrawn, proposed, accepted } = CONTRIBUTION_STATUS
    if (record.status === BigInt(withdrawn)) throw face.error('AlreadyWithdrawn', [contribution])
    if (record.status === BigInt(proposed)) checkTakeBack(context, contribution)
    else if (record.status !== BigInt(accepted)) throw face.error('NotAccepted', [contribution, Number(record.status)])
    writeRecord(context, contributionPlace(context, contribution), contributionLayout, { status: BigInt(withdrawn) })
    if (record.cluster !== 0n) withdrawFounder(context, contribution, record.cluster)
    face.emit(context, 'Withdrawn', { contribution })
    returnKeptBond(context, contribution, record.contributor)
  },

  reclaimBond(context, [ownerAddress, commitment]) {
    const owner = plainAddress(ownerAddress)
    const { committedAt, bond } = knownCommitment(context, owner, commitment)
    const expiresAt = committedAt + parameter(context, 'commitLifetime')
    if (context.now <= expiresAt) throw face.error('CommitmentStillOpen', [commitment, expiresAt])
    endCommitment(context, owner, commitment, bond)
  },

  versionsOf(context, [contribution]) {
    const { previous, next } = readRecord(context, versionsPlace(context, contribution), versionsLayout)
    return [previous, next] as const
  },
}
