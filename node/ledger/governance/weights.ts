/** Datanets' governed weights (docs/protocol.md, "Governance"): what part of the usage-linked subsidy each is given. */

import { writeRecord } from '../calls/storage-layout.ts'
import { type DatanetHandlers, face, knownDatanet } from '../datanets/datanet-face.ts'
import { governorOf } from './governor.ts'
import { governedWeight, weightLayout, weightPlace } from './weight-records.ts'

const BPS = 10_000

export const weights: Pick<DatanetHandlers, 'setWeight' | 'weightOf'> = {
  setWeight(context, [datanet, weightBps]) {
    const governor = governorOf(context)
    if (context.call.caller !== governor) throw face.error('NotGovernor', [context.call.caller, governor])
    if (weightBps > BPS) throw face.error('InvalidField', ['weightBps', `must be at most ${BPS}, got ${weightBps}`])
    knownDatanet(context, datanet)
    const oldWeightBps = Number(governedWeight(context, datanet))
    writeRecord(context, weightPlace(context, datanet), weightLayout, { weightBps: BigInt(weightBps) })
    face.emit(context, 'WeightSet', { datanet, oldWeightBps, newWeightBps: weightBps })
  },

  weightOf(context, [datanet]) {
    knownDatanet(context, datanet)
    return Number(governedWeight(context, datanet))
  },
}
