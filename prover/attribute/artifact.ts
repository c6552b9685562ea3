/**
 * A version's artifact: everything that attribution needs of a version, computed from its corpus alone, the
 * same bytes for everybody (docs/protocol.md, "Models" and "Attribution"). Its name is the keccak256 of its bytes.
 *
 *     'OLAF' ‖ format u16 ‖ dims u32 ‖ seed u64 ‖ block u64 ‖ medianScale u16 ‖
 *     datanets: count u16 ‖ count × u64 ‖
 *     format 2: what rows were computed with, and files (artifact-tuned.ts) ‖
 *     rarity:   length u32 ‖ bytes (protocol/ngrams.ts) ‖
 *     rows:     count u32 ‖ count × manifest item (52 bytes) ‖ count × row (4,118 bytes)            big endian
 *
 * Row i speaks of manifest item i. A window without a feature (no n-gram of weight) is no row and no
 * item. A row that repeats an earlier one of its cluster is void: scale 0, signs 0. A scale is cut to `maxScaleFactor` times the median
 * of those above 0, which the cut cannot move.
 *
 * Format 1 is a retrieval version, built here; format 2 a tuned one (prover/tune).
 */
import { type Hex, keccak256 } from 'viem'
import { ByteReader, ByteWriter, concatBytes } from '../../protocol/byte-cursor.ts'
import { medianScale, type RowFeature, rowFeature, VOID_ROW } from '../../protocol/lexical.ts'
import {
  cutWindows,
  decodeManifestItem,
  encodeManifestItem,
  type ManifestItem,
  manifestRoot,
} from '../../protocol/manifest.ts'
import { merkleRoot } from '../../protocol/merkle.ts'
import { buildRarity, decodeRarity, encodeRarity, type Rarity } from '../../protocol/ngrams.ts'
import { DIMS, decodeRow, encodeRow, type Row, rowLeaf, SIGN_BYTES } from '../../protocol/row.ts'
import { repeats } from '../../protocol/same-rows.ts'
import { lexicalTokens, tokenIds } from '../../protocol/tokens.ts'
import { decodeTuned, encodeTuned, type TunedParts } from './artifact-tuned.ts'
import type { Corpus, CorpusDocument } from './corpus.ts'

const MAGIC = new TextEncoder().encode('OLAF')
const RETRIEVAL_FORMAT = 1
const TUNED_FORMAT = 2
const MANIFEST_ITEM_BYTES = 52
const ROW_BYTES = 22 + SIGN_BYTES

export type Artifact = {
  dims: number
  /** The run's. Of the Hadamard transform's signs in a retrieval version; a tuned one's seeds follow from it. */
  seed: bigint
  /** L2 block as of which the corpus was read. */
  block: bigint
  datanets: bigint[]
  medianScale: number
  rarity: Rarity
  manifest: ManifestItem[]
  /** Row i's signs are bytes [i·dims/8, (i+1)·dims/8) of `signs`. */
  rows: Row[]
  signs: Uint8Array
  manifestRoot: Hex
  featureRoot: Hex
  /** Of a tuned version; a retrieval version has none. */
  tuned?: TunedParts
}

export type TunedArtifact = Artifact & { tuned: TunedParts }

export const isTuned = (artifact: Artifact): artifact is TunedArtifact => artifact.tuned !== undefined

/** Bytes that are not the artifact that they were said to be. */
export class ArtifactError extends Error {
  override name = 'ArtifactError'
}

type Window = { document: CorpusDocument; start: number; end: number; ids: Uint32Array }
type FeaturedWindow = { window: Window; feature: RowFeature }

function windowsOf(document: CorpusDocument): Window[] {
  const ids = tokenIds(lexicalTokens(document.content))
  return cutWindows(ids.length).map(({ start, end }) => ({ document, start, end, ids: ids.subarray(start, end) }))
}

/** Builds a version's artifact. `maxScaleFactor` is the parameter of that name. */
export function buildArtifact(corpus: Corpus, options: { seed: bigint; maxScaleFactor: bigint }): Artifact {
  const windows = corpus.documents.flatMap(windowsOf)
  const rarity = buildRarity(windows.map(({ ids }) => ids))
  const featured = withoutRepeats(
    windows.flatMap((window) => {
      const feature = rowFeature(window.ids, rarity, options.seed)
      return feature ? [{ window, feature }] : []
    }),
  )
  const median = medianScale(featured.map(({ feature }) => feature.scale).filter((scale) => scale > 0))
  const limit = Math.min(median * Number(options.maxScaleFactor), 0xffff)
  const signs = new Uint8Array(featured.length * SIGN_BYTES)
  const manifest: ManifestItem[] = []
  const rows: Row[] = []
  featured.forEach(({ window: { document, start, end }, feature }, index) => {
    const own = signs.subarray(index * SIGN_BYTES, (index + 1) * SIGN_BYTES)
    own.set(feature.signs)
    const scale = Math.min(feature.scale, limit)
    manifest.push({ index, contribution: document.id, contentHash: document.contentHash, start, end })
    rows.push({ index, contribution: document.id, cluster: document.cluster, scale, signs: own })
  })
  const { datanets, block } = corpus
  return withRoots({
    dims: DIMS,
    seed: options.seed,
    block,
    datanets,
    medianScale: median,
    rarity,
    manifest,
    rows,
    signs,
  })
}

