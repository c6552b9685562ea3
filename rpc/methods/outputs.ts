/** What validators tell a node that proposes outputs (docs/protocol.md, "Output roots"). */
import { z } from 'zod'
import { NodeError } from '../../node/errors.ts'
import { bytesToHex } from '../../node/execution/bytes.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { data, hash, uint64 } from '../parameter.ts'
import { RPC_ERROR, RpcError } from '../rpc-error.ts'

const signature = data
  .refine((bytes) => bytes.length === 65, 'must have 65 bytes')
  .transform((bytes) => bytesToHex(bytes))

export function outputMethods({ outputs }: RpcModules): MethodTable {
  if (outputs === undefined) return {}
  return {
    openledger_submitOutputSignature: method(
      ['block', 'outputRoot', 'signature'],
      z.tuple([uint64, hash, signature]),
      async ([l2Block, outputRoot, signed]) => {
        try {
          await outputs.submit({ l2Block, outputRoot, signature: signed })
        } catch (error) {
          const isOurs = !(error instanceof Error) || (error instanceof NodeError && error.severity === 'critical')
          const isRefusal = error instanceof Error && error.name === 'AttestationRefused'
          if (isOurs || !(isRefusal || error instanceof NodeError)) throw error
          throw new RpcError(RPC_ERROR.server, error.message)
        }
        return null
      },
    ),
  }
}
