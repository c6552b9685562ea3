/** The status line of a running development network: heads, batches, workers, payouts. Read from the nodes' own interfaces. */
import { z } from 'zod'
import { attributionAbi } from '../genesis/abi/attribution.ts'
import { NATIVE } from '../genesis/addresses.ts'
import { developmentAccount } from './accounts.ts'
import type { StoryContext } from './story/context.ts'
import { formatOpen } from './story/report.ts'

const health = z.object({
  workerReady: z.boolean(),
  workerBacklog: z.number(),
  device: z.object({ kind: z.string(), name: z.string() }),
})

export async function statusLine(context: StoryContext, urls: { gatewayUrl: string }): Promise<string> {
  const { l1, l2 } = context
  const [latest, safe, finalized, batches, settlements, balance, gateway] = await Promise.all([
    l2.getBlock(),
    l2.getBlock({ blockTag: 'safe' }),
    l2.getBlock({ blockTag: 'finalized' }),
    l1.getTransactionCount({ address: developmentAccount('batcher').address }),
    l2.readContract({ address: NATIVE.attribution, abi: attributionAbi, functionName: 'settlementCount' }),
    l2.getBalance({ address: NATIVE.attribution }),
    fetch(`${urls.gatewayUrl}/health`).then(async (response) => health.parse(await response.json())),
  ])
  const heads = `unsafe ${latest.number} safe ${safe.number} finalized ${finalized.number}`
  const { device, workerReady, workerBacklog } = gateway
  const worker = `worker ${workerReady ? 'ready' : 'DOWN'} on ${device.kind.toUpperCase()} ${device.name}, ${workerBacklog} jobs`
  return `${heads} | ${batches} batches on L1 | ${worker} | ${settlements} settled, ${formatOpen(balance)} waiting to be paid out`
}
