/** Values of a native contract's storage as eth_getProof proves them: what the light client's actions begin with. */
import {
  encodeAbiParameters,
  type GetBlockErrorType,
  type GetProofErrorType,
  type Hex,
  keccak256,
  numberToHex,
} from 'viem'
import { getBlock, getProof } from 'viem/actions'
import { NATIVE, type NativeName } from '../genesis/addresses.ts'
import type { NativeClient } from './native-transaction.ts'
import { StateProofError, verifyStateProof } from './state-proof.ts'

/** Which state is proved. */
export type ProvedState = {
  /** Block whose state is proved. A node keeps what proofs need for recent blocks only. */
  blockNumber: bigint
  /**
   * State root of that block, from somebody whom the caller believes: a header, or an output root on L1. Where absent it is
   * the same node's, and the proof shows only that the node does not contradict itself.
   */
  stateRoot?: Hex
}
export type ProvedSlotsErrorType = StateProofError | GetProofErrorType | GetBlockErrorType

/**
 * The first `count` slots of what mapping `variable` of a contract holds for a key. Nothing is believed but the state
 * root. Throws {@link StateProofError} where the proof does not hold.
 */
export async function provedSlots(
  client: NativeClient,
  contract: NativeName,
  mapping: { variable: bigint; key: bigint; count: number },
  state: ProvedState,
): Promise<bigint[]> {
  const { blockNumber } = state
  const stateRoot = state.stateRoot ?? (await getBlock(client, { blockNumber })).stateRoot
  const words = encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [mapping.key, mapping.variable])
  const first = BigInt(keccak256(words))
  const slots = Array.from({ length: mapping.count }, (_, i) =>
    numberToHex(BigInt.asUintN(256, first + BigInt(i)), { size: 32 }),
  )
  const address = NATIVE[contract]
  const proof = await getProof(client, { address, storageKeys: slots, blockNumber })
  // Whose proof it is must not be for the answering node to say.
  const { storage } = verifyStateProof(stateRoot, { ...proof, address })
  return slots.map((slot) => {
    const value = storage.get(slot)
    if (value === undefined) throw new StateProofError(`slot ${slot} is not in it`)
    return value
  })
}

/** `bits` of a slot, from bit `shift` up. */
export function provedField(word: bigint, shift: bigint, bits: number): bigint {
  return BigInt.asUintN(bits, word >> shift)
}
