/**
 * How a value of the state lies in the database:
 *
 *   changedAt (u48, big endian) ‖ payload
 *
 * `changedAt` is the block that wrote the record; an empty payload means that the block removed the value.
 * The record that it replaced lies in the table `history` under `changedAt ‖ table ‖ key`, so that the
 * values of one key form a chain from newest to oldest (state/history.ts).
 */
const HEADER = 6

/** A record with room for a payload of so many bytes. */
export function newRecord(changedAt: number, payloadLength: number): Buffer {
  const record = Buffer.allocUnsafe(HEADER + payloadLength)
  record.writeUIntBE(changedAt, 0, HEADER)
  return record
}

export function encodeRecord(changedAt: number, payload: Uint8Array): Buffer {
  const record = newRecord(changedAt, payload.length)
  record.set(payload, HEADER)
  return record
}

export function changedAt(record: Uint8Array): number {
  const high = (record[0]! << 8) | record[1]!
  const low = ((record[2]! << 24) | (record[3]! << 16) | (record[4]! << 8) | record[5]!) >>> 0
  return high * 0x1_0000_0000 + low
}

export function payloadOf(record: Uint8Array): Uint8Array {
  return record.subarray(HEADER)
}

/** True for a record that says "removed". */
export function isRemoval(record: Uint8Array): boolean {
  return record.length === HEADER
}
