/**
 * What a gateway signs with every answer: what was asked and given, under salted hashes, and its fee.
 * EIP-712, in the domain of vouchers. A settled leaf that differs from the receipt is a false receipt.
 */
import type { Hex } from 'viem'
import { ByteWriter } from './byte-cursor.ts'
import { channelsDomain, typedDataDigest } from './eip712-domain.ts'
import { toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'

export type AnswerReceipt = {
  channel: Hex
  /** Number of the request in its channel. */
  n: bigint
  version: bigint
  /** Wei. */
  fee: bigint
  promptTokens: number
  outputTokens: number
  /** {@link saltedHash} of the prompt's and the output's token ids. */
  promptHash: Hex
  outputHash: Hex
  /** The payer allows that tokens, salt and query are demanded in the open. */
  openable: boolean
}

const RECEIPT_TYPE =
  'Receipt(bytes32 channelId,uint64 n,uint64 version,uint128 fee,uint32 promptTokens,uint32 outputTokens,' +
  'bytes32 promptHash,bytes32 outputHash,bool openable)'

const types = {
  Receipt: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'n', type: 'uint64' },
    { name: 'version', type: 'uint64' },
    { name: 'fee', type: 'uint128' },
    { name: 'promptTokens', type: 'uint32' },
    { name: 'outputTokens', type: 'uint32' },
    { name: 'promptHash', type: 'bytes32' },
    { name: 'outputHash', type: 'bytes32' },
    { name: 'openable', type: 'bool' },
  ],
} as const

/** Argument of viem's signTypedData. Fields beyond a receipt's (a whole leaf) are left out. */
export function receiptTypedData(chainId: number, receipt: AnswerReceipt) {
  const { channel, n, version, fee, promptTokens, outputTokens, promptHash, outputHash, openable } = receipt
  return {
    domain: channelsDomain(chainId),
    types,
    primaryType: 'Receipt',
    message: { channelId: channel, n, version, fee, promptTokens, outputTokens, promptHash, outputHash, openable },
  } as const
}

/** The 32 bytes that are signed. */
export function receiptDigest(chainId: number, receipt: AnswerReceipt): Uint8Array {
  return typedDataDigest(chainId, RECEIPT_TYPE, [
    { bytes32: receipt.channel },
    { uint: receipt.n, bits: 64 },
    { uint: receipt.version, bits: 64 },
    { uint: receipt.fee, bits: 128 },
    { uint: receipt.promptTokens, bits: 32 },
    { uint: receipt.outputTokens, bits: 32 },
    { bytes32: receipt.promptHash },
    { bytes32: receipt.outputHash },
    { bool: receipt.openable },
  ])
}

/** What a leaf says again of its receipt, beside channel and number. */
const SETTLED_FIELDS = [
  'version',
  'fee',
  'promptTokens',
  'outputTokens',
  'promptHash',
  'outputHash',
  'openable',
] as const satisfies readonly (keyof AnswerReceipt)[]

/** Where the leaf of the same request differs from the signed receipt, in words; undefined where it does not. */
export function receiptFault(receipt: AnswerReceipt, leaf: AnswerReceipt): string | undefined {
  const field = SETTLED_FIELDS.find((name) => receipt[name] !== leaf[name])
  return field && `the signed receipt has ${field} ${receipt[field]}, the leaf ${leaf[field]}`
}

/** keccak(salt ‖ each id u32 big endian): a hash of tokens that cannot be guessed without the salt (32 bytes). */
export function saltedHash(salt: Hex, ids: Uint32Array): Hex {
  const writer = new ByteWriter().hex(salt, 32)
  const bytes = new Uint8Array(ids.length * 4)
  const view = new DataView(bytes.buffer)
  ids.forEach((id, i) => {
    view.setUint32(4 * i, id)
  })
  return toHex(keccak256(writer.raw(bytes).finish()))
}
