/**
 * What is kept of a record that a block replaced: as little as gives it back from the record that followed.
 *
 *   entry   table u8 ‖ key length u8 ‖ form and length u16 ‖ key ‖ body
 *   form 0  (nothing)                                          there was no record
 *   form 1  the record                                         its follower's version is divisible by 16
 *   form 2  changedAt u48 ‖ payload
 *   form 3  changedAt u48 ‖ mask u16 ‖ leaves u16 ‖ items      a branch of the trie that stayed one: the children that
 *                                                              the mask names, as they stood in its RLP
 *
 * The form is the top two bits of its field, the length of the body the others.
 */
import { TABLES, type Table } from '../store/tables.ts'
import { changedAt, isMilestone, payloadOf, precedingRecord, versionOf } from './record.ts'
import {
  BRANCH,
  BRANCH_HEAD,
  branchBody,
  itemEnd,
  listLength,
  type Reference,
  referenceOfItem,
  writeBranch,
  writeBranchItems,
} from './trie-node.ts'

/** One key's change in a block. */
export type Replacement = {
  table: Table
  key: Uint8Array
  /** The new record. */
  value: Uint8Array
  before: Uint8Array | undefined
  /** The children that differ where a branch of the trie has stayed one, else 0. */
  mask: number
}

export type Entry = { table: Table; key: Uint8Array; form: number; body: Uint8Array }

export const ENTRY_HEAD = 4
const CHANGED_AT = 6
const NONE = 0
const WHOLE = 1
const PAYLOAD = 2
const CHILDREN = 3
const LENGTH_MASK = 0x3fff

/** An entry has no more bytes than this. */
export function entryBound({ key, before }: Replacement): number {
  return ENTRY_HEAD + key.length + CHANGED_AT + 4 + (before?.length ?? 0)
}

/** Writes an entry; returns where it ends. */
export function writeEntry(target: Buffer, start: number, replacement: Replacement): number {
  const { table, key, before, mask } = replacement
  const form = formOf(replacement)
  target[start] = table
  target[start + 1] = key.length
  target.set(key, start + ENTRY_HEAD)
  const at = start + ENTRY_HEAD + key.length
  const end = before === undefined ? at : writeBody(target, at, form, before, mask)
  if (end - at > LENGTH_MASK) throw new Error(`a record of ${end - at} bytes is too long for the history`)
  target.writeUInt16BE((form << 14) | (end - at), start + 2)
  return end
}

function formOf({ before, value, mask }: Replacement): number {
  if (before === undefined) return NONE
  if (isMilestone(versionOf(value))) return WHOLE
  return mask === 0 ? PAYLOAD : CHILDREN
}

function writeBody(target: Buffer, start: number, form: number, before: Uint8Array, mask: number): number {
  if (form === WHOLE) {
    target.set(before, start)
    return start + before.length
  }
  for (let i = 0; i < CHANGED_AT; i++) target[start + i] = before[i]!
  const at = start + CHANGED_AT
  const payload = payloadOf(before)
  if (form === PAYLOAD) {
    target.set(payload, at)
    return at + payload.length
  }
  target.writeUInt16BE(mask, at)
  target[at + 2] = payload[1]!
  target[at + 3] = payload[2]!
  return writeBranchItems(target, at + 4, payload.subarray(BRANCH_HEAD), mask)
}

/** The record before `newer`, which the entry's block wrote; undefined where there was none. */
export function recordBefore({ form, body }: Entry, newer: Uint8Array): Uint8Array | undefined {
  if (form === NONE) return undefined
  if (form === WHOLE) return body
  const rest = body.subarray(CHANGED_AT)
  const payload = form === PAYLOAD ? rest : branchBefore(payloadOf(newer), rest)
  return precedingRecord(newer, changedAt(body), payload)
}

/** The payload of a branch from that of its follower. */
function branchBefore(newer: Uint8Array, kept: Uint8Array): Uint8Array {
  const mask = (kept[0]! << 8) | kept[1]!
  const children: (Reference | undefined)[] = new Array(16).fill(undefined)
  for (let i = 0, at = 4; i < 16; i++) {
    if (!(mask & (1 << i))) continue
    const end = itemEnd(kept, at)
    children[i] = referenceOfItem(kept.subarray(at, end))
    at = end
  }
  const old = newer.subarray(BRANCH_HEAD)
  const body = branchBody(old, { mask, children })
  const payload = Buffer.allocUnsafe(BRANCH_HEAD + listLength(body))
  payload[0] = BRANCH
  payload.set(kept.subarray(2, 4), 1)
  writeBranch(payload, BRANCH_HEAD, body, old, { mask, children })
  return payload
}

/** The entries of a bucket, in order. */
export function* entriesOf(bucket: Uint8Array): Generator<Entry> {
  for (let at = 0; at < bucket.length; ) {
    const { keyStart, bodyStart, end, form } = layoutAt(bucket, at)
    const table = tableOf(bucket[at]!)
    yield { table, key: bucket.subarray(keyStart, bodyStart), form, body: bucket.subarray(bodyStart, end) }
    at = end
  }
}

/** A key's entry in a bucket. */
export function findEntry(bucket: Uint8Array, table: Table, key: Uint8Array): Entry | undefined {
  for (let at = 0; at < bucket.length; ) {
    const { keyStart, bodyStart, end, form } = layoutAt(bucket, at)
    if (bucket[at] === table && bucket[at + 1] === key.length && sameBytes(bucket, keyStart, key))
      return { table, key, form, body: bucket.subarray(bodyStart, end) }
    at = end
  }
  return undefined
}

function layoutAt(bucket: Uint8Array, at: number) {
  const field = (bucket[at + 2]! << 8) | bucket[at + 3]!
  const keyStart = at + ENTRY_HEAD
  const bodyStart = keyStart + bucket[at + 1]!
  return { keyStart, bodyStart, end: bodyStart + (field & LENGTH_MASK), form: field >> 14 }
}

function sameBytes(bucket: Uint8Array, start: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bucket[start + i] !== key[i]) return false
  return true
}

const RECORD_TABLES = [TABLES.accounts, TABLES.slots, TABLES.accountNodes, TABLES.slotNodes] as const

function tableOf(number: number): Table {
  const table = RECORD_TABLES.find((table) => table === number)
  if (table === undefined) throw new Error(`damaged database: history of table ${number}, which keeps none`)
  return table
}
