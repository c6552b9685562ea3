/**
 * Fetching artifacts, and the files of tuned versions, by hash from a gateway that has them. Nothing is believed but the
 * hashes: the artifact's comes from the chain, its files' from the artifact. Nothing is longer than it says, or than a limit.
 */
import { type Hex, keccak256 } from 'viem'
import { ArtifactError, decodeArtifact, isTuned } from '../attribute/artifact.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'

/** Some 130,000 rows. */
export const MOST_ARTIFACT_BYTES = 2 ** 29
/** A file: an adapter's or its curvature's. */
const MOST_FILE_BYTES = 2 ** 32
/** Milliseconds within which the next bytes must come. */
const SILENCE = 30_000

/** Where artifacts may be had. */
export type ArtifactSource = {
  /** Base URL of a gateway. */
  url: string
  signal?: AbortSignal
}

/** A source answers, and not with the bytes. */
export class NotGivenError extends ArtifactError {
  readonly reason: string

  constructor(url: string, hash: Hex, reason: string) {
    super(`${url} does not give ${hash}: ${reason}`)
    this.reason = reason
  }
}

/**
 * The bytes of a hash as they come. Throws {@link NotGivenError} where the source has none, {@link ArtifactError} where it has more
 * than `most` or falls silent, and fetch's TypeError where it cannot be reached.
 */
export async function* fetchBytes(
  { url, signal }: ArtifactSource,
  hash: Hex,
  most: number,
): AsyncGenerator<Uint8Array> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new ArtifactError(`${url} has fallen silent over ${hash}`)), SILENCE)
  try {
    const signals = signal ? [signal, silence.signal] : [silence.signal]
    const response = await fetch(`${url}/v1/artifacts/${hash}`, { signal: AbortSignal.any(signals) })
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      throw new NotGivenError(url, hash, `status ${response.status}`)
    }
    let size = 0
    for await (const chunk of response.body) {
      timer.refresh()
      size += chunk.length
      if (size > most) throw new ArtifactError(`${url} gives more than ${most} bytes for ${hash}`)
      yield chunk
    }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Fetches what the store lacks of an artifact: itself, and all the files that it lists. Throws {@link ArtifactError} where the source
 * does not have something, or has something else by that name; what came whole until then stays in the store.
 */
export async function fetchArtifact(store: ArtifactStore, artifact: Hex, source: ArtifactSource): Promise<void> {
  const chunks: Uint8Array[] = []
  let bytes = await store.bytes(artifact)
  if (!bytes) {
    for await (const chunk of fetchBytes(source, artifact, MOST_ARTIFACT_BYTES)) chunks.push(chunk)
    bytes = Buffer.concat(chunks)
    checkHash(source, artifact, keccak256(bytes))
  }
  const decoded = decodeArtifact(bytes)
  for (const file of isTuned(decoded) ? decoded.tuned.files : []) {
    if (await store.hasFile(file.hash)) continue
    if (file.size > MOST_FILE_BYTES)
      throw new ArtifactError(`artifact ${artifact} lists ${file.name} with ${file.size} bytes, more than can be taken`)
    checkHash(source, file.hash, (await store.putFile(fetchBytes(source, file.hash, file.size))).hash)
  }
  // Last: an artifact in the store has its files beside it.
  if (chunks.length > 0) await store.putArtifactBytes([bytes])
}

function checkHash({ url }: ArtifactSource, expected: Hex, actual: Hex): void {
  if (actual !== expected) throw new ArtifactError(`${url} gives ${actual} for ${expected}`)
}
