/** What governance keeps in Datanets, and where (the table stands in README.md). */
import { NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, readRecord, recordLayout, variable } from '../calls/storage-layout.ts'

/** How much of the subsidy that falls to a Datanet it gets, in basis points; 0 until it is set. */
export const weightLayout = recordLayout({ weightBps: 'uint16' })

export function weightPlace(context: CallContext, datanet: bigint): Place {
  return at(context, variable(NATIVE.datanets, 24), datanet)
}

export function governedWeight(context: CallContext, datanet: bigint): bigint {
  return readRecord(context, weightPlace(context, datanet), weightLayout).weightBps
}
