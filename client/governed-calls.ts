/** What a proposal asks of the ledger, as calls of the timelock. */
import { encodeFunctionData } from 'viem'
import { attributionAbi } from '../genesis/abi/attribution.ts'
import { datanetsAbi } from '../genesis/abi/datanets.ts'
import { parametersAbi } from '../genesis/abi/parameters.ts'
import { type Address, NATIVE } from '../genesis/addresses.ts'
import { PARAMETERS, type ParameterName } from '../genesis/parameters.ts'
import type { GovernedCall } from './governance-transaction.ts'

/** Sets a governed number, in its unit (genesis/parameters.ts). */
export function parameterCall(name: ParameterName, value: bigint): GovernedCall {
  const data = encodeFunctionData({ abi: parametersAbi, functionName: 'set', args: [PARAMETERS[name].id, value] })
  return { to: NATIVE.parameters, data }
}

/** Pays wei of the treasury to somebody. */
export function grantCall(recipient: Address, amount: bigint): GovernedCall {
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'grant', args: [recipient, amount] })
  return { to: NATIVE.attribution, data }
}

/** Gives a Datanet its weight in the subsidy, in basis points. */
export function datanetWeightCall(datanet: bigint, weightBps: number): GovernedCall {
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'setWeight', args: [datanet, weightBps] })
  return { to: NATIVE.datanets, data }
}
