/** Datanets' face, and its records by id: each throws the error that names what is unknown. */
import type { Hex } from 'viem'
import { datanetsAbi } from '../../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { treasury } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { type Handlers, nativeFace } from '../calls/face.ts'
import { type RecordOf, readRecord } from '../calls/storage-layout.ts'
import {
  commitmentLayout,
  commitmentPlace,
  contributionLayout,
  contributionPlace,
  counters,
  countersLayout,
  datanetLayout,
  datanetPlace,
} from './datanet-records.ts'

export const face = nativeFace(NATIVE.datanets, datanetsAbi)
export type DatanetHandlers = Handlers<typeof datanetsAbi>

export function knownDatanet(context: CallContext, datanet: bigint): RecordOf<typeof datanetLayout> {
  const record = readRecord(context, datanetPlace(context, datanet), datanetLayout)
  if (BigInt(record.owner) === 0n) throw face.error('UnknownDatanet', [datanet])
  return record
}

/** The caller must own the Datanet. */
export function ownDatanet(context: CallContext, datanet: bigint): RecordOf<typeof datanetLayout> {
  const record = knownDatanet(context, datanet)
  if (record.owner !== context.call.caller) throw face.error('NotDatanetOwner', [context.call.caller, record.owner])
  return record
}

export function knownContribution(context: CallContext, contribution: bigint): RecordOf<typeof contributionLayout> {
  const record = readRecord(context, contributionPlace(context, contribution), contributionLayout)
  if (record.datanet === 0n) throw face.error('UnknownContribution', [contribution])
  return record
}

/** The caller must have made the contribution. */
export function ownContribution(context: CallContext, contribution: bigint): RecordOf<typeof contributionLayout> {
  const record = knownContribution(context, contribution)
  const { caller } = context.call
  if (record.contributor !== caller) throw face.error('NotContributor', [caller, record.contributor])
  return record
}

/** An owner's commitment that has neither been used nor reclaimed. */
export function knownCommitment(
  context: CallContext,
  owner: Address,
  commitment: Hex,
): RecordOf<typeof commitmentLayout> {
  const record = readRecord(context, commitmentPlace(context, owner, commitment), commitmentLayout)
  if (record.committedAt === 0n) throw face.error('UnknownCommitment', [commitment])
  return record
}

export function count(context: CallContext, name: 'datanets' | 'contributions' | 'clusters'): bigint {
  return readRecord(context, counters, countersLayout, [name])[name]
}

/** Moves wei of Datanets to the treasury. */
export function giveToTreasury(context: CallContext, amount: bigint): void {
  if (amount === 0n) return
  context.transfer(NATIVE.datanets, NATIVE.attribution, amount)
  context.write(treasury, context.read(treasury) + amount)
}
