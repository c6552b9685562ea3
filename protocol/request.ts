/** Names of payment channels and of the requests paid through them. */
import type { Hex } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import { hashWords } from './abi-words.ts'
import { toHex } from './hex.ts'

/** Id of request n of a channel: keccak(abi.encode(channel bytes32, n uint64)). */
export function requestId(channel: Hex, n: bigint): Hex {
  return toHex(hashWords([{ bytes32: channel }, { uint: n, bits: 64 }]))
}

/** Id of a channel: keccak(abi.encode(payer address, receiver address, nonce uint64)). */
export function channelIdOf(payer: Address, receiver: Address, nonce: bigint): Hex {
  return toHex(hashWords([{ address: payer }, { address: receiver }, { uint: nonce, bits: 64 }]))
}
