/**
 * L1 transactions as JSON-RPC gives them, encoded again to prove that they are the block's: the trie over the envelopes
 * must have the header's transactionsRoot, and each sender must follow from its signature.
 *
 *   type 0   rlp[nonce, gasPrice, gas, to, value, input, v, r, s]
 *   1 ‖      rlp[chainId, nonce, gasPrice, gas, to, value, input, accessList, yParity, r, s]                      EIP-2930
 *   2 ‖      rlp[chainId, nonce, tip, maxFee, gas, to, value, input, accessList, yParity, r, s]                   EIP-1559
 *   3 ‖      rlp[…2 to accessList, maxFeePerBlobGas, blobVersionedHashes, yParity, r, s]                          EIP-4844
 *   4 ‖      rlp[…2 to accessList, authorizationList, yParity, r, s]                                              EIP-7702
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToHex, concatBytes, EMPTY_BYTES, hexToBytes, uintToBytes } from '../execution/bytes.ts'
import { encodeRlp, type RlpItem } from '../execution/rlp.ts'
import { recoverAddress } from '../execution/signature.ts'
import { orderedTrieRoot } from '../state/trie.ts'
import { address, data, hash, quantity } from './json-fields.ts'
import type { L1Transaction } from './source.ts'

const accessList = z.array(z.object({ address, storageKeys: z.array(hash) }))
const authorization = z.object({
  chainId: quantity,
  address,
  nonce: quantity,
  yParity: quantity,
  r: quantity,
  s: quantity,
})

export const l1TransactionSchema = z.object({
  type: quantity.default(0n),
  hash,
  from: address,
  to: address.nullish(),
  nonce: quantity,
  gas: quantity,
  value: quantity,
  input: data,
  chainId: quantity.nullish(),
  gasPrice: quantity.nullish(),
  maxPriorityFeePerGas: quantity.nullish(),
  maxFeePerGas: quantity.nullish(),
  maxFeePerBlobGas: quantity.nullish(),
  accessList: accessList.nullish(),
  blobVersionedHashes: z.array(hash).nullish(),
  authorizationList: z.array(authorization).nullish(),
  v: quantity.nullish(),
  yParity: quantity.nullish(),
  r: quantity,
  s: quantity,
  /** Not of a block's transactions by the specification; anvil shows them: see sidecarFields. */
  blobs: z.array(data).nullish(),
  commitments: z.array(data).nullish(),
  proofs: z.array(data).nullish(),
  cellProofs: z.array(data).nullish(),
})

export type L1JsonTransaction = z.output<typeof l1TransactionSchema>

const uint = (value: bigint | null | undefined) => uintToBytes(value ?? 0n)

/** The signed fields in order, without the signature. */
function signedFields(transaction: L1JsonTransaction): RlpItem[] {
  const to = transaction.to ? hexToBytes(transaction.to) : EMPTY_BYTES
  const call = [uint(transaction.gas), to, uint(transaction.value), hexToBytes(transaction.input)]
  if (transaction.type === 0n) return [uint(transaction.nonce), uint(transaction.gasPrice), ...call]
  const access = (transaction.accessList ?? []).map((item) => [
    hexToBytes(item.address),
    item.storageKeys.map(hexToBytes),
  ])
  const head = [uint(transaction.chainId), uint(transaction.nonce)]
  if (transaction.type === 1n) return [...head, uint(transaction.gasPrice), ...call, access]
  const fees = [uint(transaction.maxPriorityFeePerGas), uint(transaction.maxFeePerGas)]
  const common: RlpItem[] = [...head, ...fees, ...call, access]
  if (transaction.type === 2n) return common
  if (transaction.type === 3n)
    return [...common, uint(transaction.maxFeePerBlobGas), (transaction.blobVersionedHashes ?? []).map(hexToBytes)]
  if (transaction.type === 4n) return [...common, (transaction.authorizationList ?? []).map(authorizationFields)]
  throw new Error(`transaction ${transaction.hash} has type ${transaction.type}, which this node cannot check`)
}

function authorizationFields(tuple: z.output<typeof authorization>): RlpItem {
  return [
    uint(tuple.chainId),
    hexToBytes(tuple.address),
    uint(tuple.nonce),
    uint(tuple.yParity),
    uint(tuple.r),
    uint(tuple.s),
  ]
}

/** `pooled`: the envelope with its sidecar, where the answer shows one. */
type Encoded = { raw: Uint8Array; pooled: Uint8Array; sender: Hex | undefined }

/**
 * anvil 1.7.1 makes the transactions root of blob transactions with their sidecars (the network form of EIP-4844 or
 * EIP-7594), against EIP-4844, and shows the sidecars' fields.
 */
function sidecarFields({ blobs, commitments, proofs, cellProofs }: L1JsonTransaction): RlpItem[] {
  const list = (items: Hex[] | null | undefined) => (items ?? []).map(hexToBytes)
  if (cellProofs) return [Uint8Array.of(1), list(blobs), list(commitments), list(cellProofs)]
  return [list(blobs), list(commitments), list(proofs)]
}

function encodeTransaction(transaction: L1JsonTransaction): Encoded {
  const fields = signedFields(transaction)
  const { r, s } = transaction
  if (transaction.type === 0n) {
    const v = transaction.v ?? 0n
    const isProtected = v >= 35n
    const yParity = Number(isProtected ? (v - 35n) % 2n : v - 27n)
    const signed = isProtected ? [...fields, uint((v - 35n) / 2n), EMPTY_BYTES, EMPTY_BYTES] : fields
    const raw = encodeRlp([...fields, uint(v), uint(r), uint(s)])
    return { raw, pooled: raw, sender: recoverAddress(keccak256(encodeRlp(signed)), { yParity, r, s }) }
  }
  const yParity = transaction.yParity ?? transaction.v ?? 0n
  const type = Uint8Array.of(Number(transaction.type))
  const envelope = [...fields, uint(yParity), uint(r), uint(s)]
  const raw = concatBytes(type, encodeRlp(envelope))
  const digest = keccak256(concatBytes(type, encodeRlp(fields)))
  const pooled = transaction.blobs ? concatBytes(type, encodeRlp([envelope, ...sidecarFields(transaction)])) : raw
  return { raw, pooled, sender: recoverAddress(digest, { yParity: Number(yParity), r, s }) }
}

/** The block's transactions. Throws an Error where they are not what the root commits to, or a sender did not sign. */
export function checkedTransactions(transactions: L1JsonTransaction[], transactionsRoot: Hex): L1Transaction[] {
  const encoded = transactions.map(encodeTransaction)
  const root = orderedTrieRoot(encoded.map(({ raw }) => raw))
  if (root !== transactionsRoot && orderedTrieRoot(encoded.map(({ pooled }) => pooled)) !== transactionsRoot)
    throw new Error(`transactions have root ${root}, the header says ${transactionsRoot}`)
  return transactions.map((transaction, index) => {
    const { raw, sender } = encoded[index]!
    if (sender !== transaction.from)
      throw new Error(`transaction ${transaction.hash} is said to be from ${transaction.from}, signed by ${sender}`)
    return { ...unchecked(transaction), hash: bytesToHex(keccak256(raw)) }
  })
}

function unchecked(transaction: L1JsonTransaction): L1Transaction {
  return {
    hash: transaction.hash,
    from: transaction.from,
    to: transaction.to ?? undefined,
    type: Number(transaction.type),
    input: hexToBytes(transaction.input),
    blobVersionedHashes: transaction.blobVersionedHashes ?? [],
  }
}
