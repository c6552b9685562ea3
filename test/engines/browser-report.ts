/** The bits of the browser that runs this as a worker, with one thread and with two; posts a report, or an error. */
import { type KernelOptions, loadKernel } from '../../prover/kernel/f32.ts'
import { loadKernelInWorker } from '../../prover/kernel/f32-web.ts'
import { loadScoresKernel } from '../../prover/kernel/scores.ts'
import { allBits, type EngineReport } from './bits.ts'

async function browserReport(): Promise<EngineReport> {
  const scores = await loadScoresKernel()
  const options: KernelOptions = { shareFrom: 0 }
  const kernels = { 1: await loadKernel(options), 2: await loadKernelInWorker({ ...options, threads: 2 }) }
  const report: EngineReport = { engine: navigator.userAgent, bits: {} }
  for (const kernel of Object.values(kernels)) {
    report.bits[kernel.threads] = await allBits(kernel, scores)
    await kernel.close()
  }
  return report
}

postMessage(await browserReport().catch((error: unknown) => ({ error: String((error as Error).stack) })))
