/**
 * A Datanet's share units (docs/protocol.md, "Asset faces"): minted to the payee of a cluster, burned with the cluster,
 * and in between a thing that can be sold. What has been sold cannot be burned in its seller's hands, hence:
 *
 *     minted ──> bound ─── releaseShares, once nobody can lead the cluster any more ──> free ──> transferred
 *                  │                                                                     │
 *                  └ burned with its cluster, whole                                      └ withdrawing the cluster needs
 *                                                                                          the units back (SharesMissing);
 *                                                                                          a cluster that is ended against
 *                                                                                          its payee's will takes what is
 *                                                                                          free, the rest is a debt that
 *                                                                                          later free units repay
 *
 * Always: a holder has what is bound; who has a debt has nothing free; all units = those of the clusters + all debts.
 */
import { DATANET_POLICY } from '../../../genesis/abi/datanets.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { SHARE_TOKEN_PREIMAGES, shareTokenOf } from '../../../protocol/share-token.ts'
import type { CallContext } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { changeShares, moveShares, sharesOf } from '../payouts/streaming-pool.ts'
import { type DatanetHandlers, face, knownDatanet } from './datanet-face.ts'
import {
  clusterLayout,
  clusterPlace,
  contributionLayout,
  contributionPlace,
  datanetLayout,
  datanetPlace,
  releasePlace,
  shareAccountLayout,
  shareAccountPlace,
  shareHolder,
  sharePool,
} from './datanet-records.ts'

type Cluster = Pick<RecordOf<typeof clusterLayout>, 'datanet' | 'founder' | 'payee' | 'units'>

const NOBODY: Address = `0x${'0'.repeat(40)}`

/** What a holder has, and of it what is bound; what it owes. */
export function shareAccount(context: CallContext, datanet: bigint, holder: Address) {
  const { shares } = sharesOf(context, sharePool(context, datanet), shareHolder(context, datanet, holder))
  const { bound, debt } = readRecord(context, shareAccountPlace(context, datanet, holder), shareAccountLayout)
  return { shares, bound, debt, free: shares - bound }
}

/** Mints units to a cluster's payee, bound to it. */
export function mintUnits(context: CallContext, datanet: bigint, payee: Address, units: bigint): void {
  if (units === 0n) return
  const place = shareAccountPlace(context, datanet, payee)
  const { bound } = readRecord(context, place, shareAccountLayout)
  writeRecord(context, place, shareAccountLayout, { bound: bound + units })
  changeShares(context, sharePool(context, datanet), shareHolder(context, datanet, payee), units)
  face.emit(context, 'SharesTransferred', { datanet, from: NOBODY, to: payee, amount: units })
}

/**
 * Burns the units of a cluster that its payee withdraws. Throws where they were sold: who takes a cluster out of what
 * the shares stand for must not leave them with others.
 */
export function burnOwnUnits(context: CallContext, cluster: Cluster): void {
  const { datanet, payee, units } = cluster
  if (!isReleased(context, cluster)) {
    burnBound(context, cluster)
    return
  }
  const { free } = shareAccount(context, datanet, payee)
  if (free < units) throw face.error('SharesMissing', [datanet, payee, units, free])
  burn(context, datanet, payee, units)
}

/** Burns the units of a cluster that ends, or is led by another, whatever its payee says: what was sold becomes a debt. */
export function burnTakenUnits(context: CallContext, cluster: Cluster): void {
  const { datanet, payee, units } = cluster
  if (!isReleased(context, cluster)) {
    burnBound(context, cluster)
    return
  }
  const { free, debt } = shareAccount(context, datanet, payee)
  const burned = free < units ? free : units
  burn(context, datanet, payee, burned)
  if (burned < units) writeDebt(context, datanet, payee, debt + units - burned)
}

function isReleased(context: CallContext, { units, founder }: Cluster): boolean {
  return units !== 0n && context.read(releasePlace(context, founder)) !== 0n
}

function burnBound(context: CallContext, { datanet, payee, units }: Cluster): void {
  if (units === 0n) return
  const place = shareAccountPlace(context, datanet, payee)
  const { bound } = readRecord(context, place, shareAccountLayout)
  writeRecord(context, place, shareAccountLayout, { bound: bound - units })
  burn(context, datanet, payee, units)
}

function burn(context: CallContext, datanet: bigint, holder: Address, units: bigint): void {
  if (units === 0n) return
  changeShares(context, sharePool(context, datanet), shareHolder(context, datanet, holder), -units)
  face.emit(context, 'SharesTransferred', { datanet, from: holder, to: NOBODY, amount: units })
}

function writeDebt(context: CallContext, datanet: bigint, holder: Address, debt: bigint): void {
  writeRecord(context, shareAccountPlace(context, datanet, holder), shareAccountLayout, { debt })
  face.emit(context, 'ShareDebtChanged', { datanet, holder, debt })
}

