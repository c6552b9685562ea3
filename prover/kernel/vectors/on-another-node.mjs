/**
 * Compares the frozen bits on another Node, one that may be too old to strip types:
 *     npx node prover/kernel/vectors/on-another-node.mjs PATH_OF_NODE
 * Run by a Node that strips them, it writes the kernel's files as JavaScript to a temporary folder and has the other run those.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [node = 'node'] = process.argv.slice(2)
const kernel = fileURLToPath(new URL('../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'openledger-kernel-'))
try {
  for (const name of globSync('{*,testing/*,vectors/*}.ts', { cwd: kernel })) {
    if (name.endsWith('.test.ts')) continue
    const target = join(folder, name.replace(/\.ts$/, '.mjs'))
    mkdirSync(dirname(target), { recursive: true })
    const script = stripTypeScriptTypes(readFileSync(join(kernel, name), 'utf8'))
    writeFileSync(target, script.replaceAll(/(?<='\.{1,2}\/[^']*)\.ts(?=')/g, '.mjs'))
  }
  cpSync(join(kernel, 'build'), join(folder, 'build'), { recursive: true })
  cpSync(join(kernel, 'vectors/f32.json'), join(folder, 'vectors/f32.json'))
  const { status, error } = spawnSync(node, [join(folder, 'vectors/compare.mjs')], { stdio: 'inherit' })
  if (error) throw error
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true })
}
