/** The first and third parameters of eth_call and eth_estimateGas: an unsigned message, and changes to the state it meets. */
import type { Hex } from 'viem'
import { z } from 'zod'
import type { Address } from '../genesis/addresses.ts'
import type { ChainConfig } from '../genesis/chain-config.ts'
import type { CallRequest, StateOverrides } from '../node/chain/reads.ts'
import type { Header } from '../node/execution/block.ts'
import { bytesToHex } from '../node/execution/bytes.ts'
import type { Authorization } from '../node/execution/transaction.ts'
import { address, data, hash, quantity, uint64 } from './parameter.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

const ZERO_ADDRESS: Address = '0x0000000000000000000000000000000000000000'
const EMPTY = new Uint8Array(0)

const accessList = z
  .array(z.object({ address, storageKeys: z.array(hash).max(10_000) }), { error: 'must be an access list' })
  .max(10_000)

/** EIP-7702 tuples as wallets sign them; clients name the parity `yParity`, older ones `v`. */
const authorization = z
  .object({
    chainId: quantity,
    address,
    nonce: uint64,
    yParity: quantity.nullish(),
    v: quantity.nullish(),
    r: quantity,
    s: quantity,
  })
  .transform(({ yParity, v, ...tuple }, context): Authorization => {
    const parity = yParity ?? (typeof v === 'bigint' && v >= 27n ? v - 27n : v)
    if (parity === 0n || parity === 1n) return { ...tuple, yParity: Number(parity) }
    context.addIssue({ code: 'custom', path: ['yParity'], message: 'must be 0x0 or 0x1' })
    return z.NEVER
  })
const authorizationList = z.array(authorization, { error: 'must be a list of authorizations' }).max(10_000)

/** Fields that clients fill in and that do not matter to a call are read and dropped. */
export const callObject = z.object(
  {
    from: address.nullish(),
    to: address.nullish(),
    gas: uint64.nullish(),
    gasPrice: quantity.nullish(),
    maxFeePerGas: quantity.nullish(),
    maxPriorityFeePerGas: quantity.nullish(),
    value: quantity.nullish(),
    data: data.nullish(),
    input: data.nullish(),
    accessList: accessList.nullish(),
    chainId: quantity.nullish(),
    authorizationList: authorizationList.nullish(),
    blobVersionedHashes: z.array(z.unknown()).nullish(),
  },
  { error: 'must be a transaction object' },
)

export type CallObject = z.output<typeof callObject>

/** Fees follow EIP-1559 over the block's base fee; without a fee the call is free. Throws {@link RpcError}. */
export function callRequest(config: ChainConfig, header: Header, given: CallObject): CallRequest {
  const { from, to, gas, value, input, data, accessList } = given
  if (input && data && bytesToHex(input) !== bytesToHex(data)) {
    throw invalid('both "data" and "input" are set and not equal: please use "input" to pass transaction call data')
  }
  if (given.chainId && given.chainId !== BigInt(config.l2ChainId)) {
    throw invalid(`chainId does not match the node's: want ${config.l2ChainId}, got ${given.chainId}`)
  }
  if (given.authorizationList?.length && !to)
    throw invalid('authorizationList: a set code transaction must name its recipient (to)')
  if (given.blobVersionedHashes?.length) throw invalid('blobVersionedHashes: a layer 2 carries no blobs')
  const request: CallRequest = {
    from: from ?? ZERO_ADDRESS,
    to: to ?? undefined,
    gas: gas ?? undefined,
    gasPrice: effectivePrice(given, header.baseFeePerGas),
    value: value ?? 0n,
    data: input ?? data ?? EMPTY,
  }
  return {
    ...request,
    ...(accessList && { accessList }),
    ...(given.authorizationList && { authorizationList: given.authorizationList }),
  }
}

function effectivePrice(given: CallObject, baseFee: bigint): bigint | undefined {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = given
  const is1559 = typeof maxFeePerGas === 'bigint' || typeof maxPriorityFeePerGas === 'bigint'
  if (typeof gasPrice === 'bigint') {
    if (is1559) throw invalid('both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified')
    return gasPrice
  }
  if (!is1559) return undefined
  const tip = maxPriorityFeePerGas ?? 0n
  const cap = maxFeePerGas ?? baseFee + tip
  if (tip > cap) throw invalid(`maxFeePerGas (${cap}) < maxPriorityFeePerGas (${tip})`)
  if (cap > 0n && cap < baseFee) {
    throw new RpcError(
      RPC_ERROR.server,
      `max fee per gas less than block base fee: maxFeePerGas: ${cap}, baseFee: ${baseFee}`,
    )
  }
  return baseFee + tip < cap ? baseFee + tip : cap
}

function invalid(message: string): RpcError {
  return new RpcError(RPC_ERROR.invalidParams, `invalid argument 0 (transaction): ${message}`)
}

const slots = z.record(hash, hash.transform(BigInt))

const override = z
  .strictObject({
    balance: quantity.nullish(),
    nonce: uint64.nullish(),
    code: data.nullish(),
    state: slots.nullish(),
    stateDiff: slots.nullish(),
  })
  .refine(({ state, stateDiff }) => !(state && stateDiff), 'has both state and stateDiff, choose one')

/** geth's state overrides, by address. */
export const stateOverrides = z
  .record(address, override, { error: 'must be an object of overrides by address' })
  .transform((given): StateOverrides => {
    const overrides: StateOverrides = new Map()
    for (const [address, { balance, nonce, code, state, stateDiff }] of Object.entries(given)) {
      overrides.set(lower(address), {
        ...(typeof balance === 'bigint' && { balance }),
        ...(typeof nonce === 'bigint' && { nonce }),
        ...(code && { code }),
        ...(state && { state: slotMap(state) }),
        ...(stateDiff && { stateDiff: slotMap(stateDiff) }),
      })
    }
    return overrides
  })

function slotMap(slots: Record<string, bigint>): Map<Hex, bigint> {
  return new Map(Object.entries(slots).map(([slot, value]) => [lower(slot), value]))
}

/** Keys of records lose their type; they are hex by schema. */
function lower(hex: string): Hex {
  return `0x${hex.slice(2)}`
}