/** A row that repeats an earlier one of its cluster is void. */
function withoutRepeats(featured: readonly FeaturedWindow[]): FeaturedWindow[] {
  const isRepeat = repeats(featured.map(({ window, feature }) => ({ cluster: window.document.cluster, ...feature })))
  return featured.map(({ window, feature }, i) => ({ window, feature: isRepeat[i] ? VOID_ROW : feature }))
}

function withRoots(artifact: Omit<Artifact, 'manifestRoot' | 'featureRoot'>): Artifact {
  return {
    ...artifact,
    manifestRoot: manifestRoot(artifact.manifest),
    featureRoot: merkleRoot(artifact.rows.map(rowLeaf)),
  }
}

export function encodeArtifact(artifact: Artifact): Uint8Array {
  return concatBytes([encodeArtifactHead(artifact), ...artifact.rows.map(encodeRow)])
}

/** All but the rows, which follow one after another. */
export function encodeArtifactHead(
  artifact: Omit<Artifact, 'rows' | 'signs' | 'manifestRoot' | 'featureRoot'>,
): Uint8Array {
  const rarity = encodeRarity(artifact.rarity)
  const format = artifact.tuned ? TUNED_FORMAT : RETRIEVAL_FORMAT
  const writer = new ByteWriter().raw(MAGIC).uint(format, 2).uint(artifact.dims, 4).uint(artifact.seed, 8)
  writer.uint(artifact.block, 8).uint(artifact.medianScale, 2)
  writer.uint(artifact.datanets.length, 2)
  for (const datanet of artifact.datanets) writer.uint(datanet, 8)
  if (artifact.tuned) writer.raw(encodeTuned(artifact.tuned))
  writer.uint(rarity.length, 4).raw(rarity)
  writer.uint(artifact.manifest.length, 4)
  for (const item of artifact.manifest) writer.raw(encodeManifestItem(item))
  return writer.finish()
}

/** Inverse of {@link encodeArtifact}; computes the roots anew. Throws {@link ArtifactError} on anything else. */
export function decodeArtifact(bytes: Uint8Array): Artifact {
  try {
    return decode(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw new ArtifactError(`not an artifact: ${error.message}`)
    throw error
  }
}

function decode(bytes: Uint8Array): Artifact {
  const reader = new ByteReader(bytes)
  const magic = reader.raw(MAGIC.length)
  if (magic.some((byte, i) => byte !== MAGIC[i]))
    throw new ArtifactError('not an artifact: it does not begin with OLAF')
  const format = reader.number(2)
  if (format !== RETRIEVAL_FORMAT && format !== TUNED_FORMAT)
    throw new ArtifactError(`artifact format ${format}, this program reads ${RETRIEVAL_FORMAT} and ${TUNED_FORMAT}`)
  const dims = reader.number(4)
  if (dims !== DIMS) throw new ArtifactError(`artifact has ${dims} dimensions, this protocol version has ${DIMS}`)
  const seed = reader.uint(8)
  const block = reader.uint(8)
  const median = reader.number(2)
  const datanets = Array.from({ length: reader.number(2) }, () => reader.uint(8))
  const tuned = format === TUNED_FORMAT ? decodeTuned(reader) : undefined
  const rarity = decodeRarity(reader.raw(reader.number(4)))
  const count = reader.number(4)
  // Before anything is allocated by the count: the bytes must be there.
  const manifestBytes = reader.raw(count * MANIFEST_ITEM_BYTES)
  const rowBytes = reader.raw(count * ROW_BYTES)
  reader.end()
  const manifest = Array.from({ length: count }, (_, i) =>
    decodeManifestItem(manifestBytes.subarray(i * MANIFEST_ITEM_BYTES, (i + 1) * MANIFEST_ITEM_BYTES)),
  )
  const signs = new Uint8Array(count * SIGN_BYTES)
  const rows = Array.from({ length: count }, (_, i) => {
    const row = decodeRow(rowBytes.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES))
    const own = signs.subarray(i * SIGN_BYTES, (i + 1) * SIGN_BYTES)
    own.set(row.signs)
    if (row.index !== i || row.contribution !== manifest[i]!.contribution)
      throw new ArtifactError(`row ${i} does not speak of item ${i}`)
    return { ...row, signs: own }
  })
  const parts = { dims, seed, block, datanets, medianScale: median, rarity, manifest, rows, signs }
  return withRoots({ ...parts, ...(tuned && { tuned }) })
}

/** Name of an artifact's bytes. */
export const artifactHash = (bytes: Uint8Array): Hex => keccak256(bytes)
