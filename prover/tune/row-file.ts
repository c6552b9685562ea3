/**
 * Rows in the making, on disk as they come; scales are not cut yet, as their median is known at the end. What a crash leaves is taken up to the first
 * record that is not whole.
 *
 *     'OLRW' ‖ format u16 = 1 ‖ name 32 ‖ count × (scale u16 ‖ signs 4,096 ‖ check 8)        big endian
 *
 * check: the first bytes of keccak256(index u32 ‖ scale ‖ signs). A void row has scale 0 and signs 0.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Hex } from 'viem'
import { ByteReader, ByteWriter } from '../../protocol/byte-cursor.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { RowFeature } from '../../protocol/lexical.ts'
import { SIGN_BYTES } from '../../protocol/row.ts'

const MAGIC = new TextEncoder().encode('OLRW')
const FORMAT = 1
const HEADER_BYTES = 38
const CHECK_BYTES = 8
const RECORD_BYTES = 2 + SIGN_BYTES + CHECK_BYTES

export class RowFile {
  readonly #file: FileHandle
  #count: number

  private constructor(file: FileHandle, count: number) {
    this.#file = file
    this.#count = count
  }

  /** `name`: of all that the rows follow from; a file of another name begins anew. */
  static async open(path: string, name: Hex): Promise<RowFile> {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a+').then((created) => created.close().then(() => open(path, 'r+')))
    try {
      const header = new ByteWriter().raw(MAGIC).uint(FORMAT, 2).hex(name, 32).finish()
      const isOurs = (await read(file, 0, HEADER_BYTES))?.equals(header) === true
      if (!isOurs) {
        await file.truncate(0)
        await write(file, header, 0)
      }
      let count = 0
      while (isOurs && (await readRecord(file, count))) count++
      await file.truncate(HEADER_BYTES + count * RECORD_BYTES)
      return new RowFile(file, count)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Whole rows that are there. */
  get count(): number {
    return this.#count
  }

  async append(row: RowFeature): Promise<void> {
    await write(this.#file, encodeRecord(this.#count, row), HEADER_BYTES + this.#count * RECORD_BYTES)
    this.#count++
  }

  /** Throws where the file has been changed under our hands. */
  async row(index: number): Promise<RowFeature> {
    const row = await readRecord(this.#file, index)
    if (!row) throw new Error(`row ${index} of ${this.#count} cannot be read back`)
    return row
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

const body = ({ scale, signs }: RowFeature) => new ByteWriter().uint(scale, 2).raw(signs).finish()

function checkOf(index: number, bytes: Uint8Array): Uint8Array {
  return keccak256(new ByteWriter().uint(index, 4).raw(bytes).finish()).subarray(0, CHECK_BYTES)
}

function encodeRecord(index: number, row: RowFeature): Uint8Array {
  const bytes = body(row)
  return new ByteWriter().raw(bytes).raw(checkOf(index, bytes)).finish()
}

async function readRecord(file: FileHandle, index: number): Promise<RowFeature | undefined> {
  const bytes = await read(file, HEADER_BYTES + index * RECORD_BYTES, RECORD_BYTES)
  if (!bytes) return undefined
  const reader = new ByteReader(bytes)
  const row = { scale: reader.number(2), signs: reader.raw(SIGN_BYTES) }
  return bytes.subarray(-CHECK_BYTES).equals(checkOf(index, body(row))) ? row : undefined
}

/** Undefined where the file ends before. */
async function read(file: FileHandle, position: number, size: number): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, position + filled)
    if (bytesRead === 0) return undefined
    filled += bytesRead
  }
  return bytes
}

async function write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
