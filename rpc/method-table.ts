/** All methods, in one visible list. */
import type { FilterRegistry } from './filter-registry.ts'
import type { MethodTable, RpcModules } from './method.ts'
import { adminMethods } from './methods/admin.ts'
import { ethBlockMethods } from './methods/eth-blocks.ts'
import { ethCallMethods } from './methods/eth-calls.ts'
import { ethChainMethods } from './methods/eth-chain.ts'
import { ethFeeMethods } from './methods/eth-fees.ts'
import { ethLogMethods } from './methods/eth-logs.ts'
import { ethStateMethods } from './methods/eth-state.ts'
import { ethTransactionMethods } from './methods/eth-transactions.ts'
import { openledgerMethods } from './methods/openledger.ts'
import { optimismMethods } from './methods/optimism.ts'
import { outputMethods } from './methods/outputs.ts'
import { txpoolMethods } from './methods/txpool.ts'
import { web3Methods } from './methods/web3.ts'

export function methodTable(modules: RpcModules, filters: FilterRegistry, clientVersion: string): MethodTable {
  return {
    ...web3Methods(modules, clientVersion),
    ...ethChainMethods(modules),
    ...ethBlockMethods(modules),
    ...ethTransactionMethods(modules),
    ...ethStateMethods(modules),
    ...ethCallMethods(modules),
    ...ethFeeMethods(modules),
    ...ethLogMethods(modules, filters),
    ...txpoolMethods(modules),
    ...optimismMethods(modules, clientVersion),
    ...openledgerMethods(modules),
    ...outputMethods(modules),
    ...adminMethods(modules),
  }
}