/** Burns what a holder owes, out of units that have just become free. Returns how many. */
function repay(context: CallContext, datanet: bigint, holder: Address, free: bigint): bigint {
  const { debt } = readRecord(context, shareAccountPlace(context, datanet, holder), shareAccountLayout)
  const repaid = debt < free ? debt : free
  if (repaid === 0n) return 0n
  burn(context, datanet, holder, repaid)
  writeDebt(context, datanet, holder, debt - repaid)
  return repaid
}

/**
 * Seconds from which a cluster's units may be released: its founder's commitment is then so old that every earlier one
 * has been used or has expired, and in a curated Datanet the review of what was contributed with it has had its time.
 */
function releasableAt(context: CallContext, { datanet, founder }: Cluster): bigint {
  const place = contributionPlace(context, founder)
  const { committedAt } = readRecord(context, place, contributionLayout, ['committedAt'])
  const { policy } = readRecord(context, datanetPlace(context, datanet), datanetLayout, ['policy'])
  const review = policy === BigInt(DATANET_POLICY.curated) ? parameter(context, 'reviewPeriod') : 0n
  return committedAt + parameter(context, 'commitLifetime') + review
}

function knownCluster(context: CallContext, cluster: bigint): RecordOf<typeof clusterLayout> {
  const record = readRecord(context, clusterPlace(context, cluster), clusterLayout)
  if (record.datanet === 0n) throw face.error('UnknownCluster', [cluster])
  return record
}

function shareToken(context: CallContext, datanet: bigint): Address {
  for (const bytes of SHARE_TOKEN_PREIMAGES) {
    context.charge(GAS.keccak)
    context.chargeWords(GAS.keccakWord, bytes)
  }
  return shareTokenOf(datanet)
}

/** The caller must be the Datanet's share token. */
function checkShareToken(context: CallContext, datanet: bigint): void {
  const token = shareToken(context, datanet)
  if (context.call.caller !== token) throw face.error('NotShareToken', [context.call.caller, token])
}

type Shares = Pick<
  DatanetHandlers,
  'releaseShares' | 'transferShares' | 'sharesOf' | 'shareAccountOf' | 'releaseOf' | 'shareTokenOf'
>

export const shares: Shares = {
  releaseShares(context, [cluster]) {
    const record = knownCluster(context, cluster)
    const { datanet, founder, payee, units } = record
    const { caller } = context.call
    if (caller !== payee) throw face.error('NotPayee', [caller, payee])
    if (units === 0n) throw face.error('InvalidField', ['cluster', `${cluster} has no share units`])
    if (isReleased(context, record)) throw face.error('AlreadyReleased', [cluster])
    const earliest = releasableAt(context, record)
    if (context.now <= earliest) throw face.error('ReleaseTooEarly', [cluster, earliest])
    context.write(releasePlace(context, founder), 1n)
    const place = shareAccountPlace(context, datanet, payee)
    const { bound } = readRecord(context, place, shareAccountLayout)
    writeRecord(context, place, shareAccountLayout, { bound: bound - units })
    face.emit(context, 'SharesReleased', { cluster, contribution: founder, payee, units })
    repay(context, datanet, payee, units)
  },

  transferShares(context, [datanet, fromAddress, toAddress, amount]) {
    const from = plainAddress(fromAddress)
    const to = plainAddress(toAddress)
    knownDatanet(context, datanet)
    checkShareToken(context, datanet)
    if (to === NOBODY) throw face.error('InvalidField', ['to', 'must not be zero'])
    const { free } = shareAccount(context, datanet, from)
    if (amount > free) throw face.error('SharesBound', [datanet, from, amount, free])
    const [pool, sender, receiver] = [
      sharePool(context, datanet),
      shareHolder(context, datanet, from),
      shareHolder(context, datanet, to),
    ]
    moveShares(context, pool, sender, receiver, amount)
    face.emit(context, 'SharesTransferred', { datanet, from, to, amount })
    return repay(context, datanet, to, amount)
  },

  sharesOf(context, [datanet, holder]) {
    const { shares, total } = sharesOf(
      context,
      sharePool(context, datanet),
      shareHolder(context, datanet, plainAddress(holder)),
    )
    return [shares, total] as const
  },

  shareAccountOf(context, [datanet, holder]) {
    const { shares, bound, debt } = shareAccount(context, datanet, plainAddress(holder))
    return [shares, bound, debt] as const
  },

  releaseOf(context, [cluster]) {
    const record = knownCluster(context, cluster)
    return [isReleased(context, record), releasableAt(context, record)] as const
  },

  shareTokenOf(context, [datanet]) {
    return shareToken(context, datanet)
  },
}
