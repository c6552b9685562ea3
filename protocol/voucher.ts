/**
 * A payer's promise: this channel's receiver may settle up to a cumulative ceiling. Names follow
 * x402's `batch-settlement` scheme. EIP-712: Voucher(bytes32 channelId,uint128 maxClaimableAmount).
 */
import type { Hex } from 'viem'
import { channelsDomain, typedDataDigest } from './eip712-domain.ts'

export type Voucher = {
  channel: Hex
  /** Wei over the channel's whole life. */
  maxClaimableAmount: bigint
}

const VOUCHER_TYPE = 'Voucher(bytes32 channelId,uint128 maxClaimableAmount)'

const types = {
  Voucher: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'maxClaimableAmount', type: 'uint128' },
  ],
} as const

/** Argument of viem's signTypedData. */
export function voucherTypedData(chainId: number, voucher: Voucher) {
  return {
    domain: channelsDomain(chainId),
    types,
    primaryType: 'Voucher',
    message: { channelId: voucher.channel, maxClaimableAmount: voucher.maxClaimableAmount },
  } as const
}

/** The 32 bytes that are signed. */
export function voucherDigest(chainId: number, voucher: Voucher): Uint8Array {
  return typedDataDigest(chainId, VOUCHER_TYPE, [
    { bytes32: voucher.channel },
    { uint: voucher.maxClaimableAmount, bits: 128 },
  ])
}
