// The arrow check: imports between rooms point down only, as README.md draws the house.
// Exits 1 and names every import that does not. Reads imports as text, because the native
// TypeScript compiler has no API for it. `node .ci/arrows.mjs --self-test` shows that it can fail.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const everything = ['cli', 'devnet', 'studio', 'rpc', 'sequencer', 'prover', 'node', 'client', 'protocol', 'genesis']

/** Which other top-level rooms a room may import. */
const ROOMS = {
  cli: everything.concat('bench'),
  test: everything.concat('bench'),
  bench: everything,
  devnet: ['client', 'protocol', 'genesis'],
  studio: ['client', 'prover', 'protocol', 'genesis'],
  rpc: ['node', 'protocol', 'genesis'],
  sequencer: ['node', 'protocol', 'genesis'],
  prover: ['client', 'protocol', 'genesis'],
  node: ['protocol', 'genesis'],
  client: ['protocol', 'genesis'],
  protocol: ['genesis'],
  genesis: [],
}

/** The floors inside a room, from the ground up: a floor imports itself and what is below it. */
const FLOORS = {
  node: ['errors', 'store', 'state', 'execution', 'ledger', 'l1', 'derivation', 'chain', 'content', 'network'],
}

/** Extra rules that a table of rooms cannot say. */
function extraRule(from, to) {
  if (from.startsWith('studio/') && to.startsWith('prover/') && !to.startsWith('prover/kernel/'))
    return 'the Studio may import prover/kernel only'
  if (from.startsWith('node/execution/') && to.startsWith('node/ledger/'))
    return 'execution reaches the ledger through NativeContracts only'
  return undefined
}

const floorOf = (room, path) => {
  const name = path.split('/')[1]?.replace(/\.ts$/, '')
  return FLOORS[room]?.indexOf(name) ?? -1
}

/** @returns {string | undefined} why the import is against the arrows */
export function refusal(from, to) {
  const [fromRoom] = from.split('/')
  const [toRoom] = to.split('/')
  if (!(fromRoom in ROOMS)) return undefined
  const extra = extraRule(from, to)
  if (extra) return extra
  if (fromRoom !== toRoom)
    return ROOMS[fromRoom].includes(toRoom)
      ? undefined
      : `${fromRoom}/ may import only ${ROOMS[fromRoom].map((room) => `${room}/`).join(', ') || 'nothing'}`
  // Tests inside node/ may assemble a whole node from its floors.
  if (!(fromRoom in FLOORS) || /\.test\.ts$|\/testing\//.test(from)) return undefined
  const [fromFloor, toFloor] = [floorOf(fromRoom, from), floorOf(toRoom, to)]
  if (fromFloor < 0 || toFloor < 0) return `not a known floor of ${fromRoom}/ (${FLOORS[fromRoom].join(' < ')})`
  return toFloor <= fromFloor ? undefined : `in ${fromRoom}/ arrows point down: ${FLOORS[fromRoom].join(' < ')}`
}

function importsOf(file) {
  const text = readFileSync(file, 'utf8')
  const found = []
  for (const match of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])(\.{1,2}\/[^'"]+)\1/g))
    found.push(normalize(join(dirname(file), match[2])))
  return found
}

if (process.argv.includes('--self-test')) {
  const cases = [
    ['node/state/a.ts', 'node/execution/b.ts', true],
    ['node/execution/a.ts', 'node/ledger/b.ts', true],
    ['node/chain/a.ts', 'node/state/b.ts', false],
    ['prover/serve/a.ts', 'node/chain/b.ts', true],
    ['rpc/a.ts', 'sequencer/b.ts', true],
    ['cli/a.ts', 'rpc/b.ts', false],
    ['genesis/a.ts', 'protocol/b.ts', true],
  ]
  const wrong = cases.filter(([from, to, refused]) => (refusal(from, to) !== undefined) !== refused)
  if (wrong.length > 0) {
    console.error('arrows: the self-test fails for', wrong)
    process.exit(1)
  }
}

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.mjs'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter(Boolean)
let arrows = 0
const against = []
for (const file of files) {
  let imports
  try {
    imports = importsOf(file)
  } catch (error) {
    if (error.code === 'ENOENT') continue // deleted in the working tree, not yet in the index
    throw error
  }
  for (const to of imports) {
    arrows++
    const why = refusal(file, to)
    if (why) against.push(`${file} -> ${to}: ${why}`)
  }
}
for (const line of against) console.error(`arrows: ${line}`)
console.log(`arrows: ${files.length} files, ${arrows} imports, ${against.length} against the arrows`)
process.exit(against.length > 0 ? 1 : 0)
