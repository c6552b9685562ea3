/** txpool_*: what waits. A node without a pool answers with an empty one. */
import { z } from 'zod'
import type { Transaction } from '../../node/execution/transaction.ts'
import { type Json, quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { address } from '../parameter.ts'
import { formatPendingTransaction } from '../transaction-format.ts'

const none = z.tuple([])

export function txpoolMethods({ pool }: RpcModules): MethodTable {
  const content = () => pool?.content() ?? { pending: [], queued: [] }
  return {
    txpool_status: method([], none, () => {
      const { pending, queued } = content()
      return { pending: quantity(pending.length), queued: quantity(queued.length) }
    }),
    txpool_content: method([], none, () => {
      const { pending, queued } = content()
      return { pending: bySender(pending), queued: bySender(queued) }
    }),
    txpool_contentFrom: method(['address'], z.tuple([address]), ([address]) => {
      const { pending, queued } = content()
      const own = (list: Transaction[]) => byNonce(list.filter(({ sender }) => sender === address))
      return { pending: own(pending), queued: own(queued) }
    }),
  }
}

function byNonce(transactions: Transaction[]): { [nonce: string]: Json } {
  const found: { [nonce: string]: Json } = {}
  for (const transaction of transactions) {
    if (transaction.type !== 0x7e) found[transaction.nonce.toString()] = formatPendingTransaction(transaction)
  }
  return found
}

function bySender(transactions: Transaction[]): Json {
  const senders = Map.groupBy(transactions, ({ sender }) => sender)
  return Object.fromEntries([...senders].map(([sender, own]) => [sender, byNonce(own)]))
}
