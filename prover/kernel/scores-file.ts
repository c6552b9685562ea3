/** The scores kernel in Node: its module read from disk, where prover/kernel/build.mjs put it. */
import { readFile } from 'node:fs/promises'
import { loadScoresKernel, type ScoresKernel } from './scores.ts'

const WASM = new URL('./build/scores.wasm', import.meta.url)

/** The module's bytes. Throws an error that says how to build it where it is missing. */
export async function readScoresModule(): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(WASM))
  } catch (error) {
    throw new Error('prover/kernel/build/scores.wasm is missing: run `npm run build`', { cause: error })
  }
}

export async function loadScoresKernelFromFile(): Promise<ScoresKernel> {
  return await loadScoresKernel(await readScoresModule())
}
