/** Writes vectors/f32.json anew: for a new kernel version only. */
import { writeFile } from 'node:fs/promises'
import { KERNEL_VERSION } from '../f32.ts'
import { loadKernelFromFile } from '../f32-file.ts'
import { CASES, hashOf } from './cases.ts'

const kernel = await loadKernelFromFile()
const sha256: Record<string, string> = {}
for (const name of Object.keys(CASES)) sha256[name] = await hashOf(kernel, name)
const text = JSON.stringify({ kernelVersion: KERNEL_VERSION, sha256 }, undefined, 2)
await writeFile(new URL('./f32.json', import.meta.url), `${text}\n`)
