/**
 * The invariants of docs/protocol.md that can be read off a state: each native contract holds what it owes, no
 * channel pays above its bounds, totals are the sums of their parts. A node that is told to audit follows every
 * block's logs and checks after each (`--audit`); the random histories of the tests do the same. It reads the
 * same records as the calls, and adds them up the slow way.
 *
 * It cannot see what is no property of one state: that a revert leaves no trace, that copies and cuts earn no more,
 * that undoing a claim restores. Those are tested.
 */
import type { Hex } from 'viem'
import { CLAIM_STATUS } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { Log } from '../../execution/block.ts'
import type { NativeBlockContext } from '../../execution/native.ts'
import { agentFaults, owedByAgents } from '../agents/agent-audit.ts'
import * as records from '../attribution/attribution-records.ts'
import { counters, countersLayout, treasury } from '../attribution/attribution-records.ts'
import { CallContext } from '../calls/context.ts'
import { readRecord } from '../calls/storage-layout.ts'
import { channelLayout, channelPlace } from '../channels/channel-records.ts'
import * as datanets from '../datanets/datanet-records.ts'
import * as datanetShares from '../datanets/shares.ts'
import { parameterFaults } from '../governance/parameters.ts'
import * as models from '../models/model-records.ts'
import { pendingOf, TARGET_KIND } from '../payouts/pending.ts'
import { poolState } from '../payouts/streaming-pool.ts'
import {
  type StakeRole,
  stakeLayout,
  stakePlace,
  stakerPlace,
  stakersPool,
  totalPlace,
} from '../staking/staking-records.ts'
import { type AuditKeys, followLogs, noAuditKeys } from './audit-keys.ts'
import { drawFaults, holdFaults, lockedBySeats, roundBonds } from './committee-audit.ts'
import { openBatches } from './open-batches.ts'

/** A state to be audited. */
export type AuditReader = { storage(address: Address, slot: Hex): bigint; balance(address: Address): bigint }

/** More than any audit reads. */
const ENOUGH_GAS = 1n << 60n

const sum = (parts: Iterable<bigint>): bigint => {
  let total = 0n
  for (const part of parts) total += part
  return total
}

/** Follows a chain's logs and checks its states. It only learns: after a reorg it knows more than it needs. */
export class LedgerAudit {
  readonly keys: AuditKeys = noAuditKeys()

  /** Learns from a block's logs whose records there are. */
  follow(logs: readonly Log[]): void {
    followLogs(this.keys, logs)
  }

  /** The invariants that do not hold after the block, in words; none where all is well. */
  check(reader: AuditReader, block: NativeBlockContext): string[] {
    return checkInvariants(this.keys, reader, block)
  }
}

/** The invariants that do not hold in a state, in words. */
export function checkInvariants(keys: AuditKeys, reader: AuditReader, block: NativeBlockContext): string[] {
  const context = readingContext(reader, block)
  const owed: Record<string, bigint> = {
    datanets: owedByDatanets(context, keys),
    models: owedByModels(context),
    channels: owedByChannels(context, keys),
    attribution: owedByAttribution(context, keys),
    staking: owedByStaking(context, keys),
    agents: owedByAgents(context),
  }
  const insolvent = Object.entries(owed)
    .map(([name, amount]) => ({ name, amount, held: reader.balance(NATIVE[name as keyof typeof NATIVE]) }))
    .filter(({ amount, held }) => held < amount)
    .map(({ name, amount, held }) => `${name} holds ${held} wei and owes ${amount}`)
  return [
    ...insolvent,
    ...channelFaults(context, keys),
    ...stakeFaults(context, keys),
    ...validatorFaults(context, keys),
    ...holdFaults(context),
    ...shareFaults(context, keys),
    ...ownerFaults(context),
    ...queueFaults(context),
    ...agentFaults(context),
    ...parameterFaults(context),
  ]
}

function readingContext(reader: AuditReader, block: NativeBlockContext): CallContext {
  const zero: Address = '0x0000000000000000000000000000000000000000'
  const storage = (address: Address, slot: Hex) => reader.storage(address, slot)
  const native = { storage, originalStorage: storage, isWarm: () => false, balance: reader.balance.bind(reader) }
  const call = { to: NATIVE.attribution, caller: zero, origin: zero, value: 0n, data: new Uint8Array(0) }
  return new CallContext(native, { ...call, isStatic: true, gas: ENOUGH_GAS, block })
}

function owedByDatanets(context: CallContext, keys: AuditKeys): bigint {
  const commitments = [...keys.commitments.values()].map(({ owner, commitment }) => {
    const place = datanets.commitmentPlace(context, owner, commitment)
    return readRecord(context, place, datanets.commitmentLayout, ['bond']).bond
  })
  const kept = [...keys.bonded].map(
    (id) => readRecord(context, datanets.standingPlace(context, id), datanets.standingLayout, ['bond']).bond,
  )
  return sum([...commitments, ...kept])
}

