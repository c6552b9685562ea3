/** When the forks of an OP chain come, as op-node's rollup config has it: `regolith_time` … `jovian_time`, seconds. */
import { z } from 'zod'
import { OP_FORKS, OP_RULES, type OpFork, type OpRules } from './op-rules.ts'

/** Forks that are not named never come; Bedrock is always there. */
export type OpSchedule = Partial<Record<OpFork, bigint>>

/** A rollup config whose forks cannot be told. */
export class OpScheduleError extends Error {
  override name = 'OpScheduleError'
}

const time = z.number().int().nonnegative().nullish()
const fields = Object.fromEntries(OP_FORKS.filter((fork) => fork !== 'bedrock').map((fork) => [`${fork}_time`, time]))
/** What else a rollup config holds is for derivation. */
const scheduleSchema = z.looseObject(fields)

/** Reads the forks of a rollup config. Throws {@link OpScheduleError} that names the field. */
export function opScheduleOf(rollupConfig: unknown): OpSchedule {
  const parsed = scheduleSchema.safeParse(rollupConfig)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new OpScheduleError(`rollup config: ${path.join('.') || '(root)'}: ${message}`)
  }
  const schedule: OpSchedule = {}
  for (const fork of OP_FORKS) {
    const at = parsed.data[`${fork}_time`]
    if (typeof at === 'number') schedule[fork] = BigInt(at)
  }
  checkOrder(schedule)
  return schedule
}

function checkOrder(schedule: OpSchedule): void {
  let last = 0n
  for (const fork of OP_FORKS) {
    const at = schedule[fork]
    if (at === undefined) continue
    if (at < last)
      throw new OpScheduleError(`rollup config: ${fork}_time: must not be before an earlier fork's ${last}, got ${at}`)
    last = at
  }
}

/** The rules of a block with this timestamp. */
export function opRulesAt(schedule: OpSchedule, timestamp: bigint): OpRules {
  const fork = OP_FORKS.findLast((name) => schedule[name] !== undefined && timestamp >= schedule[name])
  return OP_RULES[fork ?? 'bedrock']
}
