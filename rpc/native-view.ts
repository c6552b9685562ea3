/** Calls of the native contracts' view functions at a block, through the same road as eth_call. */
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import type { ChainReads } from '../node/chain/reads.ts'
import { callFailure } from './call-failure.ts'
import { nativeErrorText } from './native-error.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

const CALLER: Address = '0x0000000000000000000000000000000000000000'

/** What the call returns. A custom error becomes an {@link RpcError} that names it: `UnknownDatanet(datanet: 7)`. */
export async function nativeView(chain: ChainReads, number: bigint, to: Address, callData: Hex): Promise<Hex> {
  const request = { from: CALLER, to, gas: undefined, gasPrice: undefined, value: 0n, data: hexToBytes(callData) }
  const result = await chain.call(request, number)
  if (result.succeeded) return bytesToHex(result.returnData)
  const data = bytesToHex(result.returnData)
  const named = nativeErrorText(data)
  throw named === undefined ? callFailure(result) : new RpcError(RPC_ERROR.server, named, data)
}
