/**
 * Artifacts, contents, and the files of tuned versions (adapters, curvatures, recipes, checkpoints) on disk, each a file named by
 * the keccak256 of its bytes. A file appears whole or not at all (temporary file, fsync, rename, fsync of the
 * folder), and is believed only by its hash.
 */
import { access, type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hex, keccak256 } from 'viem'
import { CHUNK_BYTES, chunkContent } from '../../protocol/chunks.ts'
import {
  type Artifact,
  ArtifactError,
  artifactHash,
  decodeArtifact,
  encodeArtifact,
  type TunedArtifact,
} from './artifact.ts'
import type { Corpus } from './corpus.ts'
import { keccakStream } from './keccak-stream.ts'

export class ArtifactStore {
  readonly #artifacts: string
  readonly #contents: string
  readonly #files: string

  private constructor(directory: string) {
    this.#artifacts = join(directory, 'artifacts')
    this.#contents = join(directory, 'contents')
    this.#files = join(directory, 'files')
  }

  static async open(directory: string): Promise<ArtifactStore> {
    const store = new ArtifactStore(directory)
    await mkdir(store.#artifacts, { recursive: true })
    await mkdir(store.#contents, { recursive: true })
    await mkdir(store.#files, { recursive: true })
    return store
  }

  /** Writes an artifact with the contents that its rows speak of. Returns its hash. */
  async put(artifact: Artifact, corpus: Corpus): Promise<Hex> {
    await this.putContents(corpus)
    const bytes = encodeArtifact(artifact)
    const hash = artifactHash(bytes)
    await putFile(this.#artifacts, hash, [bytes])
    return hash
  }

  /** Writes the contents that are not there yet. The documents' hashes are believed (readCorpus has checked them). */
  async putContents({ documents }: Pick<Corpus, 'documents'>): Promise<void> {
    for (const { contentHash, content } of documents) {
      if (!(await isThere(join(this.#contents, contentHash)))) await putFile(this.#contents, contentHash, [content])
    }
  }

  /** Writes an artifact's bytes as they come. Returns their hash. */
  async putArtifactBytes(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Hex> {
    return (await putStream(this.#artifacts, chunks)).hash
  }

  /** Writes a file of a tuned version. */
  putFile(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<{ hash: Hex; size: number }> {
    return putStream(this.#files, chunks)
  }

  /** Whether a tuned version's file lies here, by its name alone. */
  hasFile(hash: Hex): Promise<boolean> {
    return isThere(join(this.#files, hash))
  }

  /** A tuned version's file; undefined where it is absent. Throws {@link ArtifactError} where it is damaged. */
  fileBytes(hash: Hex): Promise<Uint8Array | undefined> {
    return getFile(this.#files, hash)
  }

  /** The same by its entry in an artifact. Throws {@link ArtifactError} that names the file where it is absent or damaged. */
  async file(artifact: TunedArtifact, name: string): Promise<Uint8Array> {
    const entry = artifact.tuned.files.find((file) => file.name === name)
    if (!entry) throw new ArtifactError(`the artifact lists no file ${name}`)
    const bytes = await this.fileBytes(entry.hash).catch((error: unknown) => {
      throw error instanceof ArtifactError ? new ArtifactError(`${name}: ${error.message}`, { cause: error }) : error
    })
    if (!bytes) throw new ArtifactError(`${name}: no file ${entry.hash} on disk`)
    return bytes
  }

  /** The artifact's bytes; undefined where there are none. Throws {@link ArtifactError} where the file is damaged. */
  bytes(hash: Hex): Promise<Uint8Array | undefined> {
    return getFile(this.#artifacts, hash)
  }

  /** An artifact, or a tuned version's file, open for whoever checks its hash: it may be large. Undefined where it is absent. */
  async openBytes(hash: Hex): Promise<FileHandle | undefined> {
    return (await openIfThere(join(this.#artifacts, hash))) ?? (await openIfThere(join(this.#files, hash)))
  }

  /** Throws {@link ArtifactError} where the artifact is absent or damaged. */
  async artifact(hash: Hex): Promise<Artifact> {
    const bytes = await this.bytes(hash)
    if (!bytes) throw new ArtifactError(`no artifact ${hash} on disk`)
    return decodeArtifact(bytes)
  }

  /** A content by its hash. Throws {@link ArtifactError} where it is absent or damaged. */
  async content(hash: Hex): Promise<Uint8Array> {
    const bytes = await getFile(this.#contents, hash, (bytes) => contentHashOf(bytes, hash))
    if (!bytes) throw new ArtifactError(`no content ${hash} on disk`)
    return bytes
  }
}

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** A content too large for one call goes by the root of its chunks. */
function contentHashOf(content: Uint8Array, expected: Hex): Hex {
  const whole = keccak256(content)
  return whole === expected || content.length <= CHUNK_BYTES ? whole : chunkContent(content).root
}

async function getFile(
  directory: string,
  hash: Hex,
  hashOf: (bytes: Uint8Array) => Hex = keccak256,
): Promise<Uint8Array | undefined> {
  const bytes = await readFile(join(directory, hash)).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (!bytes) return undefined
  const actual = hashOf(bytes)
  if (actual !== hash) throw new ArtifactError(`file ${hash} hashes to ${actual}: delete it, it will be built again`)
  return bytes
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false
      throw error
    },
  )
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

const putFile = (directory: string, hash: Hex, chunks: Chunks) => putWhole(directory, chunks, () => hash)

async function putStream(directory: string, chunks: Chunks): Promise<{ hash: Hex; size: number }> {
  const stream = await keccakStream()
  let size = 0
  async function* hashed() {
    for await (const chunk of chunks) {
      stream.add(chunk)
      size += chunk.length
      yield chunk
    }
  }
  const hash = await putWhole(directory, hashed(), stream.digest)
  return { hash, size }
}

let temporaries = 0

/** Writes beside its place, syncs, and gives it its name, which may be known only then. */
async function putWhole(directory: string, chunks: Chunks, nameOf: () => Hex): Promise<Hex> {
  const temporary = join(directory, `${process.pid}-${++temporaries}.tmp`)
  try {
    const file = await open(temporary, 'w')
    try {
      for await (const chunk of chunks) await file.writeFile(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    const hash = nameOf()
    await rename(temporary, join(directory, hash))
    await syncFolder(directory)
    return hash
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, 'r')
  await folder.sync().finally(() => folder.close())
}
