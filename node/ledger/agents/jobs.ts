/**
 * Paid work (docs/protocol.md, "Agents"): a client puts a fee in escrow, the agent accepts and shows the hash of a
 * result by a deadline, the client accepts it or lets the time to reject it pass.
 *
 *     offered ──cancel (client) / expire (anybody, after the deadline)──> cancelled   fee back
 *        │ accept: locks a part of the agent's stake
 *     accepted ──expire (anybody, after the deadline)──> missed                       fee and what was locked to the client
 *        │ complete: unlocks it
 *     completed ──accept (client) / expire (anybody, after jobReviewPeriod)──> paid   fee to the agent
 *        └──reject (client, within jobReviewPeriod)──> rejected                       half the fee to each
 *
 * Only a missed deadline is a fact that the chain can see, so only that costs stake. Whether a result is good it cannot
 * see: whoever disputes one loses half of what being paid, or paying nothing, would have brought.
 */
import { JOB_STATUS } from '../../../genesis/abi/agents.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { type AgentHandlers, face, knownAgent, knownOwner, ZERO_ADDRESS } from './agent-face.ts'
import { agentLayout, agentPlace, counters, countersLayout, jobLayout, jobPlace } from './agent-records.ts'
import { credit, spend } from './spending.ts'

const BPS = 10_000n
/** Seconds: a deadline is at most a year off. */
const MAX_TERM = 31_536_000n

type Job = RecordOf<typeof jobLayout>
type JobStatus = (typeof JOB_STATUS)[keyof typeof JOB_STATUS]
type Jobs = Pick<
  AgentHandlers,
  | 'offerJob'
  | 'offerJobFrom'
  | 'cancelJob'
  | 'acceptJob'
  | 'completeJob'
  | 'acceptResult'
  | 'rejectResult'
  | 'expireJob'
  | 'jobCount'
  | 'getJob'
>

function knownJob(context: CallContext, job: bigint): Job {
  const record = readRecord(context, jobPlace(context, job), jobLayout)
  if (record.status === 0n) throw face.error('UnknownJob', [job])
  return record
}

function jobIn(context: CallContext, id: bigint, status: JobStatus): Job {
  const job = knownJob(context, id)
  if (job.status !== BigInt(status)) throw face.error('WrongStatus', [id, Number(job.status)])
  return job
}

/** A job whose client calls: who offered it, or for an agent its wallet or its owner. */
function clientsJob(context: CallContext, id: bigint, status: JobStatus): Job {
  const job = knownJob(context, id)
  const { caller } = context.call
  if (job.clientAgent === 0n ? caller !== job.client : !actsFor(context, job.clientAgent, caller))
    throw face.error('NotClient', [caller, id])
  if (job.status !== BigInt(status)) throw face.error('WrongStatus', [id, Number(job.status)])
  return job
}

function actsFor(context: CallContext, agent: bigint, account: Address): boolean {
  const { owner, wallet } = knownAgent(context, agent)
  return account === owner || (account === wallet && account !== ZERO_ADDRESS)
}

/** Wallet or owner of the agent that a job was offered to. */
function checkWorker(context: CallContext, agent: bigint): void {
  const { caller } = context.call
  if (!actsFor(context, agent, caller)) throw face.error('NotWallet', [caller, knownAgent(context, agent).wallet])
}

type Offer = { agent: bigint; clientAgent: bigint; deadline: bigint; jobHash: `0x${string}`; fee: bigint }

function offer(context: CallContext, { agent, clientAgent, deadline, jobHash, fee }: Offer): bigint {
  const client = context.call.caller
  knownOwner(context, agent)
  if (deadline <= context.now || deadline > context.now + MAX_TERM)
    throw face.error('InvalidField', ['deadline', `must be within ${MAX_TERM} seconds from now, got ${deadline}`])
  const id = readRecord(context, counters, countersLayout, ['jobs']).jobs + 1n
  writeRecord(context, counters, countersLayout, { jobs: id })
  const status = BigInt(JOB_STATUS.offered)
  const job = { clientAgent, agent, status, deadline, client, fee, jobHash }
  writeRecord(context, jobPlace(context, id), jobLayout, job)
  face.emit(context, 'JobOffered', { jobId: id, agentId: agent, client, fee, deadline, jobHash })
  return id
}

type End = { status: JobStatus; toAgent: bigint; toClient: bigint }

/** Ends a job: its escrow, and what was taken from the agent's stake, go to these two. */
function end(context: CallContext, id: bigint, job: Job, { status, toAgent, toClient }: End): void {
  writeRecord(context, jobPlace(context, id), jobLayout, { status: BigInt(status) })
  if (toAgent > 0n) credit(context, job.agent, toAgent)
  if (toClient > 0n) {
    if (job.clientAgent === 0n) context.transfer(NATIVE.agents, job.client, toClient)
    else credit(context, job.clientAgent, toClient)
  }
  face.emit(context, 'JobEnded', { jobId: id, agentId: job.agent, status, toAgent, toClient })
}

