/** Waiting for a version: attested by two thirds of the validators' stake, its attestation window over, and served by the prover. */
import { z } from 'zod'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type StoryContext, until } from './context.ts'

const LIVE_TIMEOUT = 60_000
/** The prover builds the version's rows from the chain by itself. */
const SERVED_TIMEOUT = 120_000

const modelList = z.object({ data: z.array(z.object({ version: z.string(), live: z.boolean() })) })

export async function waitUntilLive(context: StoryContext, version: bigint): Promise<void> {
  await until(context, `version ${version} live`, LIVE_TIMEOUT, async () => {
    const live = await context.l2.readContract({
      address: NATIVE.models,
      abi: modelsAbi,
      functionName: 'isLive',
      args: [version],
    })
    return live || undefined
  })
}

export async function waitUntilServed(context: StoryContext, version: bigint): Promise<void> {
  await until(context, `version ${version} at ${context.gatewayUrl}`, SERVED_TIMEOUT, async () => {
    const response = await fetch(`${context.gatewayUrl}/v1/models`, { signal: context.signal })
    const { data } = modelList.parse(await response.json())
    return data.some((served) => served.version === version.toString() && served.live) || undefined
  })
}
