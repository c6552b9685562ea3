/**
 * What happens to a channel, whoever asks for it: Channels for a payer who calls, Agents for an agent whose wallet is the
 * payer (docs/protocol.md, "Agents"). Who may ask, and that the wei has come to Channels, the caller has seen to.
 */
import type { Hex } from 'viem'
import { channelsAbi } from '../../../genesis/abi/channels.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { channelIdOf } from '../../../protocol/request.ts'
import type { CallContext } from '../calls/context.ts'
import { nativeFace } from '../calls/face.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { activeStake } from '../staking/staking-records.ts'
import { beneficiaryPlace, channelLayout, channelPlace, noncePlace } from './channel-records.ts'

export const face = nativeFace(NATIVE.channels, channelsAbi)

type Opening = {
  payer: Address
  receiver: Address
  /** Wei. */
  deposit: bigint
  /** The agent whose wei it is, where it is not the payer's. */
  agent?: bigint
}

export function openChannel(context: CallContext, { payer, receiver, deposit, agent }: Opening): Hex {
  if (activeStake(context, receiver, STAKE_ROLE.prover) === 0n) throw face.error('ReceiverNotProver', [receiver])
  const nonceAt = noncePlace(context, payer)
  const nonce = context.read(nonceAt)
  context.write(nonceAt, nonce + 1n)
  context.charge(GAS.keccak + 3n * GAS.keccakWord)
  const channel = channelIdOf(payer, receiver, nonce)
  writeRecord(context, channelPlace(context, channel), channelLayout, { payer, receiver, deposit })
  if (agent !== undefined) context.write(beneficiaryPlace(context, channel), agent)
  face.emit(context, 'Opened', { channel, payer, receiver, deposit })
  return channel
}

/** Adds wei to a channel that is open. */
export function addDeposit(context: CallContext, channel: Hex, amount: bigint): void {
  const place = channelPlace(context, channel)
  const deposit = readRecord(context, place, channelLayout, ['deposit']).deposit + amount
  writeRecord(context, place, channelLayout, { deposit })
  face.emit(context, 'ToppedUp', { channel, amount, deposit })
}

/** Starts the delay of a channel that is open. */
export function beginClosing(context: CallContext, channel: Hex): void {
  const closingAt = context.now + parameter(context, 'channelCloseDelay')
  writeRecord(context, channelPlace(context, channel), channelLayout, { closingAt })
  face.emit(context, 'Closing', { channel, closingAt })
}

/** An agent's channel that has not been refunded; undefined where there is none. */
export function channelOfAgent(
  context: CallContext,
  agent: bigint,
  channel: Hex,
): RecordOf<typeof channelLayout> | undefined {
  if (context.read(beneficiaryPlace(context, channel)) !== agent) return undefined
  const record = readRecord(context, channelPlace(context, channel), channelLayout)
  return record.closed ? undefined : record
}
