/** eth_* that read blocks. */
import { z } from 'zod'
import { formatBlock } from '../block-format.ts'
import { findBlock } from '../block-lookup.ts'
import { type Json, quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { type BlockId, block, blockNumber, hash } from '../parameter.ts'
import { formatReceipts } from '../receipt-format.ts'
import { RPC_ERROR, RpcError } from '../rpc-error.ts'

const full = z.boolean({ error: 'must be true or false' })

export function ethBlockMethods({ chain }: RpcModules): MethodTable {
  async function read(id: BlockId, whole: boolean): Promise<Json> {
    const found = await findBlock(chain, id)
    if (found === undefined) return null
    const transactions = (await chain.transactions(found.hash)) ?? []
    return formatBlock(found, transactions, whole ? { receipts: (await chain.receipts(found.hash)) ?? [] } : undefined)
  }

  async function count(id: BlockId): Promise<Json> {
    const found = await findBlock(chain, id)
    return found === undefined ? null : quantity(found.block.transactions.length)
  }

  async function uncles(id: BlockId): Promise<Json> {
    return (await findBlock(chain, id)) === undefined ? null : '0x0'
  }

  async function receipts(id: BlockId): Promise<Json> {
    const found = await findBlock(chain, id)
    if (found === undefined) return null
    const stored = await chain.receipts(found.hash)
    if (stored === undefined) throw new RpcError(RPC_ERROR.server, `receipts of block ${found.hash} are not kept`)
    return formatReceipts(chain.config, found, stored)
  }

  const hashId = hash.transform((hash): BlockId => ({ hash }))
  const byHash = z.tuple([hashId])
  const byNumber = z.tuple([blockNumber])
  return {
    eth_getBlockByHash: method(['hash', 'full'], z.tuple([hashId, full.default(false)]), ([id, full]) =>
      read(id, full),
    ),
    eth_getBlockByNumber: method(['block', 'full'], z.tuple([blockNumber, full.default(false)]), ([id, full]) =>
      read(id, full),
    ),
    eth_getBlockTransactionCountByHash: method(['hash'], byHash, ([id]) => count(id)),
    eth_getBlockTransactionCountByNumber: method(['block'], byNumber, ([id]) => count(id)),
    eth_getUncleCountByBlockHash: method(['hash'], byHash, ([id]) => uncles(id)),
    eth_getUncleCountByBlockNumber: method(['block'], byNumber, ([id]) => uncles(id)),
    eth_getBlockReceipts: method(['block'], z.tuple([block]), ([id]) => receipts(id)),
  }
}
