/**
 * Compiles *.as (AssemblyScript) into build/*.wasm; does nothing where those are newer. Plain JavaScript, so that an older
 * Node runs it too. Part of `npm run build`.
 */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'

const here = new URL('./', import.meta.url)
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--memoryBase', '256']

/** Milliseconds of the last change; 0 where there is no such file. */
async function changedAt(url) {
  try {
    return (await stat(url)).mtimeMs
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return 0
  }
}

async function compile(name, source) {
  let wasm
  const { error, stderr } = await asc.main([`${name}.ts`, ...OPTIONS, '--outFile', `${name}.wasm`], {
    // The compiler reads .ts alone; the source is not TypeScript.
    readFile: (path) => (path === `${name}.ts` ? source : null),
    writeFile: (path, contents) => {
      if (path.endsWith('.wasm')) wasm = contents
    },
    listFiles: () => [],
  })
  if (error || wasm === undefined) throw new Error(`${name}.as: ${error?.message}\n${stderr.toString()}`)
  return wasm
}

const script = await changedAt(new URL(import.meta.url))
for (const file of (await readdir(here)).filter((file) => file.endsWith('.as'))) {
  const name = file.slice(0, -'.as'.length)
  const source = new URL(file, here)
  const output = new URL(`build/${name}.wasm`, here)
  if ((await changedAt(output)) >= Math.max(script, await changedAt(source))) continue
  const wasm = await compile(name, await readFile(source, 'utf8'))
  await mkdir(new URL('./', output), { recursive: true })
  // A whole file or none, whoever else builds at the same time.
  const partial = new URL(`${name}.wasm.${process.pid}`, new URL('./', output))
  await writeFile(partial, wasm)
  await rename(partial, output)
}
