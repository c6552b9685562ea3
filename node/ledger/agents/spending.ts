/**
 * An agent's balance (docs/protocol.md, "Agents"): anybody pays in, the owner takes out, and the agent's wallet spends
 * up to a limit in each period. What the wallet spends leaves without a call, or goes into the escrow of a channel:
 * there the wallet is the payer, who signs the vouchers, and what is left comes back to the agent's balance.
 */
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { addDeposit, beginClosing, channelOfAgent, openChannel } from '../channels/channel-steps.ts'
import {
  type AgentHandlers,
  type AgentRecord,
  actingAgent,
  face,
  isNative,
  knownAgent,
  knownOwner,
  ownAgent,
  ZERO_ADDRESS,
} from './agent-face.ts'
import { agentLayout, agentPlace } from './agent-records.ts'

/** Seconds: a year. */
const MAX_PERIOD = 31_536_000n

type Spending = Pick<
  AgentHandlers,
  | 'payAgent'
  | 'withdraw'
  | 'setSpendingLimit'
  | 'setPaused'
  | 'pay'
  | 'openChannel'
  | 'topUpChannel'
  | 'closeChannel'
  | 'spendableOf'
>

/** What the period that runs now has spent, and when it began. A period that is over is followed by one that begins now. */
function runningPeriod(context: CallContext, { spent, period, periodStart }: AgentRecord) {
  const over = context.now >= periodStart + period
  return over ? { spent: 0n, periodStart: context.now } : { spent, periodStart }
}

/** Takes wei from the balance of an agent whose wallet calls. They must go where wei is accounted for, in the same call. */
export function spend(context: CallContext, agent: bigint, amount: bigint): AgentRecord {
  const record = actingAgent(context, agent)
  if (amount === 0n) throw face.error('InvalidField', ['amount', 'must be above 0'])
  const running = runningPeriod(context, record)
  const left = record.limit - running.spent
  if (amount > left) throw face.error('OverSpendingLimit', [left, amount])
  if (amount > record.balance) throw face.error('BalanceTooSmall', [record.balance, amount])
  writeRecord(context, agentPlace(context, agent), agentLayout, {
    balance: record.balance - amount,
    spent: running.spent + amount,
    periodStart: running.periodStart,
  })
  return record
}

/** Adds wei that Agents holds to an agent's balance. */
export function credit(context: CallContext, agent: bigint, amount: bigint): void {
  const place = agentPlace(context, agent)
  const { balance } = readRecord(context, place, agentLayout, ['balance'])
  writeRecord(context, place, agentLayout, { balance: balance + amount })
}

/** A channel that an agent's wallet opened has been refunded: its wei has come to Agents. */
export function creditRefund(context: CallContext, agent: bigint, channel: `0x${string}`, amount: bigint): void {
  credit(context, agent, amount)
  face.emit(context, 'ChannelRefunded', { agentId: agent, channel, amount })
}

export const spending: Spending = {
  payAgent(context, [agentId, memo]) {
    const { caller, value } = context.call
    knownOwner(context, agentId)
    if (value === 0n) throw face.error('InvalidField', ['value', 'must be above 0'])
    credit(context, agentId, value)
    face.emit(context, 'AgentPaid', { agentId, from: caller, amount: value, memo })
  },

  withdraw(context, [agentId, amount]) {
    const { owner, balance } = ownAgent(context, agentId)
    if (amount === 0n) throw face.error('InvalidField', ['amount', 'must be above 0'])
    if (amount > balance) throw face.error('BalanceTooSmall', [balance, amount])
    writeRecord(context, agentPlace(context, agentId), agentLayout, { balance: balance - amount })
    context.transfer(NATIVE.agents, owner, amount)
    face.emit(context, 'Withdrawn', { agentId, to: owner, amount })
  },

  setSpendingLimit(context, [agentId, limit, period]) {
    ownAgent(context, agentId)
    if (period < 1n || period > MAX_PERIOD)
      throw face.error('InvalidField', ['period', `must be 1 to ${MAX_PERIOD} seconds, got ${period}`])
    const started = { limit, period, spent: 0n, periodStart: context.now }
    writeRecord(context, agentPlace(context, agentId), agentLayout, started)
    face.emit(context, 'SpendingLimitSet', { agentId, limit, period })
  },

  setPaused(context, [agentId, paused]) {
    ownAgent(context, agentId)
    writeRecord(context, agentPlace(context, agentId), agentLayout, { paused })
    face.emit(context, 'PausedSet', { agentId, paused })
  },

  pay(context, [agentId, toAddress, amount, memo]) {
    const to = plainAddress(toAddress)
    spend(context, agentId, amount)
    checkPayee(to)
    context.transfer(NATIVE.agents, to, amount)
    face.emit(context, 'Paid', { agentId, to, amount, memo })
  },

  openChannel(context, [agentId, receiverAddress, deposit]) {
    const receiver = plainAddress(receiverAddress)
    const { wallet } = spend(context, agentId, deposit)
    context.transfer(NATIVE.agents, NATIVE.channels, deposit)
    const channel = openChannel(context, { payer: wallet, receiver, deposit, agent: agentId })
    face.emit(context, 'ChannelOpened', { agentId, channel, receiver, deposit })
    return channel
  },

  topUpChannel(context, [agentId, channel, amount]) {
    const { wallet } = spend(context, agentId, amount)
    const { payer, closingAt } = agentsChannel(context, agentId, channel)
    // A key that the owner has replaced gets no more to sign for.
    if (payer !== wallet) throw face.error('NotWallet', [payer, wallet])
    if (closingAt !== 0n) throw face.error('ChannelIsClosing', [channel, closingAt])
    context.transfer(NATIVE.agents, NATIVE.channels, amount)
    addDeposit(context, channel, amount)
  },

  closeChannel(context, [agentId, channel]) {
    const { owner, wallet } = knownAgent(context, agentId)
    const { caller } = context.call
    if (caller !== owner && (caller !== wallet || caller === ZERO_ADDRESS))
      throw face.error('NotOwner', [caller, owner])
    const { closingAt } = agentsChannel(context, agentId, channel)
    if (closingAt !== 0n) throw face.error('ChannelIsClosing', [channel, closingAt])
    beginClosing(context, channel)
  },

  spendableOf(context, [agentId]) {
    const record = knownAgent(context, agentId)
    if (record.paused || BigInt(record.wallet) === 0n) return 0n
    const left = record.limit - runningPeriod(context, record).spent
    return left < record.balance ? left : record.balance
  },
}

function checkPayee(to: Address): void {
  if (BigInt(to) === 0n || isNative(to))
    throw face.error('InvalidField', ['to', 'must be neither zero nor a native contract'])
}

function agentsChannel(context: CallContext, agent: bigint, channel: `0x${string}`) {
  const record = channelOfAgent(context, agent, channel)
  if (!record) throw face.error('NotChannelOfAgent', [channel, agent])
  return record
}
