/**
 * Who may put what into a Datanet (docs/protocol.md, "Datanets"): the curators of a curated one vote on proposals, the
 * owner of a permissioned one admits contributors. A rejected proposal loses its bond to the treasury, so that nobody
 * earns by rejecting; curators are paid by the curators' part of fees, one share each.
 */
import { CONTRIBUTION_STATUS, DATANET_POLICY } from '../../../genesis/abi/datanets.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import type { Address } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import { type RecordOf, readRecord, readRecords, replaceRecords, writeRecord } from '../calls/storage-layout.ts'
import { changeShares } from '../payouts/streaming-pool.ts'
import { activeStake } from '../staking/staking-records.ts'
import { acceptContribution, returnKeptBond } from './contributing.ts'
import {
  type DatanetHandlers,
  face,
  giveToTreasury,
  knownContribution,
  knownDatanet,
  ownDatanet,
} from './datanet-face.ts'
import {
  admittedPlace,
  contributionLayout,
  contributionPlace,
  curatorHolder,
  curatorLayout,
  curatorPlace,
  curatorPool,
  curatorsPlace,
  datanetLayout,
  datanetPlace,
  isChunked,
  standingLayout,
  standingPlace,
  votePlace,
} from './datanet-records.ts'

/** Most curators of a Datanet. */
const MAX_CURATORS = 32

/** The policy's numbers: a curated Datanet has curators and a quorum of them, the others have none. */
export function checkCurators(policy: number, curators: readonly Address[], quorum: number): void {
  const { open, curated, permissioned } = DATANET_POLICY
  if (policy !== open && policy !== curated && policy !== permissioned)
    throw face.error('InvalidField', ['policy', `must be open (0), curated (1) or permissioned (2), got ${policy}`])
  if (policy !== curated) {
    if (curators.length > 0)
      throw face.error('InvalidField', ['curators', `only a curated Datanet has some, got ${curators.length}`])
    if (quorum !== 0) throw face.error('InvalidField', ['quorum', `only a curated Datanet has one, got ${quorum}`])
    return
  }
  if (curators.length < 1 || curators.length > MAX_CURATORS)
    throw face.error('InvalidField', ['curators', `must be 1 to ${MAX_CURATORS}, are ${curators.length}`])
  if (new Set(curators).size !== curators.length || curators.some((each) => BigInt(each) === 0n))
    throw face.error('InvalidField', ['curators', 'must be different, and none zero'])
  if (quorum < 1 || quorum > curators.length)
    throw face.error('InvalidField', ['quorum', `must be 1 to ${curators.length}, got ${quorum}`])
}

/** Makes these the Datanet's curators, each with one share of the curators' income. */
export function writeCurators(
  context: CallContext,
  datanet: bigint,
  curators: readonly Address[],
  quorum: number,
): void {
  const listed = curators.map(plainAddress)
  const before = curatorsOf(context, datanet)
  for (const curator of before) if (!listed.includes(curator)) changeCurator(context, datanet, curator, -1n)
  for (const curator of listed) if (!before.includes(curator)) changeCurator(context, datanet, curator, 1n)
  const records = listed.map((curator) => ({ curator }))
  replaceRecords(context, curatorsPlace(context, datanet), curatorLayout, records)
  writeRecord(context, datanetPlace(context, datanet), datanetLayout, { quorum: BigInt(quorum) })
  face.emit(context, 'CuratorsSet', { datanet, curators: listed, quorum })
}

function changeCurator(context: CallContext, datanet: bigint, curator: Address, change: bigint): void {
  context.write(curatorPlace(context, datanet, curator), change > 0n ? 1n : 0n)
  changeShares(context, curatorPool(context, datanet), curatorHolder(context, datanet, curator), change)
}

function curatorsOf(context: CallContext, datanet: bigint): Address[] {
  return readRecords(context, curatorsPlace(context, datanet), curatorLayout).map(({ curator }) => curator)
}

