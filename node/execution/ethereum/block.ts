/**
 * Ethereum's block: header and body, as bytes and as data.
 *
 *   rlp[header, transactions, ommers]                  before Shanghai
 *   rlp[header, transactions, ommers, withdrawals]     since (EIP-4895)
 *
 * A typed transaction is a string that holds its envelope; a legacy one is its list, in place.
 */
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { orderedTrieRoot } from '../../state/trie.ts'
import { bytesToHex, hexToBytes, uintToBytes } from '../bytes.ts'
import { encodeRlp, type RlpItem } from '../rlp.ts'
import { FieldReader } from '../rlp-fields.ts'
import {
  type EthereumHeader,
  ethereumHeaderHash,
  ethereumHeaderItems,
  readEthereumHeader,
  structureFault,
} from './header.ts'

/** EIP-4895. */
export type Withdrawal = {
  index: bigint
  validatorIndex: bigint
  address: Address
  /** Gwei. */
  amount: bigint
}

export type EthereumBlock = {
  hash: Hex
  header: EthereumHeader
  /** EIP-2718 envelopes. */
  transactions: Uint8Array[]
  ommers: EthereumHeader[]
  withdrawals: Withdrawal[] | undefined
  /** Bytes of its RLP (EIP-7934). */
  size: number
}

/** Throws {@link BrokenRuleError}. Transactions are not decoded further than their envelopes. */
export function decodeEthereumBlock(bytes: Uint8Array): EthereumBlock {
  const items = FieldReader.decodeList(bytes, 'list', structureFault)
  const fields = FieldReader.of(items, 'list', [3, 4], structureFault)
  const header = readEthereumHeader(fields.item('header'))
  const transactions = fields.list('transactions').map(envelope)
  const ommers = fields.list('ommers').map(readEthereumHeader)
  const withdrawals = fields.left === 0 ? undefined : fields.list('withdrawals').map(readWithdrawal)
  if ((withdrawals !== undefined) !== (header.withdrawalsRoot !== undefined))
    throw structureFault('withdrawals', withdrawals ? 'must be absent, as in the header' : 'are missing')
  return { hash: ethereumHeaderHash(header), header, transactions, ommers, withdrawals, size: bytes.length }
}

/** Block 0 of a chain, whose body is empty. */
export function blockOfHeader(header: EthereumHeader): EthereumBlock {
  const withdrawals = header.withdrawalsRoot === undefined ? undefined : []
  return { hash: ethereumHeaderHash(header), header, transactions: [], ommers: [], withdrawals, size: 0 }
}

function envelope(item: RlpItem, index: number): Uint8Array {
  if (Array.isArray(item)) return encodeRlp(item)
  const type = item[0]
  if (type === undefined || type >= 0x80)
    throw structureFault(`transactions[${index}]`, 'must be a list or an envelope with a type below 0x80')
  return item
}

function readWithdrawal(item: RlpItem, at: number): Withdrawal {
  const name = `withdrawals[${at}]`
  const fields = FieldReader.of(item, name, [4], structureFault)
  return {
    index: fields.u64(`${name}.index`),
    validatorIndex: fields.u64(`${name}.validatorIndex`),
    address: fields.address(`${name}.address`),
    amount: fields.u64(`${name}.amount`),
  }
}

export function withdrawalsRoot(withdrawals: Withdrawal[]): Hex {
  return orderedTrieRoot(
    withdrawals.map(({ index, validatorIndex, address, amount }) =>
      encodeRlp([uintToBytes(index), uintToBytes(validatorIndex), hexToBytes(address), uintToBytes(amount)]),
    ),
  )
}

export function ommersHash(ommers: EthereumHeader[]): Hex {
  return bytesToHex(keccak256(encodeRlp(ommers.map(ethereumHeaderItems))))
}
