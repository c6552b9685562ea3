/** Governed numbers as they were after a block, from the logs of their changes since: no historic state is needed. */
import { getBlockNumber, getContractEvents } from 'viem/actions'
import { getParameter, type NativeClient } from '../../client/index.ts'
import { parametersAbi } from '../../genesis/abi/parameters.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { PARAMETERS, type ParameterName } from '../../genesis/parameters.ts'
import { logPages } from './chain-corpus.ts'

export async function parameterAt(client: NativeClient, name: ParameterName, block: bigint): Promise<bigint> {
  const head = await getBlockNumber(client, { cacheTime: 0 })
  for (const range of logPages(block + 1n, head)) {
    const [change] = await getContractEvents(client, {
      address: NATIVE.parameters,
      abi: parametersAbi,
      eventName: 'ParameterSet',
      args: { id: PARAMETERS[name].id },
      strict: true,
      ...range,
    })
    if (change) return change.args.oldValue
  }
  return getParameter(client, { name })
}
