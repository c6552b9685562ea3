/**
 * Vouchers (docs/protocol.md, "Channels"): a payer's signed ceiling, or that of a key which the payer
 * has authorized. A good one raises the channel's ceiling; a bad one is skipped with its reason.
 */
import type { Hex } from 'viem'
import { VOUCHER_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { voucherDigest } from '../../../protocol/voucher.ts'
import { recoverSigner } from '../../execution/signature.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { channelLayout, channelPlace, signerLayout, signerPlace } from './channel-records.ts'

export type SignedVoucher = { channel: Hex; maxClaimableAmount: bigint; signature: Hex }
export type VoucherSkipReason = (typeof VOUCHER_SKIP_REASON)[keyof typeof VOUCHER_SKIP_REASON]

/** Raises the channel's ceiling. A ceiling that is no higher than the known one changes nothing. Returns why it was skipped, if it was. */
export function takeVoucher(context: CallContext, voucher: SignedVoucher): VoucherSkipReason | undefined {
  const { channel, maxClaimableAmount } = voucher
  const place = channelPlace(context, channel)
  const { payer, receiver, ceiling } = readRecord(context, place, channelLayout, ['payer', 'receiver', 'ceiling'])
  if (BigInt(payer) === 0n) return VOUCHER_SKIP_REASON.unknownChannel
  if (receiver !== context.call.caller) return VOUCHER_SKIP_REASON.notReceiver
  if (maxClaimableAmount <= ceiling) return undefined
  const signer = signerOf(context, voucher)
  if (!signer) return VOUCHER_SKIP_REASON.badSignature
  if (signer !== payer) {
    const { cap, expiry } = readRecord(context, signerPlace(context, channel, signer), signerLayout)
    if (cap === 0n) return VOUCHER_SKIP_REASON.signerNotAuthorized
    if (context.now > expiry) return VOUCHER_SKIP_REASON.signerExpired
    if (maxClaimableAmount > cap) return VOUCHER_SKIP_REASON.overSignerCap
  }
  writeRecord(context, place, channelLayout, { ceiling: maxClaimableAmount })
  return undefined
}

function signerOf(context: CallContext, voucher: SignedVoucher): Address | undefined {
  const { signature } = voucher
  if (signature.length !== 2 + 2 * 65) return undefined
  context.charge(GAS.recoverSigner)
  return recoverSigner(voucherDigest(Number(context.call.block.chainId), voucher), signature)
}
