/** A version's training on record, and waiting for it: attested by two thirds of the validators' stake, its attestation window over, and served by the prover. */
import { z } from 'zod'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type StoryContext, StoryError, until } from './context.ts'

const LIVE_TIMEOUT = 60_000
/** The prover fetches what the builder has trained, and checks it against the chain. */
const SERVED_TIMEOUT = 120_000

const modelList = z.object({ data: z.array(z.object({ version: z.string(), live: z.boolean() })) })

/** How a version came about, as its run has it on record. */
export type Training = {
  /** Optimizer steps at the last checkpoint. */
  trainSteps: number
  /** Nats per token at the first checkpoint on record, and at the last. */
  lossFirst: number
  lossLast: number
  rowsFeaturized: number
}

export async function trainingOf(context: StoryContext, version: bigint): Promise<Training> {
  const read = { address: NATIVE.models, abi: modelsAbi } as const
  const { run, rows } = await context.l2.readContract({ ...read, functionName: 'getVersion', args: [version] })
  const count = await context.l2.readContract({ ...read, functionName: 'stepsAtPublication', args: [version] })
  if (count === 0) throw new StoryError(`version ${version} was published without a checkpoint on record`)
  const [first, last] = await Promise.all(
    [0, count - 1].map((index) => context.l2.readContract({ ...read, functionName: 'stepAt', args: [run, index] })),
  )
  return {
    trainSteps: last!.step,
    lossFirst: Number(first!.lossMicro) / 1e6,
    lossLast: Number(last!.lossMicro) / 1e6,
    rowsFeaturized: rows,
  }
}

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
