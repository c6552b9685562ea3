/** What a worker computes scores on: what an operator may ask for, and what came of it. */
import { z } from 'zod'

/**
 * auto: a GPU where one answers and passes the known-answer test, else the CPU; gpu: a GPU, also one in software, or no worker at
 * all; cpu: WASM, without a look for GPUs.
 */
export const DEVICE_CHOICES = ['auto', 'gpu', 'cpu'] as const
export type DeviceChoice = (typeof DEVICE_CHOICES)[number]

export const workerDeviceSchema = z.strictObject({
  kind: z.enum(['gpu', 'cpu']),
  /** The adapter as its driver calls it, or what the CPU runs. */
  name: z.string(),
  /** What an operator should know: why it is not a GPU, what does not fit on it. */
  notice: z.string().optional(),
})
export type WorkerDevice = z.output<typeof workerDeviceSchema>

/** For one line of a log or a status. */
export function describeDevice({ kind, name, notice }: WorkerDevice): string {
  return `${kind === 'gpu' ? 'GPU' : 'CPU'} ${name}${notice ? ` (${notice})` : ''}`
}
