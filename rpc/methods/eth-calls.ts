/** eth_call and eth_estimateGas. */
import { bytesToHex } from 'viem'
import { z } from 'zod'
import { requireBlock } from '../block-lookup.ts'
import { callFailure } from '../call-failure.ts'
import { callObject, callRequest, stateOverrides } from '../call-request.ts'
import { quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { block } from '../parameter.ts'

const at = block.optional()

export function ethCallMethods({ chain }: RpcModules): MethodTable {
  return {
    eth_call: method(
      ['transaction', 'block', 'overrides'],
      z.tuple([callObject, at, stateOverrides.optional()]),
      async ([given, id, overrides]) => {
        const { header } = (await requireBlock(chain, id)).block
        const result = await chain.call(callRequest(chain.config, header, given), header.number, overrides)
        if (!result.succeeded) throw callFailure(result)
        return bytesToHex(result.returnData)
      },
    ),
    eth_estimateGas: method(['transaction', 'block'], z.tuple([callObject, at]), async ([given, id]) => {
      const { header } = (await requireBlock(chain, id)).block
      const estimate = await chain.estimateGas(callRequest(chain.config, header, given), header.number)
      if ('failed' in estimate) throw callFailure(estimate.failed)
      return quantity(estimate.gas)
    }),
  }
}
