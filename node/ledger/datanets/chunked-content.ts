/**
 * Contents too large for one call (docs/protocol.md, "Datanets"): the contributor declares a tree of chunks and the
 * MinHash of the whole, and anybody may show chunks. When all are shown the content is seen. A chunk that disproves
 * what was declared ends the contribution, and half of its bond goes to who showed it.
 */
import type { Hex } from 'viem'
import { CONTRIBUTION_STATUS } from '../../../genesis/abi/datanets.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { CHUNK_BYTES, chunkCount, chunkLeaf, chunkLength, MAX_CHUNKS } from '../../../protocol/chunks.ts'
import { verifyMerkleProof } from '../../../protocol/merkle.ts'
import { MINHASH_SIZE, matchingValues, minhash as minhashOf } from '../../../protocol/minhash.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { markSeen, readMinhash, withdrawFounder } from './clusters.ts'
import { returnKeptBond, takeContribution } from './contributing.ts'
import { type DatanetHandlers, face, giveToTreasury, knownContribution, knownDatanet } from './datanet-face.ts'
import {
  chunkedLayout,
  chunkedPlace,
  contributionLayout,
  contributionPlace,
  contributionTail,
  shownPlace,
  standingLayout,
  standingPlace,
} from './datanet-records.ts'

type Contribution = RecordOf<typeof contributionLayout>
/** All 32 values of the whole were reached by some chunk. */
const ALL_REACHED = 0xffff_ffffn

/** Ends a contribution that a chunk has disproved. Half of its bond rewards, half goes to the treasury. */
function refute(context: CallContext, contribution: bigint, record: Contribution, fault: string): void {
  const shownBy = context.call.caller
  const place = standingPlace(context, contribution)
  const { bond } = readRecord(context, place, standingLayout, ['bond'])
  const reward = bond / 2n
  writeRecord(context, place, standingLayout, { bond: 0n })
  const status = BigInt(CONTRIBUTION_STATUS.refuted)
  writeRecord(context, contributionPlace(context, contribution), contributionLayout, { status })
  if (record.cluster !== 0n) withdrawFounder(context, contribution, record.cluster, true)
  if (reward > 0n) context.transfer(NATIVE.datanets, shownBy, reward)
  giveToTreasury(context, bond - reward)
  face.emit(context, 'Refuted', { contribution, shownBy, fault, reward })
}

/** Marks a chunk as shown. Throws where it was. */
function markShown(context: CallContext, contribution: bigint, index: number): void {
  const place = shownPlace(context, contribution, BigInt(index >> 8))
  const bit = 1n << BigInt(index & 255)
  const shown = context.read(place)
  if ((shown & bit) !== 0n) throw face.error('ChunkAlreadyShown', [contribution, index])
  context.write(place, shown | bit)
}

/** Which of the whole's values the chunk reaches, one bit each; undefined where it has a lesser one. */
function reachedBy(values: Uint32Array, whole: Uint32Array): bigint | undefined {
  let reached = 0n
  for (let i = 0; i < MINHASH_SIZE; i++) {
    if (values[i]! < whole[i]!) return undefined
    if (values[i] === whole[i]) reached |= 1n << BigInt(i)
  }
  return reached
}

/** The contribution has been seen whole. */
function complete(context: CallContext, contribution: bigint, record: Contribution): void {
  face.emit(context, 'ContentSeen', { contribution, contentHash: record.contentHash })
  if (record.status === BigInt(CONTRIBUTION_STATUS.proposed)) {
    writeRecord(context, standingPlace(context, contribution), standingLayout, { seen: true })
    return
  }
  markSeen(context, contribution, record.cluster, record.size)
  returnKeptBond(context, contribution, record.contributor, knownDatanet(context, record.datanet).bond)
}

type Chunked = Pick<DatanetHandlers, 'contributeChunked' | 'showChunk' | 'chunksOf'>

export const chunkedContent: Chunked = {
  contributeChunked(context, [datanet, root, cid, size, minhash, salt]) {
    if (size <= CHUNK_BYTES)
      throw face.error('InvalidField', ['size', `a content of at most ${CHUNK_BYTES} bytes is contributed whole`])
    const chunks = chunkCount(size)
    if (chunks > MAX_CHUNKS)
      throw face.error('InvalidField', ['size', `makes ${chunks} chunks, more than ${MAX_CHUNKS}`])
    const content = { hash: root, size, cid, minhash: Uint32Array.from(minhash), seen: false, disputable: true }
    const ids = takeContribution(context, datanet, content, salt)
    writeRecord(context, chunkedPlace(context, ids[0]), chunkedLayout, { chunks: BigInt(chunks) })
    return ids
  },

  showChunk(context, [contribution, index, chunkHex, declared, proof]) {
    const record = knownContribution(context, contribution)
    const { accepted, proposed } = CONTRIBUTION_STATUS
    if (record.status !== BigInt(accepted) && record.status !== BigInt(proposed))
      throw face.error('NotAccepted', [contribution, Number(record.status)])
    const place = chunkedPlace(context, contribution)
    const { chunks, shown, reached } = readRecord(context, place, chunkedLayout)
    if (chunks === 0n) throw face.error('NotChunked', [contribution])
    if (BigInt(index) >= chunks) throw face.error('InvalidField', ['index', `must be below ${chunks}, got ${index}`])
    const bytes = bytesOf(chunkHex)
    if (bytes.length > CHUNK_BYTES) throw face.error('ContentTooLarge', [BigInt(bytes.length), BigInt(CHUNK_BYTES)])
    const chunkHash = hexOf(context.keccak(bytes))
    const values = Uint32Array.from(declared)
    checkPath(context, { root: record.contentHash, index, count: Number(chunks), proof }, chunkHash, values)
    markShown(context, contribution, index)
    context.charge(GAS.minhashByte * BigInt(bytes.length))
    if (bytes.length !== chunkLength(Number(record.size), index))
      return refute(context, contribution, record, 'the chunk has another length')
    if (matchingValues(minhashOf(bytes), values) !== MINHASH_SIZE)
      return refute(context, contribution, record, 'the chunk has another MinHash')
    const whole = readMinhash(context, contributionTail(contributionPlace(context, contribution)).minhash)
    const reaches = reachedBy(values, whole)
    if (reaches === undefined) return refute(context, contribution, record, 'the whole has a lesser MinHash')
    const all = shown + 1n === chunks
    if (all && (reached | reaches) !== ALL_REACHED)
      return refute(context, contribution, record, 'the whole has a greater MinHash')
    writeRecord(context, place, chunkedLayout, { shown: shown + 1n, reached: reached | reaches })
    context.accept({ hash: chunkHash, bytes })
    if (all) complete(context, contribution, record)
    face.emit(context, 'ChunkShown', { contribution, index, chunkHash, complete: all })
  },

  chunksOf(context, [contribution]) {
    knownContribution(context, contribution)
    const { chunks, shown } = readRecord(context, chunkedPlace(context, contribution), chunkedLayout)
    return [Number(chunks), Number(shown)] as const
  },
}

function checkPath(
  context: CallContext,
  at: { root: Hex; index: number; count: number; proof: readonly Hex[] },
  chunkHash: Hex,
  values: Uint32Array,
): void {
  context.charge(GAS.keccak + 5n * GAS.keccakWord + BigInt(at.proof.length) * (GAS.keccak + 3n * GAS.keccakWord))
  if (!verifyMerkleProof({ ...at, leaf: chunkLeaf(chunkHash, values) }))
    throw face.error('InvalidField', ['proof', `does not lead from chunk ${at.index} to the contribution's root`])
}
