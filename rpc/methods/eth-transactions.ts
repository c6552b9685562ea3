/** eth_* that read and send transactions. */
import { bytesToHex, type Hex } from 'viem'
import { z } from 'zod'
import type { HashedBlock } from '../../node/execution/block.ts'
import { findBlock } from '../block-lookup.ts'
import type { Json } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { type BlockId, blockNumber, data, hash, index } from '../parameter.ts'
import { formatReceipts } from '../receipt-format.ts'
import { formatMinedTransaction, formatPendingTransaction } from '../transaction-format.ts'

export function ethTransactionMethods({ chain, sink, pool }: RpcModules): MethodTable {
  async function mined(block: HashedBlock | undefined, index: number): Promise<Json> {
    const transaction = block && (await chain.transactions(block.hash))?.[index]
    if (block === undefined || transaction === undefined) return null
    const receipts = transaction.type === 0x7e ? await chain.receipts(block.hash) : undefined
    return formatMinedTransaction(transaction, block, index, receipts?.[index])
  }

  async function byHash(hash: Hex): Promise<Json> {
    const place = await chain.locate(hash)
    if (place !== undefined) return mined(place.block, place.index)
    const pending = pool?.byHash(hash)
    return pending === undefined ? null : formatPendingTransaction(pending)
  }

  async function raw(hash: Hex): Promise<Json> {
    const place = await chain.locate(hash)
    const bytes = place === undefined ? pool?.byHash(hash)?.raw : place.block.block.transactions[place.index]
    return bytes === undefined ? null : bytesToHex(bytes)
  }

  async function receipt(hash: Hex): Promise<Json> {
    const place = await chain.locate(hash)
    const receipts = place && (await chain.receipts(place.block.hash))
    if (place === undefined || receipts === undefined) return null
    return formatReceipts(chain.config, place.block, receipts, place.index)[0]
  }

  const hashId = hash.transform((hash): BlockId => ({ hash }))
  const one = z.tuple([hash])
  return {
    eth_getTransactionByHash: method(['hash'], one, ([hash]) => byHash(hash)),
    eth_getRawTransactionByHash: method(['hash'], one, ([hash]) => raw(hash)),
    eth_getTransactionByBlockHashAndIndex: method(['hash', 'index'], z.tuple([hashId, index]), async ([id, index]) =>
      mined(await findBlock(chain, id), index),
    ),
    eth_getTransactionByBlockNumberAndIndex: method(
      ['block', 'index'],
      z.tuple([blockNumber, index]),
      async ([id, index]) => mined(await findBlock(chain, id), index),
    ),
    eth_getTransactionReceipt: method(['hash'], one, ([hash]) => receipt(hash)),
    eth_sendRawTransaction: method(['transaction'], z.tuple([data]), ([raw]) => sink.submit(raw)),
  }
}
