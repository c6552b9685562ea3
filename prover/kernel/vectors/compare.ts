/** Compares every case with vectors/f32.json on this engine, with one thread and with two; exits 1 and names what differs. */
import { readFile } from 'node:fs/promises'
import { loadKernelFromFile } from '../f32-file.ts'
import { CASES, hashOf } from './cases.ts'

const { sha256 }: { sha256: Record<string, string> } = JSON.parse(
  await readFile(new URL('./f32.json', import.meta.url), 'utf8'),
)
const differing: string[] = []
for (const threads of [1, 2]) {
  const kernel = await loadKernelFromFile({ threads, shareFrom: 0 })
  for (const name of Object.keys(CASES)) {
    if ((await hashOf(kernel, name)) !== sha256[name]) differing.push(`${name} (${threads} threads)`)
  }
  await kernel.close()
}
const engine = `Node ${process.versions.node}, V8 ${process.versions.v8}`
if (differing.length > 0) console.error(`${engine}: these differ from the frozen bits: ${differing.join(', ')}`)
else console.log(`${engine}: ${Object.keys(CASES).length} cases have the frozen bits with 1 and 2 threads`)
process.exitCode = differing.length > 0 ? 1 : 0
