/**
 * The native contracts behind the one interface that execution knows (node/execution/native.ts): a call
 * is a function of a reader and a call; it returns what it did and has touched nothing.
 */
import type { NativeContracts } from '../execution/native.ts'
import { agents } from './agents/agents.ts'
import { attribution } from './attribution/attribution.ts'
import { CallContext } from './calls/context.ts'
import { bytesOf } from './calls/face.ts'
import { NativeRevert, OutOfGas } from './calls/revert.ts'
import { channels } from './channels/channels.ts'
import { datanets } from './datanets/datanets.ts'
import { parameters } from './governance/parameters.ts'
import { models } from './models/models.ts'
import { staking } from './staking/staking.ts'

export function createLedger(): NativeContracts {
  const contracts = new Map(
    [datanets, models, channels, attribution, staking, parameters, agents].map((contract) => [
      contract.address,
      contract,
    ]),
  )
  return {
    addresses: new Set(contracts.keys()),
    call(reader, call) {
      const contract = contracts.get(call.to)
      if (!contract) throw new RangeError(`${call.to} is no native contract`)
      const context = new CallContext(reader, call)
      try {
        return context.result(contract.answer(context))
      } catch (error) {
        if (error instanceof NativeRevert) {
          const gasUsed = call.gas - context.gasLeft
          return { ok: false, kind: 'revert', returnData: bytesOf(error.data), gasUsed }
        }
        if (error instanceof OutOfGas) {
          return { ok: false, kind: 'outOfGas', returnData: new Uint8Array(0), gasUsed: call.gas }
        }
        throw error
      }
    },
  }
}
