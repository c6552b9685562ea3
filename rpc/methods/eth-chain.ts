/** eth_* about the chain as a whole. */
import { z } from 'zod'
import { quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'

const none = z.tuple([])

export function ethChainMethods({ chain }: RpcModules): MethodTable {
  return {
    eth_chainId: method([], none, () => quantity(chain.config.l2ChainId)),
    eth_blockNumber: method([], none, () => quantity(chain.head('unsafe').block.header.number)),
    eth_syncing: method([], none, () => false),
    eth_accounts: method([], none, () => []),
  }
}
