/**
 * Compiles genesis/solidity with npm's solc into genesis/build/<Contract>.json, and distils there what the
 * house uses of @eth-optimism/contracts-bedrock's compiled artifacts and of its preinstalls. Runs by
 * `npm run build` and `npm ci`; skipped when no input has changed. Plain JavaScript that Node 20 can run,
 * because `npm ci` may be run by an older Node than the one that the project starts with.
 *
 * One artifact: {"abi": […], "bytecode": "0x…", "deployedBytecode": "0x…", "immutables": {"NAME": [byte offset, …]}}
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const here = dirname(fileURLToPath(import.meta.url))
const sourceFolder = join(here, 'solidity')
const buildFolder = join(here, 'build')
const manifestFile = join(buildFolder, 'manifest.json')

/** Compiled contracts that npm ships and the house deploys as they are. */
const BEDROCK = [
  'Proxy',
  'ProxyAdmin',
  'SuperchainConfig',
  'OptimismPortal',
  'L2OutputOracle',
  'L1CrossDomainMessenger',
  'L1StandardBridge',
  'OptimismMintableERC20Factory',
  'L2CrossDomainMessenger',
  'L2StandardBridge',
  'L2ToL1MessagePasser',
  'SequencerFeeVault',
  'BaseFeeVault',
  'L1FeeVault',
]

/** Preinstalled code by our name, and the constant of the package's Preinstalls library that holds it. */
const PREINSTALLS = {
  multicall3: 'MultiCall3Code',
  permit2Template: 'Permit2TemplateCode',
  create2Deployer: 'DeterministicDeploymentProxyCode',
  beaconRoots: 'BeaconBlockRootsCode',
}

const SETTINGS = {
  optimizer: { enabled: true, runs: 800 },
  evmVersion: 'cancun',
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: {
    '*': {
      '': ['ast'],
      '*': [
        'abi',
        'evm.bytecode.object',
        'evm.deployedBytecode.object',
        'evm.deployedBytecode.immutableReferences',
        'storageLayout',
      ],
    },
  },
}

class BuildError extends Error {}

/** @param {string} name @returns {string} the folder of an installed package */
function packageFolder(name) {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch {
    throw new BuildError(`package ${name} is not installed: run "npm ci" first`)
  }
}

/** @param {string} folder @returns {string[]} every .sol file below, sorted, relative to genesis/solidity */
function solidityFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return solidityFiles(path)
      return entry.name.endsWith('.sol') ? [relative(sourceFolder, path)] : []
    })
}

/** Everything that decides the output: our sources, this script and the versions of the packages. */
function inputHash(files) {
  const hash = createHash('sha256')
  hash.update(readFileSync(fileURLToPath(import.meta.url)))
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(sourceFolder, file)))
  for (const name of ['solc', '@openzeppelin/contracts', '@eth-optimism/contracts-bedrock']) {
    hash.update(`\0${name}@${JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8')).version}`)
  }
  return hash.digest('hex')
}

function isCurrent(hash) {
  if (!existsSync(manifestFile)) return false
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
  return manifest.hash === hash && manifest.files.every((file) => existsSync(join(buildFolder, file)))
}

/** Names of immutable variables by the id of their declaration, which is how solc refers to them. */
function immutableNames(ast, names = {}) {
  if (Array.isArray(ast)) {
    for (const item of ast) immutableNames(item, names)
  } else if (ast !== null && typeof ast === 'object') {
    if (ast.nodeType === 'VariableDeclaration' && ast.mutability === 'immutable') names[ast.id] = ast.name
    for (const value of Object.values(ast)) immutableNames(value, names)
  }
  return names
}

function immutables(references, names, contract) {
  const result = {}
  for (const [id, places] of Object.entries(references ?? {})) {
    const name = names[id]
    if (name === undefined) throw new BuildError(`${contract}: no declaration found for immutable ${id}`)
    result[name] = places.map((place) => place.start).sort((a, b) => a - b)
  }
  return result
}

/** Slot and lowest bit of every state variable by its name; one name twice has no place here. */
function storagePlaces(layout, contract) {
  const result = {}
  for (const { label, slot, offset } of layout?.storage ?? []) {
    if (result[label] !== undefined) throw new BuildError(`${contract} has two state variables called ${label}`)
    result[label] = { slot: Number(slot), bit: offset * 8 }
  }
  return result
}

