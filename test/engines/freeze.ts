/** Writes frozen.json anew, for a new kernel version only: `npx node test/engines/freeze.ts`. */
import { writeFile } from 'node:fs/promises'
import { nodeReport } from './node-report.ts'

const { bits } = await nodeReport()
const own = Object.entries(bits[1]!).filter(([name]) => !name.startsWith('kernel: '))
await writeFile(new URL('./frozen.json', import.meta.url), `${JSON.stringify(Object.fromEntries(own), undefined, 2)}\n`)
