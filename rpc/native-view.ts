/** Calls of the native contracts' view functions at a block, through the same road as eth_call. */
import { type Abi, bytesToHex, decodeErrorResult, type Hex, hexToBytes } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import type { ChainReads } from '../node/chain/reads.ts'
import { callFailure } from './call-failure.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

const CALLER: Address = '0x0000000000000000000000000000000000000000'

/** What the call returns. A custom error of `abi` becomes an {@link RpcError} that names it: `UnknownDatanet(7)`. */
export async function nativeView(
  chain: ChainReads,
  number: bigint,
  to: Address,
  abi: Abi,
  callData: Hex,
): Promise<Hex> {
  const request = { from: CALLER, to, gas: undefined, gasPrice: undefined, value: 0n, data: hexToBytes(callData) }
  const result = await chain.call(request, number)
  if (result.succeeded) return bytesToHex(result.returnData)
  const data = bytesToHex(result.returnData)
  const known =
    abi.some((item) => item.type === 'error') && result.returnData.length >= 4 ? namedError(abi, data) : undefined
  if (known !== undefined) throw new RpcError(RPC_ERROR.server, known, data)
  throw callFailure(result)
}

function namedError(abi: Abi, data: Hex): string | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi, data })
    return `${errorName}(${(args ?? []).map(String).join(', ')})`
  } catch (error) {
    if (error instanceof Error && error.name === 'AbiErrorSignatureNotFoundError') return undefined
    throw error
  }
}
