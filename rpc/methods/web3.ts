/** web3_* and net_*. */
import { bytesToHex } from 'viem'
import { z } from 'zod'
import { keccak256 } from '../../protocol/keccak.ts'
import { quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { data } from '../parameter.ts'

const none = z.tuple([])

export function web3Methods({ chain, peerCount }: RpcModules, clientVersion: string): MethodTable {
  return {
    web3_clientVersion: method([], none, () => clientVersion),
    web3_sha3: method(['data'], z.tuple([data]), ([data]) => bytesToHex(keccak256(data))),
    net_version: method([], none, () => String(chain.config.l2ChainId)),
    net_listening: method([], none, () => true),
    net_peerCount: method([], none, () => quantity(peerCount?.() ?? 0)),
  }
}
