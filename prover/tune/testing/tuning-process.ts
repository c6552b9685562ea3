/** `node tuning-process.ts DIRECTORY`: the tiny tuning in a process of its own, to be killed. Prints each event's type. */
import { loadKernelFromFile } from '../../kernel/f32-file.ts'
import { tune } from '../tuning.ts'
import { tinyTuning } from './tiny-tuning.ts'

const [directory] = process.argv.slice(2)
if (!directory) throw new Error('usage: tuning-process.ts DIRECTORY')
const kernel = await loadKernelFromFile()
for await (const { type } of tune({ kernel }, await tinyTuning(kernel, directory))) console.log(type)
