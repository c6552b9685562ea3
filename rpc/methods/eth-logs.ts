/** eth_getLogs and polled filters. */
import { z } from 'zod'
import type { FilterRegistry } from '../filter-registry.ts'
import { logFilter, logsOf } from '../log-filter.ts'
import { formatLog } from '../log-format.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'

const none = z.tuple([])
const FILTER_ID = 'must be a filter id as eth_newFilter gave it'
const filterId = z.tuple([z.string({ error: FILTER_ID }).regex(/^0x[0-9a-f]{1,64}$/, FILTER_ID)])
const filter = z.tuple([logFilter])

export function ethLogMethods({ chain }: RpcModules, filters: FilterRegistry): MethodTable {
  return {
    eth_getLogs: method(['filter'], filter, async ([filter]) => (await logsOf(chain, filter)).map(formatLog)),
    eth_newFilter: method(['filter'], filter, ([filter]) => filters.installLogs(filter)),
    eth_newBlockFilter: method([], none, () => filters.installBlocks()),
    eth_newPendingTransactionFilter: method([], none, () => filters.installPending()),
    eth_getFilterChanges: method(['id'], filterId, ([id]) => filters.changes(id)),
    eth_getFilterLogs: method(['id'], filterId, ([id]) => filters.logs(id)),
    eth_uninstallFilter: method(['id'], filterId, ([id]) => filters.uninstall(id)),
  }
}
