/** The bits of the Node that runs this, with one thread and with two; alone on a command line it prints them as JSON. */
import { loadKernelFromFile } from '../../prover/kernel/f32-file.ts'
import { loadScoresKernelFromFile } from '../../prover/kernel/scores-file.ts'
import { allBits, type EngineReport } from './bits.ts'

export async function nodeReport(): Promise<EngineReport> {
  const scores = await loadScoresKernelFromFile()
  const report: EngineReport = { engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`, bits: {} }
  for (const threads of [1, 2]) {
    const kernel = await loadKernelFromFile({ threads, shareFrom: 0 })
    report.bits[threads] = await allBits(kernel, scores)
    await kernel.close()
  }
  return report
}

if (import.meta.main) console.log(JSON.stringify(await nodeReport()))
