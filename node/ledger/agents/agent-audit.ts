/** What can be read off a state about Agents (../audit/audit.ts). Ids are counted, so no log has to name them. */
import { JOB_STATUS } from '../../../genesis/abi/agents.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord } from '../calls/storage-layout.ts'
import { agentLayout, agentPlace, counters, countersLayout, heldPlace, jobLayout, jobPlace } from './agent-records.ts'

const { offered, accepted, completed } = JOB_STATUS
const OPEN_STATES: ReadonlySet<bigint> = new Set([offered, accepted, completed].map(BigInt))

const ids = (count: bigint) => Array.from({ length: Number(count) }, (_, i) => BigInt(i) + 1n)

function everything(context: CallContext) {
  const count = readRecord(context, counters, countersLayout)
  return {
    agents: ids(count.agents).map((id) => ({ id, ...readRecord(context, agentPlace(context, id), agentLayout) })),
    jobs: ids(count.jobs).map((id) => readRecord(context, jobPlace(context, id), jobLayout)),
  }
}

/** Balances, stakes in whatever state, and the fees of jobs that have not ended. */
export function owedByAgents(context: CallContext): bigint {
  const { agents, jobs } = everything(context)
  const held = agents.reduce((sum, { balance, stake, unstaking }) => sum + balance + stake + unstaking, 0n)
  return jobs.filter(({ status }) => OPEN_STATES.has(status)).reduce((sum, { fee }) => sum + fee, held)
}

/** Locked stake is what accepted jobs lock; nobody has spent above a limit; owners hold what they own. */
export function agentFaults(context: CallContext): string[] {
  const { agents, jobs } = everything(context)
  const faults: string[] = []
  const owned = new Map<`0x${string}`, bigint>()
  for (const { id, owner, stake, locked, limit, spent } of agents) {
    owned.set(owner, (owned.get(owner) ?? 0n) + 1n)
    const behind = jobs
      .filter(({ agent, status }) => agent === id && status === BigInt(accepted))
      .reduce((sum, { forfeit }) => sum + forfeit, 0n)
    if (locked !== behind) faults.push(`agent ${id} has ${locked} wei locked, its jobs ${behind}`)
    if (locked > stake) faults.push(`agent ${id} has ${locked} of ${stake} wei locked`)
    if (spent > limit) faults.push(`agent ${id} has spent ${spent} under a limit of ${limit}`)
  }
  for (const [owner, count] of owned) {
    const held = context.read(heldPlace(context, owner))
    if (held !== count) faults.push(`${owner} owns ${count} agents and is said to own ${held}`)
  }
  return faults
}
