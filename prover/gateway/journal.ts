/**
 * The gateway's journal: an append-only file of lines, each on disk (fdatasync) before its append resolves.
 * A line that a crash tore is the last one and has no line end: it was never promised to anybody and is cut
 * off at the next start. A whole line that cannot be read stops the start: the file was damaged otherwise.
 * Nothing is ever removed; a journal that has grown too large is a matter for its operator yet.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { type JournalRecord, parseRecord, serializeRecord } from './journal-record.ts'

/** Where a record lies in the file, without its line end. */
export type JournalPlace = { offset: number; length: number }

export class JournalError extends Error {
  override name = 'JournalError'
}

export class Journal {
  readonly #path: string
  readonly #file: FileHandle
  #end: number
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(path: string, file: FileHandle, end: number) {
    this.#path = path
    this.#file = file
    this.#end = end
  }

  /** Opens or creates the file and tells `replay` of every record in it, in order. Throws {@link JournalError} on a damaged line. */
  static async open(path: string, replay: (record: JournalRecord, place: JournalPlace) => void): Promise<Journal> {
    const created = await open(path, 'a')
    await created.close()
    const file = await open(path, 'r+')
    try {
      const end = await replayLines(path, file, replay)
      await file.truncate(end)
      return new Journal(path, file, end)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Writes a record; it is on disk when this resolves. Appends happen one after another. */
  append(record: JournalRecord): Promise<JournalPlace> {
    const written = this.#turn.then(() => this.#write(record))
    this.#turn = written.catch(() => undefined)
    return written
  }

  async #write(record: JournalRecord): Promise<JournalPlace> {
    const line = Buffer.from(`${serializeRecord(record)}\n`)
    const offset = this.#end
    try {
      await this.#file.write(line, 0, line.length, offset)
      await this.#file.datasync()
    } catch (error) {
      // A half line must not stand before the next one.
      await this.#file.truncate(offset)
      throw error
    }
    this.#end = offset + line.length
    return { offset, length: line.length - 1 }
  }

  async read({ offset, length }: JournalPlace): Promise<JournalRecord> {
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset)
    if (bytesRead !== length) throw new JournalError(`${this.#path} is shorter than it was`)
    return parseRecord(bytes.toString())
  }

  /** After the appends under way. */
  async close(): Promise<void> {
    await this.#turn
    await this.#file.close()
  }
}

/** Bytes read at once. */
const CHUNK = 1 << 20
const LINE_END = 0x0a

/** Reads all whole lines; returns the offset after the last one. */
async function replayLines(
  path: string,
  file: FileHandle,
  replay: (record: JournalRecord, place: JournalPlace) => void,
): Promise<number> {
  let offset = 0
  let number = 0
  /** Bytes from `offset` on. */
  let pending = Buffer.alloc(0)
  const chunk = Buffer.alloc(CHUNK)
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK, offset + pending.length)
    if (bytesRead === 0) return offset
    pending = Buffer.concat([pending, chunk.subarray(0, bytesRead)])
    for (let end = pending.indexOf(LINE_END); end >= 0; end = pending.indexOf(LINE_END)) {
      number++
      replay(parsedLine(path, number, pending.toString('utf8', 0, end)), { offset, length: end })
      offset += end + 1
      pending = pending.subarray(end + 1)
    }
  }
}

function parsedLine(path: string, number: number, line: string): JournalRecord {
  try {
    return parseRecord(line)
  } catch (error) {
    throw new JournalError(`${path}, line ${number}: ${(error as Error).message}; restore the file from a copy`)
  }
}