function reject(context: CallContext, contribution: bigint, bond: bigint): void {
  const status = BigInt(CONTRIBUTION_STATUS.rejected)
  writeRecord(context, contributionPlace(context, contribution), contributionLayout, { status })
  writeRecord(context, standingPlace(context, contribution), standingLayout, { bond: 0n })
  giveToTreasury(context, bond)
  face.emit(context, 'Rejected', { contribution, bondLost: bond })
}

/** Throws where the caller may not vote on the proposal. */
function checkVote(context: CallContext, contribution: bigint, record: RecordOf<typeof contributionLayout>): void {
  const { caller } = context.call
  if (record.status !== BigInt(CONTRIBUTION_STATUS.proposed))
    throw face.error('NotProposed', [contribution, Number(record.status)])
  if (context.read(curatorPlace(context, record.datanet, caller)) === 0n) throw face.error('NotCurator', [caller])
  if (record.contributor === caller)
    throw face.error('InvalidField', ['contribution', 'a curator does not review its own'])
  if (activeStake(context, caller, STAKE_ROLE.curator) === 0n) throw face.error('CuratorNotStaked', [caller])
  if (context.read(votePlace(context, contribution, caller)) !== 0n)
    throw face.error('AlreadyReviewed', [contribution, caller])
}

type Curation = Pick<
  DatanetHandlers,
  'setCurators' | 'admitContributor' | 'review' | 'curatorsOf' | 'isAdmitted' | 'reviewOf'
>

export const curation: Curation = {
  setCurators(context, [datanet, curators, quorum]) {
    const { policy } = ownDatanet(context, datanet)
    if (policy !== BigInt(DATANET_POLICY.curated))
      throw face.error('InvalidField', ['datanet', 'is not curated, so it has no curators'])
    checkCurators(Number(policy), curators, quorum)
    writeCurators(context, datanet, curators, quorum)
  },

  admitContributor(context, [datanet, contributorAddress, admitted]) {
    const { policy } = ownDatanet(context, datanet)
    if (policy !== BigInt(DATANET_POLICY.permissioned))
      throw face.error('InvalidField', ['datanet', 'is not permissioned, so it admits nobody in particular'])
    const contributor = plainAddress(contributorAddress)
    context.write(admittedPlace(context, datanet, contributor), admitted ? 1n : 0n)
    face.emit(context, 'ContributorAdmitted', { datanet, contributor, admitted })
  },

  review(context, [contribution, accept]) {
    const curator = context.call.caller
    const record = knownContribution(context, contribution)
    checkVote(context, contribution, record)
    context.write(votePlace(context, contribution, curator), accept ? 1n : 2n)
    const place = standingPlace(context, contribution)
    const standing = readRecord(context, place, standingLayout)
    const accepts = standing.accepts + (accept ? 1n : 0n)
    const rejects = standing.rejects + (accept ? 0n : 1n)
    writeRecord(context, place, standingLayout, { accepts, rejects })
    face.emit(context, 'Reviewed', { contribution, curator, accept })
    const { quorum, bond } = knownDatanet(context, record.datanet)
    const curators = BigInt(curatorsOf(context, record.datanet).length)
    if (accepts >= quorum) {
      acceptContribution(context, contribution, standing.seen)
      // Of a content in chunks the whole bond stays until all were shown: what it says can still be disproved.
      const disputable = !standing.seen && isChunked(context, contribution)
      if (!disputable) returnKeptBond(context, contribution, record.contributor, bond)
    } else if (rejects >= quorum || curators - rejects < quorum) {
      reject(context, contribution, standing.bond)
    }
  },

  curatorsOf(context, [datanet]) {
    knownDatanet(context, datanet)
    return curatorsOf(context, datanet)
  },

  isAdmitted(context, [datanet, contributor]) {
    return context.read(admittedPlace(context, datanet, plainAddress(contributor))) !== 0n
  },

  reviewOf(context, [contribution]) {
    knownContribution(context, contribution)
    const standing = readRecord(context, standingPlace(context, contribution), standingLayout)
    const { bond, accepts, rejects, endsAt } = standing
    return { bond, accepts: Number(accepts), rejects: Number(rejects), endsAt }
  },
}
