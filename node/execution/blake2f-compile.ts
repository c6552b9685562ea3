/** Compiles blake2f.as with AssemblyScript; run by itself, it writes the module into blake2f-wasm.ts. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const SOURCE = new URL('blake2f.as', import.meta.url)
const TARGET = new URL('blake2f-wasm.ts', import.meta.url)
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--memoryBase', '256', '--outFile', 'blake2f.wasm']

/** The module's bytes in base64. */
export async function compileBlake2f(): Promise<string> {
  let wasm: Uint8Array | undefined
  const { error, stderr } = await asc.main(['blake2f.ts', ...OPTIONS], {
    // The compiler reads .ts alone; the source is not TypeScript.
    readFile: (name) => (name === 'blake2f.ts' ? readFileSync(SOURCE, 'utf8') : null),
    writeFile: (_, contents) => {
      if (contents instanceof Uint8Array) wasm = contents
    },
    listFiles: () => [],
  })
  if (error !== null || wasm === undefined) throw new Error(`blake2f.as: ${error?.message}\n${stderr.toString()}`)
  return Buffer.from(wasm).toString('base64')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = (await compileBlake2f()).replace(/(.{110})/g, '$1\n  ')
  const lines = text.split('\n').map((line) => line.trim())
  const literal = lines.map((line) => `  '${line}'`).join(' +\n')
  writeFileSync(
    TARGET,
    `/** blake2f.as compiled: WASM in base64. Written by blake2f-compile.ts. */\nexport const BLAKE2F_WASM =\n${literal}\n`,
  )
}