function changeLock(context: CallContext, agent: bigint, change: { stake?: bigint; locked: bigint }): void {
  const place = agentPlace(context, agent)
  const { stake, locked } = readRecord(context, place, agentLayout, ['stake', 'locked'])
  const changes = { stake: stake + (change.stake ?? 0n), locked: locked + change.locked }
  writeRecord(context, place, agentLayout, changes)
}

/** When a completed job is the agent's without a word of the client. */
function paidAt(context: CallContext, job: Job): bigint {
  return job.completedAt + parameter(context, 'jobReviewPeriod')
}

function miss(context: CallContext, id: bigint, job: Job): void {
  changeLock(context, job.agent, { stake: -job.forfeit, locked: -job.forfeit })
  end(context, id, job, { status: JOB_STATUS.missed, toAgent: 0n, toClient: job.fee + job.forfeit })
}

export const jobs: Jobs = {
  offerJob(context, [agent, deadline, jobHash]) {
    const { value: fee } = context.call
    if (fee === 0n) throw face.error('InvalidField', ['value', 'a job needs a fee'])
    return offer(context, { agent, clientAgent: 0n, deadline, jobHash, fee })
  },

  offerJobFrom(context, [clientAgent, agent, deadline, jobHash, fee]) {
    spend(context, clientAgent, fee)
    return offer(context, { agent, clientAgent, deadline, jobHash, fee })
  },

  cancelJob(context, [id]) {
    const job = clientsJob(context, id, JOB_STATUS.offered)
    end(context, id, job, { status: JOB_STATUS.cancelled, toAgent: 0n, toClient: job.fee })
  },

  acceptJob(context, [id]) {
    const job = jobIn(context, id, JOB_STATUS.offered)
    checkWorker(context, job.agent)
    if (context.now > job.deadline) throw face.error('TooLate', [job.deadline])
    const { paused, stake, locked } = knownAgent(context, job.agent)
    if (paused) throw face.error('AgentPaused', [job.agent])
    const required = parameter(context, 'minAgentStake')
    if (stake < required) throw face.error('StakeTooSmall', [required, stake])
    const forfeit = (job.fee * parameter(context, 'jobForfeitBps')) / BPS
    if (forfeit > stake - locked) throw face.error('NotEnoughFreeStake', [stake - locked, forfeit])
    changeLock(context, job.agent, { locked: forfeit })
    writeRecord(context, jobPlace(context, id), jobLayout, { status: BigInt(JOB_STATUS.accepted), forfeit })
    face.emit(context, 'JobAccepted', { jobId: id, agentId: job.agent, forfeit })
  },

  completeJob(context, [id, resultHash]) {
    const job = jobIn(context, id, JOB_STATUS.accepted)
    checkWorker(context, job.agent)
    if (context.now > job.deadline) throw face.error('TooLate', [job.deadline])
    changeLock(context, job.agent, { locked: -job.forfeit })
    const changes = { status: BigInt(JOB_STATUS.completed), completedAt: context.now, resultHash }
    writeRecord(context, jobPlace(context, id), jobLayout, changes)
    face.emit(context, 'JobCompleted', { jobId: id, agentId: job.agent, resultHash })
  },

  acceptResult(context, [id]) {
    const job = clientsJob(context, id, JOB_STATUS.completed)
    end(context, id, job, { status: JOB_STATUS.paid, toAgent: job.fee, toClient: 0n })
  },

  rejectResult(context, [id]) {
    const job = clientsJob(context, id, JOB_STATUS.completed)
    const until = paidAt(context, job)
    if (context.now >= until) throw face.error('TooLate', [until])
    const toClient = job.fee / 2n
    end(context, id, job, { status: JOB_STATUS.rejected, toAgent: job.fee - toClient, toClient })
  },

  expireJob(context, [id]) {
    const job = knownJob(context, id)
    const { offered, accepted, completed } = JOB_STATUS
    if (job.status === BigInt(completed)) {
      const at = paidAt(context, job)
      if (context.now < at) throw face.error('TooEarly', [at])
      return end(context, id, job, { status: JOB_STATUS.paid, toAgent: job.fee, toClient: 0n })
    }
    if (job.status !== BigInt(offered) && job.status !== BigInt(accepted))
      throw face.error('WrongStatus', [id, Number(job.status)])
    if (context.now <= job.deadline) throw face.error('TooEarly', [job.deadline + 1n])
    if (job.status === BigInt(accepted)) return miss(context, id, job)
    end(context, id, job, { status: JOB_STATUS.cancelled, toAgent: 0n, toClient: job.fee })
  },

  jobCount: (context) => readRecord(context, counters, countersLayout, ['jobs']).jobs,

  getJob(context, [id]) {
    const { agent, status, ...job } = knownJob(context, id)
    return { ...job, agentId: agent, status: Number(status) }
  },
}
