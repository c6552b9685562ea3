/**
 * Datanets (native contract 01): domain networks and what people put into them (docs/protocol.md,
 * "Datanets"). Contributing takes two steps, so that nobody who reads the mempool can be first with
 * another's work: a bonded commitment to (owner, Datanet, content, salt), then the contribution.
 */
import type { ContractFunctionReturnType, Hex } from 'viem'
import { CONTRIBUTION_STATUS, DATANET_POLICY, datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { GAS } from '../../genesis/gas.ts'
import { contributionCommitment } from '../../protocol/commitment.ts'
import { MINHASH_SIZE, minhash as minhashOf } from '../../protocol/minhash.ts'
import { type Arrival, admit, readMinhash, writeMinhash } from './clusters.ts'
import type { CallContext } from './context.ts'
import {
  changeUnits,
  clusterLayout,
  clusterPlace,
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
  datanetTexts,
  shareHolder,
  sharePool,
} from './datanet-records.ts'
import { bytesOf, hexOf, nativeContract, nativeFace, plainAddress } from './face.ts'
import { parameter } from './parameters.ts'
import { clearRecord, type RecordOf, readRecord, readString, writeRecord, writeString } from './storage-layout.ts'
import { sharesOf } from './streaming-pool.ts'
import { checkText } from './text-field.ts'

const face = nativeFace(NATIVE.datanets, datanetsAbi)
type Minhash = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'getMinhash'>

/** What a contribution says of its content. */
type Content = { hash: Hex; size: number; cid: string; minhash: Uint32Array; seen: boolean }

function knownDatanet(context: CallContext, datanet: bigint): RecordOf<typeof datanetLayout> {
  const record = readRecord(context, datanetPlace(context, datanet), datanetLayout)
  if (BigInt(record.owner) === 0n) throw face.error('UnknownDatanet', [datanet])
  return record
}

function knownContribution(context: CallContext, contribution: bigint): RecordOf<typeof contributionLayout> {
  const record = readRecord(context, contributionPlace(context, contribution), contributionLayout)
  if (record.datanet === 0n) throw face.error('UnknownContribution', [contribution])
  return record
}

/** An owner's commitment that has neither been used nor reclaimed. */
function knownCommitment(context: CallContext, owner: Address, commitment: Hex): RecordOf<typeof commitmentLayout> {
  const record = readRecord(context, commitmentPlace(context, owner, commitment), commitmentLayout)
  if (record.committedAt === 0n) throw face.error('UnknownCommitment', [commitment])
  return record
}

/** The caller's open commitment to this content. */
function openCommitment(context: CallContext, commitment: Hex): RecordOf<typeof commitmentLayout> {
  const record = knownCommitment(context, context.call.caller, commitment)
  const expiredAt = record.committedAt + parameter(context, 'commitLifetime')
  if (context.now > expiredAt) throw face.error('CommitmentExpired', [commitment, expiredAt])
  return record
}

function returnBond(context: CallContext, owner: Address, commitment: Hex, bond: bigint): void {
  clearRecord(context, commitmentPlace(context, owner, commitment), commitmentLayout)
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

function takeContribution(
  context: CallContext,
  datanet: bigint,
  content: Content,
  salt: Hex,
): readonly [bigint, bigint] {
  const contributor = context.call.caller
  checkText('cid', content.cid, 0, 128)
  const network = knownDatanet(context, datanet)
  context.charge(GAS.keccak + 4n * GAS.keccakWord)
  const commitment = contributionCommitment({ owner: contributor, datanet, contentHash: content.hash, salt })
  const committed = openCommitment(context, commitment)
  if (committed.bond < network.bond) throw face.error('BondTooSmall', [network.bond, committed.bond])

  const { contributions } = readRecord(context, counters, countersLayout, ['contributions'])
  const contribution = contributions + 1n
  const { sequence, committedAt } = committed
  const size = BigInt(content.size)
  const { cluster, founder } = admit(context, {
    contribution,
    datanet,
    contributor,
    sequence,
    size,
    minhash: content.minhash,
    seen: content.seen,
    sameContent: sameContent(context, datanet, content.hash, sequence),
  })

  writeRecord(context, counters, countersLayout, { contributions: contribution })
  writeRecord(context, datanetPlace(context, datanet), datanetLayout, { contributions: network.contributions + 1n })
  const place = contributionPlace(context, contribution)
  writeRecord(context, place, contributionLayout, {
    datanet,
    cluster,
    blockNumber: context.call.block.number,
    committedAt,
    contributor,
    size,
    status: BigInt(CONTRIBUTION_STATUS.accepted),
    sequence,
    contentHash: content.hash,
  })
  const tail = contributionTail(place)
  writeString(context, tail.cid, content.cid)
  writeMinhash(context, tail.minhash, content.minhash)
  context.write(contentPlace(context, datanet, content.hash), contribution)
  const { hash: contentHash, cid } = content
  face.emit(context, 'Contributed', {
    datanet,
    contribution,
    contributor,
    cluster,
    founder,
    contentHash,
    size: content.size,
    cid,
  })
  returnBond(context, contributor, commitment, committed.bond)
  return [contribution, cluster]
}

function count(context: CallContext, name: 'datanets' | 'contributions' | 'clusters'): bigint {
  return readRecord(context, counters, countersLayout, [name])[name]
}

export const datanets = nativeContract(face, {
  create(context, [config]) {
    checkText('name', config.name, 1, 64)
    checkText('domain', config.domain, 0, 64)
    checkText('uri', config.uri, 0, 256)
    const { licence } = config
    if (config.policy !== DATANET_POLICY.open)
      throw face.error('InvalidField', ['policy', `only open (0) is taken yet, got ${config.policy}`])
    if (config.curators.length > 0)
      throw face.error('InvalidField', ['curators', `an open Datanet has none, got ${config.curators.length}`])
    if (config.quorum !== 0)
      throw face.error('InvalidField', ['quorum', `an open Datanet has none, got ${config.quorum}`])
    if (licence.revenueShareBps > 10_000)
      throw face.error('InvalidField', [
        'licence.revenueShareBps',
        `must be at most 10000, got ${licence.revenueShareBps}`,
      ])

    const owner = context.call.caller
    const datanet = count(context, 'datanets') + 1n
    writeRecord(context, counters, countersLayout, { datanets: datanet })
    const place = datanetPlace(context, datanet)
    writeRecord(context, place, datanetLayout, {
      owner,
      policy: BigInt(config.policy),
      bond: config.bond,
      licenceExpiry: licence.expiry,
      feePerRow: licence.feePerRow,
      revenueShareBps: BigInt(licence.revenueShareBps),
      commercialUse: licence.commercialUse,
      attributionDuty: licence.attributionDuty,
    })
    const texts = datanetTexts(place)
    writeString(context, texts.name, config.name)
    writeString(context, texts.domain, config.domain)
    writeString(context, texts.uri, config.uri)
    face.emit(context, 'DatanetCreated', { datanet, owner, name: config.name, domain: config.domain })
    return datanet
  },

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
    const bytes = bytesOf(contentHex)
    const limit = parameter(context, 'maxContentBytes')
    if (bytes.length === 0) throw face.error('InvalidField', ['content', 'must not be empty'])
    if (BigInt(bytes.length) > limit) throw face.error('ContentTooLarge', [BigInt(bytes.length), limit])
    context.charge(GAS.minhashByte * BigInt(bytes.length))
    const hash = hexOf(context.keccak(bytes))
    const content = { hash, size: bytes.length, cid, minhash: minhashOf(bytes), seen: true }
    const ids = takeContribution(context, datanet, content, salt)
    context.accept({ hash, bytes })
    return ids
  },

  withdraw(context, [contribution]) {
    const { caller, block } = context.call
    const record = knownContribution(context, contribution)
    if (record.contributor !== caller) throw face.error('NotContributor', [caller, record.contributor])
    if (record.status === BigInt(CONTRIBUTION_STATUS.withdrawn)) throw face.error('AlreadyWithdrawn', [contribution])
    const status = BigInt(CONTRIBUTION_STATUS.withdrawn)
    writeRecord(context, contributionPlace(context, contribution), contributionLayout, { status })
    const place = clusterPlace(context, record.cluster)
    const cluster = readRecord(context, place, clusterLayout)
    if (cluster.founder === contribution) {
      changeUnits(context, cluster.datanet, cluster.payee, -cluster.units)
      writeRecord(context, place, clusterLayout, { withdrawnAt: block.number, units: 0n })
    }
    face.emit(context, 'Withdrawn', { contribution })
  },

  reclaimBond(context, [ownerAddress, commitment]) {
    const owner = plainAddress(ownerAddress)
    const { committedAt, bond } = knownCommitment(context, owner, commitment)
    const expiresAt = committedAt + parameter(context, 'commitLifetime')
    if (context.now <= expiresAt) throw face.error('CommitmentStillOpen', [commitment, expiresAt])
    returnBond(context, owner, commitment, bond)
  },

  getDatanet(context, [datanet]) {
    const record = knownDatanet(context, datanet)
    const texts = datanetTexts(datanetPlace(context, datanet))
    return {
      owner: record.owner,
      name: readString(context, texts.name),
      domain: readString(context, texts.domain),
      policy: Number(record.policy),
      quorum: Number(record.quorum),
      licence: {
        feePerRow: record.feePerRow,
        revenueShareBps: Number(record.revenueShareBps),
        commercialUse: record.commercialUse,
        expiry: record.licenceExpiry,
        attributionDuty: record.attributionDuty,
      },
      bond: record.bond,
      uri: readString(context, texts.uri),
      contributions: record.contributions,
      clusters: record.clusters,
      totalShares: sharesOf(context, sharePool(context, datanet), shareHolder(context, datanet, record.owner)).total,
    }
  },

  getContribution(context, [contribution]) {
    const record = knownContribution(context, contribution)
    const cid = readString(context, contributionTail(contributionPlace(context, contribution)).cid)
    return { ...record, status: Number(record.status), size: Number(record.size), cid }
  },

  getCluster(context, [cluster]) {
    const record = readRecord(context, clusterPlace(context, cluster), clusterLayout)
    if (record.datanet === 0n) throw face.error('UnknownCluster', [cluster])
    return { ...record, withdrawn: record.withdrawnAt !== 0n }
  },

  getMinhash(context, [contribution]) {
    knownContribution(context, contribution)
    const values = [...readMinhash(context, contributionTail(contributionPlace(context, contribution)).minhash)]
    if (!isMinhash(values)) throw new RangeError(`a MinHash has ${MINHASH_SIZE} values`)
    return values
  },

  datanetCount: (context) => count(context, 'datanets'),
  contributionCount: (context) => count(context, 'contributions'),
  clusterCount: (context) => count(context, 'clusters'),

  commitmentOf(context, [owner, commitment]) {
    const record = readRecord(context, commitmentPlace(context, plainAddress(owner), commitment), commitmentLayout)
    return [record.committedAt, record.bond] as const
  },

  sharesOf(context, [datanet, holder]) {
    const { shares, total } = sharesOf(
      context,
      sharePool(context, datanet),
      shareHolder(context, datanet, plainAddress(holder)),
    )
    return [shares, total] as const
  },
})

function isMinhash(values: readonly number[]): values is Minhash {
  return values.length === MINHASH_SIZE
}
