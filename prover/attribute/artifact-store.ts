/**
 * Artifacts and contents on disk, each a file named by the keccak256 of its bytes. A file appears whole
 * or not at all (temporary file, fsync, rename, fsync of the folder), and is believed only by its hash.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hex, keccak256 } from 'viem'
import { type Artifact, ArtifactError, artifactHash, decodeArtifact, encodeArtifact } from './artifact.ts'
import type { Corpus } from './corpus.ts'

export class ArtifactStore {
  readonly #artifacts: string
  readonly #contents: string

  private constructor(directory: string) {
    this.#artifacts = join(directory, 'artifacts')
    this.#contents = join(directory, 'contents')
  }

  static async open(directory: string): Promise<ArtifactStore> {
    const store = new ArtifactStore(directory)
    await mkdir(store.#artifacts, { recursive: true })
    await mkdir(store.#contents, { recursive: true })
    return store
  }

  /** Writes an artifact with the contents that its rows speak of. Returns its hash. */
  async put(artifact: Artifact, corpus: Corpus): Promise<Hex> {
    for (const { contentHash, content } of corpus.documents) await putFile(this.#contents, contentHash, content)
    const bytes = encodeArtifact(artifact)
    const hash = artifactHash(bytes)
    await putFile(this.#artifacts, hash, bytes)
    return hash
  }

  /** The artifact's bytes; undefined where there are none. Throws {@link ArtifactError} where the file is damaged. */
  bytes(hash: Hex): Promise<Uint8Array | undefined> {
    return getFile(this.#artifacts, hash)
  }

  /** Throws {@link ArtifactError} where the artifact is absent or damaged. */
  async artifact(hash: Hex): Promise<Artifact> {
    const bytes = await this.bytes(hash)
    if (!bytes) throw new ArtifactError(`no artifact ${hash} on disk`)
    return decodeArtifact(bytes)
  }

  /** A content by its hash. Throws {@link ArtifactError} where it is absent or damaged. */
  async content(hash: Hex): Promise<Uint8Array> {
    const bytes = await getFile(this.#contents, hash)
    if (!bytes) throw new ArtifactError(`no content ${hash} on disk`)
    return bytes
  }
}

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT'

async function getFile(directory: string, hash: Hex): Promise<Uint8Array | undefined> {
  const bytes = await readFile(join(directory, hash)).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (!bytes) return undefined
  const actual = keccak256(bytes)
  if (actual !== hash) throw new ArtifactError(`file ${hash} hashes to ${actual}: delete it, it will be built again`)
  return bytes
}

async function putFile(directory: string, hash: Hex, bytes: Uint8Array): Promise<void> {
  const path = join(directory, hash)
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(directory, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
