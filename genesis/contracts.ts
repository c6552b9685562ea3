/**
 * Compiled contracts by name: ours (genesis/solidity) and those of @eth-optimism/contracts-bedrock
 * that the house deploys as they are, both written by genesis/build.mjs. Reads files, so it is for
 * Node only; nothing that runs in a browser imports it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Abi, Hex } from 'viem'

/** Ours that go to L1, ours that lie on L2, and the interfaces of the native contracts. */
export const OWN_CONTRACTS = [
  'OpenToken',
  'OutputValidators',
  'SystemConfig',
  'L1Block',
  'GasPriceOracle',
  'WOPEN',
  'AgentRegistry',
  'OperatorFeeVault',
  'DatanetShare',
  'DatanetShareFactory',
  'ModelToken',
  'GOPEN',
  'OpenGovernor',
  'OpenTimelock',
] as const
export const NATIVE_INTERFACES = [
  'IDatanets',
  'IModels',
  'IChannels',
  'IAttribution',
  'IStaking',
  'IParameters',
  'IAgents',
] as const
export const BEDROCK_CONTRACTS = [
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
] as const

export type ContractName =
  | (typeof OWN_CONTRACTS)[number]
  | (typeof NATIVE_INTERFACES)[number]
  | (typeof BEDROCK_CONTRACTS)[number]

export type Artifact = {
  abi: Abi
  /** Creation code, without constructor arguments. */
  bytecode: Hex
  /** Runtime code; immutables are zeros in it. */
  deployedBytecode: Hex
  /** Byte offsets in the runtime code of every 32-byte place of an immutable variable, by its name. */
  immutables: Record<string, number[]>
  /** Where state variables begin, by name: our own contracts' only. */
  storage?: Record<string, { slot: number; bit: number }>
}

/** Runtime codes of contracts that are deployed on every chain alike, from contracts-bedrock's Preinstalls library. */
export type PreinstallCodes = Record<'multicall3' | 'permit2Template' | 'create2Deployer' | 'beaconRoots', Hex>

/** The contracts have not been compiled, or an artifact lacks what was asked of it. */
export class ContractArtifactError extends Error {
  override name = 'ContractArtifactError'
}

const loaded = new Map<string, unknown>()

function load<T>(name: string): T {
  const known = loaded.get(name)
  if (known !== undefined) return known as T
  const path = fileURLToPath(new URL(`./build/${name}.json`, import.meta.url))
  if (!existsSync(path)) throw new ContractArtifactError(`genesis/build/${name}.json is missing: run "npm run build"`)
  const artifact = JSON.parse(readFileSync(path, 'utf8')) as T
  loaded.set(name, artifact)
  return artifact
}

/** Throws {@link ContractArtifactError} where `npm run build` has not run. */
export function contractArtifact(name: ContractName): Artifact {
  return load<Artifact>(name)
}

/** Throws {@link ContractArtifactError} where `npm run build` has not run. */
export function preinstallCodes(): PreinstallCodes {
  return load<PreinstallCodes>('preinstalls')
}

/**
 * The runtime code with its immutables written in, as a constructor would have left it.
 * Values are 32-byte words. Throws {@link ContractArtifactError} unless exactly the code's immutables are named.
 */
export function runtimeCode(name: ContractName, immutables: Record<string, Hex> = {}): Hex {
  const artifact = contractArtifact(name)
  const wanted = Object.keys(artifact.immutables).sort().join(', ')
  const given = Object.keys(immutables).sort().join(', ')
  if (wanted !== given) {
    throw new ContractArtifactError(`${name} has the immutables (${wanted || 'none'}), got (${given || 'none'})`)
  }
  return Object.entries(artifact.immutables).reduce(
    (code, [immutable, offsets]) => writeWords(code, offsets, immutables[immutable]!),
    artifact.deployedBytecode,
  )
}

/** Where a state variable of one of our own contracts lies. Throws {@link ContractArtifactError} where there is none. */
export function storagePlace(name: (typeof OWN_CONTRACTS)[number], variable: string): { slot: number; bit: number } {
  const place = contractArtifact(name).storage?.[variable]
  if (!place) throw new ContractArtifactError(`${name} has no state variable ${variable}`)
  return place
}

/** Replaces 32-byte words of a code at byte offsets. */
export function writeWords(code: Hex, offsets: readonly number[], word: Hex): Hex {
  if (!/^0x[0-9a-f]{64}$/.test(word)) throw new ContractArtifactError(`${word} is not a 32-byte word`)
  return offsets.reduce<Hex>((text, offset) => {
    const start = 2 + offset * 2
    if (text.length < start + 64)
      throw new ContractArtifactError(`no word at byte ${offset} of a code of ${(text.length - 2) / 2}`)
    return `0x${text.slice(2, start)}${word.slice(2)}${text.slice(start + 64)}`
  }, code)
}
