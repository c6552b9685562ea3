/**
 * Ethereum's tests as they lie in the conformance data: JSON files in a tar under zstd, read as a stream, one file at a time.
 * A tar is 512-byte headers (name at 0, size in octal at 124, prefix at 345), each followed by its file in whole blocks (POSIX ustar).
 */
import { createReadStream, existsSync } from 'node:fs'
import { createZstdDecompress } from 'node:zlib'

const FOLDER = `${process.env.OPENLEDGER_CONFORMANCE ?? '../shared/conformance'}/ethereum-tests`
const TAR_BLOCK = 512
/** Far beyond the largest file there is; a damaged header must not make us read on and on. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

export const isPresent = (name: string): boolean => existsSync(`${FOLDER}/${name}.tar.zst`)

/** The archive's JSON files, in its order. */
export async function* readArchive(name: string): AsyncIterable<{ path: string; json: unknown }> {
  const path = `${FOLDER}/${name}.tar.zst`
  const source = new ByteQueue(createReadStream(path).pipe(createZstdDecompress()))
  for (;;) {
    const header = await source.take(TAR_BLOCK)
    if (header === undefined) return
    const text = (at: number, length: number) => header.toString('latin1', at, at + length).replace(/\0.*$/s, '')
    const file = [text(345, 155), text(0, 100)].filter((part) => part !== '').join('/')
    const size = Number.parseInt(text(124, 12) || '0', 8)
    if (!(size <= MAX_FILE_BYTES)) throw new Error(`${path}: ${file} claims ${size} bytes`)
    const padded = Math.ceil(size / TAR_BLOCK) * TAR_BLOCK
    const body = await source.take(padded)
    if (body === undefined) throw new Error(`${path}: ends within ${file}`)
    if (file.endsWith('.json')) yield { path: file, json: JSON.parse(body.toString('utf8', 0, size)) }
  }
}

/** Takes a stream apart by lengths. */
class ByteQueue {
  readonly #chunks: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** The next `length` bytes, or undefined where the stream ends before them. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts = [this.#held]
    let have = this.#held.length
    while (have < length) {
      const next = await this.#chunks.next()
      if (next.done) return undefined
      parts.push(next.value)
      have += next.value.length
    }
    const all = Buffer.concat(parts)
    this.#held = all.subarray(length)
    return all.subarray(0, length)
  }
}
