/**
 * A block's bytes: Ethereum's block RLP (EIP-4895), as eth clients store and exchange it.
 *
 *   rlp[header, transactions, ommers=[], withdrawals=[]]
 *
 * A typed transaction is a string that holds its envelope; a legacy one is its list, in place.
 */
import type { Block } from './block.ts'
import { headerItems, readHeader } from './header.ts'
import { InvalidBlockError } from './invalid-block.ts'
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts'
import { type FieldFault, FieldReader } from './rlp-fields.ts'

const fault: FieldFault = (field, reason) => new InvalidBlockError(`block ${field}: ${reason}`)

function isLegacy(raw: Uint8Array): boolean {
  return raw[0] !== undefined && raw[0] >= 0xc0
}

export function encodeBlock(block: Block): Uint8Array {
  const transactions = block.transactions.map((raw) => (isLegacy(raw) ? decodeRlp(raw) : raw))
  return encodeRlp([headerItems(block.header), transactions, [], []])
}

/** Throws {@link InvalidBlockError} that names the field. Transactions are not decoded further than their envelopes. */
export function decodeBlock(bytes: Uint8Array): Block {
  const fields = FieldReader.of(FieldReader.decodeList(bytes, 'list', fault), 'list', [4], fault)
  const header = readHeader(fields.item('header'))
  const transactions = fields.list('transactions').map(envelope)
  for (const field of ['ommers', 'withdrawals']) {
    const length = fields.list(field).length
    if (length !== 0) throw fault(field, `must be empty, got ${length}`)
  }
  return { header, transactions }
}

function envelope(item: RlpItem, index: number): Uint8Array {
  if (Array.isArray(item)) return encodeRlp(item)
  const type = item[0]
  if (type === undefined || type >= 0x80)
    throw fault(`transactions[${index}]`, 'must be a list or an envelope with a type below 0x80')
  return item
}
