/** optimism_*: what op-node answers about the rollup. */
import { z } from 'zod'
import { OUTPUT_VERSION, outputRoot } from '../../node/chain/output-root.ts'
import { l2BlockRef } from '../../node/derivation/block-ref.ts'
import { requireBlock } from '../block-lookup.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { blockNumber, uint64 } from '../parameter.ts'
import { formatL2Ref, formatRollupConfig, formatSyncStatus } from '../rollup-format.ts'
import { RPC_ERROR, RpcError } from '../rpc-error.ts'

const none = z.tuple([])
/** op-node takes a quantity; people write numbers. */
const l1Number = z.union([uint64, z.int().nonnegative().transform(BigInt)])

export function optimismMethods({ chain }: RpcModules, clientVersion: string): MethodTable {
  return {
    optimism_syncStatus: method([], none, async () => formatSyncStatus(await chain.syncStatus())),
    optimism_rollupConfig: method([], none, () => formatRollupConfig(chain.config)),
    optimism_version: method([], none, () => clientVersion),
    optimism_safeHeadAtL1Block: method(['l1Block'], z.tuple([l1Number]), async ([number]) => {
      const entry = await safeHeadAt(chain, number)
      if (entry === undefined) throw new RpcError(RPC_ERROR.server, `no L2 block was safe by L1 block ${number}`)
      return {
        l1Block: { hash: entry.l1.hash, number: Number(entry.l1.number) },
        safeHead: { hash: entry.l2.hash, number: Number(entry.l2.number) },
      }
    }),
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

/** The newest safe head that L1 had made by a block; undefined before the first. */
async function safeHeadAt(chain: RpcModules['chain'], l1Number: bigint) {
  for await (const entry of chain.safeHeadsUpTo(l1Number)) return entry
  return undefined
}