function owedByModels(context: CallContext): bigint {
  const { versions } = readRecord(context, models.counters, models.countersLayout, ['versions'])
  let bonds = 0n
  for (let version = 1n; version <= versions; version++)
    bonds += readRecord(context, models.versionPlace(context, version), models.versionLayout, ['bond']).bond
  return bonds
}

function owedByChannels(context: CallContext, keys: AuditKeys): bigint {
  return sum(
    [...keys.channels].map((channel) => {
      const { deposit, settled, closed } = readRecord(context, channelPlace(context, channel), channelLayout)
      return closed ? 0n : deposit - settled
    }),
  )
}

function datanetIds(context: CallContext): bigint[] {
  const { datanets: count } = readRecord(context, datanets.counters, datanets.countersLayout, ['datanets'])
  return Array.from({ length: Number(count) }, (_, i) => BigInt(i) + 1n)
}

function owedByAttribution(context: CallContext, keys: AuditKeys): bigint {
  const pending = (kind: (typeof TARGET_KIND)[keyof typeof TARGET_KIND], id: bigint) => pendingOf(context, { kind, id })
  const ids = datanetIds(context)
  return sum([
    context.read(treasury),
    ...[...keys.challenges.values()].map(
      ({ challenger, commitment }) =>
        readRecord(context, records.challengePlace(context, challenger, commitment), records.challengeLayout).bond,
    ),
    ...[...keys.demands].map(
      (request) => readRecord(context, records.demandPlace(context, request), records.demandLayout).bond,
    ),
    ...[...keys.rowDemands.values()].map(
      ({ version, row }) =>
        readRecord(context, records.rowDemandPlace(context, version, BigInt(row)), records.demandLayout).bond,
    ),
    roundBonds(context),
    ...suspended(context, keys).map(({ fee }) => fee),
    ...openBatches(context).map(({ fees }) => fees),
    pending(TARGET_KIND.stakers, 0n),
    pending(TARGET_KIND.treasury, 0n),
    ...[...keys.recipients].map((account) => pending(TARGET_KIND.account, BigInt(account))),
    ...ids.map((id) => pending(TARGET_KIND.datanet, id)),
    ...ids.map((id) => pending(TARGET_KIND.curators, id)),
    ...ids.map((id) => poolState(context, datanets.curatorPool(context, id), curatorsOf(context, keys, id)).owed),
    ...ids.map((id) => poolState(context, datanets.sharePool(context, id), holdersOf(context, keys, id)).owed),
  ])
}

/** Settlements whose credits are out of pending until they are opened, or their query is decided. */
function suspended(context: CallContext, keys: AuditKeys) {
  return [...keys.demands]
    .filter((request) => {
      const { status } = readRecord(context, records.claimPlace(context, request), records.claimLayout, ['status'])
      return status === BigInt(CLAIM_STATUS.suspended) || status === BigInt(CLAIM_STATUS.questioned)
    })
    .map((request) => readRecord(context, records.settlementPlace(context, request), records.settlementLayout))
}

function holdersOf(context: CallContext, keys: AuditKeys, datanet: bigint) {
  return [...(keys.holders.get(datanet) ?? [])].map((holder) => datanets.shareHolder(context, datanet, holder))
}

function curatorsOf(context: CallContext, keys: AuditKeys, datanet: bigint) {
  return [...(keys.curators.get(datanet) ?? [])].map((curator) => datanets.curatorHolder(context, datanet, curator))
}

function owedByStaking(context: CallContext, keys: AuditKeys): bigint {
  const stakes = stakers(keys).map(({ role, account }) => {
    const { amount, unstaking } = readRecord(context, stakePlace(context, account, role), stakeLayout)
    return amount + unstaking
  })
  const holders = stakers(keys).map(({ role, account }) => stakerPlace(context, account, role))
  return sum(stakes) + poolState(context, stakersPool, holders).owed
}

function stakers(keys: AuditKeys): { role: StakeRole; account: Address }[] {
  return [...keys.stakers].flatMap(([role, accounts]) => [...accounts].map((account) => ({ role, account })))
}

/** Settled ≤ deposit and ≤ the ceiling. */
function channelFaults(context: CallContext, keys: AuditKeys): string[] {
  const faults: string[] = []
  for (const channel of keys.channels) {
    const { deposit, settled, ceiling } = readRecord(context, channelPlace(context, channel), channelLayout)
    if (settled > deposit) faults.push(`channel ${channel} has settled ${settled} of a deposit of ${deposit}`)
    if (settled > ceiling) faults.push(`channel ${channel} has settled ${settled} under a ceiling of ${ceiling}`)
  }
  return faults
}

