/**
 * Rows on demand (docs/protocol.md, "Openings"): a publisher answers with its version's bond for showing any row of it,
 * with what the row speaks of. Both go to the log with their paths checked, so a row that is under featureRoot but says
 * something else than the manifest cannot be shown, nor can one that was never made.
 *
 *     demandRow ─┬─ revealRow, by anybody ──> the demander's bond is the revealer's
 *                └─ deadline ── punishHiddenRow ──> the version fails; half of its bond is the demander's
 */
import type { Hex } from 'viem'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { decodeManifestItem, type ManifestItem, manifestLeaf } from '../../../protocol/manifest.ts'
import { verifyMerkleProof } from '../../../protocol/merkle.ts'
import type { Row } from '../../../protocol/row.ts'
import { type AttributionHandlers, face } from '../attribution/attribution-face.ts'
import { demandLayout, rowDemandPlace } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf } from '../calls/face.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { contributionLayout, contributionPlace } from '../datanets/datanet-records.ts'
import { parameter } from '../governance/parameters.ts'
import { runLayout, runPlace } from '../models/model-records.ts'
import { failVersion, holdVersion, releaseVersion, versionStanding } from '../models/version-standing.ts'
import { knownVersion, shownRow, type Version } from './evidence.ts'
import { countDemand, uncountDemand } from './openings.ts'

type Demand = RecordOf<typeof demandLayout>

/** The open demand of a row. Throws where there is none. */
function openDemand(context: CallContext, version: bigint, row: number): Demand {
  const demand = readRecord(context, rowDemandPlace(context, version, BigInt(row)), demandLayout)
  if (demand.deadline === 0n || BigInt(demand.demander) === 0n) throw face.error('RowNotDemanded', [version, row])
  return demand
}

/** Ends a row's demand and pays its bond out. The record keeps its deadline: a row is demanded once. */
function endDemand(context: CallContext, version: bigint, row: number, { bond }: Demand, to: Address): void {
  const demander = '0x0000000000000000000000000000000000000000'
  writeRecord(context, rowDemandPlace(context, version, BigInt(row)), demandLayout, { demander, bond: 0n })
  uncountDemand(context)
  releaseVersion(context, version)
  if (bond > 0n) context.transfer(NATIVE.attribution, to, bond)
}

/** What the version's row speaks of. Throws where the bytes are not the manifest's, or speak of something else than the row. */
function checkItem(context: CallContext, version: Version, row: Row, itemHex: Hex, path: readonly Hex[]): void {
  const wrong = (reason: string) => face.error('InvalidField', ['manifestItem', reason])
  const item = decoded(itemHex)
  context.charge(BigInt(2 + path.length) * (GAS.keccak + 3n * GAS.keccakWord))
  if (item.index !== row.index) throw wrong(`is item ${item.index}, the row is ${row.index}`)
  const { manifestRoot: root } = readRecord(context, runPlace(context, version.run), runLayout, ['manifestRoot'])
  const claim = { root, leaf: manifestLeaf(item), index: item.index, count: Number(version.rows), proof: path }
  if (!verifyMerkleProof(claim)) throw wrong("its path does not lead to the run's manifestRoot")
  if (item.contribution !== row.contribution)
    throw wrong(`speaks of contribution ${item.contribution}, the row of ${row.contribution}`)
  const place = contributionPlace(context, item.contribution)
  const { contentHash } = readRecord(context, place, contributionLayout, ['contentHash'])
  if (item.contentHash !== contentHash) throw wrong(`its contentHash is not that of contribution ${item.contribution}`)
}

function decoded(itemHex: Hex): ManifestItem {
  try {
    return decodeManifestItem(bytesOf(itemHex))
  } catch (error) {
    if (error instanceof RangeError) throw face.error('InvalidField', ['manifestItem', error.message])
    throw error
  }
}

type RowDemands = Pick<AttributionHandlers, 'demandRow' | 'revealRow' | 'punishHiddenRow' | 'rowDemandOf'>

export const rowDemands: RowDemands = {
  demandRow(context, [version, row]) {
    const { caller: demander, value: bond } = context.call
    const required = parameter(context, 'openingBond')
    if (bond < required) throw face.error('BondTooSmall', [required, bond])
    const { rows, bond: kept } = knownVersion(context, version)
    if (BigInt(row) >= rows) throw face.error('InvalidField', ['row', `must be below ${rows}, got ${row}`])
    if (kept === 0n) throw face.error('VersionKeepsNoBond', [version])
    const place = rowDemandPlace(context, version, BigInt(row))
    if (readRecord(context, place, demandLayout, ['deadline']).deadline !== 0n)
      throw face.error('RowDemandedBefore', [version, row])
    const deadline = countDemand(context)
    holdVersion(context, version)
    writeRecord(context, place, demandLayout, { demander, deadline, bond })
    face.emit(context, 'RowDemanded', { version, row, demander, deadline })
  },

  revealRow(context, [id, evidence, manifestItem, manifestPath]) {
    const version = knownVersion(context, id)
    const row = shownRow(context, version, evidence, 'evidence')
    const demand = openDemand(context, id, row.index)
    if (context.now > demand.deadline) throw face.error('RowDeadlinePassed', [id, row.index, demand.deadline])
    checkItem(context, version, row, manifestItem, manifestPath)
    const revealer = context.call.caller
    endDemand(context, id, row.index, demand, revealer)
    const encodedRow = evidence.row
    face.emit(context, 'RowRevealed', { version: id, row: row.index, revealer, encodedRow, manifestItem })
  },

  punishHiddenRow(context, [version, row]) {
    const demand = openDemand(context, version, row)
    const { demander, deadline } = demand
    const { failedAt } = versionStanding(context, version)
    endDemand(context, version, row, demand, demander)
    if (failedAt !== 0n) {
      face.emit(context, 'RowDemandVoid', { version, row, demander })
      return
    }
    if (context.now <= deadline) throw face.error('TooEarly', [deadline + 1n])
    face.emit(context, 'RowHidden', { version, row, demander })
    failVersion(context, version, demander)
  },

  rowDemandOf(context, [version, row]) {
    return readRecord(context, rowDemandPlace(context, version, BigInt(row)), demandLayout)
  },
}
