/** The Solidity interfaces of the native contracts say what the TypeScript ABIs say, to the last name. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Abi, type AbiParameter, toEventSelector, toFunctionSelector } from 'viem'
import { formatAbiItem } from 'viem/utils'
import { beforeAll, describe, expect, it } from 'vitest'
import { agentsAbi } from './abi/agents.ts'
import { attributionAbi } from './abi/attribution.ts'
import { channelsAbi } from './abi/channels.ts'
import { datanetsAbi } from './abi/datanets.ts'
import { modelsAbi } from './abi/models.ts'
import { parametersAbi } from './abi/parameters.ts'
import { stakingAbi } from './abi/staking.ts'
import { contractArtifact, type NATIVE_INTERFACES } from './contracts.ts'

const PAIRS: Record<(typeof NATIVE_INTERFACES)[number], Abi> = {
  IDatanets: datanetsAbi,
  IModels: modelsAbi,
  IChannels: channelsAbi,
  IAttribution: attributionAbi,
  IStaking: stakingAbi,
  IParameters: parametersAbi,
  IAgents: agentsAbi,
}

/** One line per item: selector or topic, and everything that a caller sees, names included. */
function face(abi: Abi): string[] {
  return abi.map((item) => {
    if (item.type === 'function')
      return `${toFunctionSelector(item)} ${item.stateMutability} ${item.name}(${shape(item.inputs)}) returns (${shape(item.outputs)})`
    if (item.type === 'event') return `${toEventSelector(item)} event ${item.name}(${shape(item.inputs)})`
    if (item.type === 'error')
      return `${toFunctionSelector(formatAbiItem(item))} error ${item.name}(${shape(item.inputs)})`
    return item.type
  })
}

function shape(parameters: readonly AbiParameter[]): string {
  return parameters
    .map((parameter) => {
      const indexed = 'indexed' in parameter && parameter.indexed ? ' indexed' : ''
      const components = 'components' in parameter ? `{${shape(parameter.components)}}` : ''
      return `${parameter.type}${components}${indexed} ${parameter.name ?? ''}`
    })
    .join(', ')
}

describe('Solidity interfaces of the native contracts', () => {
  beforeAll(() => {
    // Compiles where a source has changed since the last build; nothing to do otherwise.
    execFileSync(process.execPath, [fileURLToPath(new URL('./build.mjs', import.meta.url))])
  })

  it.each(Object.entries(PAIRS))(
    '%s has the selectors, topics, errors, names and types of the TypeScript ABI',
    (name, abi) => {
      const solidity = face(contractArtifact(name as keyof typeof PAIRS).abi)
      expect(solidity.sort()).toEqual(face(abi).sort())
    },
  )
})
