/**
 * Channels (native contract 03): escrow for paid requests (docs/protocol.md, "Channels"). Wei leaves a
 * channel in two ways only: to Attribution by a settlement, and back to the payer by a refund.
 */
import type { Hex } from 'viem'
import { channelsAbi } from '../../../genesis/abi/channels.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { channelIdOf, requestId } from '../../../protocol/request.ts'
import { settlementLayout, settlementPlace } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { nativeContract, nativeFace, plainAddress } from '../calls/face.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { activeStake } from '../staking/staking-records.ts'
import { channelLayout, channelPlace, noncePlace, signerLayout, signerPlace } from './channel-records.ts'

const face = nativeFace(NATIVE.channels, channelsAbi)

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

/** One that is not closing either. */
function openChannel(context: CallContext, channel: Hex): RecordOf<typeof channelLayout> {
  const record = ownChannel(context, channel)
  if (record.closingAt !== 0n) throw face.error('ChannelIsClosing', [channel, record.closingAt])
  return record
}

export const channels = nativeContract(face, {
  open(context, [receiverAddress]) {
    const { caller: payer, value } = context.call
    const receiver = plainAddress(receiverAddress)
    if (value === 0n) throw face.error('InvalidField', ['value', 'a channel needs a deposit'])
    if (activeStake(context, receiver, STAKE_ROLE.prover) === 0n) throw face.error('ReceiverNotProver', [receiver])
    const nonceAt = noncePlace(context, payer)
    const nonce = context.read(nonceAt)
    context.write(nonceAt, nonce + 1n)
    context.charge(GAS.keccak + 3n * GAS.keccakWord)
    const channel = channelIdOf(payer, receiver, nonce)
    writeRecord(context, channelPlace(context, channel), channelLayout, { payer, receiver, deposit: value })
    face.emit(context, 'Opened', { channel, payer, receiver, deposit: value })
    return channel
  },

  topUp(context, [channel]) {
    const { value } = context.call
    if (value === 0n) throw face.error('InvalidField', ['value', 'must be above 0'])
    const deposit = openChannel(context, channel).deposit + value
    writeRecord(context, channelPlace(context, channel), channelLayout, { deposit })
    face.emit(context, 'ToppedUp', { channel, amount: value, deposit })
  },

  close(context, [channel]) {
    openChannel(context, channel)
    const closingAt = context.now + parameter(context, 'channelCloseDelay')
    writeRecord(context, channelPlace(context, channel), channelLayout, { closingAt })
    face.emit(context, 'Closing', { channel, closingAt })
  },

  refund(context, [channel]) {
    const { payer, deposit, settled, closingAt, closed } = knownChannel(context, channel)
    if (closed) throw face.error('ChannelClosed', [channel])
    if (closingAt === 0n) throw face.error('NotClosing', [channel])
    if (context.now < closingAt) throw face.error('TooEarly', [channel, closingAt])
    const amount = deposit - settled
    writeRecord(context, channelPlace(context, channel), channelLayout, { closed: true })
    context.transfer(NATIVE.channels, payer, amount)
    face.emit(context, 'Refunded', { channel, payer, amount })
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

  isSettled(context, [channel, n]) {
    context.charge(GAS.keccak + 2n * GAS.keccakWord)
    const place = settlementPlace(context, requestId(channel, n))
    return readRecord(context, place, settlementLayout, ['settledAt']).settledAt !== 0n
  },
})
