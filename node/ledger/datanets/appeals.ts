/**
 * Appeals of what the door decided (docs/protocol.md, "Datanets"): MinHash is an estimate, and a claimed one may be
 * false. A member of a cluster shows its own content and the founder's; where the two have too few shingles in common,
 * counted exactly, it leaves and founds a cluster of its own. Versions published before keep what they froze.
 */
import { CONTRIBUTION_STATUS } from '../../../genesis/abi/datanets.ts'
import { GAS } from '../../../genesis/gas.ts'
import { jaccardBps } from '../../../protocol/jaccard.ts'
import { minhash as minhashOf } from '../../../protocol/minhash.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { found, writeMinhash } from './clusters.ts'
import { type DatanetHandlers, face, ownContribution } from './datanet-face.ts'
import {
  canonicalCluster,
  clusterLayout,
  clusterPlace,
  contributionLayout,
  contributionPlace,
  contributionTail,
  isChunked,
  releasePlace,
} from './datanet-records.ts'

/** The content, where it is the contribution's. A content in chunks has no hash of its own: a node of its tree is none. */
function contentOf(context: CallContext, contribution: bigint, field: string, hex: `0x${string}`): Uint8Array {
  const bytes = bytesOf(hex)
  if (isChunked(context, contribution))
    throw face.error('InvalidField', [field, 'is in chunks, so it cannot be shown as one'])
  const hash = hexOf(context.keccak(bytes))
  const place = contributionPlace(context, contribution)
  const { contentHash } = readRecord(context, place, contributionLayout, ['contentHash'])
  if (hash !== contentHash)
    throw face.error('InvalidField', [field, `is not the content of contribution ${contribution}`])
  return bytes
}

type Appeals = Pick<DatanetHandlers, 'appealCluster'>

export const appeals: Appeals = {
  appealCluster(context, [contribution, contentHex, founderHex]) {
    const record = ownContribution(context, contribution)
    if (record.status !== BigInt(CONTRIBUTION_STATUS.accepted))
      throw face.error('NotAccepted', [contribution, Number(record.status)])
    const left = canonicalCluster(context, record.cluster)
    const leftPlace = clusterPlace(context, left)
    const { founder, members } = readRecord(context, leftPlace, clusterLayout, ['founder', 'members'])
    if (founder === contribution) throw face.error('FoundsItsCluster', [contribution, left])
    const content = contentOf(context, contribution, 'content', contentHex)
    // Units are minted for the size, which nobody has checked yet.
    if (BigInt(content.length) !== record.size)
      throw face.error('InvalidField', [
        'content',
        `has ${content.length} bytes, not the ${record.size} that were claimed`,
      ])
    const founders = contentOf(context, founder, 'founderContent', founderHex)
    context.charge(
      GAS.shingleByte * BigInt(content.length + founders.length) + GAS.minhashByte * BigInt(content.length),
    )
    const similarityBps = jaccardBps(content, founders)
    const limit = Number(parameter(context, 'clusterJaccardBps'))
    if (similarityBps >= limit) throw face.error('AppealFails', [similarityBps, limit])

    const minhash = minhashOf(content)
    const place = contributionPlace(context, contribution)
    writeMinhash(context, contributionTail(place).minhash, minhash)
    writeRecord(context, leftPlace, clusterLayout, { members: members - 1n })
    const { datanet, contributor, sequence, size } = record
    const arrival = { contribution, datanet, contributor, sequence, size, minhash, seen: true, sameContent: undefined }
    // What it is minted now is bound, though it may have led another cluster before whose units it released.
    context.write(releasePlace(context, contribution), 0n)
    const founded = found(context, arrival)
    writeRecord(context, place, contributionLayout, { cluster: founded })
    context.accept({ hash: record.contentHash, bytes: content })
    face.emit(context, 'ContentSeen', { contribution, contentHash: record.contentHash })
    face.emit(context, 'ClusterAppealed', { contribution, left, founded, similarityBps })
    return founded
  },
}
