/** Custom errors of the native contracts, by name and with named arguments, for people who see no ABI. */
import { type Abi, BaseError, decodeErrorResult, type Hex } from 'viem'
import { attributionAbi } from '../genesis/abi/attribution.ts'
import { channelsAbi } from '../genesis/abi/channels.ts'
import { datanetsAbi } from '../genesis/abi/datanets.ts'
import { modelsAbi } from '../genesis/abi/models.ts'
import { parametersAbi } from '../genesis/abi/parameters.ts'
import { stakingAbi } from '../genesis/abi/staking.ts'

const ALL: Abi = [...datanetsAbi, ...modelsAbi, ...channelsAbi, ...attributionAbi, ...stakingAbi, ...parametersAbi]
const ERRORS = ALL.filter((item) => item.type === 'error')

/** `UnknownDatanet(datanet: 7)`; undefined where the bytes are no error of a native contract. */
export function nativeErrorText(data: Hex): string | undefined {
  try {
    const { errorName, args = [], abiItem } = decodeErrorResult({ abi: ERRORS, data })
    const named = (abiItem.inputs ?? []).map(({ name }, index) => `${name}: ${shown(args[index])}`)
    return `${errorName}(${named.join(', ')})`
  } catch (error) {
    // An unknown selector, or a known one with bytes behind it that are not its arguments.
    if (error instanceof BaseError) return undefined
    throw error
  }
}

const shown = (value: unknown): string =>
  typeof value === 'string' && !value.startsWith('0x') ? JSON.stringify(value) : String(value)
