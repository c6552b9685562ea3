/**
 * An agent's stake (docs/protocol.md, "Agents"): wei that stands behind the deadlines of the jobs that it accepts. It
 * leaves in two steps with Staking's delay; what accepted jobs have locked stays.
 */
import { NATIVE } from '../../../genesis/addresses.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { type AgentHandlers, face, knownOwner, ownAgent } from './agent-face.ts'
import { agentLayout, agentPlace } from './agent-records.ts'

export const agentStake: Pick<AgentHandlers, 'stake' | 'unstake' | 'withdrawStake'> = {
  stake(context, [agentId]) {
    const { caller, value } = context.call
    knownOwner(context, agentId)
    if (value === 0n) throw face.error('InvalidField', ['value', 'must be above 0'])
    const place = agentPlace(context, agentId)
    const total = readRecord(context, place, agentLayout, ['stake']).stake + value
    const required = parameter(context, 'minAgentStake')
    if (total < required) throw face.error('StakeTooSmall', [required, total])
    writeRecord(context, place, agentLayout, { stake: total })
    face.emit(context, 'AgentStaked', { agentId, from: caller, amount: value, total })
  },

  unstake(context, [agentId, amount]) {
    const { stake, locked, unstaking } = ownAgent(context, agentId)
    if (amount === 0n) throw face.error('InvalidField', ['amount', 'must be above 0'])
    if (amount > stake - locked) throw face.error('NotEnoughFreeStake', [stake - locked, amount])
    const withdrawableAt = context.now + parameter(context, 'unstakeDelay')
    const changes = { stake: stake - amount, unstaking: unstaking + amount, withdrawableAt }
    writeRecord(context, agentPlace(context, agentId), agentLayout, changes)
    face.emit(context, 'AgentUnstaking', { agentId, amount, withdrawableAt })
  },

  withdrawStake(context, [agentId]) {
    const { owner, unstaking, withdrawableAt } = ownAgent(context, agentId)
    if (unstaking === 0n) throw face.error('NothingToWithdraw', [agentId])
    if (context.now < withdrawableAt) throw face.error('TooEarly', [withdrawableAt])
    writeRecord(context, agentPlace(context, agentId), agentLayout, { unstaking: 0n, withdrawableAt: 0n })
    context.transfer(NATIVE.agents, owner, unstaking)
    face.emit(context, 'AgentStakeWithdrawn', { agentId, to: owner, amount: unstaking })
    return unstaking
  },
}
