/** Agents' face, its records by id, and who may do what with them. */
import { agentsAbi } from '../../../genesis/abi/agents.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { type Handlers, nativeFace } from '../calls/face.ts'
import { type RecordOf, readRecord } from '../calls/storage-layout.ts'
import { agentLayout, agentPlace, approvedPlace, operatorPlace } from './agent-records.ts'

export const face = nativeFace(NATIVE.agents, agentsAbi)
export type AgentHandlers = Handlers<typeof agentsAbi>
export type AgentRecord = RecordOf<typeof agentLayout>

export const ZERO_ADDRESS: Address = `0x${'0'.repeat(40)}`

const NATIVES: ReadonlySet<string> = new Set(Object.values(NATIVE))

/** Wei sent to a native account without a call would belong to nobody. */
export function isNative(account: Address): boolean {
  return NATIVES.has(account)
}

export function knownAgent(context: CallContext, agent: bigint): AgentRecord {
  const record = readRecord(context, agentPlace(context, agent), agentLayout)
  if (BigInt(record.owner) === 0n) throw face.error('UnknownAgent', [agent])
  return record
}

/** The owner alone, at the price of one slot. */
export function knownOwner(context: CallContext, agent: bigint): Address {
  const { owner } = readRecord(context, agentPlace(context, agent), agentLayout, ['owner'])
  if (BigInt(owner) === 0n) throw face.error('UnknownAgent', [agent])
  return owner
}

/** The caller must own the agent. */
export function ownAgent(context: CallContext, agent: bigint): AgentRecord {
  const record = knownAgent(context, agent)
  const { caller } = context.call
  if (record.owner !== caller) throw face.error('NotOwner', [caller, record.owner])
  return record
}

/** The caller must be the agent's wallet, and the agent must not be paused. */
export function actingAgent(context: CallContext, agent: bigint): AgentRecord {
  const record = knownAgent(context, agent)
  const { caller } = context.call
  if (record.wallet !== caller || caller === ZERO_ADDRESS) throw face.error('NotWallet', [caller, record.wallet])
  if (record.paused) throw face.error('AgentPaused', [agent])
  return record
}

/** ERC-721's "authorized": the owner, an operator of the owner's, or who is approved for this agent. */
export function isAuthorized(context: CallContext, agent: bigint, owner: Address, account: Address): boolean {
  if (account === owner) return true
  if (context.read(operatorPlace(context, owner, account)) !== 0n) return true
  const approved = context.read(approvedPlace(context, agent))
  return approved !== 0n && approved === BigInt(account)
}
