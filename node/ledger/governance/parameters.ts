/**
 * Parameters (native contract 06): every governed number by id, one slot each, and the governor that
 * may set them (docs/protocol.md, "Parameters"). A setter keeps the relations between numbers: the
 * fee split always adds up to 10,000, because the treasury's share is what the other five leave, and that
 * share is always greater than what it may subsidize, so that paying oneself costs.
 */

import { parametersAbi } from '../../../genesis/abi/parameters.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETER_RANGES, PARAMETERS, type ParameterName } from '../../../genesis/parameters.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { nativeContract, nativeFace } from '../calls/face.ts'
import { governorOf } from './governor.ts'

const face = nativeFace(NATIVE.parameters, parametersAbi)

const BPS = 10_000n
const nameOf = new Map<number, ParameterName>(
  Object.entries(PARAMETERS).map(([name, { id }]) => [id, name as ParameterName]),
)

function place(name: ParameterName): Place {
  return { account: NATIVE.parameters, slot: BigInt(PARAMETERS[name].id) }
}

/** A parameter's value now, at the price of one slot. */
export function parameter(context: CallContext, name: ParameterName): bigint {
  return context.read(place(name))
}

const SHARES: readonly ParameterName[] = ['contributorsBps', 'modelOwnerBps', 'computeBps', 'stakersBps', 'curatorsBps']

/** Why the value breaks a relation with another parameter, or undefined. */
function brokenRelation(context: CallContext, name: ParameterName, value: bigint): string | undefined {
  if (name === 'treasuryBps') return 'is what the other five shares leave of 10000: set one of them'
  if (name === 'leastWindow') return 'is set by block 0 alone'
  if (name === 'window' && value < parameter(context, 'leastWindow')) return 'must be leastWindow or longer'
  if (name === 'openingPeriod' && value < parameter(context, 'leastWindow')) return 'must be leastWindow or longer'
  if (name === 'window' && 2n * value >= parameter(context, 'unstakeDelay'))
    return 'two windows must be shorter than unstakeDelay'
  if (name === 'unstakeDelay' && value <= 2n * parameter(context, 'window')) return 'must be longer than two windows'
  if (name === 'unstakeDelay' && value <= parameter(context, 'votePeriod')) return 'must be longer than votePeriod'
  if (name === 'votePeriod' && value >= parameter(context, 'unstakeDelay')) return 'must be shorter than unstakeDelay'
  if (name === 'subsidyBps' && value >= parameter(context, 'treasuryBps')) return 'must be below treasuryBps'
  if (SHARES.includes(name) && treasuryBeside(context, name, value) <= parameter(context, 'subsidyBps'))
    return 'must leave the treasury more than subsidyBps'
  return undefined
}

/** What the treasury's share becomes when `name` takes `value`. */
function treasuryBeside(context: CallContext, name: ParameterName, value: bigint): bigint {
  return parameter(context, 'treasuryBps') + parameter(context, name) - value
}

function set(context: CallContext, name: ParameterName, value: bigint): void {
  const oldValue = parameter(context, name)
  context.write(place(name), value)
  face.emit(context, 'ParameterSet', { id: PARAMETERS[name].id, oldValue, newValue: value })
}

/** Values out of their range, and relations between them that do not hold, in words. For audits. */
export function parameterFaults(context: CallContext): string[] {
  const faults = (Object.keys(PARAMETERS) as ParameterName[]).flatMap((name) => {
    const value = parameter(context, name)
    const [least, greatest] = PARAMETER_RANGES[name]
    return value < least || value > greatest ? [`${name} is ${value}, not ${least} to ${greatest}`] : []
  })
  const split = [...SHARES, 'treasuryBps' as const].reduce((total, name) => total + parameter(context, name), 0n)
  if (split !== BPS) faults.push(`the parts of a fee add up to ${split} basis points`)
  const value = (name: ParameterName) => parameter(context, name)
  if (value('subsidyBps') >= value('treasuryBps')) faults.push('subsidyBps is not below treasuryBps')
  if (2n * value('window') >= value('unstakeDelay')) faults.push('two windows are not shorter than unstakeDelay')
  if (value('window') < value('leastWindow')) faults.push('window is shorter than leastWindow')
  if (value('openingPeriod') < value('leastWindow')) faults.push('openingPeriod is shorter than leastWindow')
  return faults
}

export const parameters = nativeContract(face, {
  get(context, [id]) {
    const name = nameOf.get(id)
    if (!name) throw face.error('UnknownParameter', [id])
    return parameter(context, name)
  },

  set(context, [id, value]) {
    const ruler = governorOf(context)
    if (context.call.caller !== ruler) throw face.error('NotGovernor', [context.call.caller, ruler])
    const name = nameOf.get(id)
    if (!name) throw face.error('UnknownParameter', [id])
    const [least, greatest] = PARAMETER_RANGES[name]
    if (value < least || value > greatest)
      throw face.error('OutOfRange', [id, value, `${name} must be ${least} to ${greatest}`])
    const broken = brokenRelation(context, name, value)
    if (broken) throw face.error('OutOfRange', [id, value, `${name} ${broken}`])
    if (SHARES.includes(name)) set(context, 'treasuryBps', treasuryBeside(context, name, value))
    set(context, name, value)
  },

  governor: governorOf,
})
