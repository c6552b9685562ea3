/** Waiting for a version: attested by two thirds of the validators' stake, and its attestation window over. */
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type StoryContext, until } from './context.ts'

const LIVE_TIMEOUT = 60_000

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
