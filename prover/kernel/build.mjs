/**
 * Compiles the kernel from AssemblyScript to build/scores.wasm; does nothing where that is newer than its
 * sources. Plain JavaScript, so that an older Node runs it too.
 */
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const here = new URL('./', import.meta.url)
const source = new URL('assembly/scores.ts', here)
const output = new URL('build/scores.wasm', here)

/** Milliseconds of the last change; 0 where there is no such file. */
async function changedAt(url) {
  try {
    return (await stat(url)).mtimeMs
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return 0
  }
}

async function compile() {
  const files = new Map()
  const { error, stderr } = await asc.main(
    ['assembly/scores.ts', '-o', 'scores.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    {
      writeFile: (name, contents) => {
        files.set(name, contents)
      },
    },
  )
  if (error) throw new Error(`prover/kernel: ${error.message}\n${stderr.toString()}`)
  return files.get('scores.wasm')
}

const built = await changedAt(output)
if (built < (await changedAt(source)) || built < (await changedAt(new URL('build.mjs', here)))) {
  process.chdir(fileURLToPath(here))
  const wasm = await compile()
  await mkdir(new URL('./', output), { recursive: true })
  // A whole file or none, whoever else builds at the same time.
  const partial = new URL(`scores.wasm.${process.pid}`, output)
  await writeFile(partial, wasm)
  await rename(partial, output)
}
