/**
 * How a value of the state lies in the database:
 *
 *   changedAt u48 ‖ version (7 bits a byte, lowest first) ‖ marks u48 × levels ‖ payload
 *
 * `changedAt` is the block that wrote the record; an empty payload means that the block removed the value. `version`
 * counts the records that the key has had before. What a record replaced is kept under the block that replaced it
 * (history.ts), so the values of one key form a chain from the newest to the oldest.
 *
 * Marks make the chain short to walk: mark k (from 1) is the block that wrote the last version divisible by 16^k;
 * there is one for each power of 16 that is not above the version. A reader of an old block goes back in the longest
 * strides that do not pass it: at most 15 for each level.
 */

const CHANGED_AT = 6
const MARK = 6
const STRIDE_BITS = 4

/** A record of the next version of a key, with room for a payload; write it at {@link payloadStart}. */
export function newRecord(number: number, before: Uint8Array | undefined, payloadLength: number): Buffer {
  if (before === undefined) {
    const record = Buffer.allocUnsafe(CHANGED_AT + 1 + payloadLength)
    record.writeUIntBE(number, 0, CHANGED_AT)
    record[CHANGED_AT] = 0
    return record
  }
  return buildRecord(number, versionOf(before) + 1, marksAfter(before, number), payloadLength)
}

export function encodeRecord(number: number, before: Uint8Array | undefined, payload: Uint8Array): Buffer {
  const record = newRecord(number, before, payload.length)
  record.set(payload, record.length - payload.length)
  return record
}

/**
 * The record before a newer one, from what alone is kept of it: its block and its payload. For versions that left the
 * marks as they were ({@link isMilestone} is false for the newer one).
 */
export function precedingRecord(newer: Uint8Array, changedAt: number, payload: Uint8Array): Buffer {
  const record = buildRecord(changedAt, versionOf(newer) - 1, marksOf(newer), payload.length)
  record.set(payload, record.length - payload.length)
  return record
}

function buildRecord(number: number, version: number, marks: Uint8Array, payloadLength: number): Buffer {
  const record = Buffer.allocUnsafe(CHANGED_AT + varintLength(version) + marks.length + payloadLength)
  record.writeUIntBE(number, 0, CHANGED_AT)
  let at = CHANGED_AT
  let rest = version
  for (; rest > 0x7f; rest >>>= 7) record[at++] = (rest & 0x7f) | 0x80
  record[at++] = rest
  record.set(marks, at)
  return record
}

export function changedAt(record: Uint8Array): number {
  return readU48(record, 0)
}

/** How many records the key has had before this one (within the history since it first appeared). */
export function versionOf(record: Uint8Array): number {
  let version = 0
  let at = CHANGED_AT
  for (let shift = 0; ; shift += 7) {
    const byte = record[at++]!
    version |= (byte & 0x7f) << shift
    if (byte < 0x80) return version >>> 0
  }
}

/** Whether a version is where a mark moved: what it replaced is kept whole. */
export function isMilestone(version: number): boolean {
  return (version & ((1 << STRIDE_BITS) - 1)) === 0
}

/** The furthest mark after block `number`, or `changedAt` where none is: where to look for an older record. */
export function strideBefore(record: Uint8Array, number: number): number {
  const version = versionOf(record)
  const start = CHANGED_AT + varintLength(version)
  for (let level = levelsOf(version); level > 0; level--) {
    const mark = readU48(record, start + (level - 1) * MARK)
    if (mark > number) return mark
  }
  return changedAt(record)
}

export function payloadStart(record: Uint8Array): number {
  if (record[CHANGED_AT]! < 1 << STRIDE_BITS) return CHANGED_AT + 1
  const version = versionOf(record)
  return CHANGED_AT + varintLength(version) + levelsOf(version) * MARK
}

export function payloadOf(record: Uint8Array): Uint8Array {
  return record.subarray(payloadStart(record))
}

/** True for a record that says "removed". */
export function isRemoval(record: Uint8Array): boolean {
  return record.length === payloadStart(record)
}

function marksOf(record: Uint8Array): Uint8Array {
  const version = versionOf(record)
  const start = CHANGED_AT + varintLength(version)
  return record.subarray(start, start + levelsOf(version) * MARK)
}

/** Marks of the version after `before`, written by block `number`. */
function marksAfter(before: Uint8Array, number: number): Uint8Array {
  const version = versionOf(before) + 1
  const marks = marksOf(before)
  if (!isMilestone(version)) return marks
  const moved = Buffer.alloc(levelsOf(version) * MARK)
  moved.set(marks)
  for (let level = 1; level <= levelsOf(version) && version % 16 ** level === 0; level++)
    moved.writeUIntBE(number, (level - 1) * MARK, MARK)
  return moved
}

/** Powers of 16 from 16 on that are not above the version. */
function levelsOf(version: number): number {
  let levels = 0
  for (let rest = version >>> STRIDE_BITS; rest > 0; rest >>>= STRIDE_BITS) levels++
  return levels
}

function varintLength(value: number): number {
  let length = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++
  return length
}

function readU48(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 8) | bytes[at + 1]!
  const low = ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0
  return high * 0x1_0000_0000 + low
}
