/**
 * What the artifact of a tuned version (format 2) says besides its rows: the hashes of what its rows were computed with, and a list of files by the
 * keccak256 of their bytes, so that an auditor can fetch all that it needs.
 *
 *     kernelVersion u32 ‖ weightsHash 32 ‖ tokenizerHash 32 ‖ recipeHash 32 ‖ adapterHash 32 ‖ curvatureHash 32 ‖ maxScale u16 ‖
 *     checkpoints: count u32 ‖ count × (step u32 ‖ lossMicro u64 ‖ checkpointHash 32) ‖
 *     files:       count u32 ‖ count × (name length u16 ‖ name ‖ size u64 ‖ hash 32)                            big endian
 *
 * Checkpoints are by step and files by name, ascending.
 */
import type { Hex } from 'viem'
import type { ByteReader } from '../../protocol/byte-cursor.ts'
import { ByteWriter } from '../../protocol/byte-cursor.ts'

export type ArtifactFile = {
  name: string
  /** Bytes. */
  size: number
  hash: Hex
}

export type ArtifactCheckpoint = { step: number; lossMicro: number; checkpointHash: Hex }

export type TunedParts = {
  kernelVersion: number
  /** Of the base, as registered. */
  weightsHash: Hex
  tokenizerHash: Hex
  /** The run's hyperparametersHash. */
  recipeHash: Hex
  /** keccak256 of adapter_model.safetensors. */
  adapterHash: Hex
  /** As prover/features/curvature.ts has it. */
  curvatureHash: Hex
  /** What scales were cut to. */
  maxScale: number
  checkpoints: ArtifactCheckpoint[]
  files: ArtifactFile[]
}

/** Names of {@link TunedParts.files}; a checkpoint has two. */
export const ARTIFACT_FILES = {
  adapterConfig: 'adapter_config.json',
  adapterWeights: 'adapter_model.safetensors',
  curvature: 'curvature',
  recipe: 'recipe.json',
  checkpointFields: (step: number) => `checkpoints/${checkpointName(step)}.json`,
  checkpointTensors: (step: number) => `checkpoints/${checkpointName(step)}.safetensors`,
} as const

const checkpointName = (step: number) => `step-${String(step).padStart(8, '0')}`

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,255}$/
const HASHES = ['weightsHash', 'tokenizerHash', 'recipeHash', 'adapterHash', 'curvatureHash'] as const

export function encodeTuned(parts: TunedParts): Uint8Array {
  const writer = new ByteWriter().uint(parts.kernelVersion, 4)
  for (const name of HASHES) writer.hex(parts[name], 32)
  writer.uint(parts.maxScale, 2).uint(parts.checkpoints.length, 4)
  for (const { step, lossMicro, checkpointHash } of parts.checkpoints)
    writer.uint(step, 4).uint(lossMicro, 8).hex(checkpointHash, 32)
  writer.uint(parts.files.length, 4)
  for (const { name, size, hash } of parts.files) {
    const text = new TextEncoder().encode(name)
    writer.uint(text.length, 2).raw(text).uint(size, 8).hex(hash, 32)
  }
  return writer.finish()
}

/** Inverse of {@link encodeTuned}. Throws RangeError. */
export function decodeTuned(reader: ByteReader): TunedParts {
  const kernelVersion = reader.number(4)
  const hashes = HASHES.map(() => reader.hex(32))
  const [weightsHash, tokenizerHash, recipeHash, adapterHash, curvatureHash] = hashes as [Hex, Hex, Hex, Hex, Hex]
  const maxScale = reader.number(2)
  const checkpoints = listOf(reader, () => ({
    step: reader.number(4),
    lossMicro: safeNumber('lossMicro', reader.uint(8)),
    checkpointHash: reader.hex(32),
  }))
  const files = listOf(reader, () => readFileEntry(reader))
  checkAscending('checkpoint', checkpoints, (a, b) => a.step < b.step)
  checkAscending('file', files, (a, b) => a.name < b.name)
  return {
    ...{ kernelVersion, weightsHash, tokenizerHash, recipeHash, adapterHash, curvatureHash, maxScale },
    ...{ checkpoints, files },
  }
}

/** Grows entry by entry: nothing is allocated by a count whose bytes are not there. */
function listOf<Item>(reader: ByteReader, read: () => Item): Item[] {
  const items: Item[] = []
  for (let left = reader.number(4); left > 0; left--) items.push(read())
  return items
}

function readFileEntry(reader: ByteReader): ArtifactFile {
  const name = new TextDecoder().decode(reader.raw(reader.number(2)))
  if (!NAME.test(name)) throw new RangeError(`file name ${JSON.stringify(name.slice(0, 80))} is not plain`)
  return { name, size: safeNumber(`size of ${name}`, reader.uint(8)), hash: reader.hex(32) }
}

function safeNumber(what: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`${what} is ${value}`)
  return Number(value)
}

function checkAscending<Item>(what: string, items: readonly Item[], precedes: (a: Item, b: Item) => boolean): void {
  items.forEach((item, i) => {
    if (i > 0 && !precedes(items[i - 1]!, item)) throw new RangeError(`${what} ${i} is not in order`)
  })
}
