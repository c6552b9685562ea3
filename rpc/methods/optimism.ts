/** optimism_*: what op-node answers about the rollup. */
import { z } from 'zod'
import { OUTPUT_VERSION, outputRoot } from '../../node/chain/output-root.ts'
import { l2BlockRef } from '../../node/derivation/block-ref.ts'
import { requireBlock } from '../block-lookup.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { blockNumber } from '../parameter.ts'
import { formatL2Ref, formatRollupConfig, formatSyncStatus } from '../rollup-format.ts'

const none = z.tuple([])

export function optimismMethods({ chain }: RpcModules, clientVersion: string): MethodTable {
  return {
    optimism_syncStatus: method([], none, async () => formatSyncStatus(await chain.syncStatus())),
    optimism_rollupConfig: method([], none, () => formatRollupConfig(chain.config)),
    optimism_version: method([], none, () => clientVersion),
    optimism_outputAtBlock: method(['block'], z.tuple([blockNumber]), async ([id]) => {
      const block = await requireBlock(chain, id)
      const { stateRoot, withdrawalsRoot } = block.block.header
      return {
        version: OUTPUT_VERSION,
        outputRoot: outputRoot(block),
        blockRef: formatL2Ref(l2BlockRef(chain.config, block)),
        withdrawalStorageRoot: withdrawalsRoot,
        stateRoot,
        syncStatus: formatSyncStatus(await chain.syncStatus()),
      }
    }),
  }
}
