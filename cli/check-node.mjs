// Checks the version of Node before anything that needs it is loaded (plain JavaScript, so that an old Node can say so),
// then runs the local program named by the arguments with the same Node.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export const MINIMUM_NODE = [22, 18]

export function nodeVersionError(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantMajor, wantMinor] = MINIMUM_NODE
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return undefined
  return `openledger: Node ${version} is too old, ${wantMajor}.${wantMinor} or newer is needed; start it by "npm start" or "npm run openledger -- COMMAND", which bring Node 24 on Linux x64, or install a newer Node`
}

if (import.meta.main ?? process.argv[1]?.endsWith('check-node.mjs')) {
  const error = nodeVersionError()
  if (error) {
    console.error(error)
    process.exit(1)
  }
  const [name, ...args] = process.argv.slice(2)
  const require = createRequire(import.meta.url)
  const manifest = require.resolve(`${name}/package.json`)
  const { bin } = require(manifest)
  const entry = join(dirname(manifest), typeof bin === 'string' ? bin : bin[name])
  const child = spawn(process.execPath, [entry, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
