/**
 * Compiles the kernels from AssemblyScript into build/*.wasm; does nothing where those are newer than the
 * sources. Plain JavaScript, so that an older Node runs it too.
 */
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const here = new URL('./', import.meta.url)
const COMMON = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd']
/** The f32 kernel gets its memory from outside: of one thread, or shared by many. `abort` is never reached. */
const F32 = [...COMMON, '--use', 'abort=', '--importMemory', '--maximumMemory', '65536']
const MODULES = {
  'scores.wasm': ['assembly/scores.ts', ...COMMON],
  'f32.wasm': ['assembly/f32.ts', ...F32],
  'f32-shared.wasm': ['assembly/f32.ts', ...F32, '--enable', 'threads', '--sharedMemory'],
}

/** Milliseconds of the last change; 0 where there is no such file. */
async function changedAt(url) {
  try {
    return (await stat(url)).mtimeMs
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return 0
  }
}

/** When the youngest source changed: which file imports which is not looked at. */
async function sourcesChangedAt() {
  const assembly = new URL('assembly/', here)
  const sources = (await readdir(assembly)).map((name) => new URL(name, assembly))
  const times = await Promise.all([new URL('build.mjs', here), ...sources].map(changedAt))
  return Math.max(...times)
}

async function compile(name, args) {
  const files = new Map()
  const { error, stderr } = await asc.main([...args, '-o', name], {
    writeFile: (path, contents) => {
      files.set(path, contents)
    },
  })
  if (error) throw new Error(`prover/kernel: ${error.message}\n${stderr.toString()}`)
  return files.get(name)
}

const sources = await sourcesChangedAt()
for (const [name, args] of Object.entries(MODULES)) {
  const output = new URL(`build/${name}`, here)
  if ((await changedAt(output)) >= sources) continue
  process.chdir(fileURLToPath(here))
  const wasm = await compile(name, args)
  await mkdir(new URL('./', output), { recursive: true })
  // A whole file or none, whoever else builds at the same time.
  const partial = new URL(`${name}.${process.pid}`, output)
  await writeFile(partial, wasm)
  await rename(partial, output)
}
