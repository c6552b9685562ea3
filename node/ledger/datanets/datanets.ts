/**
 * Datanets (native contract 01): domain networks and what people put into them (docs/protocol.md,
 * "Datanets"). Creating and reading stand here; the rest is by topic in the files that are joined below.
 */
import type { ContractFunctionReturnType } from 'viem'
import type { datanetsAbi } from '../../../genesis/abi/datanets.ts'
import { MINHASH_SIZE } from '../../../protocol/minhash.ts'
import { nativeContract, plainAddress } from '../calls/face.ts'
import { readRecord, readString, writeRecord, writeString } from '../calls/storage-layout.ts'
import { checkText } from '../calls/text-field.ts'
import { weights } from '../governance/weights.ts'
import { sharesOf } from '../payouts/streaming-pool.ts'
import { appeals } from './appeals.ts'
import { chunkedContent } from './chunked-content.ts'
import { readMinhash } from './clusters.ts'
import { contributing } from './contributing.ts'
import { checkCurators, curation, writeCurators } from './curation.ts'
import { count, face, knownContribution, knownDatanet } from './datanet-face.ts'
import {
  canonicalCluster,
  clusterLayout,
  clusterPlace,
  commitmentLayout,
  commitmentPlace,
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
import { licences } from './licences.ts'
import { shares } from './shares.ts'

type Minhash = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'getMinhash'>

export const datanets = nativeContract(face, {
  ...contributing,
  ...curation,
  ...chunkedContent,
  ...appeals,
  ...licences,
  ...weights,
  ...shares,

  create(context, [config]) {
    checkText('name', config.name, 1, 64)
    checkText('domain', config.domain, 0, 64)
    checkText('uri', config.uri, 0, 256)
    const { licence } = config
    checkCurators(config.policy, config.curators, config.quorum)
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
    if (config.curators.length > 0) writeCurators(context, datanet, config.curators, config.quorum)
    return datanet
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

  canonicalCluster(context, [cluster]) {
    const record = readRecord(context, clusterPlace(context, cluster), clusterLayout, ['datanet'])
    if (record.datanet === 0n) throw face.error('UnknownCluster', [cluster])
    return canonicalCluster(context, cluster)
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
})

function isMinhash(values: readonly number[]): values is Minhash {
  return values.length === MINHASH_SIZE
}
