/** eth_* about fees. */
import { z } from 'zod'
import { nextBaseFee } from '../../node/execution/fees.ts'
import { requireBlock } from '../block-lookup.ts'
import { feeHistory, suggestedTip } from '../fee-history.ts'
import { quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { blockNumber, quantity as quantityParameter } from '../parameter.ts'

const MAX_BLOCKS = 1024n
const MAX_PERCENTILES = 100

const none = z.tuple([])
/** web3.js sends a number. */
const count = z.union([quantityParameter, z.number().int().nonnegative().transform(BigInt)], {
  error: 'must be a number of blocks',
})
const percentiles = z
  .array(z.number({ error: 'must be a number' }).min(0, 'must be 0 to 100').max(100, 'must be 0 to 100'), {
    error: 'must be a list of percentiles',
  })
  .max(MAX_PERCENTILES, `must have at most ${MAX_PERCENTILES} percentiles`)
  .refine((list) => list.every((value, i) => i === 0 || value >= list[i - 1]!), 'must be ascending')

export function ethFeeMethods({ chain }: RpcModules): MethodTable {
  return {
    eth_gasPrice: method([], none, async () =>
      quantity(nextBaseFee(chain.head('unsafe').block.header) + (await suggestedTip(chain))),
    ),
    eth_maxPriorityFeePerGas: method([], none, async () => quantity(await suggestedTip(chain))),
    eth_blobBaseFee: method([], none, () => '0x1'),
    eth_feeHistory: method(
      ['blockCount', 'newestBlock', 'rewardPercentiles'],
      z.tuple([count, blockNumber, percentiles.optional()]),
      async ([count, newest, percentiles]) =>
        feeHistory(
          chain,
          count < MAX_BLOCKS ? count : MAX_BLOCKS,
          await requireBlock(chain, newest),
          percentiles ?? [],
        ),
    ),
  }
}
