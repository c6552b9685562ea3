/**
 * Channels (native contract 03): escrow for paid requests (docs/protocol.md, "Channels"). Wei leaves a
 * channel in two ways only: to Attribution by a settlement, and back to the payer, or to the agent whose wei it
 * was, by a refund.
 */
import type { Hex } from 'viem'
import { NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { channelIdOf, requestId } from '../../../protocol/request.ts'
import { creditRefund } from '../agents/spending.ts'
import { settlementLayout, settlementPlace } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { nativeContract, plainAddress } from '../calls/face.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import {
  beneficiaryPlace,
  channelLayout,
  channelPlace,
  noncePlace,
  signerLayout,
  signerPlace,
} from './channel-records.ts'
import { addDeposit, beginClosing, face, openChannel } from './channel-steps.ts'

function knownChannel(context: CallContext, channel: Hex): RecordOf<typeof channelLayout> {
  const record = readRecord(context, channelPlace(context, channel), channelLayout)
  if (BigInt(record.payer) === 0n) throw face.error('UnknownChannel', [channel])
  return record
}

/** A channel of the caller's that has not been refunded. */
function ownChannel(context: CallContext, channel: Hex): RecordOf<typeof channelLayout> {
  const record = knownChannel(context, channel)
  if (record.payer !== context.call.caller) throw face.error('NotPayer', [context.call.caller, record.payer])
  if (record.closed) throw face.error('ChannelClosed', [channel])
  return record
}

/** It must not be closing either. */
function checkOpen(context: CallContext, channel: Hex): void {
  const { closingAt } = ownChannel(context, channel)
  if (closingAt !== 0n) throw face.error('ChannelIsClosing', [channel, closingAt])
}

export const channels = nativeContract(face, {
  open(context, [receiverAddress]) {
    const { caller: payer, value } = context.call
    const receiver = plainAddress(receiverAddress)
    if (value === 0n) throw face.error('InvalidField', ['value', 'a channel needs a deposit'])
    return openChannel(context, { payer, receiver, deposit: value })
  },

  topUp(context, [channel]) {
    const { value } = context.call
    if (value === 0n) throw face.error('InvalidField', ['value', 'must be above 0'])
    checkOpen(context, channel)
    addDeposit(context, channel, value)
  },

  close(context, [channel]) {
    checkOpen(context, channel)
    beginClosing(context, channel)
  },

  refund(context, [channel]) {
    const { payer, deposit, settled, closingAt, closed } = knownChannel(context, channel)
    if (closed) throw face.error('ChannelClosed', [channel])
    if (closingAt === 0n) throw face.error('NotClosing', [channel])
    if (context.now < closingAt) throw face.error('TooEarly', [channel, closingAt])
    const amount = deposit - settled
    writeRecord(context, channelPlace(context, channel), channelLayout, { closed: true })
    const agent = context.read(beneficiaryPlace(context, channel))
    context.transfer(NATIVE.channels, agent === 0n ? payer : NATIVE.agents, amount)
    face.emit(context, 'Refunded', { channel, payer, amount })
    if (agent !== 0n) creditRefund(context, agent, channel, amount)
  },

  authorizeSigner(context, [channel, keyAddress, cap, expiry]) {
    ownChannel(context, channel)
    const key = plainAddress(keyAddress)
    if (BigInt(key) === 0n) throw face.error('InvalidField', ['key', 'must not be zero'])
    writeRecord(context, signerPlace(context, channel, key), signerLayout, { cap, expiry })
    face.emit(context, 'SignerAuthorized', { channel, key, cap, expiry })
  },

  getChannel: (context, [channel]) => knownChannel(context, channel),

  channelId(context, [payer, receiver, nonce]) {
    context.charge(GAS.keccak + 3n * GAS.keccakWord)
    return channelIdOf(plainAddress(payer), plainAddress(receiver), nonce)
  },

  nonceOf: (context, [payer]) => context.read(noncePlace(context, plainAddress(payer))),

  signerOf(context, [channel, key]) {
    const { cap, expiry } = readRecord(context, signerPlace(context, channel, plainAddress(key)), signerLayout)
    return [cap, expiry] as const
  },

  beneficiaryOf: (context, [channel]) => context.read(beneficiaryPlace(context, channel)),

  isSettled(context, [channel, n]) {
    context.charge(GAS.keccak + 2n * GAS.keccakWord)
    const place = settlementPlace(context, requestId(channel, n))
    return readRecord(context, place, settlementLayout, ['settledAt']).settledAt !== 0n
  },
})