/** Totals are the sums of stakes; what is locked is what unmatured settlements have locked. */
function stakeFaults(context: CallContext, keys: AuditKeys): string[] {
  const faults: string[] = []
  let everything = 0n
  for (const [role, accounts] of keys.stakers) {
    let staked = 0n
    for (const account of accounts) {
      const { amount, locked } = readRecord(context, stakePlace(context, account, role), stakeLayout)
      staked += amount
      const expected = lockedOf(context, keys, account, role)
      if (locked !== expected) faults.push(`${account} has ${locked} wei locked, of which ${expected} have a reason`)
      if (locked > amount) faults.push(`${account} has ${locked} of ${amount} wei locked in role ${role}`)
    }
    const total = context.read(totalPlace(context, role))
    if (total !== staked) faults.push(`role ${role} has a total of ${total} wei and stakes of ${staked}`)
    everything += staked
  }
  const pool = poolState(
    context,
    stakersPool,
    stakers(keys).map(({ role, account }) => stakerPlace(context, account, role)),
  )
  if (pool.total !== everything || pool.held !== everything)
    faults.push(`the stakers' pool shares among ${pool.total}, its holders have ${pool.held}, stakes are ${everything}`)
  return faults
}

/** Validators' stake as draws count it. */
function validatorFaults(context: CallContext, keys: AuditKeys): string[] {
  const validators = [...(keys.stakers.get(STAKE_ROLE.validator) ?? [])].map((account) => {
    const place = stakePlace(context, account, STAKE_ROLE.validator)
    return { account, ...readRecord(context, place, stakeLayout, ['amount', 'locked']) }
  })
  return drawFaults(context, validators)
}

/** Wei of a stake that something locks. */
function lockedOf(context: CallContext, keys: AuditKeys, account: Address, role: StakeRole): bigint {
  if (role === STAKE_ROLE.prover) return lockedBehind(context, keys, account)
  return role === STAKE_ROLE.validator ? lockedBySeats(context, account) : 0n
}

/** Wei of a prover's stake that is locked: in pending, in claims that are suspended, and behind draws of its batches. */
function lockedBehind(context: CallContext, keys: AuditKeys, prover: Address): bigint {
  const waiting = suspended(context, keys).filter((settlement) => settlement.prover === prover)
  return (
    pendingOf(context, { kind: TARGET_KIND.lock, id: BigInt(prover) }) +
    sum(waiting.map(({ lockedStake }) => lockedStake)) +
    sum(openBatches(context).map((batch) => (batch.prover === prover ? batch.locked : 0n)))
  )
}

/**
 * A Datanet's share units are what its holders hold, and what its clusters were minted for with what is owed for clusters
 * that are no more. A holder has what is bound, and nothing free while it owes.
 */
function shareFaults(context: CallContext, keys: AuditKeys): string[] {
  const minted = new Map<bigint, bigint>()
  const { clusters } = readRecord(context, datanets.counters, datanets.countersLayout, ['clusters'])
  for (let id = 1n; id <= clusters; id++) {
    const cluster = readRecord(context, datanets.clusterPlace(context, id), datanets.clusterLayout)
    minted.set(cluster.datanet, (minted.get(cluster.datanet) ?? 0n) + cluster.units)
  }
  return datanetIds(context).flatMap((id) => {
    const { total, held } = poolState(context, datanets.sharePool(context, id), holdersOf(context, keys, id))
    const units = minted.get(id) ?? 0n
    const { debts, faults } = shareAccounts(context, keys, id)
    return total === held && total === units + debts
      ? faults
      : [
          ...faults,
          `Datanet ${id} shares among ${total} units, holders have ${held}, clusters stand for ${units}, owed are ${debts}`,
        ]
  })
}

function shareAccounts(context: CallContext, keys: AuditKeys, id: bigint): { debts: bigint; faults: string[] } {
  const faults: string[] = []
  let debts = 0n
  for (const holder of keys.holders.get(id) ?? []) {
    const { shares, bound, debt } = datanetShares.shareAccount(context, id, holder)
    debts += debt
    if (bound > shares) faults.push(`${holder} has ${shares} units of Datanet ${id}, of which ${bound} are bound`)
    if (debt > 0n && shares > bound) faults.push(`${holder} owes ${debt} units of Datanet ${id} and has some free`)
  }
  return { debts, faults }
}

/** Every account owns as many models as it is said to. */
function ownerFaults(context: CallContext): string[] {
  const { models: count } = readRecord(context, models.counters, models.countersLayout, ['models'])
  const owned = new Map<Address, bigint>()
  for (let model = 1n; model <= count; model++) {
    const owner = models.modelOwner(context, model)
    owned.set(owner, (owned.get(owner) ?? 0n) + 1n)
  }
  return [...owned].flatMap(([owner, number]) => {
    const counted = context.read(models.modelCountPlace(context, owner))
    return counted === number ? [] : [`${owner} owns ${number} models and is counted ${counted}`]
  })
}

function queueFaults(context: CallContext): string[] {
  const { queueHead, queueTail } = readRecord(context, counters, countersLayout, ['queueHead', 'queueTail'])
  return queueHead <= queueTail ? [] : [`the queue's head ${queueHead} is behind its tail ${queueTail}`]
}
