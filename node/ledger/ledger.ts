/**
 * The native contracts behind the one interface that execution knows (node/execution/native.ts): a call
 * is a function of a reader and a call; it returns what it did and has touched nothing.
 */
import type { NativeContracts } from '../execution/native.ts'
import { attribution } from './attribution.ts'
import { channels } from './channels.ts'
import { CallContext } from './context.ts'
import { datanets } from './datanets.ts'
import { bytesOf } from './face.ts'
import { models } from './models.ts'
import { parameters } from './parameters.ts'
import { NativeRevert, OutOfGas } from './revert.ts'
import { staking } from './staking.ts'

export function createLedger(): NativeContracts {
  const contracts = new Map(
    [datanets, models, channels, attribution, staking, parameters].map((contract) => [contract.address, contract]),
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
