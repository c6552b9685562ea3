/** eth_feeHistory and the tip that eth_maxPriorityFeePerGas suggests. */
import type { ChainReads } from '../node/chain/reads.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import { nextBaseFee } from '../node/execution/fees.ts'
import { type Json, quantity } from './json.ts'

/** Wei per gas; op-geth's least suggestion, 0.001 gwei. */
const LEAST_TIP = 1_000_000n
/** A block this full (per cent) means that tips compete. */
const FULL_PERCENT = 90n

type Paid = { tip: bigint; gas: bigint }

/** What the ordinary transactions of a block paid over the base fee, cheapest first. */
async function tipsOf(chain: ChainReads, { hash, block }: HashedBlock): Promise<Paid[]> {
  const receipts = (await chain.receipts(hash)) ?? []
  return receipts
    .filter(({ type }) => type !== 0x7e)
    .map(({ effectiveGasPrice, gasUsed }) => ({ tip: effectiveGasPrice - block.header.baseFeePerGas, gas: gasUsed }))
    .sort((a, b) => (a.tip < b.tip ? -1 : a.tip > b.tip ? 1 : 0))
}

/** Wei per gas: the least while blocks have room, else a tenth over the median tip of the last block. */
export async function suggestedTip(chain: ChainReads): Promise<bigint> {
  const head = chain.head('unsafe')
  const { gasUsed, gasLimit } = head.block.header
  if (gasUsed * 100n < gasLimit * FULL_PERCENT) return LEAST_TIP
  const tips = await tipsOf(chain, head)
  const median = tips[tips.length >> 1]?.tip ?? 0n
  const raised = (median * 11n) / 10n
  return raised > LEAST_TIP ? raised : LEAST_TIP
}

/** Tips at percentiles of gas used, cheapest first; zeros for a block without ordinary transactions. */
function rewards(tips: Paid[], percentiles: number[]): bigint[] {
  const total = tips.reduce((sum, { gas }) => sum + gas, 0n)
  return percentiles.map((percentile) => {
    let left = (total * BigInt(Math.round(percentile * 100))) / 10_000n
    for (const { tip, gas } of tips) {
      if (left <= gas) return tip
      left -= gas
    }
    return tips.at(-1)?.tip ?? 0n
  })
}

/** `count` blocks that end with `newest`; `percentiles` ascending, 0 to 100. */
export async function feeHistory(
  chain: ChainReads,
  count: bigint,
  newest: HashedBlock,
  percentiles: number[],
): Promise<Json> {
  const last = newest.block.header.number
  const first = last + 1n > count ? last + 1n - count : 0n
  const baseFees: bigint[] = []
  const gasUsedRatio: number[] = []
  const blobRatio: number[] = []
  const reward: Json[] = []
  for (let number = first; number <= last; number++) {
    const block = number === last ? newest : await chain.blockByNumber(number)
    if (block === undefined) break
    const { header } = block.block
    baseFees.push(header.baseFeePerGas)
    gasUsedRatio.push(Number(header.gasUsed) / Number(header.gasLimit))
    blobRatio.push(0)
    if (percentiles.length > 0) reward.push(rewards(await tipsOf(chain, block), percentiles).map(quantity))
  }
  if (count > 0n) baseFees.push(nextBaseFee(newest.block.header))
  return {
    oldestBlock: quantity(first),
    baseFeePerGas: baseFees.map(quantity),
    gasUsedRatio,
    baseFeePerBlobGas: baseFees.map(() => '0x1'),
    blobGasUsedRatio: blobRatio,
    ...(percentiles.length > 0 && { reward }),
  }
}
