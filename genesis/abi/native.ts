/** The native contracts' ABIs by name. */
import type { Abi } from 'viem'
import type { NativeName } from '../addresses.ts'
import { agentsAbi } from './agents.ts'
import { attributionAbi } from './attribution.ts'
import { channelsAbi } from './channels.ts'
import { datanetsAbi } from './datanets.ts'
import { modelsAbi } from './models.ts'
import { parametersAbi } from './parameters.ts'
import { stakingAbi } from './staking.ts'

export const NATIVE_ABI = {
  datanets: datanetsAbi,
  models: modelsAbi,
  channels: channelsAbi,
  attribution: attributionAbi,
  staking: stakingAbi,
  parameters: parametersAbi,
  agents: agentsAbi,
} as const satisfies Record<NativeName, Abi>
