/**
 * What a prover hands out by hash, put into the auditor's store: an artifact, and those of its files that are asked for. Nothing is
 * believed but the hashes, and nothing is taken beyond the bytes that it may have.
 */
import { type Hex, keccak256 } from 'viem'
import { ArtifactError, decodeArtifact, isTuned, type TunedArtifact } from '../attribute/artifact.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import { type ArtifactSource, fetchBytes, MOST_ARTIFACT_BYTES, NotGivenError } from '../gateway/artifact-source.ts'
import { MAX_RECIPE_BYTES, RECIPE_FILE } from '../tune/recipe.ts'

/** Of an adapter's, its checkpoint's or curvature's file. */
const MOST_FILE_BYTES = 2 ** 31

/** The bytes of a hash as they come, `most` at most. Throws {@link ArtifactError} where they are not handed out. */
export type ProverFiles = (hash: Hex, most: number) => AsyncIterable<Uint8Array>

/** Of a gateway. */
export function gatewayFiles(source: ArtifactSource): ProverFiles {
  return async function* (hash, most) {
    try {
      yield* fetchBytes(source, hash, most)
    } catch (error) {
      // A TypeError is fetch's own, where the connection is refused or lost.
      const reason =
        error instanceof NotGivenError ? error.reason : error instanceof TypeError ? error.message : undefined
      if (reason !== undefined) throw new ArtifactError(`${source.url} does not hand out ${hash}: ${reason}`)
      throw error
    }
  }
}

/** Puts an artifact into the store. Throws {@link ArtifactError}. */
export async function fetchArtifactBytes(files: ProverFiles, store: ArtifactStore, hash: Hex): Promise<void> {
  if (await store.bytes(hash)) return
  const chunks: Uint8Array[] = []
  for await (const chunk of files(hash, MOST_ARTIFACT_BYTES)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  checkHash('artifact', hash, keccak256(bytes))
  await store.putArtifactBytes([bytes])
}

/** Puts files of an artifact into the store, by their names. Throws {@link ArtifactError} that names the file. */
export async function fetchFiles(
  files: ProverFiles,
  store: ArtifactStore,
  artifact: TunedArtifact,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const entry = artifact.tuned.files.find((file) => file.name === name)
    if (!entry) throw new ArtifactError(`the artifact lists no file ${name}`)
    if (entry.size > MOST_FILE_BYTES)
      throw new ArtifactError(`${name}: the artifact lists ${entry.size} bytes, an audit takes ${MOST_FILE_BYTES}`)
    await fetchFile(files, store, { ...entry, most: entry.size })
  }
}

async function fetchFile(
  files: ProverFiles,
  store: ArtifactStore,
  { name, hash, most }: { name: string; hash: Hex; most: number },
): Promise<void> {
  if (await store.hasFile(hash)) return
  const stored = await store.putFile(files(hash, most)).catch((error: unknown) => {
    throw error instanceof ArtifactError ? new ArtifactError(`${name}: ${error.message}`, { cause: error }) : error
  })
  checkHash(name, hash, stored.hash)
}

/** The recipe's bytes by the run's hyperparametersHash, which is their hash. Throws {@link ArtifactError}. */
export async function fetchRecipe(files: ProverFiles, store: ArtifactStore, hash: Hex): Promise<Uint8Array> {
  await fetchFile(files, store, { name: RECIPE_FILE, hash, most: MAX_RECIPE_BYTES })
  return (await store.fileBytes(hash))!
}

/** All that answers are computed with, but for the base: no checkpoints. Throws {@link ArtifactError}. */
export async function fetchAnsweringModel(files: ProverFiles, store: ArtifactStore, hash: Hex): Promise<void> {
  await fetchArtifactBytes(files, store, hash)
  const artifact = decodeArtifact((await store.bytes(hash))!)
  const { recipe, adapterConfig, adapterWeights, curvature } = ARTIFACT_FILES
  if (isTuned(artifact)) await fetchFiles(files, store, artifact, [recipe, adapterConfig, adapterWeights, curvature])
}

function checkHash(name: string, expected: Hex, actual: Hex): void {
  if (actual !== expected) throw new ArtifactError(`${name}: the prover gives ${actual} for ${expected}`)
}
