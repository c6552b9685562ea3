/** How a failed call is told: geth's code 3 with what the revert returned, named where it is known, else a server error. */
import { bytesToHex, decodeAbiParameters, type Hex } from 'viem'
import type { CallResult } from '../node/chain/reads.ts'
import { nativeErrorText } from './native-error.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

/** Selectors of Solidity's Error(string) and Panic(uint256). */
const ERROR = '0x08c379a0'
const PANIC = '0x4e487b71'

export function callFailure({ returnData, reason }: CallResult): RpcError {
  if (reason !== undefined && !reason.includes('revert')) return new RpcError(RPC_ERROR.server, reason)
  const data = bytesToHex(returnData)
  const text = revertText(data) ?? nativeErrorText(data)
  return new RpcError(
    RPC_ERROR.reverted,
    text === undefined ? 'execution reverted' : `execution reverted: ${text}`,
    data,
  )
}

function revertText(data: Hex): string | undefined {
  const body: Hex = `0x${data.slice(10)}`
  try {
    if (data.startsWith(ERROR)) return decodeAbiParameters([{ type: 'string' }], body)[0]
    if (data.startsWith(PANIC))
      return `panic code 0x${decodeAbiParameters([{ type: 'uint256' }], body)[0].toString(16)}`
  } catch (error) {
    return `malformed revert data (${error instanceof Error ? error.name : String(error)})`
  }
  return undefined
}