function compile(files) {
  const solc = require('solc')
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      files.map((file) => [file, { content: readFileSync(join(sourceFolder, file), 'utf8') }]),
    ),
    settings: SETTINGS,
  }
  const modules = dirname(dirname(packageFolder('@openzeppelin/contracts')))
  const readImport = (path) => {
    const file = path.startsWith('@') ? join(modules, path) : join(sourceFolder, path)
    return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: `${path} not found` }
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }))
  const errors = (output.errors ?? []).filter((error) => error.severity === 'error')
  if (errors.length > 0) throw new BuildError(errors.map((error) => error.formattedMessage).join('\n'))
  const ours = (output.errors ?? []).filter(({ sourceLocation }) => !sourceLocation?.file.startsWith('@'))
  for (const warning of ours) console.warn(`genesis: ${warning.formattedMessage}`)
  return output
}

/** @returns {Map<string, object>} artifacts of our own contracts and interfaces, by contract name */
function ownArtifacts(files) {
  const output = compile(files)
  const names = immutableNames(Object.values(output.sources).map((source) => source.ast))
  const artifacts = new Map()
  for (const file of files) {
    for (const [name, contract] of Object.entries(output.contracts[file] ?? {})) {
      if (artifacts.has(name)) throw new BuildError(`two contracts are called ${name}`)
      artifacts.set(name, {
        abi: contract.abi,
        bytecode: `0x${contract.evm.bytecode.object}`,
        deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
        immutables: immutables(contract.evm.deployedBytecode.immutableReferences, names, name),
        storage: storagePlaces(contract.storageLayout, name),
      })
    }
  }
  return artifacts
}

function bedrockArtifact(folder, name, names) {
  const json = JSON.parse(readFileSync(join(folder, 'forge-artifacts', `${name}.sol`, `${name}.json`), 'utf8'))
  return {
    abi: json.abi,
    bytecode: json.bytecode.object,
    deployedBytecode: json.deployedBytecode.object,
    immutables: immutables(json.deployedBytecode.immutableReferences, names, name),
  }
}

function preinstalls(folder) {
  const json = JSON.parse(readFileSync(join(folder, 'forge-artifacts/Preinstalls.sol/Preinstalls.0.8.15.json'), 'utf8'))
  const constants = {}
  for (const node of json.ast.nodes.flatMap((unit) => unit.nodes ?? [])) {
    if (node.nodeType === 'VariableDeclaration') constants[node.name] = node.value?.hexValue
  }
  return Object.fromEntries(
    Object.entries(PREINSTALLS).map(([name, constant]) => {
      if (!constants[constant]) throw new BuildError(`Preinstalls.json has no constant ${constant}`)
      return [name, `0x${constants[constant]}`]
    }),
  )
}

/** Written beside, then renamed: a build that is cut short leaves no half artifact. */
function writeJson(file, value) {
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify(value)}\n`)
  renameSync(temporary, file)
}

function build() {
  const files = solidityFiles(sourceFolder)
  const hash = inputHash(files)
  if (isCurrent(hash)) return console.log('genesis: contracts are up to date')

  const artifacts = ownArtifacts(files)
  const bedrock = packageFolder('@eth-optimism/contracts-bedrock')
  const feeVault = JSON.parse(readFileSync(join(bedrock, 'forge-artifacts/FeeVault.sol/FeeVault.json'), 'utf8'))
  const names = immutableNames(feeVault.ast)
  for (const name of BEDROCK) {
    if (artifacts.has(name)) throw new BuildError(`${name} is both ours and the package's`)
    artifacts.set(name, bedrockArtifact(bedrock, name, names))
  }

  rmSync(manifestFile, { force: true })
  mkdirSync(buildFolder, { recursive: true })
  for (const [name, artifact] of artifacts) writeJson(join(buildFolder, `${name}.json`), artifact)
  writeJson(join(buildFolder, 'preinstalls.json'), preinstalls(bedrock))
  const written = [...artifacts.keys()].map((name) => `${name}.json`).concat('preinstalls.json')
  writeJson(manifestFile, { hash, files: written.sort() })
  console.log(`genesis: ${files.length} Solidity files compiled, ${artifacts.size} artifacts in genesis/build`)
}

try {
  build()
} catch (error) {
  if (!(error instanceof BuildError)) throw error
  console.error(`genesis: ${error.message}`)
  process.exit(1)
}
